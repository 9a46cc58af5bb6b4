/** Launching: delegators, with options, ad hoc; showing the plan; chatting with a model. */
import * as vscode from 'vscode';
import { renderPlan } from '../../core/launch/render.ts';
import type { DelegatorStatus, LaunchOptions } from '../../core/operator.ts';
import { showRefusals } from '../errors.ts';
import type { Host, Scope } from '../host.ts';
import { launch, type LaunchContext } from '../terminal/launcher.ts';
import { requireTrust } from '../trust.ts';
import { askAdHoc, askAdHocWith } from '../wizards/launch-ad-hoc.ts';
import { askLaunchOptions } from '../wizards/launch-options.ts';
import { delegatorOf, modelOf, toolOf } from './target.ts';

export async function launchDelegator(host: Host, target: unknown): Promise<vscode.Terminal | undefined> {
  const found = await trustedDelegator(host, target, vscode.l10n.t('Launch Delegator'));
  return found && start(host, found.scope, found.status, {});
}

export async function launchWithOptions(host: Host, target: unknown): Promise<vscode.Terminal | undefined> {
  const found = await trustedDelegator(host, target, vscode.l10n.t('Launch With Options'));
  if (!found) return undefined;
  const options = await askLaunchOptions(host, found.scope, found.status);
  return options && start(host, found.scope, found.status, options);
}

export async function launchAdHoc(host: Host): Promise<vscode.Terminal | undefined> {
  requireTrust(vscode.l10n.t('Nothing is launched'));
  const scope = await host.scope();
  const chosen = await askAdHoc(host, scope);
  return chosen && launch(host, scope, { type: 'ad-hoc', ...chosen }, {}, { name: chosen.llmTool, llmTool: chosen.llmTool, serverId: chosen.modelServer });
}

export async function launchTool(host: Host, target: unknown): Promise<vscode.Terminal | undefined> {
  requireTrust(vscode.l10n.t('Nothing is launched'));
  const scope = await host.scope();
  const tool = await toolOf(host, scope, target, vscode.l10n.t('Launch LLM Tool'));
  const chosen = tool && (await askAdHocWith(host, scope, tool));
  return chosen && launch(host, scope, { type: 'ad-hoc', ...chosen }, {}, { name: chosen.llmTool, llmTool: chosen.llmTool, serverId: chosen.modelServer });
}

export async function chatWithModel(host: Host, target: unknown): Promise<vscode.Terminal | undefined> {
  requireTrust(vscode.l10n.t('Nothing is sent'));
  const scope = await host.scope();
  const chosen = await modelOf(host, scope, target, vscode.l10n.t('Chat With Model'));
  if (!chosen) return undefined;
  const { server, model } = chosen;
  return launch(host, scope, { type: 'ad-hoc', llmTool: 'chat', model, modelServer: server.id }, {}, { name: vscode.l10n.t('A chat with {0}', model), llmTool: 'chat', serverId: server.id, where: server.server.where });
}

export async function showLaunchPlan(host: Host, target: unknown): Promise<void> {
  const scope = await host.scope();
  await scope.detected();
  const status = await delegatorOf(host, scope, target, vscode.l10n.t('Show Launch Plan'), { readyOnly: true });
  if (!status) return;
  // As the launch itself would; nothing is asked for an untrusted workspace's sake.
  if (vscode.workspace.isTrusted) await scope.operator.learn({ type: 'delegator', delegator: status.id });
  const planned = scope.operator.plan({ type: 'delegator', delegator: status.id });
  const { displayName } = status.delegator;
  if (planned.ok) await host.plans.show(displayName, renderPlan(planned.value));
  else await showRefusals(host.ui, vscode.l10n.t('{0} cannot be launched', displayName), planned.error, contextOf(scope, status));
}

async function trustedDelegator(host: Host, target: unknown, title: string): Promise<{ readonly scope: Scope; readonly status: DelegatorStatus } | undefined> {
  requireTrust(vscode.l10n.t('Nothing is launched'));
  const scope = await host.scope();
  await scope.detected();
  const status = await delegatorOf(host, scope, target, title, { readyOnly: true });
  return status && { scope, status };
}

function start(host: Host, scope: Scope, status: DelegatorStatus, options: LaunchOptions): Promise<vscode.Terminal | undefined> {
  return launch(host, scope, { type: 'delegator', delegator: status.id }, options, contextOf(scope, status));
}

function contextOf({ operator }: Scope, { id, delegator, resolution }: DelegatorStatus): LaunchContext {
  const server = resolution.ok ? resolution.value.server : delegator.modelServer === undefined ? undefined : operator.findServer(delegator.modelServer, delegator.origin)?.server;
  return {
    name: delegator.displayName,
    delegatorId: id,
    llmTool: delegator.llmTool,
    serverId: server && operator.snapshot.servers.find((status) => status.server === server)?.id,
    where: delegator.where,
  };
}
