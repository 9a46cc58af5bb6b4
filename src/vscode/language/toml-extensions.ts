/** Extensions for TOML in general: what they do well is left to them. */
import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import { tomlExtensionIds } from '../ids.ts';

/** Whether one is running that tells about syntax and colours the text. */
export function hasTomlExtension(): boolean {
  return tomlExtensionIds.some((id) => vscode.extensions.getExtension(id)?.isActive === true);
}

/** Whether one is installed, running or not: the language is its own then. */
export function hasTomlLanguage(): boolean {
  return vscode.extensions.all.some(({ id, packageJSON }) => !id.startsWith('operator-dev.') && contributesToml(packageJSON));
}

function contributesToml(manifest: unknown): boolean {
  const languages = (manifest as { readonly contributes?: { readonly languages?: unknown } } | undefined)?.contributes?.languages;
  return Array.isArray(languages) && languages.some((language: unknown) => typeof language === 'object' && language !== null && 'id' in language && language.id === 'toml');
}

/** Calls `listener` when one came or went. VS Code tells nobody that one started, so those that are about to are waited for. */
export function watchTomlExtensions(listener: () => void): Disposable {
  let ended = false;
  const tell = (): void => {
    if (!ended) listener();
  };
  const wait = (): void => {
    for (const id of tomlExtensionIds) {
      const extension = vscode.extensions.getExtension(id);
      // An open operator.toml starts it anyway; a failed start leaves the syntax to us.
      if (extension && !extension.isActive) extension.activate().then(tell, tell);
    }
  };
  wait();
  const changes = vscode.extensions.onDidChange(() => {
    wait();
    tell();
  });
  return {
    dispose() {
      ended = true;
      changes.dispose();
    },
  };
}
