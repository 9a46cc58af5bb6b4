/** Completion: tables, keys, values and whole entries. */
import * as vscode from 'vscode';
import { assertNever } from '../../base/assert.ts';
import { completionAt } from '../../core/language/completion.ts';
import type { CompletionItem, CompletionKind } from '../../core/language/model.ts';
import { hostCommandIds } from '../ids.ts';
import { fromPosition, toRange } from './convert.ts';
import type { Knowing } from './knowing.ts';
import type { Sources } from './sources.ts';

/** What begins a table, a value or the next part of a key or reference. */
export const completionTriggers = ['[', '"', "'", '.', '=', ':', '{', ','] as const;

export function createCompletion(sources: Sources, knowing: Knowing): vscode.CompletionItemProvider {
  return {
    provideCompletionItems({ uri }, position) {
      const file = sources.fileOf(uri);
      if (!file) return undefined;
      knowing.wanted();
      const facts = sources.facts();
      const items = completionAt(file, fromPosition(position), sources.files(), facts).map(toItem);
      // While servers are being asked for their models, the next keystroke asks again.
      return new vscode.CompletionList(items, facts.servers.some(({ probing }) => probing));
    },
  };
}

function toItem({ label, kind, detail, documentation, edit, isSnippet, filterText, sortText, suggestNext }: CompletionItem): vscode.CompletionItem {
  const item = new vscode.CompletionItem({ label, ...(detail !== undefined && { description: detail }) }, toKind(kind));
  item.insertText = isSnippet ? new vscode.SnippetString(edit.newText) : edit.newText;
  item.range = toRange(edit.range);
  item.filterText = filterText;
  item.sortText = sortText;
  if (documentation !== undefined) item.documentation = new vscode.MarkdownString(documentation);
  if (suggestNext) item.command = { title: '', command: hostCommandIds.suggest };
  return item;
}

function toKind(kind: CompletionKind): vscode.CompletionItemKind {
  switch (kind) {
    case 'table':
      return vscode.CompletionItemKind.Module;
    case 'key':
      return vscode.CompletionItemKind.Property;
    case 'value':
      return vscode.CompletionItemKind.Value;
    case 'kind':
      return vscode.CompletionItemKind.EnumMember;
    case 'llm_tool':
      return vscode.CompletionItemKind.Function;
    case 'model_server':
      return vscode.CompletionItemKind.Class;
    case 'model':
      return vscode.CompletionItemKind.Constant;
    case 'variable':
    case 'secret':
      return vscode.CompletionItemKind.Variable;
    case 'snippet':
      return vscode.CompletionItemKind.Snippet;
    default:
      return assertNever(kind);
  }
}
