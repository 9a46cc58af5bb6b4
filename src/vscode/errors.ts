/** The one place that shows errors: each once, with at most one useful action. */
import * as vscode from 'vscode';
import { describeError, isOperatorError, type OperatorError } from '../core/errors.ts';
import type { Refusal } from '../core/launch/model.ts';
import type { Log } from '../core/ports.ts';
import type { SourceLocation } from '../core/source.ts';
import { commandIds, hostCommandIds } from './ids.ts';
import type { Severity, Ui } from './ui/ui.ts';

interface Action {
  readonly label: string;
  readonly command: string;
  readonly arguments?: readonly unknown[];
}

/** Logs and shows what a command threw. Leaving a question is no error. */
export async function showError(ui: Ui, log: Log, what: string, error: unknown): Promise<void> {
  if (isCancellation(error)) return;
  const expected = isOperatorError(error);
  log.error(`${what} failed`, error);
  await showWith(ui, expected && error.code === 'refused' ? 'warning' : 'error', describeError(error), expected ? actionFor(error) : showLog());
}

/** Says why something cannot be launched. */
export async function showRefusals(ui: Ui, what: string, refusals: readonly Refusal[], context: { readonly llmTool?: string; readonly serverId?: string; readonly where?: SourceLocation } = {}): Promise<void> {
  const [first, ...more] = refusals;
  const reason = first ? `${first.message}${first.hint ? `. ${first.hint}` : ''}` : vscode.l10n.t('no reason known');
  const others = more.length === 0 ? '' : ` ${more.length === 1 ? vscode.l10n.t('(and 1 more reason)') : vscode.l10n.t('(and {0} more reasons)', more.length)}`;
  await showWith(ui, 'warning', `${what}: ${reason}${others}`, first && refusalAction(first, context));
}

function refusalAction(refusal: Refusal, { llmTool, serverId, where }: { readonly llmTool?: string; readonly serverId?: string; readonly where?: SourceLocation }): Action | undefined {
  if (refusal.code === 'untrusted') return manageTrust();
  if (refusal.code === 'tool-missing' && llmTool !== undefined) return { label: vscode.l10n.t('Install in Terminal'), command: commandIds.installTool, arguments: [llmTool] };
  if (refusal.code === 'credential' && serverId !== undefined) return { label: vscode.l10n.t('Set API Key'), command: commandIds.setApiKey, arguments: [serverId] };
  return where && openFile(where);
}

function actionFor(error: OperatorError): Action {
  if (error.code === 'refused' && !vscode.workspace.isTrusted) return manageTrust();
  return error.where ? openFile(error.where) : showLog();
}

async function showWith(ui: Ui, severity: Severity, message: string, action: Action | undefined): Promise<void> {
  const chosen = await ui.notify(severity, message, action ? [action.label] : []);
  if (action && chosen === action.label) await vscode.commands.executeCommand(action.command, ...(action.arguments ?? []));
}

function showLog(): Action {
  return { label: vscode.l10n.t('Show Log'), command: commandIds.showLog };
}

function manageTrust(): Action {
  return { label: vscode.l10n.t('Manage Workspace Trust'), command: hostCommandIds.manageTrust };
}

function openFile(where: SourceLocation): Action {
  const start = where.range?.start;
  const position = new vscode.Position(start?.line ?? 0, start?.column ?? 0);
  return { label: vscode.l10n.t('Open File'), command: hostCommandIds.open, arguments: [vscode.Uri.file(where.file), { selection: new vscode.Range(position, position) }] };
}

function isCancellation(error: unknown): boolean {
  return error instanceof vscode.CancellationError || (isOperatorError(error) && error.code === 'cancelled') || (error instanceof Error && error.name === 'AbortError');
}
