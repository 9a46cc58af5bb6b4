/** Runs the bundled command line as a real process, with a home and a workspace of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { buildCli } from './build.ts';

const fakeAgent = resolve(import.meta.dirname, '..', 'fixtures', 'bin', 'fake-agent.mjs');

export interface Result {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** On top of the place's own variables; undefined takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Standard input: its text and then its end, or 'open' for a socket that never ends. Without it there is nothing on it. */
  readonly input?: string | 'open';
}

export interface Place extends Disposable {
  /** The workspace, where commands run. */
  readonly workspace: string;
  readonly home: string;
  readonly operatorHome: string;
  /** First on the PATH. */
  readonly bin: string;
  readonly env: Readonly<Record<string, string>>;
  write(path: string, text: string | Uint8Array): string;
  /** Puts the fake agent on the PATH under this name. */
  installAgent(name: string): string;
  /** Runs to the end. */
  run(args: readonly string[], options?: RunOptions): Promise<Result>;
  start(args: readonly string[], options?: RunOptions): Promise<Started>;
}

export interface Started {
  readonly child: ChildProcess;
  readonly pid: number;
  /** What has come so far. */
  readonly output: { readonly stdout: string; readonly stderr: string };
  readonly result: Promise<Result>;
}

/** `files` are put into the workspace, such as `operator.toml`. */
export function createPlace(files: Readonly<Record<string, string>> = {}): Place {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'operator-cli-')));
  const [workspace, home, operatorHome, bin] = ['workspace', 'home', 'operator-home', 'bin'].map((name) => join(root, name)) as [string, string, string, string];
  for (const folder of [workspace, home, bin]) mkdirSync(folder);
  const env: Record<string, string> = {
    PATH: [bin, dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter),
    HOME: home,
    USERPROFILE: home,
    OPERATOR_HOME: operatorHome,
    TERM: 'xterm-256color',
    // No keyring of the person who runs the tests.
    DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent/bus',
    ...(process.env['SystemRoot'] === undefined ? {} : { SystemRoot: process.env['SystemRoot'] }),
  };
  const started = new Set<ChildProcess>();

  const place: Place = {
    workspace,
    home,
    operatorHome,
    bin,
    env,
    write(path, text) {
      const file = resolve(workspace, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      return file;
    },
    installAgent(name) {
      const file = join(bin, name);
      if (process.platform === 'win32') cpSync(fakeAgent, file);
      else symlinkSync(fakeAgent, file);
      return file;
    },
    async run(args, options) {
      return (await place.start(args, options)).result;
    },
    async start(args, { env: more = {}, cwd = workspace, input } = {}) {
      const variables = Object.fromEntries(Object.entries({ ...env, ...more }).filter(([, value]) => value !== undefined));
      const child = spawn(process.execPath, [await buildCli(), ...args], { cwd, env: variables, stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
      started.add(child);
      const output = { stdout: '', stderr: '' };
      child.stdout?.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
      child.stderr?.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
      if (input !== undefined && input !== 'open') child.stdin?.end(input);
      const result = new Promise<Result>((done, reject) => {
        child.once('error', reject);
        child.once('close', (code, signal) => {
          started.delete(child);
          done({ code, signal, ...output });
        });
      });
      return { child, pid: child.pid ?? 0, output, result };
    },
    [Symbol.dispose]() {
      for (const child of started) child.kill('SIGKILL');
      endGateway(operatorHome);
      rmSync(root, { recursive: true, force: true });
    },
  };
  for (const [path, text] of Object.entries(files)) place.write(path, text);
  return place;
}

/** The gateway that launches of this place share would stay for a while. */
function endGateway(operatorHome: string): void {
  try {
    const { pid } = JSON.parse(readFileSync(join(operatorHome, 'state', 'gateway.json'), 'utf8')) as { pid: number };
    if (pid !== process.pid) process.kill(pid, 'SIGKILL');
  } catch {
    // none was started, or it has ended
  }
}

/** Waits for a condition, and says what was there instead when it never comes. */
export async function until(condition: () => boolean, describe: () => string, timeoutMs = 10_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`waited in vain: ${describe()}`);
    await wait(10);
  }
}
