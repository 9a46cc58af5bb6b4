/**
 * Launches real agents the way Operator does, cut off from the world: plan, prepared environment, a home of their own, a proxy
 * that lets nothing through and writes down who tried, and their whole process group ended when they are done.
 */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { toDisposable } from '../../src/base/disposable.ts';
import type { Delegator, LaunchConfig, ModelServer } from '../../src/core/config/model.ts';
import { resolveDelegator } from '../../src/core/delegators/resolve.ts';
import { gatewayPlaceholder } from '../../src/core/gateway/model.ts';
import type { LaunchPlan } from '../../src/core/launch/model.ts';
import { planLaunch } from '../../src/core/launch/plan.ts';
import { prepareSpawn } from '../../src/core/launch/spawn.ts';
import type { LaunchOptions } from '../../src/core/operator.ts';
import type { Protocol } from '../../src/core/protocol.ts';
import type { AuthScheme } from '../../src/core/servers/auth.ts';
import type { ServerKindId } from '../../src/core/servers/kinds.ts';
import { findTool } from '../../src/core/tools/catalogue/index.ts';
import { createEnv } from '../../src/platform/env.ts';
import { createFileSystem } from '../../src/platform/files.ts';
import { until } from './cli.ts';
import { ensureInstalled } from './ensure-installed.ts';

const host = resolve(import.meta.dirname, '..', 'vscode', 'host');
const agentCache = resolve(import.meta.dirname, '..', 'clis', 'node_modules', '.cache');

/** Stands for a user's key: must reach the server and nothing else. */
export const canaryKey = 'sk-canary-7f3a91c2d8e64b05';

export interface AgentPlace {
  /** Home of the agent's user. */
  readonly home: string;
  /** Where it works. */
  readonly project: string;
  /** What it inherits. */
  readonly inherited: Record<string, string>;
  /** Hosts that something tried to reach through the proxy. */
  readonly outside: readonly string[];
  write(path: string, text: string): Promise<void>;
  dispose(): Promise<void>;
}

