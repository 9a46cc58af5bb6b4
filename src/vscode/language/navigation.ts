/** Definitions, references and renaming of names, across the files of both layers. */
import * as vscode from 'vscode';
import { definitionAt, referencesAt } from '../../core/language/navigation.ts';
import { prepareRename, rename } from '../../core/language/rename.ts';
import { fromPosition, toLocation, toRange } from './convert.ts';
import type { Sources } from './sources.ts';

export function createDefinitions(sources: Sources): vscode.DefinitionProvider {
  return {
    provideDefinition({ uri }, position) {
      const file = sources.fileOf(uri);
      const found = file && definitionAt(file, fromPosition(position), sources.files());
      return found && toLocation(found);
    },
  };
}

export function createReferences(sources: Sources): vscode.ReferenceProvider {
  return {
    provideReferences({ uri }, position, { includeDeclaration }) {
      const file = sources.fileOf(uri);
      return file && referencesAt(file, fromPosition(position), sources.files(), { withDeclaration: includeDeclaration }).map(toLocation);
    },
  };
}

export function createRenames(sources: Sources): vscode.RenameProvider {
  return {
    prepareRename({ uri }, position) {
      const file = sources.fileOf(uri);
      if (!file) throw notOurs();
      const prepared = prepareRename(file, fromPosition(position), sources.files());
      if (!prepared.ok) throw new Error(prepared.error);
      return { range: toRange(prepared.value.range), placeholder: prepared.value.name };
    },
    async provideRenameEdits({ uri }, position, newName, token) {
      await openAll(sources);
      const file = sources.fileOf(uri);
      if (!file) throw notOurs();
      if (token.isCancellationRequested) return undefined;
      const renamed = rename(file, fromPosition(position), newName, sources.files());
      if (!renamed.ok) throw new Error(renamed.error);
      const edit = new vscode.WorkspaceEdit();
      for (const { file: path, range, newText } of renamed.value) edit.replace(vscode.Uri.file(path), toRange(range), newText);
      return edit;
    },
  };
}

/** The edits must count from what VS Code itself will change, so files that are not open are read now. */
async function openAll(sources: Sources): Promise<void> {
  await Promise.all(sources.files().filter(({ file }) => !sources.documentOf(file)).map(({ file }) => vscode.workspace.openTextDocument(vscode.Uri.file(file))));
}

function notOurs(): Error {
  return new Error(vscode.l10n.t('This operator.toml is not one that Operator reads'));
}
