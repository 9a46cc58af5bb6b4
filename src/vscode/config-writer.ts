/**
 * Writes operator.toml the way an editor would: as a WorkspaceEdit, so that undo works, an open editor shows it,
 * and unsaved work is never lost. Refuses when the text is no longer the one that the edit was made for.
 */
import * as vscode from 'vscode';
import { maxConfigBytes } from '../core/config/find.ts';
import { OperatorError } from '../core/errors.ts';
import type { ConfigWriter, EditOutcome } from '../core/operator.ts';
import { FileError, type FileSystem } from '../core/ports.ts';
import { changedLines, hasMixedLineEndings, withoutByteOrderMark } from './text-change.ts';

/** An editor learns of a change on disk through a file watcher; this long it may take. */
const editorCatchUpMs = 3_000;
/** A file that somebody wrote less than this long ago may be newer than its editor knows, which then could not save it. */
const settledAfterMs = 1_000;

export interface EditorConfigWriter extends ConfigWriter {
  /** Whether what is unsaved in the editor of a file is about to be saved by this writer. */
  isSaving(file: vscode.Uri): boolean;
  /** A write ended, well or not. */
  readonly onDidEnd: vscode.Event<void>;
  dispose(): void;
}

export function createConfigWriter(files: FileSystem): EditorConfigWriter {
  /** What was written here last: nobody else's change to wait for. */
  const own = new Map<string, string>();
  const saving = new Set<string>();
  const ended = new vscode.EventEmitter<void>();
  return {
    unsaved(file) {
      const document = openDocument(file);
      return document?.isDirty ? document.getText() : undefined;
    },
    async write(outcome) {
      if (own.get(outcome.file) !== outcome.before) await settled(outcome.file);
      const { path } = vscode.Uri.file(outcome.file);
      // Other unsaved work in an editor stays unsaved.
      if (!openDocument(outcome.file)?.isDirty) saving.add(path);
      try {
        await write(outcome, files);
      } finally {
        saving.delete(path);
        ended.fire();
      }
      own.set(outcome.file, outcome.after);
    },
    isSaving: ({ path }) => saving.has(path),
    onDidEnd: ended.event,
    dispose: () => ended.dispose(),
  };
}

async function settled(file: string): Promise<void> {
  if (!openDocument(file)) return; // an editor that opens now reads the newest
  let modified: number;
  try {
    modified = (await vscode.workspace.fs.stat(vscode.Uri.file(file))).mtime;
  } catch {
    return; // gone: what follows says so
  }
  const wait = modified + settledAfterMs - Date.now();
  if (wait > 0 && wait <= settledAfterMs) await new Promise((resolve) => setTimeout(resolve, wait));
}

async function write(outcome: EditOutcome, files: FileSystem): Promise<void> {
  const { file, before, after, hash } = outcome;
  const open = openDocument(file);
  if (open?.isDirty) {
    if (open.getText() !== before) throw changed(file);
    await applyTo(open, before, after);
    return; // Saving is the user's: there is other unsaved work in it.
  }
  if (hash === undefined) return create(file, after);
  await expectOnDisk(files, file, hash);
  // An editor gives all lines the same ending; a file that mixes them is written as it is, behind the editor's back.
  if (hasMixedLineEndings(before)) return replaceOnDisk(files, outcome, hash);
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(file));
  const text = withoutByteOrderMark(before);
  if (!(await becomes(document, text))) throw changed(file);
  await applyTo(document, text, withoutByteOrderMark(after));
  if (!(await document.save())) {
    throw new OperatorError('config-changed', `${file} could not be saved; the change is in the editor, unsaved`, { where: { file }, hint: 'Compare it with the file on disk and save it' });
  }
}

async function applyTo(document: vscode.TextDocument, before: string, after: string): Promise<void> {
  const { startLine, endLine, text } = changedLines(before, after);
  const range = document.validateRange(new vscode.Range(startLine, 0, endLine, 0));
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, range, text);
  if (!(await vscode.workspace.applyEdit(edit))) throw changed(document.uri.fsPath);
}

async function create(file: string, text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.createFile(vscode.Uri.file(file), { contents: new TextEncoder().encode(text), overwrite: false, ignoreIfExists: false });
  if (!(await vscode.workspace.applyEdit(edit))) throw changed(file);
}

async function expectOnDisk(files: FileSystem, file: string, hash: string): Promise<void> {
  const now = await files.read(file, { maxBytes: maxConfigBytes });
  if (now.hash !== hash) throw changed(file);
}

async function replaceOnDisk(files: FileSystem, { file, after }: EditOutcome, hash: string): Promise<void> {
  try {
    await files.write(file, after, { expected: hash });
  } catch (error) {
    if (error instanceof FileError && error.problem === 'changed') throw changed(file, error);
    throw error;
  }
}

/** Waits until the editor's text is `text`, for an editor that has not seen the newest file yet. */
async function becomes(document: vscode.TextDocument, text: string): Promise<boolean> {
  if (document.getText() === text) return true;
  return new Promise((resolve) => {
    const settle = (result: boolean): void => {
      clearTimeout(timer);
      listener.dispose();
      resolve(result);
    };
    const timer = setTimeout(() => settle(false), editorCatchUpMs);
    const listener = vscode.workspace.onDidChangeTextDocument((event) => {
      if (event.document === document && document.getText() === text) settle(true);
    });
  });
}

function openDocument(file: string): vscode.TextDocument | undefined {
  const { path } = vscode.Uri.file(file);
  return vscode.workspace.textDocuments.find(({ uri, isClosed }) => !isClosed && uri.scheme === 'file' && uri.path === path);
}

function changed(file: string, cause?: unknown): OperatorError {
  return new OperatorError('config-changed', `${file} changed meanwhile; nothing was written`, { where: { file }, hint: 'Look at it and try again', cause });
}
