/** Runs an agent as a child that owns the terminal: same input, same output, signals passed on, waited for. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { OperatorError } from '../../core/errors.ts';
import type { SpawnRequest } from '../../core/launch/model.ts';

export type ChildEnd = { readonly type: 'exit'; readonly code: number } | { readonly type: 'signal'; readonly signal: NodeJS.Signals; readonly number: number };

/** From the terminal these reach the agent directly: it is in the same process group. Passed on, they would reach it twice, and agents quit at the second Ctrl+C. */
const fromTerminal: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT', 'SIGWINCH'];
const always: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP'];

/** @param onStarted with its process id. @throws OperatorError 'process' when the agent cannot be started */
export function runChild({ argv, env, cwd }: SpawnRequest, onStarted?: (pid: number) => void): Promise<ChildEnd> {
  const [file = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env, cwd, stdio: 'inherit', windowsHide: false });
    const listeners = new Map<NodeJS.Signals, () => void>();
    for (const signal of process.platform === 'win32' ? (['SIGINT'] as const) : [...fromTerminal, ...always]) {
      const passOn = always.includes(signal) || !process.stdin.isTTY;
      const listener = (): void => void (passOn && child.kill(signal));
      listeners.set(signal, listener);
      process.on(signal, listener);
    }
    const stopListening = (): void => {
      for (const [signal, listener] of listeners) process.off(signal, listener);
    };
    child.once('error', (error) => {
      stopListening();
      reject(new OperatorError('process', `${file} could not be started: ${error.message}`, { hint: 'Check that the file is there and may be executed', cause: error }));
    });
    if (child.pid !== undefined) onStarted?.(child.pid);
    child.once('exit', (code, signal) => {
      stopListening();
      resolve(signal === null ? { type: 'exit', code: code ?? 0 } : { type: 'signal', signal, number: constants.signals[signal] });
    });
  });
}
