/** Starts programs that go on running, such as the gateway. */
import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { OperatorError } from '../core/errors.ts';
import type { ProcessRunner, StartedProcess } from '../core/ports.ts';

/** What a program says before it fails; its log has the rest. */
const maxOutput = 16 * 1024;

/** See {@link ProcessRunner.start}. */
export const startProcess: ProcessRunner['start'] = (argv, { input, env, cwd, detached, timeoutMs }) => {
  const [file = '', ...args] = argv;
  return new Promise<StartedProcess>((resolve, reject) => {
    const child = open(file, args, { env, cwd, detached });
    const ended = new Promise<number | null>((done) => {
      child.once('exit', (code) => done(code));
      child.once('error', () => done(null));
    });
    let output = '';
    let errors = '';
    let settled = false;
    const timer = setTimeout(() => fail(`said nothing within ${timeoutMs / 1000} s`), timeoutMs);

    function fail(why: string): void {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      child.kill('SIGKILL');
      release(child, false);
      const said = lastWords(errors) ?? lastWords(output);
      reject(new OperatorError('process', `${file} ${why}${said ? `: ${said}` : ''}`));
    }

    child.once('error', (error) => fail(`could not be started: ${error.message}`));
    child.once('close', (code, signal) => fail(`ended at once (${signal ?? `exit code ${code}`})`));
    child.stdin.on('error', () => {}); // it ended without reading; its end says more
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-maxOutput);
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(0, maxOutput);
      const end = output.indexOf('\n');
      if (end === -1 || settled || child.pid === undefined) return;
      settled = true;
      clearTimeout(timer);
      release(child, !detached);
      if (detached) child.unref();
      resolve({ line: output.slice(0, end), pid: child.pid, end: () => void child.kill('SIGTERM'), ended });
    });
    if (detached) child.stdin.end(`${input}\n`);
    else child.stdin.write(`${input}\n`);
  });
};

/** @throws OperatorError 'process' for what the system refuses to look at, such as arguments that are too long */
function open(file: string, args: readonly string[], options: { readonly env: Readonly<Record<string, string>>; readonly cwd: string; readonly detached: boolean }): ChildProcessWithoutNullStreams {
  try {
    return spawn(file, args, { ...options, stdio: 'pipe', windowsHide: true });
  } catch (error) {
    throw new OperatorError('process', `${file} could not be started: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** The line that says what went wrong: of a crash the error and not the end of its stack, of anything else the last one. */
function lastWords(text: string): string | undefined {
  const lines = text.split('\n').map((line) => line.trim()).filter((line) => line !== '');
  return lines.findLast((line) => /^(?:[A-Z]\w*)?Error\b.*: /.test(line)) ?? lines.at(-1);
}

/** Pipes of a program that outlives us would keep us alive; those of one that does not keep it informed. */
function release(child: ChildProcess, keepInput: boolean): void {
  child.stdout?.destroy();
  child.stderr?.destroy();
  if (!keepInput) child.stdin?.destroy();
}
