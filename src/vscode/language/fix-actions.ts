/** What fixes do besides changing the text: keys go from the text to where they are safe, without being shown or logged. */
import * as vscode from 'vscode';
import { parseToml } from '../../core/config/parse.ts';
import { OperatorError } from '../../core/errors.ts';
import type { Fix, FixAction } from '../../core/language/model.ts';
import { requireTrust } from '../trust.ts';
import { toRange, toWorkspaceEdit } from './convert.ts';
import type { LanguageParts } from './parts.ts';

/** The action first: when it fails or is cancelled, the text stays. @throws OperatorError */
export async function applyFix(parts: LanguageParts, document: vscode.TextDocument, fix: Fix): Promise<void> {
  const change = (): Promise<boolean> => changeText(document, document.version, fix);
  switch (fix.action?.type) {
    case 'store-secret':
      return storeSecret(parts, fix.action.secret, keyIn(document, fix.action), change);
    case 'enter-secret': {
      const key = await askForKey(parts, fix.action.secret);
      return key === undefined ? undefined : storeSecret(parts, fix.action.secret, key, change);
    }
    case 'set-variable':
      return setVariable(parts, fix.action.variable, keyIn(document, fix.action), change);
    case undefined:
      await change();
  }
}

async function changeText(document: vscode.TextDocument, version: number, { edits }: Fix): Promise<boolean> {
  return !document.isClosed && document.version === version && (await vscode.workspace.applyEdit(toWorkspaceEdit(document.uri, edits)));
}

/** @throws OperatorError when the place no longer holds a text */
function keyIn(document: vscode.TextDocument, { range, prefix }: Extract<FixAction, { readonly prefix: string }>): string {
  const parsed = parseToml(`key = ${document.getText(toRange(range))}`);
  const value = parsed.ok ? parsed.value['key'] : undefined;
  const key = typeof value === 'string' && value.startsWith(prefix) ? value.slice(prefix.length).trim() : '';
  if (key === '') throw new OperatorError('config-changed', vscode.l10n.t('There is no key at this place any more'), { hint: vscode.l10n.t('Ask for the fix again') });
  return key;
}

async function askForKey({ host }: LanguageParts, secret: string): Promise<string | undefined> {
  requireTrust(vscode.l10n.t('No key is stored'));
  const answer = await host.ui.input(
    { title: vscode.l10n.t('Set API Key') },
    {
      prompt: vscode.l10n.t("API key of {0}. It is kept in VS Code's secret storage and not shown again", secret),
      password: true,
      validate: (text) => (text.trim() === '' ? vscode.l10n.t('A key is needed') : undefined),
    },
  );
  return answer.type === 'value' ? answer.value.trim() : undefined;
}

async function storeSecret({ host, operator }: LanguageParts, name: string, key: string, change: () => Promise<boolean>): Promise<void> {
  requireTrust(vscode.l10n.t('No key is stored'));
  const before = await operator.readCredential({ store: 'secret', name });
  if (before !== undefined && before !== key) {
    const replace = await host.ui.confirm(vscode.l10n.t('Replace the stored key {0}?', name), vscode.l10n.t('Another key of this name is in the secret storage.'), vscode.l10n.t('Replace'));
    if (!replace) return;
  }
  await operator.setSecret(name, key);
  if (await change()) {
    host.log.info(`stored a key as ${name}`);
    await host.ui.notify('information', vscode.l10n.t("The key is stored in VS Code's secret storage as {0}. If the file was shared, replace the key at its vendor", name));
    return;
  }
  // A key that nothing refers to would be forgotten there.
  if (before === undefined) await operator.deleteSecret(name);
  else await operator.setSecret(name, before);
  throw textChanged();
}

async function setVariable({ host }: LanguageParts, variable: string, key: string, change: () => Promise<boolean>): Promise<void> {
  requireTrust(vscode.l10n.t('No key is copied'));
  const before = await vscode.env.clipboard.readText();
  await vscode.env.clipboard.writeText(key);
  if (!(await change())) {
    await vscode.env.clipboard.writeText(before);
    throw textChanged();
  }
  await host.ui.notify('information', vscode.l10n.t('The key is on the clipboard. Set {0} to it in the environment that VS Code is started from, and restart VS Code', variable));
}

export function textChanged(): OperatorError {
  return new OperatorError('config-changed', vscode.l10n.t('The text changed meanwhile; nothing was changed'), { hint: vscode.l10n.t('Ask for the fix again') });
}
