/** Places and edits of the core as VS Code has them. */
import * as vscode from 'vscode';
import type { Position, SourceLocation, SourceRange } from '../../core/source.ts';
import type { TextEdit } from '../../core/language/model.ts';

export function toPosition({ line, column }: Position): vscode.Position {
  return new vscode.Position(line, column);
}

export function fromPosition({ line, character }: vscode.Position): Position {
  return { line, column: character };
}

export function toRange({ start, end }: SourceRange): vscode.Range {
  return new vscode.Range(start.line, start.column, end.line, end.column);
}

/** The beginning of the file where only the file as a whole can be pointed at. */
export function toRangeOrStart(range: SourceRange | undefined): vscode.Range {
  return range ? toRange(range) : new vscode.Range(0, 0, 0, 0);
}

export function toLocation({ file, range }: SourceLocation): vscode.Location {
  return new vscode.Location(vscode.Uri.file(file), toRangeOrStart(range));
}

export function toWorkspaceEdit(uri: vscode.Uri, edits: readonly TextEdit[]): vscode.WorkspaceEdit {
  const edit = new vscode.WorkspaceEdit();
  edit.set(uri, edits.map(({ range, newText }) => new vscode.TextEdit(toRange(range), newText)));
  return edit;
}

/** The same for every spelling of a path that VS Code takes for the same file, such as drive letters of either case. */
export function keyOf(file: string): string {
  return vscode.Uri.file(file).toString();
}
