/** Sessions: show, stop, forget. */
import * as vscode from 'vscode';
import type { Host } from '../host.ts';
import { sessionOf } from './target.ts';

export async function showSession(host: Host, target: unknown): Promise<void> {
  const scope = await host.scope();
  const session = await sessionOf(host, scope, target, vscode.l10n.t('Show Terminal'), 'running');
  if (!session || scope.sessions.show(session.id) || session.state.type === 'running') return;
  const { code } = session.state;
  await host.ui.notify('information', code === undefined ? vscode.l10n.t('The terminal of {0} is closed', session.displayName) : vscode.l10n.t('The terminal of {0} is closed; it ended with exit code {1}', session.displayName, code));
}

export async function stopSession(host: Host, target: unknown): Promise<void> {
  const scope = await host.scope();
  const session = await sessionOf(host, scope, target, vscode.l10n.t('Stop Session'), 'running');
  if (session) scope.sessions.stop(session.id);
}

export async function forgetSession(host: Host, target: unknown): Promise<void> {
  const scope = await host.scope();
  const session = await sessionOf(host, scope, target, vscode.l10n.t('Forget Session'), 'exited');
  if (session) scope.operator.forgetSession(session.id);
}