/** A fresh home and project, with a proxy in the environment that refuses everything. */
export async function createAgentPlace(): Promise<AgentPlace> {
  const root = await mkdtemp(join(tmpdir(), 'operator-agent-'));
  const home = join(root, 'home');
  const project = join(root, 'project');
  await mkdir(home);
  await mkdir(project);
  const outside: string[] = [];
  const proxy = createServer((request, response) => {
    outside.push(request.url ?? '');
    response.writeHead(502).end('nothing leaves this test');
  });
  proxy.on('connect', (request, socket) => {
    outside.push(request.url ?? '');
    socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
  });
  await new Promise<void>((done) => {
    proxy.listen(0, '127.0.0.1', done);
  });
  const proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  return {
    home,
    project,
    inherited: {
      HOME: home,
      USERPROFILE: home,
      PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
      TERM: 'xterm-256color',
      LANG: 'C.UTF-8',
      // copilot unpacks 240 MB there once per cache, which must not be once per test.
      XDG_CACHE_HOME: agentCache,
      HTTP_PROXY: proxyUrl,
      HTTPS_PROXY: proxyUrl,
      http_proxy: proxyUrl,
      https_proxy: proxyUrl,
      NO_PROXY: 'intranet.example',
    },
    outside,
    async write(path, text) {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    },
    async dispose() {
      proxy.closeAllConnections();
      await new Promise<void>((done) => {
        proxy.close(() => {
          done();
        });
      });
      // An agent's last words may still be on their way to its folders.
      await rm(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}

export interface AgentLaunch {
  readonly tool: string;
  /** Absolute path of its program. */
  readonly program: string;
  readonly serverUrl: string;
  readonly protocol: Protocol;
  readonly kind?: ServerKindId;
  readonly auth?: AuthScheme;
  readonly model?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly launchConfig?: Partial<LaunchConfig>;
  readonly modelProperties?: Delegator['modelProperties'];
  readonly contextWindow?: number;
  readonly options?: LaunchOptions;
  readonly sessionId?: string;
  /** Through Operator's gateway, whatever the server speaks. */
  readonly gateway?: boolean;
}

/** Resolves and plans as the product does, for a declared server that speaks one protocol and has a key. */
export function planAgent(place: AgentPlace, launch: AgentLaunch): LaunchPlan {
  const { tool: name, protocol, kind = 'openai-compat', auth = { type: 'bearer' }, model = 'scripted-model' } = launch;
  const origin = { layer: 'user', file: join(place.home, '.operator', 'operator.toml') } as const;
  const server: ModelServer = {
    name: 'scripted',
    displayName: 'Scripted server',
    origin,
    kind,
    baseUrl: launch.serverUrl,
    openaiPath: '/v1',
    protocols: [protocol],
    placement: 'local',
    placementDeclared: false,
    auth,
    ...(auth.type !== 'none' && { credential: { store: 'env', name: 'CANARY_SOURCE' } }),
    headers: launch.headers ?? {},
    extraEnv: {},
    requestTimeoutMs: 120_000,
    models: [],
  };
  const delegator: Delegator = {
    name: 'under-test',
    displayName: 'Under test',
    origin,
    llmTool: name,
    model,
    modelServer: 'scripted',
    modelProperties: launch.modelProperties ?? {},
    route: launch.gateway ? 'gateway' : 'auto',
    launchConfig: { yolo: false, flags: [], env: {}, useWorktrees: false, ...launch.launchConfig },
  };
  const tool = findTool(name);
  if (!tool) throw new Error(`no tool ${name}`);
  const resolved = resolveDelegator(
    { type: 'delegator', delegator: 'under-test' },
    {
      configuration: { layers: [], modelServers: [server], delegators: [delegator], customTools: [], problems: [] },
      tools: [{ ...tool, detection: { state: 'found', path: launch.program, outdated: false } }],
      servers: [],
      trusted: true,
      ...(launch.gateway && { gateway: { available: true } }),
    },
  );
  if (!resolved.ok) throw new Error(`refused: ${JSON.stringify(resolved.error)}`);
  const sessionId = launch.sessionId ?? crypto.randomUUID();
  const stateDir = join(place.home, '.operator', 'state');
  const plan = planLaunch({ ...resolved.value, ...(launch.contextWindow !== undefined && { contextWindow: launch.contextWindow }) }, { cwd: place.project, ...launch.options }, {
    platform: process.platform === 'darwin' || process.platform === 'win32' ? process.platform : 'linux',
    inheritedEnv: place.inherited,
    operatorCommand: { argv: [process.execPath], env: {} },
    baseDir: place.project,
    sessionId,
    sessionDir: join(stateDir, 'sessions', sessionId),
    stateDir,
    join,
    resolvePath: resolve,
    ...(launch.gateway && { gateway: { baseUrl: gatewayPlaceholder, token: { type: 'session-token' } } }),
  });
  if (!plan.ok) throw new Error(`refused: ${JSON.stringify(plan.error)}`);
  return plan.value;
}

/** How an agent is started, beside its plan. */
export interface AgentStart {
  /** What its credential reference resolves to. */
  readonly key?: string;
  /** Of a launch through the gateway: where it listens, and the token of its session. */
  readonly gateway?: { readonly address: string; readonly token: string };
}

export interface AgentRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What it was started with, complete. */
  readonly environment: Readonly<Record<string, string>>;
  /** Command lines of all its processes, as any other process of the machine could read them (Linux; empty elsewhere). */
  readonly commandLines: readonly string[];
  /** Content of its private files while it ran. */
  readonly privateFiles: readonly string[];
}

/** Runs a plan to its end, or ends it after `timeoutMs` or by `signal`. */
export async function runAgent(place: AgentPlace, plan: LaunchPlan, { timeoutMs = 45_000, signal, ...start }: AgentStart & { readonly timeoutMs?: number; readonly signal?: AbortSignal } = {}): Promise<AgentRun> {
  const files = createFileSystem({ homeDir: place.home });
  const request = await prepare(place, plan, files, start);
  const privateFiles = await Promise.all(plan.files.map(({ path }) => readFile(path, 'utf8')));
  const [command = '', ...args] = request.argv;
  const child = spawn(command, args, { cwd: request.cwd, env: request.env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const orphan = toDisposable(endGroupAtExit(child.pid));
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const seen = new Set<string>();
  const look = setInterval(() => {
    if (child.pid !== undefined) void readCommandLines(child.pid).then((lines) => lines.forEach((line) => seen.add(line)));
  }, 100);
  const timer = setTimeout(() => {
    endGroup(child.pid);
  }, timeoutMs);
  const abort = (): void => {
    endGroup(child.pid);
  };
  signal?.addEventListener('abort', abort, { once: true });
  const code = await new Promise<number | null>((done, fail) => {
    child.once('error', fail);
    child.once('close', done);
    // A helper that it left behind holds its pipes open; the answer is complete when the agent itself is gone.
    child.once('exit', () => {
      endGroup(child.pid);
    });
  });
  clearInterval(look);
  clearTimeout(timer);
  signal?.removeEventListener('abort', abort);
  orphan.dispose();
  await files.remove(plan.sessionDir);
  return { code, stdout, stderr, environment: request.env, commandLines: [...seen], privateFiles };
}

function prepare(place: AgentPlace, plan: LaunchPlan, files: ReturnType<typeof createFileSystem>, { key = canaryKey, gateway }: AgentStart): ReturnType<typeof prepareSpawn> {
  return prepareSpawn(plan, { env: createEnv({ variables: place.inherited }), files, resolveCredential: () => Promise.resolve(key), ...(gateway && { gateway }) });
}

export interface AgentScreen {
  /** What was written so far, without escape sequences and without spaces, which screens draw by moving the cursor. */
  readonly text: string;
  write(keys: string): void;
  /** Resolves once the text behind `from` (an earlier `text.length`) matches. @throws Error with the screen after 30 s */
  waitFor(pattern: RegExp, from?: number): Promise<void>;
  /** Ends the agent and all it started. */
  close(): Promise<void>;
}

interface Pty {
  readonly pid: number;
  onData(listener: (data: string) => void): void;
  onExit(listener: () => void): void;
  write(data: string): void;
}

/** Runs a plan in a pseudo-terminal, as Operator's terminals do. */
export async function openAgent(place: AgentPlace, plan: LaunchPlan, start: AgentStart = {}): Promise<AgentScreen> {
  await ensureInstalled(host);
  const { spawn: open } = createRequire(join(host, 'package.json'))('node-pty') as { spawn(file: string, args: readonly string[], options: object): Pty };
  const files = createFileSystem({ homeDir: place.home });
  const request = await prepare(place, plan, files, start);
  const [command = '', ...args] = request.argv;
  const pty = open(command, args, { cwd: request.cwd, env: request.env, cols: 120, rows: 40, name: 'xterm-256color' });
  let raw = '';
  pty.onData((data) => (raw += data));
  const ended = new Promise<void>((done) => {
    pty.onExit(done);
  });
  const orphan = toDisposable(endGroupAtExit(pty.pid));
  const text = (): string => stripVTControlCharacters(raw).replaceAll(/\s+/g, '');
  return {
    get text() {
      return text();
    },
    write: (keys) => {
      pty.write(keys);
    },
    waitFor: (pattern, from = 0) => until(() => pattern.test(text().slice(from)), () => `${String(pattern)} is not on the screen:\n${text().slice(-2000)}`, 30_000),
    async close() {
      // A pseudo-terminal's child leads its own session and group.
      endGroup(pty.pid);
      await ended;
      orphan.dispose();
      await files.remove(plan.sessionDir);
    },
  };
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing of it is left.
  }
}

/** Agents live in groups of their own and would outlive tests that are cut short. @returns what forgets the agent again */
function endGroupAtExit(pid: number | undefined): () => void {
  const end = (): void => {
    endGroup(pid);
  };
  process.once('exit', end);
  return () => process.off('exit', end);
}

/** Command lines of the processes whose group is `group`. */
async function readCommandLines(group: number): Promise<readonly string[]> {
  if (process.platform !== 'linux') return [];
  const lines: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
      // pid (name) state ppid pgrp: the name may hold spaces and parentheses.
      const pgrp = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2];
      if (pgrp === String(group)) lines.push((await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' '));
    } catch {
      continue; // gone between listing and reading
    }
  }
  return lines;
}
