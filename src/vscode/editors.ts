/** operator.toml in editors: a saved one is read at once, unsaved changes are mentioned, for the rows do not show them. */
import * as vscode from 'vscode';
import { configFileName } from '../core/config/find.ts';
import type { EditorConfigWriter } from './config-writer.ts';
import type { StatusView } from './tree/view.ts';

/** A file watcher tells of saves too, but not everywhere (network folders) and not as soon. */
export function watchEditors({ view, writer, onDidSave }: { readonly view: Pick<StatusView, 'setNotice'>; readonly writer: Pick<EditorConfigWriter, 'isSaving' | 'onDidEnd'>; readonly onDidSave: () => void }): vscode.Disposable {
  const mention = (): void => {
    const unsaved = vscode.workspace.textDocuments.some((document) => isConfig(document) && document.isDirty && !writer.isSaving(document.uri));
    view.setNotice(unsaved ? vscode.l10n.t('{0} has unsaved changes', configFileName) : undefined);
  };
  mention();
  return vscode.Disposable.from(
    vscode.workspace.onDidSaveTextDocument((document) => {
      if (!isConfig(document)) return;
      mention();
      onDidSave();
    }),
    vscode.workspace.onDidChangeTextDocument(({ document }) => isConfig(document) && mention()),
    writer.onDidEnd(mention),
    vscode.workspace.onDidCloseTextDocument((document) => isConfig(document) && mention()),
    new vscode.Disposable(() => view.setNotice(undefined)),
  );
}

function isConfig({ uri }: vscode.TextDocument): boolean {
  return uri.scheme === 'file' && uri.path.endsWith(`/${configFileName}`);
}
