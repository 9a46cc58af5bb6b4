/**
 * One process's view of the gateway: starts it when a launch needs it, follows its state, and when it crashes while agents of this
 * process use it, starts it again on the same port and hands it their keys once more.
 */
import { type Disposable, toDisposable } from '../../base/disposable.ts';
import { describeError, OperatorError } from '../../core/errors.ts';
import type { SessionRequest } from '../../core/gateway/control.ts';
import { gatewayFiles, type GatewayState, type GatewayStatus } from '../../core/gateway/model.ts';
import { HttpFailure, type Ports } from '../../core/ports.ts';
import type { GatewayClient } from './client.ts';
import { findGateway, type RunningGateway, stateDirOf } from './find.ts';
import type { GatewayCommand } from './start.ts';

export interface SupervisorOptions {
  readonly ports: Ports;
  readonly command: GatewayCommand;
  readonly version: string;
  readonly idleMs?: number;
  /** Watch for a gateway that somebody else starts. */
  readonly watch: boolean;
  readonly onState: (state: GatewayState) => void;
  /** What a session of this process is made of, for a gateway that lost its keys; undefined: it cannot be said any more. */
  readonly describeSession: (sessionId: string) => Promise<SessionRequest | undefined>;
}

export interface GatewaySupervisor extends Disposable {
  readonly logFile: string;
  /** Looks without starting. */
  find(): Promise<GatewayState>;
  /** @throws OperatorError 'process' */
  start(): Promise<RunningGateway>;
  stop(): Promise<void>;
  /** @throws OperatorError 'process' */
  restart(): Promise<RunningGateway>;
  /** Makes a session for an agent of this process. @returns where it is served and its token. @throws OperatorError */
  createSession(request: SessionRequest): Promise<{ readonly address: string; readonly token: string }>;
  /** A session of this process from before a reload: it is handed its keys when the gateway lacks them. */
  adopt(sessionId: string): void;
  /** Other abilities or models than at its launch. A gateway that is gone learns of them when it is back. */
  updateSession(request: SessionRequest): Promise<void>;
  sessionProcess(sessionId: string, pid: number): void;
  endSession(sessionId: string): Promise<void>;
  /** Asks the gateway that runs now, where this process knows of one. */
  status(): Promise<GatewayStatus | undefined>;
}

/** A gateway that ends this often in a row is not started again by itself. */
const maxRestarts = 5;
const restartWindowMs = 60_000;

