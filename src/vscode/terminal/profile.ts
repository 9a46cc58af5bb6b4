/** The terminal profile "Operator delegator": asks for a delegator where VS Code asks for a shell. */
import * as vscode from 'vscode';
import { showError, showRefusals } from '../errors.ts';
import type { Host } from '../host.ts';
import { terminalProfileId } from '../ids.ts';
import { requireTrust } from '../trust.ts';

export function registerTerminalProfile(host: Host): vscode.Disposable {
  return vscode.window.registerTerminalProfileProvider(terminalProfileId, {
    async provideTerminalProfile() {
      try {
        return await provide(host);
      } catch (error) {
        await showError(host.ui, host.log, 'the terminal profile', error);
        return undefined;
      }
    },
  });
}

async function provide(host: Host): Promise<vscode.TerminalProfile | undefined> {
  requireTrust(vscode.l10n.t('Nothing is launched'));
  const [{ delegatorOf }, { prepareTerminal }] = await Promise.all([import('../commands/target.ts'), import('./launcher.ts')]);
  const scope = await host.scope();
  await scope.detected();
  const status = await delegatorOf(host, scope, undefined, vscode.l10n.t('Open a Delegator in a Terminal'), { readyOnly: true });
  if (!status) return undefined;
  const { id, delegator } = status;
  await scope.operator.learn({ type: 'delegator', delegator: id });
  const plan = scope.operator.plan({ type: 'delegator', delegator: id });
  if (!plan.ok) {
    await showRefusals(host.ui, vscode.l10n.t('{0} cannot be launched', delegator.displayName), plan.error, { llmTool: delegator.llmTool, where: delegator.where });
    return undefined;
  }
  const options = await prepareTerminal(host, scope, plan.value);
  scope.sessions.expect(plan.value, id);
  // Where it opens is decided by whoever asked for the profile.
  return new vscode.TerminalProfile({ ...options, location: undefined });
}
