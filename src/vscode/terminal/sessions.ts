/**
 * Launched agents and their terminals: which is which, how each ended, and which are still there after a window reload.
 * A terminal is known again by the session id in its environment, or by the id of its process.
 */
import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import type { LaunchPlan } from '../../core/launch/model.ts';
import type { Operator } from '../../core/operator.ts';
import type { Clock, Log } from '../../core/ports.ts';
import { formatDuration } from '../../core/status/format.ts';
import { sessionVariable, stateKeys } from '../ids.ts';

/** VS Code opens the terminal of a profile at once; one that did not come by then was refused or given up. */
const openedWithinMs = 30_000;
/** After a reload VS Code brings terminals back one by one; one that is not there by then is gone. */
const reattachWithinMs = 15_000;

/** What is remembered of a running session across a reload. A plan holds no key. */
interface Remembered {
  readonly plan: LaunchPlan;
  readonly delegatorId?: string;
  readonly since: number;
  readonly processId?: number;
}

interface Running extends Remembered {
  readonly terminal: vscode.Terminal;
}

export interface Sessions extends Disposable {
  /** A terminal that was created for a plan. */
  started(terminal: vscode.Terminal, plan: LaunchPlan, delegatorId?: string): void;
  /** A terminal with this plan's session id will be opened by VS Code itself (terminal profile). */
  expect(plan: LaunchPlan, delegatorId?: string): void;
  terminal(sessionId: string): vscode.Terminal | undefined;
  /** Brings the terminal to the front; false when it is gone. */
  show(sessionId: string): boolean;
  /** Ends the agent by closing its terminal. */
  stop(sessionId: string): void;
}

export function createSessions(options: {
  readonly operator: Pick<Operator, 'sessionStarted' | 'sessionProcess' | 'sessionEnded'>;
  readonly memento: vscode.Memento;
  readonly clock: Clock;
  readonly log: Log;
  /** A session of before a reload is back. */
  readonly onDidFind: (plan: LaunchPlan) => void;
}): Sessions {
  const { operator, memento, clock, log, onDidFind } = options;
  const store = new DisposableStore();
  const running = new Map<string, Running>();
  const expected = new Map<string, Remembered>();
  /** Sessions of before a reload whose terminals did not come back yet. */
  const missing = new Map((memento.get<readonly Remembered[]>(stateKeys.sessions) ?? []).map((record) => [record.plan.sessionId, record]));

  function remember(): void {
    const records = [...[...running.values()].map(({ plan, delegatorId, since, processId }): Remembered => ({ plan, delegatorId, since, processId })), ...missing.values()];
    memento.update(stateKeys.sessions, records.length === 0 ? undefined : records).then(undefined, (error: unknown) => log.error('remembering sessions failed', error));
  }

  function add(terminal: vscode.Terminal, record: Remembered): void {
    const { sessionId } = record.plan;
    const session: Running = { ...record, terminal };
    running.set(sessionId, session);
    operator.sessionStarted(record.plan, record.delegatorId, record.since);
    remember();
    terminal.processId.then(
      (processId) => {
        if (processId === undefined || running.get(sessionId) !== session) return;
        operator.sessionProcess(sessionId, processId);
        if (session.processId === processId) return;
        running.set(sessionId, { ...session, processId });
        remember();
      },
      () => undefined, // The terminal closed before its process started; its end is reported as such.
    );
  }

  function end(record: Remembered, code: number | undefined): void {
    operator.sessionEnded(record.plan.sessionId, code).catch((error: unknown) => log.error('removing the files of a session failed', error));
  }

  async function adopt(terminal: vscode.Terminal): Promise<void> {
    const id = sessionIdOf(terminal);
    const waited = id === undefined ? undefined : expected.get(id);
    if (id !== undefined && waited) {
      expected.delete(id);
      add(terminal, waited);
      terminal.show(); // VS Code does so itself only where the extension host is local
      return;
    }
    if (missing.size === 0) return;
    const processId = id === undefined ? await terminal.processId : undefined;
    if (store.disposed) return;
    const record = id === undefined ? [...missing.values()].find((candidate) => candidate.processId !== undefined && candidate.processId === processId) : missing.get(id);
    if (!record || !missing.delete(record.plan.sessionId)) return;
    log.info(`found the session of ${record.plan.displayName} again`);
    add(terminal, record);
    onDidFind(record.plan);
  }

  function closed(terminal: vscode.Terminal): void {
    const session = [...running.values()].find((candidate) => candidate.terminal === terminal);
    if (!session) return;
    running.delete(session.plan.sessionId);
    const code = terminal.exitStatus?.code;
    // VS Code itself tells about a process that failed; the row keeps the code.
    log.info(`${session.plan.displayName} ended ${code === undefined ? 'without an exit code' : `with exit code ${code}`} after ${formatDuration(clock.now() - session.since)}`);
    end(session, code);
    remember();
  }

  function giveUp(): void {
    for (const record of missing.values()) {
      log.info(`the session of ${record.plan.displayName} ended with its window`);
      operator.sessionStarted(record.plan, record.delegatorId, record.since);
      end(record, undefined);
    }
    missing.clear();
    remember();
  }

  store.add(vscode.window.onDidOpenTerminal((terminal) => void adopt(terminal)));
  store.add(vscode.window.onDidCloseTerminal(closed));
  for (const terminal of vscode.window.terminals) void adopt(terminal);
  if (missing.size > 0) store.add(clock.after(reattachWithinMs, giveUp));

  return {
    started: (terminal, plan, delegatorId) => add(terminal, { plan, delegatorId, since: clock.now() }),
    expect(plan, delegatorId) {
      const record: Remembered = { plan, delegatorId, since: clock.now() };
      expected.set(plan.sessionId, record);
      // What was prepared for it goes again.
      store.add(clock.after(openedWithinMs, () => expected.delete(plan.sessionId) && end(record, undefined)));
    },
    terminal: (sessionId) => running.get(sessionId)?.terminal,
    show(sessionId) {
      const session = running.get(sessionId);
      session?.terminal.show();
      return session !== undefined;
    },
    stop(sessionId) {
      running.get(sessionId)?.terminal.dispose();
    },
    dispose: () => store.dispose(),
  };
}

function sessionIdOf(terminal: vscode.Terminal): string | undefined {
  const { creationOptions } = terminal;
  return 'env' in creationOptions ? (creationOptions.env?.[sessionVariable] ?? undefined) : undefined;
}
