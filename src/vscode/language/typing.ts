/** Diagnostics as you type: a moment after the last change, from memory. */
import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import type { Operator } from '../../core/operator.ts';
import type { Clock, Log } from '../../core/ports.ts';
import type { Diagnostics } from '../diagnostics.ts';
import type { Judge } from './judge.ts';
import type { Sources } from './sources.ts';
import { hasTomlExtension, watchTomlExtensions } from './toml-extensions.ts';

/** A pause this long in typing is one. */
const pauseMs = 150;

export function watchTyping(parts: { readonly operator: Operator; readonly sources: Sources; readonly judge: Judge; readonly diagnostics: Diagnostics; readonly clock: Clock; readonly log: Log }): Disposable {
  const { operator, sources, judge, diagnostics, clock, log } = parts;
  const store = new DisposableStore();
  let pending: Disposable | undefined;

  function show(): void {
    pending?.dispose();
    pending = undefined;
    try {
      const isTheirs = hasTomlExtension();
      // A file that is not open is looked at by nobody else.
      diagnostics.show(judge().filter(({ code, file }) => !(code === 'syntax' && isTheirs && sources.documentOf(file))));
    } catch (error) {
      log.error('looking at operator.toml failed', error);
    }
  }

  function soon(): void {
    pending?.dispose();
    pending = clock.after(pauseMs, show);
  }

  const ifOurs = ({ uri }: vscode.TextDocument): void => {
    if (sources.fileOf(uri)) soon();
  };
  store.add({ dispose: () => pending?.dispose() });
  store.add(vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => contentChanges.length > 0 && ifOurs(document)));
  store.add(vscode.workspace.onDidOpenTextDocument(ifOurs));
  store.add(vscode.workspace.onDidCloseTextDocument(soon));
  store.add(operator.onDidChange((changed) => (changed.has('configuration') ? show() : (changed.has('servers') || changed.has('tools')) && soon())));
  store.add(watchTomlExtensions(soon));
  show();
  return store;
}
