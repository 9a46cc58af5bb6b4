/** Tables with their brackets, and whole entries to fill in. */
import { allServerKinds } from '../servers/kinds.ts';
import type { Entry } from './entries.ts';
import type { CompletionItem } from './model.ts';
import type { Scope } from './scope.ts';
import { delegatorSnippet, serverSnippet, toolSnippet } from './snippets.ts';
import type { Span } from './syntax.ts';

interface Header {
  readonly text: string;
  readonly detail: string;
}

const lists: readonly Header[] = [
  { text: '[[model_servers]]', detail: 'an endpoint that serves models' },
  { text: '[[delegators]]', detail: 'an LLM tool with a model and a model server' },
  { text: '[[llm_tools.custom]]', detail: 'a tool that the catalogue lacks' },
];

/** Tables of the entry above, as its keys are called. */
const tablesOf: Readonly<Record<Entry['list'], readonly (Header & { readonly path: readonly string[] })[]>> = {
  model_servers: [
    { text: '[model_servers.headers]', path: ['headers'], detail: 'HTTP headers of every request' },
    { text: '[model_servers.extra_env]', path: ['extra_env'], detail: 'variables of agents on this server' },
    { text: '[model_servers.extra_body]', path: ['extra_body'], detail: 'fields of every request through the gateway' },
  ],
  delegators: [
    { text: '[delegators.launch_config]', path: ['launch_config'], detail: 'how the agent is launched' },
    { text: '[delegators.launch_config.env]', path: ['launch_config', 'env'], detail: 'environment variables of the agent' },
    { text: '[delegators.model_properties]', path: ['model_properties'], detail: 'settings of the model' },
  ],
  'llm_tools.custom': [{ text: '[llm_tools.custom.env]', path: ['env'], detail: 'environment variables of the tool' }],
};

/** @param span what is replaced: a header with its brackets, or the word at the cursor */
export function headerItems(scope: Scope, span: Span): readonly CompletionItem[] {
  const { document } = scope;
  const range = document.lines.rangeOf(span);
  const hasBracket = document.source[span.start] === '[';
  const item = (label: string, newText: string, detail: string, group: string, isSnippet: boolean): CompletionItem => {
    // A word that is typed is compared with the name alone, a bracket with all of it.
    const filterText = hasBracket ? label : label.replaceAll(/[[\]]/g, '');
    return { label, kind: isSnippet ? 'snippet' : 'table', detail, edit: { range, newText }, isSnippet, filterText, sortText: group };
  };
  return [...headersFor(scope, span).map(({ text, detail }, index) => item(text, text, detail, `8${index}`, false)), ...wholeEntries(scope).map(({ label, text, detail }, index) => item(label, text, detail, `9${String(index).padStart(2, '0')}`, true))];
}

function headersFor({ document }: Scope, span: Span): readonly Header[] {
  const root = document.tree.root;
  const hasDefaults = (root.child('llm_tools')?.tables.length ?? 0) > 0;
  const above = document.entries.filter(({ start }) => start < span.start).reduce<Entry | undefined>((nearest, entry) => (nearest === undefined || entry.start > nearest.start ? entry : nearest), undefined);
  const own = above && !above.node.literal ? tablesOf[above.list].filter(({ path }) => isMissing(above, path)) : [];
  return [...own, ...lists, ...(hasDefaults ? [] : [{ text: '[llm_tools]', detail: 'defaults of launches that name no tool' }])];
}

/** Is it neither there nor part of a value on one line? */
function isMissing(entry: Entry, path: readonly string[]): boolean {
  let node: Entry['node'] | undefined = entry.node;
  for (const part of path) {
    if (node?.literal && node !== entry.node) return false;
    node = node?.child(part);
  }
  return !node || (!node.literal && node.tables.length === 0 && node.children.length === 0);
}

function wholeEntries(scope: Scope): readonly { readonly label: string; readonly text: string; readonly detail: string }[] {
  const taken = new Set(scope.document.entries.flatMap(({ list, name }) => (list === 'model_servers' && name !== undefined ? [name] : [])));
  const tools = scope.facts.tools.map(({ record }) => record.name);
  return [
    ...allServerKinds().map((kind) => ({ label: `[[model_servers]] ${kind.id}`, text: serverSnippet(kind, taken), detail: kind.displayName })),
    { label: '[[delegators]] …', text: delegatorSnippet(tools, scope.meanings.reachable(scope.file, 'model_server')), detail: 'a delegator to fill in' },
    { label: '[[llm_tools.custom]] …', text: toolSnippet(), detail: 'a tool to fill in' },
  ];
}
