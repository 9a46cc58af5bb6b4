/** Starts a planned agent: in the place of this process where that is possible, else as its child. */
import type { LaunchPlan, SpawnRequest } from '../../core/launch/model.ts';
import type { Operator } from '../../core/operator.ts';
import { runChild } from './child.ts';
import { isProgram } from './program-file.ts';

/** Far below what every system takes for arguments and environment together. */
const maxArgumentSize = 256 * 1024;

/** Does not return where the agent takes the place of this process. @returns the agent's exit code */
export async function start(operator: Operator, plan: LaunchPlan): Promise<number> {
  const request = withWorkingDirectory(await operator.prepare(plan));
  // Somebody has to stay and remove the private files of the session, and start the gateway again should it crash.
  if (plan.files.length === 0 && plan.route.type !== 'gateway' && canReplace(request)) replaceProcess(request);
  operator.sessionStarted(plan);
  let code: number | undefined;
  try {
    const ended = await runChild(request, (pid) => operator.sessionProcess(plan.sessionId, pid));
    code = ended.type === 'exit' ? ended.code : undefined;
    await operator.sessionEnded(plan.sessionId, code);
    if (ended.type === 'exit') return ended.code;
    return endBySignal(ended.signal, ended.number);
  } catch (error) {
    await operator.sessionEnded(plan.sessionId, code);
    throw error;
  }
}

/** Shells keep PWD right for the programs they start; we stand in for the shell. */
function withWorkingDirectory(request: SpawnRequest): SpawnRequest {
  return 'PWD' in request.env ? { ...request, env: { ...request.env, PWD: request.cwd } } : request;
}

/** `execve` is there from Node 22.15 on, on POSIX. When it fails it takes the whole process down, so that only what will work is given to it. */
function canReplace({ argv: [file = '', ...args], env }: SpawnRequest): boolean {
  if (process.platform === 'win32' || typeof process.execve !== 'function') return false;
  const size = [file, ...args, ...Object.entries(env).flat()].reduce((sum, text) => sum + text.length + 1, 0);
  return size < maxArgumentSize && isProgram(file);
}

function replaceProcess({ argv, env, cwd }: SpawnRequest): void {
  const [file = ''] = argv;
  // Node ignores these two, and what is ignored stays ignored in the program that takes our place: `yes | head` in the
  // agent's shell would complain. A signal that is handled falls back to its default instead.
  for (const signal of ['SIGPIPE', 'SIGXFSZ'] as const) process.on(signal, () => {});
  process.chdir(cwd);
  process.execve?.(file, [...argv], { ...env });
}

/** This process ends the way the agent did, so that the shell sees the signal and not a number. */
function endBySignal(signal: NodeJS.Signals, number: number): number {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) process.removeAllListeners(name);
  // A crash of the agent must not leave a core file of ours.
  if (signal === 'SIGINT' || signal === 'SIGTERM' || signal === 'SIGHUP' || signal === 'SIGKILL') process.kill(process.pid, signal);
  return 128 + number;
}
