/** Colours: of names always, of the whole text where no extension for TOML does it. */
import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import { toRange } from './convert.ts';
import { allTokens, nameTokens, tokenModifiers, tokenTypes } from './highlight.ts';
import type { Sources } from './sources.ts';
import { hasTomlLanguage } from './toml-extensions.ts';

export const tokensLegend = new vscode.SemanticTokensLegend([...tokenTypes], [...tokenModifiers]);

export interface Tokens extends vscode.DocumentSemanticTokensProvider, Disposable {}

export function createTokens(sources: Sources): Tokens {
  const changed = new vscode.EventEmitter<void>();
  const watch = vscode.extensions.onDidChange(() => changed.fire());
  return {
    onDidChangeSemanticTokens: changed.event,
    provideDocumentSemanticTokens({ uri }) {
      const file = sources.fileOf(uri);
      if (!file) return undefined;
      const builder = new vscode.SemanticTokensBuilder(tokensLegend);
      for (const { range, type, isDeclaration } of hasTomlLanguage() ? nameTokens(file.text) : allTokens(file.text)) builder.push(toRange(range), type, isDeclaration ? ['declaration'] : []);
      return builder.build();
    },
    dispose() {
      watch.dispose();
      changed.dispose();
    },
  };
}
