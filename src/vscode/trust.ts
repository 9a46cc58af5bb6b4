/** Workspace Trust, checked in code: `when` clauses only hide what must not run. */
import * as vscode from 'vscode';
import { OperatorError } from '../core/errors.ts';

/** @throws OperatorError 'refused' in an untrusted workspace; `what` completes "… in an untrusted workspace". */
export function requireTrust(what: string): void {
  if (vscode.workspace.isTrusted) return;
  throw new OperatorError('refused', vscode.l10n.t('{0} in an untrusted workspace', what), { hint: vscode.l10n.t('Trust the workspace first') });
}
