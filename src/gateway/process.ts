/**
 * The life of a gateway process: bind → claim the lock → serve → end when told, or when nobody needs it any more.
 * Its entry (`src/gateway.ts`) gives it the log and the way to servers.
 */
import { join } from 'node:path';
import { DisposableStore, type Disposable } from '../base/disposable.ts';
import { controlPaths, type GatewayAnswer, type GatewayOrders } from '../core/gateway/control.ts';
import { gatewayFiles, type GatewayLock, type GatewayStatus } from '../core/gateway/model.ts';
import type { RestHost } from '../core/gateway/rest.ts';
import { proofOf } from '../core/gateway/proof.ts';
import type { Clock, Log } from '../core/ports.ts';
import { createControl } from './control.ts';
import { logExchange, recordOf } from './exchange-log.ts';
import { createHandedKeys } from './handed-keys.ts';
import { removeForgotten } from './forgotten.ts';
import { claimLock, readStaleLock, releaseLock } from './lock-file.ts';
import { askStatus, isRunning } from './other-gateway.ts';
import { codecs } from './protocol/codecs.ts';
import { createRestDoor, type RestApi } from './rest-door.ts';
import { defaultMaxBodyBytes, type GatewayServer, listen } from './server.ts';
import { createSessionStore, readStoredSessions } from './session-store.ts';
import { createSessions } from './sessions.ts';
import { hashToken, sameToken } from './tokens.ts';
import type { Transport } from './upstream/transport.ts';

export interface GatewayProcessOptions {
  readonly orders: GatewayOrders;
  readonly clock: Clock;
  readonly log: Log;
  readonly transport: Transport;
  /** Keys that pass through here become known to the log's redaction. */
  readonly onSecret: (secret: string) => void;
  /** Loads the REST API, with its first request. */
  readonly loadRest: (host: RestHost) => Promise<RestApi>;
}

export interface GatewayProcess {
  readonly answer: GatewayAnswer;
  /** Resolves when it has ended. Undefined where it did not start. */
  readonly ended?: Promise<void>;
  end(options: { readonly restart: boolean }): void;
}

/** Loading a model takes minutes, and a thought may too. */
const heartbeat = { firstMs: 10_000, everyMs: 15_000 };
/** How long requests under way may go on after it was told to end. */
const graceMs = 10_000;
const lookAroundMs = 5_000;
/** A gateway that ends closes its port a moment before it lets go of its lock. */
const lockPatienceMs = 1_000;

