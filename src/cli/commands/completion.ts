/** `operator completion SHELL`, and the command behind the scripts that it prints. */
import type { Command } from 'commander';
import { listOf } from '../../base/text.ts';
import type { Configuration } from '../../core/config/model.ts';
import { OperatorError } from '../../core/errors.ts';
import type { Operator } from '../../core/operator.ts';
import { type LocalPrefix, localPrefixes, serverOfPrefix } from '../../core/servers/local-prefix.ts';
import { candidatesFor, type CompletionNames } from '../complete/candidates.ts';
import { completionScripts, isShell, shells } from '../complete/scripts.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Session } from '../session.ts';

export function completion(session: Session, shell: string): number {
  if (!isShell(shell)) throw new OperatorError('usage', `There is no completion for ${JSON.stringify(shell)}`, { hint: `Name ${listOf(shells, 'or')}` });
  session.stdout.write(completionScripts[shell]);
  return exitCodes.done;
}

/** One candidate per line. Whatever goes wrong, a person who presses Tab sees nothing of it. */
export async function complete(session: Session, program: Command, words: readonly string[]): Promise<number> {
  try {
    for (const candidate of await candidatesFor(program, words, () => readNames(session, words))) session.stdout.line(candidate);
  } catch {
    return exitCodes.done; // no candidates is all that a shell can show
  }
  return exitCodes.done;
}

async function readNames(session: Session, words: readonly string[]): Promise<CompletionNames> {
  const at = words.indexOf('--config');
  const config = at >= 0 && at < words.length - 2 ? words[at + 1] : undefined;
  const { operator } = await session.open({ config });
  const { delegators, servers, tools, configuration } = operator.snapshot;
  return {
    delegators: delegators.map(({ delegator }) => delegator.name),
    servers: servers.map(({ server }) => server.name),
    declaredServers: servers.flatMap(({ server }) => (server.origin.layer === 'builtin' ? [] : [server.name])),
    impliedServers: localPrefixes().flatMap((prefix) => impliedName(prefix, configuration)),
    managedServers: servers.flatMap(({ id, server }) => (operator.lifecycle.abilities(id).size > 0 ? [server.name] : [])),
    tools: tools.map(({ record }) => record.name),
    models: (name) => keptModels(operator, name),
  };
}

/** Nothing for a prefix that means an entry: that has a name of its own. */
function impliedName(prefix: LocalPrefix, configuration: Configuration): readonly string[] {
  const server = serverOfPrefix(prefix, configuration);
  return server && !configuration.modelServers.includes(server) ? [server.name] : [];
}

/** Only what is kept: nobody waits for a server with a finger on the Tab key. */
async function keptModels(operator: Operator, name: string | undefined): Promise<readonly string[]> {
  const { models, snapshot } = operator;
  const ids = name === undefined ? snapshot.servers.map(({ id }) => id) : [operator.resolveServer(name)?.id ?? name];
  for (const id of ids) models.peek(id);
  await models.settled();
  return [...new Set(ids.flatMap((id) => models.peek(id)?.models.map((model) => model.id) ?? []))];
}
