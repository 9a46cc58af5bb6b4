/** One call of the command line: parse, run one command, end with its exit code. */
import { exitCodes } from './exit-codes.ts';
import { printError } from './output/messages.ts';
import { createOutput, flush } from './output/terminal.ts';
import { createProgram } from './program.ts';
import { createSession } from './session.ts';
import { ownVersion } from './version.ts';

/** `args` without node and the script. Sets the exit code and ends the process once all output has left it. */
export async function main(args: readonly string[]): Promise<void> {
  // `operator status | head` closes our output early; that is no error.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit(exitCodes.done);
    });
  }
  const stdout = createOutput(process.stdout, process.env);
  const stderr = createOutput(process.stderr, process.env);
  const session = createSession({ stdout, stderr, cwd: process.cwd(), version: ownVersion() });
  let code: number;
  try {
    code = await createProgram(session).run(args);
  } catch (error) {
    code = printError(stderr, error, session.redact);
  }
  session.dispose();
  await Promise.all([flush(process.stdout), flush(process.stderr)]);
  // Not left to the event loop: a socket that a server keeps open must not keep the command alive.
  process.exit(code);
}
