/** Runs programs by argv, never through a shell, and ends everything they started. */
import { type ChildProcess, spawn } from 'node:child_process';
import which from 'which';
import { OperatorError } from '../core/errors.ts';
import type { ProcessResult, ProcessRunner } from '../core/ports.ts';
import { unwrapCommandShim } from './command-shim.ts';
import type { ProcessEnv } from './env.ts';
import { readLoginPath } from './login-path.ts';
import { startProcess } from './process-start.ts';

const defaultMaxBytes = 1024 * 1024;

/** How long a process may take to end by itself after it was asked to. */
const graceMs = 500;

type RunOptions = Parameters<ProcessRunner['run']>[1];

/** @param env also learns the login shell's PATH when a program is found only there */
export function createProcessRunner(env: ProcessEnv): ProcessRunner {
  let loginPath: Promise<readonly string[]> | undefined;

  const lookUp = async (command: string): Promise<string | undefined> =>
    (await which(command, { path: env.get('PATH'), pathExt: env.get('PATHEXT'), nothrow: true })) ?? undefined;

  const runner: ProcessRunner = {
    run: (argv, options) => run(argv, { ...options, env: options.env ?? env.all() }),
    async which(name) {
      const command = name.replace(/^~(?=[\\/])/, () => env.homeDir);
      const found = await lookUp(command);
      // In a terminal the PATH is the user's own already.
      if (found !== undefined || env.platform === 'win32' || env.platform === 'other' || env.get('TERM') !== undefined) return found;
      const shell = env.get('SHELL');
      if (shell === undefined || !shell.startsWith('/')) return undefined;
      loginPath ??= readLoginPath(shell, runner).then((folders) => {
        env.appendPath(folders);
        return folders;
      });
      return (await loginPath).length === 0 ? undefined : lookUp(command);
    },
    start: startProcess,
    startWith: (path) => (env.platform === 'win32' ? unwrapCommandShim(path, lookUp) : Promise.resolve(undefined)),
  };
  return runner;
}

function run(argv: readonly string[], options: RunOptions): Promise<ProcessResult> {
  const { timeoutMs, signal, cwd, env, maxBytes = defaultMaxBytes } = options;
  const [command = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(new OperatorError('cancelled', `${command} was not started`));
      return;
    }
    let child: ChildProcess;
    try {
      // Its own process group, so that what it started can be ended with it.
      child = spawn(command, args, { cwd, env: { ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached: process.platform !== 'win32', windowsHide: true });
    } catch (error) {
      reject(cannotStart(command, error));
      return;
    }
    const stdout = collect(child.stdout, maxBytes);
    const stderr = collect(child.stderr, maxBytes);
    let failure: OperatorError | undefined;
    let kill: NodeJS.Timeout | undefined;
    const end = (error: OperatorError): void => {
      failure ??= error;
      endTree(child, 'SIGTERM');
      kill ??= setTimeout(() => {
        endTree(child, 'SIGKILL');
      }, graceMs);
    };
    const timer = setTimeout(() => {
      end(new OperatorError('process', `${command} did not answer within ${timeoutMs / 1000} s`, { hint: 'Run it in a terminal to see what it waits for' }));
    }, timeoutMs);
    const onAbort = (): void => {
      end(new OperatorError('cancelled', `${command} was stopped`));
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    const settle = (): void => {
      clearTimeout(timer);
      clearTimeout(kill);
      signal?.removeEventListener('abort', onAbort);
    };
    child.once('error', (error) => {
      settle();
      reject(failure ?? cannotStart(command, error));
    });
    let exitCode: number | null = null;
    let done = false;
    const finish = (): void => {
      if (done) return;
      done = true;
      clearTimeout(flush);
      child.stdout?.destroy();
      child.stderr?.destroy();
      if (failure) reject(failure);
      else resolve({ code: exitCode, stdout: stdout(), stderr: stderr() });
    };
    let flush: NodeJS.Timeout | undefined;
    child.once('exit', (code) => {
      exitCode = code;
      settle();
      if (failure) endTree(child, 'SIGKILL'); // what ignored the first signal ends with it
      // A daemon that the program left behind may hold the pipes open and must not hold up the answer.
      flush = setTimeout(finish, graceMs);
    });
    child.once('close', finish);
  });
}

function cannotStart(command: string, error: unknown): OperatorError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  // Node starts no batch file without a shell, and a shell would read its arguments as commands.
  const isBatch = code === 'EINVAL' && /\.(?:cmd|bat)$/i.test(command);
  const reason = isBatch ? 'it is a batch file that Operator does not understand' : code === 'ENOENT' ? 'it is not there' : code === 'EACCES' ? 'it may not be run' : error instanceof Error ? error.message : String(error);
  return new OperatorError('process', `${command} could not be started: ${reason}`, { cause: error });
}

/** Collects the first `maxBytes` of a stream and lets the rest flow by. */
function collect(stream: NodeJS.ReadableStream | null, maxBytes: number): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream?.on('data', (chunk: Buffer) => {
    if (size >= maxBytes) return;
    chunks.push(chunk.subarray(0, maxBytes - size));
    size += chunk.length;
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

function endTree(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  if (process.platform === 'win32') {
    if (child.exitCode !== null) return;
    spawn('taskkill', ['/pid', String(child.pid), '/t', '/f'], { stdio: 'ignore', windowsHide: true }).once('error', () => child.kill());
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone already, which is what was wanted.
  }
}
