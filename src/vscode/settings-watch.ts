/** Tells when a setting changed. */
import * as vscode from 'vscode';
import { settingsSection } from './ids.ts';
import { readSettings, type Settings } from './settings.ts';

export function currentSettings(): Settings {
  return readSettings(vscode.workspace.getConfiguration());
}

export function onDidChangeSettings(listener: (settings: Settings) => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(settingsSection)) listener(currentSettings());
  });
}
