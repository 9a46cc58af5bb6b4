/** Names of stored secrets, for completion. Their values are never asked for. */
import type * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';

export interface SecretNames extends Disposable {
  /** Undefined where VS Code cannot list them (before 1.106), and until it did. */
  readonly names: readonly string[] | undefined;
}

export function watchSecretNames(storage: vscode.SecretStorage & { keys?(): Thenable<string[]> }): SecretNames {
  let names: readonly string[] | undefined;
  const read = (): void => {
    storage.keys?.().then((keys) => (names = keys), () => undefined); // then they are typed by hand
  };
  read();
  const listener = storage.onDidChange(read);
  return {
    get names() {
      return names;
    },
    dispose: () => void listener.dispose(),
  };
}
