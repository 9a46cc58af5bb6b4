/** Starts a model server of this machine in a terminal of the user's shell, and looks until it answers. */
import * as vscode from 'vscode';
import { OperatorError } from '../../core/errors.ts';
import { startCommandOf } from '../../core/servers/start.ts';
import type { Host, Scope } from '../host.ts';
import { requireTrust } from '../trust.ts';
import { serverOf } from './target.ts';

/** Ollama answers within a second, LM Studio within some more; whoever needs longer is found by the next round of probes. */
const lookEveryMs = 1_000;
const lookTimes = 30;

export async function startModelServer(host: Host, target: unknown): Promise<vscode.Terminal | undefined> {
  requireTrust(vscode.l10n.t('Nothing is started'));
  const scope = await host.scope();
  const { servers } = scope.operator.snapshot;
  if (target === undefined && !servers.some(startCommandOf)) {
    await host.ui.notify('information', vscode.l10n.t('There is no model server that is offline and that Operator knows how to start'));
    return undefined;
  }
  const status = await serverOf(host, scope, target, vscode.l10n.t('Start Model Server'), (candidate) => startCommandOf(candidate) !== undefined);
  if (!status) return undefined;
  const command = startCommandOf(status);
  const { displayName } = status.server;
  if (command === undefined) throw new OperatorError('refused', vscode.l10n.t('Operator does not know how to start {0}', displayName), { hint: status.health.hint });
  const terminal = vscode.window.createTerminal({ name: vscode.l10n.t('Start {0}', displayName), iconPath: new vscode.ThemeIcon('server-process') });
  terminal.show();
  terminal.sendText(command, true);
  lookUntilItAnswers(host, scope, status.id, terminal);
  return terminal;
}

function lookUntilItAnswers(host: Host, { operator, ports, own }: Scope, id: string, terminal: vscode.Terminal): void {
  const look = async (left: number): Promise<void> => {
    await operator.probe([id]);
    const isOver = left === 0 || terminal.exitStatus !== undefined || operator.findServer(id)?.health.state !== 'offline';
    if (!isOver) again(left - 1);
  };
  const again = (left: number): void => own(ports.clock.after(lookEveryMs, () => void look(left).catch((error: unknown) => host.log.error('probing failed', error))));
  again(lookTimes);
}
