/**
 * The PATH of the user's login shell. VS Code resolves it for itself when it is started from a dock or menu; where that failed, or
 * Operator runs in some other program without a terminal, tools that the user's terminals find would seem missing.
 */
import type { ProcessRunner } from '../core/ports.ts';

const timeoutMs = 3000;

/** Folders of the login shell's PATH; empty when the shell does not tell in time. Runs the user's start-up files. */
export async function readLoginPath(shell: string, processes: Pick<ProcessRunner, 'run'>): Promise<readonly string[]> {
  try {
    // `env` prints the PATH with colons whatever the shell; start-up files may print before it, hence the last line that fits.
    const { stdout } = await processes.run([shell, '-l', '-i', '-c', 'command env'], { timeoutMs, maxBytes: 256 * 1024 });
    const line = stdout.split('\n').findLast((text) => text.startsWith('PATH='));
    return line?.slice('PATH='.length).trim().split(':').filter((folder) => folder.startsWith('/')) ?? [];
  } catch {
    return []; // a shell that hangs or fails tells nothing, and the inherited PATH stays as it is
  }
}
