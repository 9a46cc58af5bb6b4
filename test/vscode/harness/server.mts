/** Starts a real VS Code (server and Node extension host, from the npm package code-server) on loopback, in a home of its own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { ensureInstalled } from '../../support/ensure-installed.ts';
import { createScratchFolder, onExit } from './cleanup.mts';
import { hostDir } from './paths.mts';
import { quietSettings, testSettings } from './settings.mts';
import { type StandIn, writeStandIns } from './stand-ins.mts';
import type { WindowFiles } from './windows.mts';

const hostModules = join(hostDir, 'node_modules');
const vscodeDir = join(hostModules, 'code-server', 'lib', 'vscode');
const serverMain = join(vscodeDir, 'out', 'server-main.js');

export interface ServerOptions {
  readonly window: WindowFiles;
  /** Files below the home folder, such as `.operator/operator.toml`. */
  readonly homeFiles?: Readonly<Record<string, string>>;
  /** .vsix files installed before the start: the extension as users have it. */
  readonly vsix?: readonly string[];
  /** Extension folders loaded from source ("extension development host"). */
  readonly extensions?: readonly string[];
  /** Module with `run()`: VS Code calls it in the extension host and tells its end to the page. */
  readonly extensionTests?: string;
  /** Stand-ins on PATH in front of the system's folders. */
  readonly standIns?: readonly StandIn[];
  readonly settings?: Readonly<Record<string, unknown>>;
  /** 'scratch' (the default) holds no key, no tool and no file of the user's; 'user' is this process's own environment, for people who try things. */
  readonly environment?: 'scratch' | 'user';
  /** Added to the environment of the server, the extension host and the terminals. */
  readonly env?: Readonly<Record<string, string>>;
  /** 0 or absent: any free one. */
  readonly port?: number;
}

export interface Server {
  /** Opens the window in a browser. Holds the connection token, so whoever has it has a shell here. */
  readonly url: string;
  /** Scratch folder of this server. */
  readonly dir: string;
  /** Where the window's files are, absolute. */
  readonly filesDir: string;
  readonly homeDir: string;
  readonly pid: number;
  /** What the server printed so far. */
  output(): string;
  /** Ends the server, its extension hosts and terminals, and removes the scratch folder. */
  stop(): Promise<void>;
}

/** @throws Error with the server's output when it does not come up */
export async function startServer(options: ServerOptions): Promise<Server> {
  if (Number(process.versions.node.split('.')[0]) < 24) throw new Error(`VS Code needs Node 24, this is ${process.version}; start through "npm run"`);
  await ensureInstalled(hostDir);
  linkDependencies();

  const scratch = createScratchFolder();
  const dir = scratch.path;
  const homeDir = join(dir, 'home');
  const filesDir = join(dir, 'files');
  for (const name of ['home', 'tmp', 'files']) mkdirSync(join(dir, name), { mode: 0o700 });
  writeFiles(filesDir, options.window.files);
  writeFiles(homeDir, options.homeFiles ?? {});
  const trust = options.window.trust === 'off' ? {} : { 'security.workspace.trust.enabled': true, 'security.workspace.trust.startupPrompt': 'never' };
  writeFiles(join(dir, 'data', 'User'), { 'settings.json': JSON.stringify({ ...quietSettings, ...(options.environment === 'user' ? {} : testSettings), ...trust, ...options.settings }, null, 2) });
  writeStandIns(join(dir, 'bin'), options.standIns ?? []);

  const env = { ...(options.environment === 'user' ? userEnvironment() : scratchEnvironment(dir)), ...privateFolders(dir), ...options.env };
  const folders = ['--accept-server-license-terms', '--disable-telemetry', '--extensions-dir', join(dir, 'extensions'), '--user-data-dir', join(dir, 'data'), '--server-data-dir', join(dir, 'server')];
  for (const vsix of options.vsix ?? []) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [serverMain, ...folders, '--install-extension', vsix, '--force'], { env, encoding: 'utf8' });
    if (status !== 0) throw new Error(`could not install ${vsix}\n${stdout}${stderr}`);
  }

  const token = randomBytes(16).toString('hex');
  const child = spawn(
    process.execPath,
    [
      serverMain, ...folders,
      '--host', '127.0.0.1', '--port', String(options.port ?? 0), '--connection-token', token,
      '--disable-experiments', '--disable-update-check', '--disable-getting-started-override', '--force-disable-user-env',
      ...(options.window.trust === 'off' ? ['--disable-workspace-trust'] : []),
      // Needed for the payload of the URL below. It also hides notification toasts, so it is set only then.
      ...(options.extensions ? ['--enable-smoke-test-driver'] : []),
    ],
    { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] }, // detached: its own process group, so that all of it can be ended
  );
  const kill = onExit(() => {
    signalGroup(child, 'SIGKILL');
    endGateway(homeDir);
  });
  const log = createWriteStream(join(dir, 'server.log'));
  let output = '';
  const port = await new Promise<number>((listening, failed) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      log.write(chunk);
      const match = /Extension host agent listening on (\d+)/.exec(output);
      if (match) listening(Number(match[1]));
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', failed);
    child.once('exit', (code) => failed(new Error(`the VS Code server ended with ${code}\n${output}`)));
  });

  return {
    url: windowUrl(`127.0.0.1:${port}`, token, filesDir, options),
    dir,
    filesDir,
    homeDir,
    pid: child.pid ?? 0,
    output: () => output,
    async stop() {
      await stopGroup(child);
      log.end();
      kill();
      scratch.remove();
    },
  };
}

