/** Tells about an agent that failed soon after its start: VS Code closes its terminal, and with it whatever it printed. */
import * as vscode from 'vscode';
import { formatDuration } from '../../core/status/format.ts';
import type { Host } from '../host.ts';
import { commandIds } from '../ids.ts';
import type { Ended } from './sessions.ts';

/** Who worked with an agent for longer saw how it ended. */
const soonMs = 20_000;

export async function reportEnd(host: Host, { plan, delegatorId, code, durationMs }: Ended): Promise<void> {
  host.log.info(`${plan.displayName} ended ${code === undefined ? 'without an exit code' : `with exit code ${code}`} after ${formatDuration(durationMs)}`);
  if (code === undefined || code === 0 || durationMs > soonMs) return;
  const again = vscode.l10n.t('Launch Again');
  const show = vscode.l10n.t('Show Launch Plan');
  const actions = delegatorId === undefined ? [] : [again, show];
  const chosen = await host.ui.notify('warning', vscode.l10n.t('{0} ended with exit code {1} after {2}', plan.displayName, code, formatDuration(durationMs)), actions);
  if (chosen === again) await vscode.commands.executeCommand(commandIds.launchDelegator, delegatorId);
  if (chosen === show) await vscode.commands.executeCommand(commandIds.showLaunchPlan, delegatorId);
}
