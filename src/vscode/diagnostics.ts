/** Problems of operator.toml in the Problems view and in the editor. */
import * as vscode from 'vscode';
import { assertNever } from '../base/assert.ts';
import type { ConfigProblem, Configuration, Severity } from '../core/config/model.ts';
import type { SourceLocation } from '../core/source.ts';

export interface Diagnostics extends vscode.Disposable {
  update(configuration: Configuration): void;
}

export function createDiagnostics(): Diagnostics {
  const collection = vscode.languages.createDiagnosticCollection('operator');
  return {
    update({ problems }) {
      const byFile = Map.groupBy(problems, ({ where }) => where.file);
      collection.set([...collection].filter(([uri]) => !byFile.has(uri.fsPath)).map(([uri]) => [uri, undefined]));
      collection.set([...byFile].map(([file, list]) => [vscode.Uri.file(file), list.map(toDiagnostic)]));
    },
    dispose: () => collection.dispose(),
  };
}

function toDiagnostic(problem: ConfigProblem): vscode.Diagnostic {
  const message = problem.hint ? `${problem.message}\n${problem.hint}` : problem.message;
  const diagnostic = new vscode.Diagnostic(toRange(problem.where), message, toSeverity(problem.severity));
  diagnostic.source = 'operator';
  diagnostic.code = problem.code;
  diagnostic.relatedInformation = problem.related?.map(({ message: text, where }) => new vscode.DiagnosticRelatedInformation(new vscode.Location(vscode.Uri.file(where.file), toRange(where)), text));
  return diagnostic;
}

function toRange({ range }: SourceLocation): vscode.Range {
  return range ? new vscode.Range(range.start.line, range.start.column, range.end.line, range.end.column) : new vscode.Range(0, 0, 0, 0);
}

function toSeverity(severity: Severity): vscode.DiagnosticSeverity {
  switch (severity) {
    case 'error':
      return vscode.DiagnosticSeverity.Error;
    case 'warning':
      return vscode.DiagnosticSeverity.Warning;
    case 'information':
      return vscode.DiagnosticSeverity.Information;
    default:
      return assertNever(severity);
  }
}