/** Log files of the last VS Code session, such as "exthost1/remoteexthost.log", with their text. */
export function readLogs(server: Server): Readonly<Record<string, string>> {
  const folder = join(server.dir, 'data', 'logs');
  const names = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
  return Object.fromEntries(names.filter((name) => name.endsWith('.log')).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

/** Lets lib/vscode find its dependencies, which npm put next to code-server; the browser asks for some of them by path too. */
function linkDependencies(): void {
  if (!existsSync(serverMain)) throw new Error(`no VS Code server at ${serverMain}; delete ${hostModules} and try again`);
  for (const link of [join(vscodeDir, 'node_modules'), join(vscodeDir, 'extensions', 'node_modules')]) {
    try {
      symlinkSync(hostModules, link, 'junction');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** No key, no VS Code around, no tool of the user's reaches the tests. */
function scratchEnvironment(dir: string): Record<string, string> {
  const home = join(dir, 'home');
  return {
    PATH: [join(dir, 'bin'), '/usr/bin', '/bin', '/usr/sbin', '/sbin', dirname(process.execPath)].join(delimiter),
    HOME: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_CACHE_HOME: join(home, '.cache'),
    SHELL: '/bin/bash',
    LANG: 'C.UTF-8',
    TZ: 'UTC',
  };
}

/** What the user's own terminal has, without what npm and a surrounding VS Code added. */
export function userEnvironment(): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined && !/^(VSCODE_|ELECTRON_|npm_|NODE_OPTIONS$|INIT_CWD$)/i.test(name)) env[name] = value;
  const isOfNpm = (path: string): boolean => /[\\/](node_modules[\\/]\.bin|node-gyp-bin)[\\/]?$/.test(path);
  if (env['PATH']) env['PATH'] = env['PATH'].split(delimiter).filter((path) => !isOfNpm(path)).join(delimiter);
  return env;
}

/** VS Code leaves sockets in both temporary folders; the user's own operator.toml stays as it is; nothing is to be fetched from a gallery. */
function privateFolders(dir: string): Record<string, string> {
  return { OPERATOR_HOME: join(dir, 'home', '.operator'), XDG_RUNTIME_DIR: join(dir, 'tmp'), TMPDIR: join(dir, 'tmp'), EXTENSIONS_GALLERY: '{"serviceUrl":""}' };
}

function windowUrl(authority: string, token: string, filesDir: string, options: ServerOptions): string {
  const remote = (path: string): string => `vscode-remote://${authority}${resolve(path)}`;
  const payload = (options.extensions ?? []).map((path) => ['extensionDevelopmentPath', remote(path)]);
  if (options.extensionTests) payload.push(['extensionTestsPath', remote(options.extensionTests)]);
  const query = new URLSearchParams({ tkn: token });
  const { open } = options.window;
  if (open.type === 'empty') query.set('ew', 'true');
  else query.set(open.type, join(filesDir, open.path));
  if (payload.length > 0) query.set('payload', JSON.stringify(payload));
  return `http://${authority}/?${query}`;
}

function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(folder, { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // already gone
  }
}

/** Operator's gateway outlives the windows that use it, by design; nobody else may have ended it by the time that its folder goes. */
function endGateway(homeDir: string): void {
  const lock = join(homeDir, '.operator', 'state', 'gateway.json');
  if (!existsSync(lock)) return;
  try {
    process.kill((JSON.parse(readFileSync(lock, 'utf8')) as { readonly pid: number }).pid, 'SIGKILL');
  } catch {
    // It ended, and its lock with it, or left that behind.
  }
}

/** The shells of its terminals get a SIGHUP from the pty host. */
async function stopGroup(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  signalGroup(child, 'SIGTERM');
  const patience = Promise.withResolvers<void>();
  const timer = setTimeout(patience.resolve, 3_000);
  await Promise.race([gone, patience.promise]);
  clearTimeout(timer);
}
