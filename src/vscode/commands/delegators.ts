/** Delegators: create, edit, duplicate, delete. */
import * as vscode from 'vscode';
import { edit, fileOf, openEntry, revealSubject } from '../edits.ts';
import type { Host, Scope } from '../host.ts';
import { commandIds } from '../ids.ts';
import { nameProblem, uniqueName } from '../names.ts';
import { requireTrust } from '../trust.ts';
import { createDelegatorWizard, type DelegatorDraft } from '../wizards/create-delegator.ts';
import { delegatorOf, serverOf, subjectOf } from './target.ts';

/** From a model or a tool, what the row says is given; from anywhere else everything is asked. */
export async function createDelegator(host: Host, target: unknown): Promise<string | undefined> {
  const scope = await host.scope();
  const model = subjectOf(host, target, 'model');
  const tool = subjectOf(host, target, 'llm_tool');
  const server = model ? scope.operator.findServer(model.serverId) : undefined;
  return create(host, scope, { ...(model && server ? { server, model: model.model } : {}), ...(tool ? { tool: scope.operator.findTool(tool.name) } : {}) });
}

export async function createDelegatorHere(host: Host, target: unknown): Promise<string | undefined> {
  requireTrust(vscode.l10n.t('Nothing is created'));
  const scope = await host.scope();
  const server = await serverOf(host, scope, target, vscode.l10n.t('Create Delegator Here'));
  return server && create(host, scope, { server });
}

async function create(host: Host, scope: Scope, draft: DelegatorDraft): Promise<string | undefined> {
  const name = await createDelegatorWizard(host, scope, draft);
  const status = name === undefined ? undefined : scope.operator.findDelegator(name);
  if (!status) return name;
  await revealSubject(host, (subject) => subject.type === 'delegator' && subject.id === status.id);
  void offerLaunch(host, status.id, status.delegator.displayName);
  return name;
}

/** Not awaited: the notification may stay for long. */
async function offerLaunch(host: Host, id: string, name: string): Promise<void> {
  const launch = vscode.l10n.t('Launch');
  if ((await host.ui.notify('information', vscode.l10n.t('Created the delegator {0}', name), [launch])) === launch) await vscode.commands.executeCommand(commandIds.launchDelegator, id);
}

export async function editDelegator(host: Host, target: unknown): Promise<void> {
  const status = await delegatorOf(host, await host.scope(), target, vscode.l10n.t('Edit Delegator'));
  if (status) await openEntry(status.delegator);
}

export async function duplicateDelegator(host: Host, target: unknown): Promise<string | undefined> {
  requireTrust(vscode.l10n.t('Nothing is duplicated'));
  const scope = await host.scope();
  const title = vscode.l10n.t('Duplicate Delegator');
  const status = await delegatorOf(host, scope, target, title);
  if (!status) return undefined;
  const { delegator } = status;
  const taken = new Set(scope.operator.snapshot.configuration.delegators.map(({ name }) => name));
  const answer = await host.ui.input({ title }, { prompt: vscode.l10n.t('Name of the copy of {0}', delegator.displayName), value: uniqueName(`${delegator.name}-copy`, taken), validate: (text) => nameProblem(text.trim(), taken) });
  if (answer.type !== 'value') return undefined;
  const name = answer.value.trim();
  if (!(await edit(host, scope, { type: 'duplicate', table: 'delegators', name: delegator.name, as: name }, fileOf(delegator)))) return name;
  const copy = scope.operator.findDelegator(name);
  if (copy) await openEntry(copy.delegator);
  return name;
}

export async function deleteDelegator(host: Host, target: unknown): Promise<void> {
  requireTrust(vscode.l10n.t('Nothing is deleted'));
  const scope = await host.scope();
  const status = await delegatorOf(host, scope, target, vscode.l10n.t('Delete Delegator'));
  if (!status) return;
  const { delegator, id } = status;
  const file = fileOf(delegator);
  const running = scope.operator.snapshot.sessions.some(({ delegatorId, state }) => delegatorId === id && state.type === 'running');
  const detail = [vscode.l10n.t('It is removed from {0}.', vscode.workspace.asRelativePath(file)), ...(running ? [vscode.l10n.t('Its running session goes on.')] : [])].join('\n');
  if (!(await host.ui.confirm(vscode.l10n.t('Delete the delegator {0}?', delegator.displayName), detail, vscode.l10n.t('Delete')))) return;
  await edit(host, scope, { type: 'remove', table: 'delegators', name: delegator.name }, file);
}