export function createSupervisor(options: SupervisorOptions): GatewaySupervisor {
  const { ports, command, version, idleMs, onState, describeSession } = options;
  const { clock, log, files } = ports;
  const stateDir = stateDirOf(ports);
  /** Sessions of this process, and their tokens where they were made here. */
  const own = new Map<string, string | undefined>();
  const crashes: number[] = [];
  let state: GatewayState = { type: 'stopped' };
  let current: RunningGateway | undefined;
  let following: AbortController | undefined;
  let starting: Promise<RunningGateway> | undefined;
  /** Agents' processes, by session: for a gateway that was not there when they started. */
  const processes = new Map<string, number>();
  /** What it said last of its own end: asked for, that is no crash. */
  let ending: GatewayStatus['ending'];
  let disposed = false;

  function setState(next: GatewayState): void {
    if (disposed || JSON.stringify(next) === JSON.stringify(state)) return;
    state = next;
    onState(next);
  }

  function follow(running: RunningGateway): void {
    if (current?.status.pid === running.status.pid && following) return;
    following?.abort();
    const controller = new AbortController();
    following = controller;
    current = running;
    ending = running.status.ending;
    setState({ type: 'running', status: running.status });
    void renew(running.client, running.status);
    void makeAgain(running.client, running.status).then(() => tellProcesses(running.client));
    void listen(running.client, controller);
  }

  async function listen(client: GatewayClient, controller: AbortController): Promise<void> {
    try {
      for await (const status of client.events(controller.signal)) {
        if (controller.signal.aborted) return;
        ending = status.ending;
        setState({ type: 'running', status });
        // Its last requests may go on for a while; who has sessions looks for the next one at once.
        if (ending) break;
        void renew(client, status);
      }
    } catch (error) {
      if (!(error instanceof HttpFailure)) log.error('following the gateway failed', error);
    }
    if (!controller.signal.aborted && !disposed) await gone(controller);
  }

  /** The gateway ended. When it did so by itself although agents of ours use it, it is started again. */
  async function gone(controller: AbortController): Promise<void> {
    if (following !== controller) return;
    following = undefined;
    current = undefined;
    if (ending === 'stop') own.clear();
    if (own.size === 0) return setState({ type: 'stopped' });
    if (ending === undefined) {
      crashes.push(clock.now());
      while (clock.now() - (crashes[0] ?? Infinity) > restartWindowMs) crashes.shift();
      if (crashes.length > maxRestarts) return setState({ type: 'failed', message: 'The gateway ended again and again', hint: 'Its log says why; restart it when that is mended' });
      log.warn('the gateway ended unexpectedly and is started again');
    }
    try {
      await start();
    } catch (error) {
      log.error('the gateway could not be started again', error);
    }
  }

  /** Hands over what a restarted gateway lacks of our own sessions. */
  async function renew(client: GatewayClient, { sessions }: GatewayStatus): Promise<void> {
    for (const { id } of sessions.filter((session) => session.waiting && own.has(session.id))) {
      try {
        const request = await describeSession(id);
        if (request && !disposed) await client.renewSession(request);
      } catch (error) {
        log.warn(`the keys of a session could not be handed to the gateway again: ${describeError(error)}`);
      }
    }
  }

  async function tellProcesses(client: GatewayClient): Promise<void> {
    for (const [id, pid] of processes) if (own.has(id)) await tellProcess(client, id, pid);
  }

  async function tellProcess(client: GatewayClient, sessionId: string, pid: number): Promise<void> {
    await client.sessionProcess(sessionId, pid).catch((error: unknown) => log.warn(`the gateway does not know a session's process: ${describeError(error)}`));
  }

  /** A gateway that was killed right after a session was made could not write it down. The agent has its token already. */
  async function makeAgain(client: GatewayClient, { sessions }: GatewayStatus): Promise<void> {
    const known = new Set(sessions.map(({ id }) => id));
    for (const [id, token] of own) {
      if (token === undefined || known.has(id)) continue;
      try {
        const request = await describeSession(id);
        if (request && !disposed && own.has(id)) await client.createSession({ ...request, token });
      } catch (error) {
        log.warn(`a session could not be made at the gateway again: ${describeError(error)}`);
      }
    }
  }

  /** Whether the gateway ended between being found and being asked. */
  async function isGone({ client, status }: RunningGateway): Promise<boolean> {
    const now = await client.status();
    if (now?.pid === status.pid && !now.ending) return false;
    if (current?.status.pid === status.pid) {
      following?.abort();
      following = undefined;
      current = undefined;
    }
    return true;
  }

  async function find(): Promise<GatewayState> {
    if (starting) await starting.catch(() => undefined); // whoever started it is told
    if (current && following) return state;
    const running = await findGateway(ports);
    if (disposed) return state;
    if (running) follow(running);
    else if (state.type === 'running' || state.type === 'starting') setState({ type: 'stopped' });
    return state;
  }

  /** One that crashed while nobody looked is started again for the agents that it left. */
  async function findFor(sessionId: string): Promise<void> {
    const found = await find();
    // One that was stopped left no sessions behind.
    if (disposed || found.type === 'running' || !own.has(sessionId) || !(await files.exists(files.join(stateDir, gatewayFiles.sessions)))) return;
    log.warn('the gateway ended unexpectedly and is started again');
    await start();
  }

  function start(): Promise<RunningGateway> {
    if (starting) return starting;
    const attempt = (async () => {
      if (current && following) return current;
      setState({ type: 'starting' });
      try {
        const { startGateway } = await import('./start.ts');
        const running = await startGateway(ports, command, { version, ...(idleMs !== undefined && { idleMs }) });
        follow(running);
        return running;
      } catch (error) {
        setState({ type: 'failed', message: describeError(error), ...(error instanceof OperatorError && error.hint !== undefined && { hint: error.hint }) });
        throw error;
      }
    })();
    starting = attempt.finally(() => {
      starting = undefined;
    });
    return starting;
  }

  async function stop(options: { readonly restart: boolean }): Promise<void> {
    const running = current ?? (await findGateway(ports));
    // From here on its end is our own doing.
    following?.abort();
    following = undefined;
    current = undefined;
    if (!options.restart) own.clear();
    if (running) {
      if (options.restart) await restartOf(running);
      else await endOf(running);
    }
    setState({ type: 'stopped' });
  }

  /** It lets requests under way end, which may take as long as a model answers, and those who follow learn of the end last. */
  async function endOf({ client }: RunningGateway): Promise<void> {
    const events = client.events(new AbortController().signal);
    try {
      await events.next();
      await client.stop({ restart: false });
      for await (const _ of events);
    } catch (error) {
      if (!(error instanceof HttpFailure)) throw error; // it is gone
    }
  }

  /** The next one may have its port, while its last requests go on. */
  async function restartOf({ client, status }: RunningGateway): Promise<void> {
    await client.stop({ restart: true });
    while ((await client.status())?.pid === status.pid) await new Promise<void>((resolve) => clock.after(20, resolve));
  }

  const watcher = options.watch ? files.watch(files.join(stateDir, gatewayFiles.lock), () => void find().catch((error: unknown) => log.error('looking for the gateway failed', error))) : undefined;

  return {
    logFile: files.join(stateDir, gatewayFiles.log),
    find,
    start,
    stop: () => stop({ restart: false }),
    async restart() {
      await stop({ restart: true });
      return start();
    },
    async createSession(request) {
      for (let attempt = 1; ; attempt++) {
        const running = await start();
        try {
          const token = await running.client.createSession(request);
          own.set(request.spec.id, token);
          return { address: running.status.address, token };
        } catch (error) {
          if (attempt === 3 || !(await isGone(running))) throw error;
        }
      }
    },
    adopt(sessionId) {
      if (!own.has(sessionId)) own.set(sessionId, undefined);
      if (current) void renew(current.client, current.status);
      else void findFor(sessionId).catch((error: unknown) => log.error('looking for the gateway of a session failed', error));
    },
    async updateSession(request) {
      if (own.has(request.spec.id)) await current?.client.renewSession(request);
    },
    sessionProcess(sessionId, pid) {
      if (!own.has(sessionId)) return;
      processes.set(sessionId, pid);
      if (current) void tellProcess(current.client, sessionId, pid);
    },
    async endSession(sessionId) {
      processes.delete(sessionId);
      if (!own.delete(sessionId) || !current) return;
      // When the gateway cannot be told, it sees by itself that the agent is gone.
      await current.client.endSession(sessionId).catch((error: unknown) => log.warn(`a session could not be ended at the gateway: ${describeError(error)}`));
    },
    status: () => current?.client.status() ?? Promise.resolve(undefined),
    ...toDisposable(() => {
      disposed = true;
      watcher?.dispose();
      following?.abort();
    }),
  };
}
