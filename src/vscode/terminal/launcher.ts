/** Launches a plan in an integrated terminal. */
import * as vscode from 'vscode';
import type { Result } from '../../base/result.ts';
import type { LaunchPlan, Refusal } from '../../core/launch/model.ts';
import type { LaunchOptions, LaunchTarget } from '../../core/operator.ts';
import { formatTime } from '../../core/status/format.ts';
import type { SourceLocation } from '../../core/source.ts';
import { showRefusals } from '../errors.ts';
import type { Host, Scope } from '../host.ts';
import { requireTrust } from '../trust.ts';
import { terminalOptions } from './options.ts';

/** What a refusal's action needs to know. */
export interface LaunchContext {
  readonly name: string;
  readonly delegatorId?: string;
  readonly llmTool: string;
  readonly serverId?: string;
  readonly where?: SourceLocation;
}

/** Undefined when it was refused (which is shown) or the person chose otherwise. @throws OperatorError from preparing it */
export async function launch(host: Host, scope: Scope, target: LaunchTarget, options: LaunchOptions, context: LaunchContext): Promise<vscode.Terminal | undefined> {
  requireTrust(vscode.l10n.t('Nothing is launched'));
  await Promise.all([scope.detected(), scope.operator.learn(target)]);
  const planned = scope.operator.plan(target, options);
  if (!planned.ok) {
    await refuse(host, planned, context);
    return undefined;
  }
  const running = context.delegatorId === undefined ? undefined : runningSession(scope, context.delegatorId);
  if (running) {
    const choice = await askReuse(host, context.name, running.since);
    if (choice === undefined) return undefined;
    if (choice === 'show' && scope.sessions.show(running.id)) return scope.sessions.terminal(running.id);
  }
  const created = await prepareTerminal(host, scope, planned.value);
  let terminal: vscode.Terminal;
  try {
    terminal = vscode.window.createTerminal(created);
  } catch (error) {
    await scope.operator.sessionEnded(planned.value.sessionId, undefined); // removes what was prepared for it
    throw error;
  }
  scope.sessions.started(terminal, planned.value, context.delegatorId);
  terminal.show();
  void revealSession(host, planned.value);
  return terminal;
}

/** Resolves the keys and says how the terminal is made. */
export async function prepareTerminal(host: Host, scope: Scope, plan: LaunchPlan): Promise<vscode.TerminalOptions> {
  const { operator, ports } = scope;
  for (const { severity, message } of plan.notes) if (severity === 'warning') host.log.warn(`${plan.displayName}: ${message}`);
  host.log.info(`launching ${plan.displayName}: ${plan.llmTool} with ${plan.model} on ${plan.modelServer} (${plan.route.type}) in ${plan.cwd}`);
  const request = await operator.prepare(plan);
  return terminalOptions({
    plan,
    request,
    inherited: ownEnvironment(),
    icon: operator.findTool(plan.llmTool)?.record.icon ?? 'terminal',
    location: host.settings.terminalLocation,
    caseInsensitive: ports.env.platform === 'win32',
  });
}

/**
 * What a terminal starts from. Not `env.all()`, which knows more (a login shell's PATH, settings): what it adds must be handed on.
 */
function ownEnvironment(): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

async function refuse(host: Host, planned: Extract<Result<LaunchPlan, readonly Refusal[]>, { ok: false }>, context: LaunchContext): Promise<void> {
  await showRefusals(host.ui, vscode.l10n.t('{0} cannot be launched', context.name), planned.error, context);
}

function runningSession({ operator, sessions }: Scope, delegatorId: string): { readonly id: string; readonly since: number } | undefined {
  return operator.snapshot.sessions.findLast((session) => session.delegatorId === delegatorId && session.state.type === 'running' && sessions.terminal(session.id) !== undefined);
}

async function askReuse(host: Host, name: string, since: number): Promise<'show' | 'another' | undefined> {
  const answer = await host.ui.pick<'show' | 'another'>(
    { title: vscode.l10n.t('{0} is already running', name) },
    {
      placeholder: vscode.l10n.t('Show the running one or start another?'),
      rows: [
        { label: vscode.l10n.t('Show Running Terminal'), description: vscode.l10n.t('since {0}', formatTime(since, Date.now())), icon: 'terminal', value: 'show' },
        { label: vscode.l10n.t('Start Another'), icon: 'add', value: 'another' },
      ],
    },
  );
  return answer.type === 'value' ? answer.value : undefined;
}

/** The row appears with the next redraw. */
async function revealSession(host: Host, plan: LaunchPlan): Promise<void> {
  const row = await host.view.provider.rowOf((subject) => subject.type === 'session' && subject.sessionId === plan.sessionId);
  if (row) await host.view.reveal(row.id);
}
