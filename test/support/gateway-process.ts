/** Gateway processes as users get them: the bundled program, started the way Operator does, each test with an OPERATOR_HOME of its own. */
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createGatewayClient, type GatewayClient } from '../../src/app/gateway/client.ts';
import type { RunningGateway } from '../../src/app/gateway/find.ts';
import { type GatewayCommand, startGateway } from '../../src/app/gateway/start.ts';
import { type GatewayAnswer, gatewayAnswerSchema, type GatewayOrders, type SessionRequest } from '../../src/core/gateway/control.ts';
import { gatewayFiles, type GatewayLock } from '../../src/core/gateway/model.ts';
import type { Protocol } from '../../src/core/protocol.ts';
import { createNodePorts, type NodePorts } from '../../src/platform/ports.ts';
import { buildCli } from './build.ts';
import { until } from './cli.ts';
import { serverAt } from './model-server.ts';
import type { ModelServer } from '../../src/core/config/model.ts';

export interface StartedGateway {
  readonly answer: GatewayAnswer;
  readonly pid: number;
  readonly adminToken: string;
  /** Asks its control API; only for one that listens. */
  readonly client: GatewayClient;
  readonly address: string;
  /** Its exit code, null after a signal. */
  readonly ended: Promise<number | null>;
}

export interface GatewayHome extends AsyncDisposable {
  readonly ports: NodePorts;
  readonly stateDir: string;
  readonly lockFile: string;
  readonly sessionsFile: string;
  readonly logFile: string;
  readonly command: GatewayCommand;
  /** Finds or starts the shared one. */
  start(options?: { readonly version?: string; readonly idleMs?: number }): Promise<RunningGateway>;
  /** One process with these orders, whatever it answers. */
  run(orders?: Partial<GatewayOrders>, env?: Readonly<Record<string, string>>): Promise<StartedGateway>;
  /** Undefined: there is none. */
  lock(): GatewayLock | undefined;
  log(): string;
}

export async function createGatewayHome(): Promise<GatewayHome> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'operator-gateway-')));
  const operatorHome = join(root, 'home');
  const stateDir = join(operatorHome, 'state');
  const [lockFile, sessionsFile, logFile] = [gatewayFiles.lock, gatewayFiles.sessions, gatewayFiles.log].map((name) => join(stateDir, name)) as [string, string, string];
  const ports = createNodePorts({ env: (env) => ({ get: env.get, all: env.all, platform: env.platform, homeDir: root, operatorHome }) });
  const command = { argv: [process.execPath, join(dirname(await buildCli()), 'gateway.js')], env: {} };
  const pids = new Set<number>();

  const home: GatewayHome = {
    ports,
    stateDir,
    lockFile,
    sessionsFile,
    logFile,
    command,
    async start({ version = '1.0.0', idleMs = 60_000 } = {}) {
      const running = await startGateway(ports, command, { version, idleMs });
      pids.add(running.status.pid);
      return running;
    },
    async run(orders = {}, env = {}) {
      const adminToken = `${crypto.randomUUID()}${crypto.randomUUID()}`;
      const all: GatewayOrders = { mode: 'shared', stateDir, version: '1.0.0', adminToken, idleMs: 60_000, ...orders };
      const started = await ports.processes.start(command.argv, { input: JSON.stringify(all), env: { ...ports.env.all(), ...env }, cwd: root, detached: all.mode === 'shared', timeoutMs: 20_000 });
      pids.add(started.pid);
      const answer = gatewayAnswerSchema.parse(JSON.parse(started.line));
      const address = answer.state === 'listening' ? answer.address : 'http://127.0.0.1:1';
      return { answer, pid: started.pid, adminToken, address, client: createGatewayClient(ports.http, { address, adminToken }), ended: started.ended };
    },
    lock: () => (existsSync(lockFile) ? (JSON.parse(readFileSync(lockFile, 'utf8')) as GatewayLock) : undefined),
    log: () => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : ''),
    async [Symbol.asyncDispose]() {
      try {
        const { pid } = home.lock() ?? {};
        if (pid !== undefined) pids.add(pid);
      } catch {
        // a test broke the lock on purpose
      }
      for (const pid of pids) kill(pid, 'SIGKILL');
      await until(() => ![...pids].some(isAlive), () => 'the end of gateways');
      ports.http.dispose();
      rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    },
  };
  return home;
}

/** Never this test's own process, which stands for a foreign program in locks that were made up. */
export function kill(pid: number, signal: NodeJS.Signals): void {
  if (pid === process.pid) return;
  try {
    process.kill(pid, signal);
  } catch {
    // gone already
  }
}

/** A zombie that nobody has waited for yet counts as dead. */
export function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

export async function untilDead(pid: number, timeoutMs = 10_000): Promise<void> {
  await until(() => !isAlive(pid), () => `the end of process ${pid}`, timeoutMs);
}

export interface SessionRequestOptions {
  readonly id?: string;
  readonly speaks?: readonly Protocol[];
  readonly server?: Partial<ModelServer>;
  /** With it the server has a key. */
  readonly key?: string;
}

/** A session on one model, `real-model`, of the server at `url`. */
export function sessionOn(url: string, { id = 's1', speaks = ['openai-chat'], server = {}, key }: SessionRequestOptions = {}): SessionRequest {
  const lab = serverAt('openai-compat', url, { name: 'lab', ...(key !== undefined && { credential: { store: 'env', name: 'LAB_KEY' } }), ...server });
  return { spec: { id, displayName: 'test', llmTool: 'test', strictNames: false, targets: [{ server: lab, model: 'real-model', names: ['real-model'], speaks }] }, keys: key === undefined ? {} : { lab: key } };
}

/** One chat through a gateway, as an OpenAI client asks. */
export function chat(address: string, token: string, options: { readonly stream?: boolean } = {}): Promise<Response> {
  return fetch(`${address}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'real-model', messages: [{ role: 'user', content: 'hi' }], ...(options.stream && { stream: true }) }),
  });
}
