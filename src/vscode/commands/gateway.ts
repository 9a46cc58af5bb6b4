/** The gateway: start, stop, restart, its address and its log. */
import * as vscode from 'vscode';
import { listOf, plural } from '../../base/text.ts';
import type { GatewaySession } from '../../core/gateway/model.ts';
import type { Host } from '../host.ts';
import { requireTrust } from '../trust.ts';

export async function startGateway(host: Host): Promise<void> {
  requireTrust(vscode.l10n.t('Nothing is started'));
  const { operator } = await host.scope();
  const { address } = await host.view.whileBusy(operator.startGateway());
  await tell(host, vscode.l10n.t('The gateway runs at {0}', address));
}

/** Agents that use it lose their models, so that is asked first. */
export async function stopGateway(host: Host): Promise<void> {
  const scope = await host.scope();
  const state = await scope.operator.findGateway();
  if (state.type !== 'running') return void (await host.ui.notify('information', vscode.l10n.t('The gateway is not running')));
  const { sessions } = state.status;
  if (sessions.length > 0 && !(await host.ui.confirm(vscode.l10n.t('Stop the gateway?'), whoUsesIt(sessions), vscode.l10n.t('Stop')))) return;
  await host.view.whileBusy(scope.operator.stopGateway());
}

function whoUsesIt(sessions: readonly GatewaySession[]): string {
  const names = listOf([...new Set(sessions.map(({ displayName }) => displayName))]);
  return [
    sessions.length === 1 ? vscode.l10n.t('{0} uses it and cannot reach its model then.', names) : vscode.l10n.t('{0} use it ({1}) and cannot reach their models then.', plural(sessions.length, 'session'), names),
    vscode.l10n.t('Restart the gateway instead to keep the agents going.'),
  ].join('\n');
}

/** Running agents go on: they find the same address and their sessions again. */
export async function restartGateway(host: Host): Promise<void> {
  requireTrust(vscode.l10n.t('Nothing is started'));
  const { operator } = await host.scope();
  const { address } = await host.view.whileBusy(operator.restartGateway());
  await tell(host, vscode.l10n.t('The gateway runs at {0}', address));
}

export async function copyGatewayAddress(host: Host): Promise<void> {
  const { operator } = await host.scope();
  const state = await operator.findGateway();
  if (state.type === 'running') await vscode.env.clipboard.writeText(state.status.address);
  else await host.ui.notify('information', vscode.l10n.t('The gateway is not running'));
}

export async function showGatewayLog(host: Host): Promise<void> {
  const { operator } = await host.scope();
  const file = vscode.Uri.file(operator.gatewayLog);
  if (!(await exists(file))) return void (await host.ui.notify('information', vscode.l10n.t('The gateway has not written a log yet')));
  const document = await vscode.workspace.openTextDocument(file);
  const end = document.lineAt(document.lineCount - 1).range.end;
  await vscode.window.showTextDocument(document, { selection: new vscode.Range(end, end), preview: true });
}

async function exists(file: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(file).then(() => true, () => false);
}

/** The section tells; without it in sight a message does. */
async function tell(host: Host, message: string): Promise<void> {
  if (!host.view.visible) await host.ui.notify('information', message);
}
