/** `operator probe [NAME…]`: asks servers now and shows what they say, models included. */
import { closest, listOf } from '../../base/text.ts';
import { OperatorError } from '../../core/errors.ts';
import type { Operator, ServerStatus } from '../../core/operator.ts';
import { localPrefixes } from '../../core/servers/local-prefix.ts';
import { formatBytes, formatTokens } from '../../core/status/format.ts';
import { probeWithProgress } from '../output/progress.ts';
import { dim } from '../output/cells.ts';
import { renderTable } from '../output/table.ts';
import { harmless } from '../output/terminal.ts';
import type { GlobalOptions, Session } from '../session.ts';
import { exitCodeOfLayers, printStatus } from './status.ts';

export async function probe(session: Session, names: readonly string[], options: GlobalOptions & { readonly json?: boolean }): Promise<number> {
  const opened = await session.open(options);
  const { operator } = opened;
  const wanted = names.length === 0 ? undefined : names.map((name) => findServer(operator, name));
  await probeWithProgress(session, operator, wanted?.map(({ id }) => id));
  printStatus(session, opened, 'model_servers', options.json === true, wanted && new Set(wanted.map(({ server }) => server.name)));
  if (!options.json && wanted) {
    for (const { id } of wanted) printModels(session, operator.findServer(id));
  }
  return exitCodeOfLayers(opened);
}

/** What a person named: a server, or the prefix of a local one. @throws OperatorError 'not-found' with the nearest name */
export function findServer(operator: Operator, name: string): ServerStatus {
  const found = operator.resolveServer(name);
  if (found) return found;
  const names = operator.snapshot.servers.map(({ server }) => server.name);
  const near = closest(name, [...names, ...localPrefixes().flatMap((prefix) => prefix.names)]);
  throw new OperatorError('not-found', `There is no model server named ${JSON.stringify(name)}`, { hint: near ? `Did you mean ${near}?` : `There are ${listOf(names)}` });
}

/** The models of a server that was asked for by name. */
function printModels({ stdout }: Session, status: ServerStatus | undefined): void {
  if (!status || status.health.models.length === 0) return;
  stdout.line();
  stdout.line(`${stdout.paint('bold', harmless(status.server.name))}  ${stdout.paint('dim', 'models')}`);
  const rows = status.health.models.map((model) => [
    harmless(model.id),
    dim(stdout, [model.parameters, model.quantization].filter(Boolean).join(' ')),
    dim(stdout, model.sizeBytes === undefined ? '' : formatBytes(model.sizeBytes)),
    dim(stdout, model.contextWindow === undefined ? '' : `${formatTokens(model.contextWindow)} context`),
    model.loaded ? { text: 'loaded', paint: (text: string) => stdout.paint('green', text) } : '',
  ]);
  for (const line of renderTable(stdout, rows, { indent: '  ' })) stdout.line(line);
}
