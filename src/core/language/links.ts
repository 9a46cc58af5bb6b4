/** Addresses and paths that can be opened. */
import { readDocument } from './document.ts';
import { type Entry, textNode } from './entries.ts';
import type { DocumentLink } from './model.ts';
import { innerOf } from './navigation.ts';
import type { StringNode } from './syntax.ts';

export function linksOf(text: string): readonly DocumentLink[] {
  const { entries, lines } = readDocument(text);
  const links = entries.flatMap((entry) => linksOfEntry(entry));
  return links.map(({ span, target }) => ({ range: lines.rangeOf(span), target }));
}

interface Found {
  readonly span: { readonly start: number; readonly end: number };
  readonly target: DocumentLink['target'];
}

function linksOfEntry({ list, node }: Entry): readonly Found[] {
  switch (list) {
    case 'model_servers':
      return [...web(textNode(node, 'base_url')), ...keyFile(textNode(node, 'api_key'))];
    case 'delegators':
      return folder(textNode(node.child('launch_config'), 'cwd'));
    case 'llm_tools.custom':
      return [];
  }
}

/** Not what holds a user or password: a click would send and show them. */
function web(text: StringNode | undefined): readonly Found[] {
  const value = text?.value.trim() ?? '';
  if (!text || !/^https?:\/\/[^\s/?#@]+(?:[/?#]\S*)?$/i.test(value) || !URL.canParse(value)) return [];
  return [{ span: innerOf(text), target: { type: 'url', url: value } }];
}

function keyFile(text: StringNode | undefined): readonly Found[] {
  const path = /^file:(.+)$/i.exec(text?.value.trim() ?? '')?.[1]?.trim();
  if (!text || path === undefined || path === '') return [];
  return [{ span: innerOf(text), target: { type: 'path', path, from: 'file', isFolder: false } }];
}

function folder(text: StringNode | undefined): readonly Found[] {
  if (!text || text.value.trim() === '' || /[\r\n\0]/.test(text.value)) return [];
  return [{ span: innerOf(text), target: { type: 'path', path: text.value, from: 'root', isFolder: true } }];
}
