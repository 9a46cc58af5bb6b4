/** How operator.toml is typed, where no extension for TOML says it: comments, brackets, quotes. */
import * as vscode from 'vscode';
import { hasTomlLanguage } from './toml-extensions.ts';

export function describeToml(): vscode.Disposable {
  let current: vscode.Disposable | undefined;
  const apply = (): void => {
    current?.dispose();
    current = hasTomlLanguage() ? undefined : vscode.languages.setLanguageConfiguration('toml', configuration);
  };
  apply();
  return vscode.Disposable.from(vscode.extensions.onDidChange(apply), new vscode.Disposable(() => current?.dispose()));
}

const configuration: vscode.LanguageConfiguration = {
  comments: { lineComment: '#' },
  brackets: [
    ['[', ']'],
    ['{', '}'],
  ],
  autoClosingPairs: [
    { open: '[', close: ']' },
    { open: '{', close: '}' },
    { open: '"', close: '"', notIn: [vscode.SyntaxTokenType.String, vscode.SyntaxTokenType.Comment] },
    { open: "'", close: "'", notIn: [vscode.SyntaxTokenType.String, vscode.SyntaxTokenType.Comment] },
  ],
};