/** Never rejects for what a person can mend: that is the answer. */
export async function startGatewayProcess(options: GatewayProcessOptions): Promise<GatewayProcess> {
  const { orders, clock, log, transport, onSecret, loadRest } = options;
  const { mode, version, stateDir, adminToken } = orders;
  const startedAt = clock.now();
  const store = new DisposableStore();
  const lockFile = join(stateDir, gatewayFiles.lock);
  const sessionsFile = join(stateDir, gatewayFiles.sessions);
  const isShared = mode === 'shared';
  const stored = isShared ? await readStoredSessions(sessionsFile) : undefined;
  let server: GatewayServer | undefined;
  let ending: GatewayStatus['ending'];
  const { promise: ended, resolve: onEnded } = Promise.withResolvers<void>();

  const sessions = createSessions(clock, ({ stored: isStored }) => {
    control.changed();
    if (!isStored) return;
    sessionStore?.changed();
    lookWhetherIdle();
  });
  const keys = createHandedKeys();
  const adminTokenHash = hashToken(adminToken);
  const persist = async (): Promise<void> => sessionStore?.flush();
  const status = (): GatewayStatus => ({ version, pid: process.pid, address: server?.address ?? '', since: startedAt, sessions: sessions.list(), ...(ending && { ending }) });
  const control = store.add(createControl({ sessions, adminTokenHash, prove: (nonce) => proofOf(adminToken, nonce, server?.port ?? 0), status, stop: end, clock, persist, onKeys: keys.add, onSecret }));
  const sessionStore = isShared ? store.add(createSessionStore(sessionsFile, () => ({ port: server?.port ?? 0, sessions: sessions.store() }), { clock, onError: (error) => log.error('the sessions could not be written', error) })) : undefined;

  const rest = createRestDoor({
    // `operator serve` has one token for everything.
    isToken: (token) => sameToken(token, adminTokenHash) || (!isShared && sessions.find(token)?.spec.llmTool === 'serve'),
    load: () => loadRest({ status, createSession, endSession: (id) => sessions.remove(id), keys }),
    onUse: isUsed,
    onError: (error) => log.error('a request to the REST API failed', error),
  });

  async function createSession(...[spec, secrets]: Parameters<RestHost['createSession']>): Promise<string> {
    const token = sessions.create(spec, secrets);
    for (const secret of [token, ...Object.values(secrets)]) onSecret(secret);
    await persist();
    return token;
  }

  let idle: Disposable | undefined;
  let lookingAround: Disposable | undefined;
  function lookWhetherIdle(): void {
    if (!isShared || ending) return;
    if (sessions.size > 0) {
      idle?.dispose();
      idle = undefined;
    } else {
      idle ??= clock.after(orders.idleMs, () => {
        idle = undefined;
        if (sessions.size > 0 || requests() > 0) return lookWhetherIdle();
        log.info('nobody needs it any more');
        end({ restart: false });
      });
    }
  }

  /** Programs that use REST make no session, and are no less there for it. */
  function isUsed(): void {
    if (sessions.size > 0) return;
    idle?.dispose();
    idle = undefined;
    lookWhetherIdle();
  }

  /** Those who follow the status ask for nothing. */
  function requests(): number {
    return (server?.active ?? 0) - control.followers;
  }

  function lookAround(): void {
    removeForgotten(sessions, { mode, now: clock.now(), log });
    lookingAround = clock.after(lookAroundMs, lookAround);
  }

  function end({ restart }: { readonly restart: boolean }): void {
    if (ending) return;
    ending = restart ? 'restart' : 'stop';
    log.info(restart ? 'ends for a restart' : 'ends');
    void shutDown(restart).catch((error: unknown) => log.error('ending failed', error)).finally(onEnded);
  }

  /**
   * The next gateway may start while the last requests go on here: what it reads is written, port and lock are free, and only
   * then those who follow learn of the end.
   */
  async function shutDown(restart: boolean): Promise<void> {
    idle?.dispose();
    lookingAround?.dispose();
    await (restart ? sessionStore?.flush() : sessionStore?.clear())?.catch((error: unknown) => log.error('the sessions could not be written', error));
    sessionStore?.dispose();
    const closed = server?.close(graceMs);
    if (lock) await releaseLock(lockFile, lock).catch((error: unknown) => log.error('the lock could not be removed', error));
    control.announce();
    rest.dispose(); // those who follow its events would not go
    for (const until = clock.now() + graceMs; requests() > 0 && clock.now() < until; ) await pause(20);
    control.end();
    await closed;
    store.dispose();
    transport.dispose();
  }

  const bound = await bind();
  if ('state' in bound) return { answer: bound, end: () => {} };
  server = bound;
  let lock: GatewayLock | undefined;
  if (isShared) {
    const own: GatewayLock = { pid: process.pid, port: server.port, adminToken, version, startedAt };
    try {
      const claim = await claimLock(lockFile, own, isAlive);
      if (claim.type === 'taken') {
        await server.close(0);
        return { answer: { state: 'already-running' }, end: () => {} };
      }
    } catch (error) {
      await server.close(0);
      return { answer: { state: 'failed', message: `The lock ${lockFile} cannot be written: ${messageOf(error)}`, hint: 'Check that the folder can be written to' }, end: () => {} };
    }
    lock = own;
    if (sessions.size > 0) log.info(`goes on with ${sessions.size} sessions`);
  }
  lookAround();
  lookWhetherIdle();
  log.info(`listens at ${server.address}`);
  return { answer: { state: 'listening', address: server.address, pid: process.pid }, ended, end };

  async function bind(): Promise<GatewayServer | GatewayAnswer> {
    const { host = '127.0.0.1', hosts = [] } = orders;
    const wanted = orders.port ?? stored?.port ?? (isShared ? (await readStaleLock(lockFile))?.port : undefined) ?? 0;
    const open = (port: number): Promise<GatewayServer> =>
      listen(
        {
          transport,
          codecs,
          clock,
          heartbeat,
          sessions,
          guard: { hosts: new Set(hosts.map((name) => name.toLowerCase())) },
          maxBodyBytes: defaultMaxBodyBytes,
          control: (request, response, path) => control.handle(request, response, path),
          rest: (request, response) => rest.handle(request, response),
          onError: (error) => log.error('a request failed', error),
          onExchange: (record) => logExchange(log, record),
          onRequest: (request) => {
            if (!request.path.startsWith(controlPaths.status)) control.requestEnded(() => recordOf(request, clock.now()));
          },
        },
        port,
        host,
      );
    // Known before the first request can come. Only under their own port can their agents find them.
    if (stored && stored.port === wanted) sessions.restore(stored.sessions);
    try {
      return await open(wanted);
    } catch (error) {
      sessions.clear();
      // Another gateway that goes on with the same sessions may have been quicker.
      if (isShared && (await isAnotherThere())) return { state: 'already-running' };
      if (orders.port !== undefined || wanted === 0) return { state: 'failed', ...explainBind(error, host, wanted) };
      // Somebody took the port meanwhile. Agents of before cannot be helped; new ones can.
      log.warn(`port ${wanted} is taken: agents that were launched before cannot find the gateway any more`);
      return await open(0);
    }
  }

  /** One that ends is waited for: it lets go of its lock as soon as the next one may have it. */
  async function isAlive(found: GatewayLock): Promise<boolean> {
    for (const until = clock.now() + lockPatienceMs; ; await pause(50)) {
      const answer = await askStatus(found);
      if (answer?.pid === found.pid) {
        if (!answer.ending) return true;
      } else if (clock.now() >= until || !isRunning(found.pid)) return false;
      if ((await readStaleLock(lockFile))?.adminToken !== found.adminToken) return false;
    }
  }

  async function isAnotherThere(): Promise<boolean> {
    for (const until = clock.now() + 2_000; clock.now() < until; await pause(50)) {
      const found = await readStaleLock(lockFile);
      if (found && (await askStatus(found))?.pid === found.pid) return true;
    }
    return false;
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => clock.after(ms, resolve));
  }
}

function explainBind(error: unknown, host: string, port: number): { readonly message: string; readonly hint: string } {
  switch (error instanceof Error && 'code' in error ? error.code : undefined) {
    case 'EADDRINUSE':
      return { message: `Port ${port} of ${host} is taken by another program`, hint: 'Choose another one with --port, or end that program' };
    case 'EACCES':
      return { message: `Port ${port} is not for everybody`, hint: 'Choose one above 1023 with --port' };
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return { message: `${host} is no address of this machine`, hint: 'Choose another one with --host; 0.0.0.0 stands for all of them' };
    default:
      return { message: `Cannot listen at ${host}:${port}: ${messageOf(error)}`, hint: 'Look what keeps programs from listening on this machine' };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
