/** API keys: kept in SecretStorage, named by reference in operator.toml, never shown. */
import * as vscode from 'vscode';
import type { ServerStatus } from '../../core/operator.ts';
import { serverKind } from '../../core/servers/kinds.ts';
import { localPrefixes } from '../../core/servers/local-prefix.ts';
import { edit, fileOf, openFile } from '../edits.ts';
import type { Host, Scope } from '../host.ts';
import { commandIds } from '../ids.ts';
import { requireTrust } from '../trust.ts';
import { serverOf } from './target.ts';

export async function setApiKey(host: Host, target: unknown): Promise<void> {
  requireTrust(vscode.l10n.t('No key is stored'));
  const scope = await host.scope();
  const status = await serverOf(host, scope, target, vscode.l10n.t('Set API Key'));
  if (!status) return;
  const { server } = status;
  if (server.origin.layer === 'builtin') return server.origin.impliedBy === undefined ? explainBuiltin(host, status) : explainImplied(host, status, server.origin.impliedBy);
  if (server.credential && server.credential.store !== 'secret' && !(await replaceReference(host, status))) return;
  await askAndStore(host, scope, status);
}

/** A builtin server has no entry that could name a key; its tools bring their own login. */
async function explainBuiltin(host: Host, { server }: ServerStatus): Promise<void> {
  const kind = serverKind(server.kind);
  const add = vscode.l10n.t('Add Model Server');
  const message = vscode.l10n.t('{0} is builtin: its LLM tools use their own login, and Operator reads {1} from the environment that VS Code was started from. To use a stored key, add a model server of your own', server.displayName, kind.defaultApiKeyEnv ?? '');
  if ((await host.ui.notify('information', message, [add])) === add) await vscode.commands.executeCommand(commandIds.addModelServer, { kind: kind.id });
}

/** There is no entry that could name a key; the variable of the prefix does, or an entry of one's own. */
async function explainImplied(host: Host, { server }: ServerStatus, prefix: string): Promise<void> {
  const variable = localPrefixes().find(({ names }) => names[0] === server.name)?.apiKeyVariable ?? '';
  const add = vscode.l10n.t('Add Model Server');
  const message = vscode.l10n.t('{0} is implied by {1} and reads its key from the environment variable {2}, as VS Code was started with it. To use a stored key, add a model server of your own', server.displayName, prefix, variable);
  if ((await host.ui.notify('information', message, [add])) === add) await vscode.commands.executeCommand(commandIds.addModelServer, { kind: server.kind });
}

/** The key comes from somewhere else already: says from where, and asks before that is changed. */
async function replaceReference(host: Host, { server, key }: ServerStatus): Promise<boolean> {
  const { credential } = server;
  if (!credential) return true;
  const store = vscode.l10n.t('Store a Key Instead');
  const open = vscode.l10n.t('Open File');
  const isFile = credential.store === 'file';
  const message = isFile
    ? vscode.l10n.t('{0} reads its key from the file {1}', server.displayName, credential.name)
    : key === 'set'
      ? vscode.l10n.t('{0} reads its key from the environment variable {1}, which is set', server.displayName, credential.name)
      : vscode.l10n.t('{0} reads its key from the environment variable {1}, which is not set in the environment that VS Code was started from', server.displayName, credential.name);
  const chosen = await host.ui.notify('information', message, isFile ? [open, store] : [store]);
  if (chosen === open) await openFile(credential.name);
  return chosen === store;
}

async function askAndStore(host: Host, scope: Scope, { id, server }: ServerStatus): Promise<void> {
  const { operator } = scope;
  const answer = await host.ui.input(
    { title: vscode.l10n.t('Set API Key') },
    {
      prompt: vscode.l10n.t("API key of {0}. It is kept in VS Code's secret storage and not shown again", server.displayName),
      password: true,
      validate: (text) => (text.trim() === '' ? vscode.l10n.t('A key is needed') : undefined),
    },
  );
  if (answer.type !== 'value') return;
  const named = server.credential?.store === 'secret' ? server.credential.name : undefined;
  const name = named ?? server.name;
  const before = await operator.readCredential({ store: 'secret', name });
  await operator.setSecret(name, answer.value.trim());
  if (named === undefined) {
    try {
      await edit(host, scope, { type: 'set', table: 'model_servers', name: server.name, values: { api_key: `secret:${name}`, api_key_env: undefined } }, fileOf(server));
    } catch (error) {
      if (before === undefined) await operator.deleteSecret(name); // a key that nothing refers to would be forgotten there
      throw error;
    }
  }
  await operator.probe([id]);
  const after = operator.findServer(id);
  if (after?.health.state === 'unauthorized') await host.ui.notify('warning', vscode.l10n.t('The key is stored, but {0} refuses it', server.displayName));
  else await host.ui.notify('information', vscode.l10n.t('The key of {0} is stored', server.displayName));
}

export async function removeApiKey(host: Host, target: unknown): Promise<void> {
  requireTrust(vscode.l10n.t('No key is removed'));
  const scope = await host.scope();
  const stored = ({ server }: ServerStatus): boolean => server.credential?.store === 'secret';
  if (target === undefined && !scope.operator.snapshot.servers.some(stored)) {
    await host.ui.notify('information', vscode.l10n.t('No model server uses a stored key'));
    return;
  }
  const status = await serverOf(host, scope, target, vscode.l10n.t('Remove API Key'), stored);
  if (!status) return;
  const { server } = status;
  if (server.credential?.store !== 'secret') {
    await host.ui.notify('information', vscode.l10n.t('{0} uses no stored key', server.displayName));
    return;
  }
  const detail = vscode.l10n.t("The key is deleted from VS Code's secret storage, and its reference from operator.toml.");
  if (!(await host.ui.confirm(vscode.l10n.t('Remove the API key of {0}?', server.displayName), detail, vscode.l10n.t('Remove')))) return;
  const { name } = server.credential;
  const others = scope.operator.snapshot.servers.some((other) => other.id !== status.id && other.server.credential?.store === 'secret' && other.server.credential.name === name);
  await edit(host, scope, { type: 'set', table: 'model_servers', name: server.name, values: { api_key: undefined } }, fileOf(server));
  if (!others) await scope.operator.deleteSecret(name);
  await scope.operator.probe([status.id]);
}
