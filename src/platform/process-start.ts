/** Starts programs that go on running, such as the gateway. */
import { type ChildProcess, spawn } from 'node:child_process';
import { OperatorError } from '../core/errors.ts';
import type { ProcessRunner, StartedProcess } from '../core/ports.ts';

/** What a program says before it fails; its log has the rest. */
const maxOutput = 16 * 1024;

/** See {@link ProcessRunner.start}. */
export const startProcess: ProcessRunner['start'] = (argv, { input, env, cwd, detached, timeoutMs }) => {
  const [file = '', ...args] = argv;
  return new Promise<StartedProcess>((resolve, reject) => {
    const child = spawn(file, args, { env, cwd, detached, stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true });
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
      const said = (errors || output).trim().split('\n').at(-1);
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

/** Pipes of a program that outlives us would keep us alive; those of one that does not keep it informed. */
function release(child: ChildProcess, keepInput: boolean): void {
  child.stdout?.destroy();
  child.stderr?.destroy();
  if (!keepInput) child.stdin?.destroy();
}
