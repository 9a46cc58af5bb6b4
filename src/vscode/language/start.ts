/**
 * operator.toml as a document. Problems of the files on disk are shown from the start; all else is loaded when an
 * operator.toml is opened, and judges what stands in the editors from then on.
 */
import * as vscode from 'vscode';
import { DisposableStore } from '../../base/disposable.ts';
import { configFileName } from '../../core/config/find.ts';
import { createDiagnostics } from '../diagnostics.ts';
import { createHelpDocuments } from '../help-documents.ts';
import type { LanguageParts } from './parts.ts';

export function startLanguage(parts: LanguageParts): vscode.Disposable {
  const { operator, host } = parts;
  const store = new DisposableStore();
  const diagnostics = store.add(createDiagnostics());
  let loading = false;
  let isLive = false;

  const showLoaded = (): void => {
    if (!isLive) diagnostics.show(operator.snapshot.configuration.problems.map(({ where, related = [], ...problem }) => ({ ...problem, file: where.file, ...(where.range && { range: where.range }), related })));
  };

  async function load(): Promise<void> {
    const { createFeatures } = await import('./features.ts');
    if (store.disposed) return;
    isLive = true;
    store.add(createFeatures(parts, diagnostics));
  }

  const look = (): void => {
    if (loading || !vscode.workspace.textDocuments.some(({ uri }) => isOperatorToml(uri))) return;
    loading = true;
    load().catch((error: unknown) => {
      loading = false; // so that the next file tries again
      host.log.error('the language features of operator.toml could not be loaded', error);
    });
  };

  store.add(operator.onDidChange((changed) => changed.has('configuration') && showLoaded()));
  store.add(createHelpDocuments());
  store.add(vscode.workspace.onDidOpenTextDocument(look));
  showLoaded();
  look();
  return store;
}

/** By its name alone: which of them count is known to the configuration. */
function isOperatorToml({ scheme, path }: vscode.Uri): boolean {
  return scheme === 'file' && path.endsWith(`/${configFileName}`);
}
