/** Hovers: what a value means, how a server is, what a delegator would do; with what can be done about it as links. */
import * as vscode from 'vscode';
import { hoverAt } from '../../core/language/hover.ts';
import { idOf } from '../../core/language/ids.ts';
import type { LanguageFile } from '../../core/language/model.ts';
import { readMeanings } from '../../core/language/names.ts';
import { placedNameAt } from '../../core/language/navigation.ts';
import { commandIds } from '../ids.ts';
import { fromPosition, toRange } from './convert.ts';
import type { Knowing } from './knowing.ts';
import type { Sources } from './sources.ts';

/** The only commands that a hover may link to. */
const enabledCommands = [commandIds.launchDelegator, commandIds.showLaunchPlan, commandIds.probeModelServer];

export function createHover(sources: Sources, knowing: Knowing): vscode.HoverProvider {
  return {
    provideHover({ uri }, position) {
      const file = sources.fileOf(uri);
      if (!file) return undefined;
      knowing.wanted();
      const hover = hoverAt(file, fromPosition(position), sources.files(), sources.facts());
      if (!hover) return undefined;
      const links = vscode.workspace.isTrusted ? linksAt(sources, file, position) : [];
      const text = new vscode.MarkdownString([...hover.markdown, ...(links.length > 0 ? [links.join(' · ')] : [])].join('\n\n'));
      text.isTrusted = { enabledCommands };
      return new vscode.Hover(text, toRange(hover.range));
    },
  };
}

/** For entries that Operator knows: what is not saved yet is nothing to launch or probe. */
function linksAt(sources: Sources, file: LanguageFile, position: vscode.Position): readonly string[] {
  const placed = placedNameAt(file, fromPosition(position));
  const meaning = placed && readMeanings(sources.files()).of(file, placed.use);
  if (!placed || !meaning || meaning.type === 'nothing') return [];
  const { kind, name } = placed.use;
  const id = meaning.type === 'builtin' ? `builtin:${name}` : idOf(meaning.at.file, name);
  const link = (title: string, command: string): string => `[${title}](command:${command}?${encodeURIComponent(JSON.stringify([id]))})`;
  switch (kind) {
    case 'delegator':
      return sources.isKnown('delegator', id) ? [link(vscode.l10n.t('Launch'), commandIds.launchDelegator), link(vscode.l10n.t('Show Launch Plan'), commandIds.showLaunchPlan)] : [];
    case 'model_server':
      return sources.isKnown('model_server', id) ? [link(vscode.l10n.t('Probe'), commandIds.probeModelServer)] : [];
    case 'llm_tool':
      return [];
  }
}
