/** Problems of operator.toml in the Problems view and in the editor. */
import * as vscode from 'vscode';
import { assertNever } from '../base/assert.ts';
import type { Diagnostic } from '../core/language/model.ts';
import { helpUri } from './help-documents.ts';
import { keyOf, toLocation, toRangeOrStart } from './language/convert.ts';

/** A problem of the configuration, or of a text in an editor. */
export type ShownProblem = Pick<Diagnostic, 'code' | 'severity' | 'message' | 'hint' | 'file' | 'range' | 'related'> & Partial<Pick<Diagnostic, 'tags'>>;

export interface Diagnostics extends vscode.Disposable {
  /** In place of all that were shown. */
  show(problems: readonly ShownProblem[]): void;
}

export function createDiagnostics(): Diagnostics {
  const collection = vscode.languages.createDiagnosticCollection('operator');
  return {
    show(problems) {
      const byFile = Map.groupBy(problems, ({ file }) => keyOf(file));
      collection.set([
        ...[...collection].filter(([uri]) => !byFile.has(uri.toString())).map(([uri]): [vscode.Uri, undefined] => [uri, undefined]),
        ...[...byFile].map(([uri, list]): [vscode.Uri, vscode.Diagnostic[]] => [vscode.Uri.parse(uri), list.map(toDiagnostic)]),
      ]);
    },
    dispose: () => collection.dispose(),
  };
}

function toDiagnostic({ code, severity, message, hint, range, related, tags = [] }: ShownProblem): vscode.Diagnostic {
  const diagnostic = new vscode.Diagnostic(toRangeOrStart(range), hint === undefined ? message : `${message}\n${hint}`, toSeverity(severity));
  diagnostic.source = 'operator';
  diagnostic.code = { value: code, target: helpUri(code) };
  if (related.length > 0) diagnostic.relatedInformation = related.map(({ message: text, where }) => new vscode.DiagnosticRelatedInformation(toLocation(where), text));
  if (tags.includes('unnecessary')) diagnostic.tags = [vscode.DiagnosticTag.Unnecessary];
  return diagnostic;
}

function toSeverity(severity: ShownProblem['severity']): vscode.DiagnosticSeverity {
  switch (severity) {
    case 'error':
      return vscode.DiagnosticSeverity.Error;
    case 'warning':
      return vscode.DiagnosticSeverity.Warning;
    case 'information':
      return vscode.DiagnosticSeverity.Information;
    case 'hint':
      return vscode.DiagnosticSeverity.Hint;
    default:
      return assertNever(severity);
  }
}
