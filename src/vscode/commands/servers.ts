/** Model servers: add, probe, edit, delete, copy. */
import * as vscode from 'vscode';
import { lookup } from '../../core/config/model.ts';
import { listOf, plural } from '../../base/text.ts';
import type { ServerStatus, Snapshot } from '../../core/operator.ts';
import { allServerKinds } from '../../core/servers/kinds.ts';
import { edit, fileOf, openEntry, revealSubject } from '../edits.ts';
import type { Host, Scope } from '../host.ts';
import { commandIds } from '../ids.ts';
import { requireTrust } from '../trust.ts';
import { addModelServerWizard, type ServerDraft } from '../wizards/add-model-server.ts';
import { modelOf, serverOf, subjectOf } from './target.ts';

export async function addModelServer(host: Host, target: unknown): Promise<string | undefined> {
  const scope = await host.scope();
  return add(host, scope, draftFrom(target));
}

/** A server that was found running: kind and address are known. */
export async function addFoundServer(host: Host, target: unknown): Promise<string | undefined> {
  const scope = await host.scope();
  const offer = subjectOf(host, target, 'offer');
  const kind = allServerKinds().find(({ id }) => id === offer?.kind);
  return add(host, scope, offer && kind ? { kind: kind.id, address: offer.baseUrl } : {});
}

async function add(host: Host, scope: Scope, draft: ServerDraft): Promise<string | undefined> {
  const name = await addModelServerWizard(host, scope, draft);
  if (name === undefined) return undefined;
  const status = scope.operator.findServer(name);
  if (!status) return name; // still unsaved in an editor
  await Promise.all([scope.operator.probe([status.id]), revealSubject(host, (subject) => subject.type === 'model_server' && subject.id === status.id)]);
  void offerDelegator(host, status);
  return name;
}

/** Not awaited: the notification may stay for long. */
async function offerDelegator(host: Host, { id, server }: ServerStatus): Promise<void> {
  const create = vscode.l10n.t('Create Delegator');
  if ((await host.ui.notify('information', vscode.l10n.t('Added the model server {0}', server.displayName), [create])) === create) await vscode.commands.executeCommand(commandIds.createDelegatorHere, id);
}

/** `{ kind, address }`, for links and other commands. */
function draftFrom(target: unknown): ServerDraft {
  if (typeof target !== 'object' || target === null || !('kind' in target)) return {};
  const kind = allServerKinds().find(({ id }) => id === target.kind);
  return kind ? { kind: kind.id, ...('address' in target && typeof target.address === 'string' ? { address: target.address } : {}) } : {};
}

export async function probeModelServers(host: Host): Promise<void> {
  requireTrust(vscode.l10n.t('Nothing is probed'));
  const { operator } = await host.scope();
  await host.view.whileBusy(Promise.all([operator.probe(), ...(host.settings.discovery ? [operator.discover()] : [])]));
}

export async function probeModelServer(host: Host, target: unknown): Promise<void> {
  requireTrust(vscode.l10n.t('Nothing is probed'));
  const scope = await host.scope();
  const status = await serverOf(host, scope, target, vscode.l10n.t('Probe Model Server'));
  if (!status) return;
  await host.view.whileBusy(scope.operator.probe([status.id]));
  const after = scope.operator.findServer(status.id);
  // The row tells; without one in sight a message does.
  if (after && !host.view.visible) await host.ui.notify('information', `${after.server.displayName}: ${after.health.message}`);
}

/** Asks a server for its models however fresh its list is. */
export async function refreshModels(host: Host, target: unknown): Promise<void> {
  requireTrust(vscode.l10n.t('Nothing is asked'));
  const scope = await host.scope();
  const status = await serverOf(host, scope, target, vscode.l10n.t('Refresh Models'));
  if (!status) return;
  const [catalogue] = await host.view.whileBusy(Promise.all([scope.operator.models.list(status.id, { refresh: true }), scope.operator.probe([status.id])]));
  const name = status.server.displayName;
  if (catalogue.error) await host.ui.notify('warning', `${name}: ${catalogue.error.message}${catalogue.error.hint === undefined ? '' : `. ${catalogue.error.hint}`}`);
  else if (!host.view.visible) await host.ui.notify('information', vscode.l10n.t('{0} lists {1}', name, plural(catalogue.models.length + catalogue.hiddenCount, 'model')));
}

export async function copyBaseUrl(host: Host, target: unknown): Promise<void> {
  const status = await serverOf(host, await host.scope(), target, vscode.l10n.t('Copy Base URL'));
  if (status) await vscode.env.clipboard.writeText(status.server.baseUrl);
}

export async function copyModelName(host: Host, target: unknown): Promise<void> {
  const chosen = await modelOf(host, await host.scope(), target, vscode.l10n.t('Copy Model Name'));
  if (chosen) await vscode.env.clipboard.writeText(chosen.model);
}

export async function editModelServer(host: Host, target: unknown): Promise<void> {
  const status = await serverOf(host, await host.scope(), target, vscode.l10n.t('Edit Model Server'), isDeclared);
  if (status) await openEntry(status.server);
}

export async function deleteModelServer(host: Host, target: unknown): Promise<void> {
  requireTrust(vscode.l10n.t('Nothing is deleted'));
  const scope = await host.scope();
  const status = await serverOf(host, scope, target, vscode.l10n.t('Delete Model Server'), isDeclared);
  if (!status) return;
  const { server } = status;
  const file = fileOf(server);
  const dangling = usersOf(scope.operator.snapshot, status);
  const detail = [
    vscode.l10n.t('It is removed from {0}.', vscode.workspace.asRelativePath(file)),
    dangling.length === 0
      ? vscode.l10n.t('No delegator uses it.')
      : dangling.length === 1
        ? vscode.l10n.t('The delegator {0} uses it and cannot be launched then.', listOf(dangling))
        : vscode.l10n.t('The delegators {0} use it and cannot be launched then.', listOf(dangling)),
  ].join('\n');
  if (!(await host.ui.confirm(vscode.l10n.t('Delete the model server {0}?', server.displayName), detail, vscode.l10n.t('Delete')))) return;
  await edit(host, scope, { type: 'remove', table: 'model_servers', name: server.name }, file);
}

/** Display names of the delegators whose `model_server` means this one. */
function usersOf({ configuration }: Snapshot, { server }: ServerStatus): readonly string[] {
  return configuration.delegators.filter(({ modelServer, origin }) => modelServer !== undefined && lookup(configuration.modelServers, modelServer, origin) === server).map(({ displayName }) => displayName);
}

function isDeclared({ server }: ServerStatus): boolean {
  return server.origin.layer !== 'builtin';
}
