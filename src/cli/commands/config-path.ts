/** `operator config path`: the files that count, the strongest first. */
import { harmless } from '../output/terminal.ts';
import type { GlobalOptions, Session } from '../session.ts';
import { exitCodes } from '../exit-codes.ts';

export async function configPath(session: Session, options: GlobalOptions & { readonly json?: boolean }): Promise<number> {
  const { operator } = await session.open(options);
  const { layers } = operator.snapshot.configuration;
  if (options.json) {
    session.stdout.line(JSON.stringify(layers.map(({ layer, file, state }) => ({ layer, file, state: state.type })), null, 2));
    return exitCodes.done;
  }
  // On a pipe only the paths, one per line, for scripts.
  for (const { layer, file, state } of layers) {
    const words = { absent: `${layer}, does not exist yet`, loaded: layer, broken: `${layer}, cannot be used` }[state.type];
    session.stdout.line(session.stdout.isTerminal ? `${harmless(file)}  ${session.stdout.paint('dim', words)}` : file);
  }
  return exitCodes.done;
}
