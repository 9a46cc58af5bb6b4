/** LLM tools: install, set as default. */
import * as vscode from 'vscode';
import type { InstallInstruction } from '../../core/tools/model.ts';
import { OperatorError } from '../../core/errors.ts';
import { edit } from '../edits.ts';
import type { Host, Scope } from '../host.ts';
import { requireTrust } from '../trust.ts';
import { defaultFile } from '../wizards/save-step.ts';
import { toolOf } from './target.ts';

/** Opens the user's own shell with the vendor's command; the tool is looked for again when that command or the terminal ends. */
export async function installTool(host: Host, target: unknown): Promise<vscode.Terminal | undefined> {
  requireTrust(vscode.l10n.t('Nothing is installed'));
  const scope = await host.scope();
  const tool = await toolOf(host, scope, target, vscode.l10n.t('Install in Terminal'));
  if (!tool) return undefined;
  const { record } = tool;
  if (record.install.command === '') throw new OperatorError('refused', vscode.l10n.t('Operator does not know how {0} is installed', record.displayName), { hint: record.install.url ? vscode.l10n.t('See {0}', record.install.url) : undefined });
  const terminal = vscode.window.createTerminal({ name: vscode.l10n.t('Install {0}', record.name), iconPath: new vscode.ThemeIcon('cloud-download') });
  terminal.show();
  terminal.sendText(commandFor(record.install, scope), true);
  detectWhenOver(scope, terminal);
  return terminal;
}

function commandFor({ command, windowsCommand }: InstallInstruction, { ports }: Scope): string {
  return ports.env.platform === 'win32' ? (windowsCommand ?? command) : command;
}

function detectWhenOver(scope: Scope, terminal: vscode.Terminal): void {
  const listeners = vscode.Disposable.from(
    vscode.window.onDidEndTerminalShellExecution((event) => event.terminal === terminal && void scope.detectAgain()),
    vscode.window.onDidCloseTerminal((closed) => {
      if (closed !== terminal) return;
      listeners.dispose();
      void scope.detectAgain();
    }),
  );
  scope.own(listeners);
}

export async function setDefaultTool(host: Host, target: unknown): Promise<void> {
  requireTrust(vscode.l10n.t('Nothing is changed'));
  const scope = await host.scope();
  const tool = await toolOf(host, scope, target, vscode.l10n.t('Set As Default'));
  if (tool) await edit(host, scope, { type: 'set-default', tool: tool.record.name }, defaultFile(scope));
}
