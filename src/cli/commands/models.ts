/** `operator models [--server NAME]`: what each model server has to choose from, best first. */
import { plural } from '../../base/text.ts';
import type { Operator, ServerStatus } from '../../core/operator.ts';
import { hiddenWords } from '../../core/servers/models/curate.ts';
import type { CatalogueModel, ListModelsOptions, ModelCatalogue } from '../../core/servers/models/model.ts';
import { reportCatalogue } from '../../core/servers/models/report.ts';
import { capabilityWords, contextWords, priceWords, sourceWords } from '../../core/status/catalogue.ts';
import { createSystemClock } from '../../platform/clock.ts';
import { exitCodes } from '../exit-codes.ts';
import { dim, toned } from '../output/cells.ts';
import { type Cell, cut, renderTable, wrap } from '../output/table.ts';
import { harmless } from '../output/terminal.ts';
import type { GlobalOptions, Session } from '../session.ts';
import { findServer } from './probe.ts';
import { exitCodeOfLayers } from './status.ts';

export interface ModelsOptions extends GlobalOptions {
  readonly server?: string;
  readonly all?: boolean;
  readonly preview?: boolean;
  readonly refresh?: boolean;
  readonly json?: boolean;
}

export async function models(session: Session, options: ModelsOptions): Promise<number> {
  const opened = await session.open(options);
  const { operator } = opened;
  const wanted = options.server === undefined ? operator.snapshot.servers : [findServer(operator, options.server)];
  // Every model is asked for, so that what is left out can be counted by its reasons.
  const catalogues = await listWithProgress(session, operator, wanted, { all: true, preview: options.preview ?? false, refresh: options.refresh ?? false });
  if (options.json) print(session, catalogues, options.all ?? false);
  else {
    // A vendor whose key nobody has set is not worth a line among the others.
    const shown = options.server === undefined ? catalogues.filter((catalogue) => !isUnusedBuiltin(operator, catalogue)) : catalogues;
    for (const line of shown.flatMap((catalogue, index) => [...(index > 0 ? [''] : []), ...catalogueLines(session, catalogue, options.all ?? false)])) session.stdout.line(line);
    if (shown.length === 0) session.stdout.line('No model server has a list of models: see `operator servers`');
  }
  // What is being refreshed is for the next time; the list is out already.
  await operator.models.settled();
  const [only] = options.server === undefined ? [] : catalogues;
  return only && (only.source === 'unavailable' || only.source === 'unconfigured') ? exitCodes.refused : exitCodeOfLayers(opened);
}

function isUnusedBuiltin(operator: Operator, { serverId, source }: ModelCatalogue): boolean {
  return source === 'unconfigured' && operator.findServer(serverId)?.server.origin.layer === 'builtin';
}

function print({ stdout }: Session, catalogues: readonly ModelCatalogue[], all: boolean): void {
  const selected = catalogues.map((catalogue) => (all ? catalogue : { ...catalogue, models: catalogue.models.filter(({ hidden }) => !hidden) }));
  stdout.line(JSON.stringify({ model_servers: selected.map(reportCatalogue) }, null, 2));
}

const eraseLine = '\r\u001b[K';

async function listWithProgress({ stderr }: Session, operator: Operator, servers: readonly ServerStatus[], options: ListModelsOptions): Promise<readonly ModelCatalogue[]> {
  let done = 0;
  const draw = (): void => {
    if (stderr.canMove) stderr.write(`${eraseLine}${stderr.paint('dim', cut(`Asking for models ${done}/${servers.length}`, (stderr.columns ?? 80) - 1))}`);
  };
  draw();
  try {
    return await Promise.all(
      servers.map(async ({ id }) => {
        const catalogue = await operator.models.list(id, options);
        done++;
        draw();
        return catalogue;
      }),
    );
  } finally {
    if (stderr.canMove) stderr.write(eraseLine);
  }
}

function catalogueLines({ stdout }: Session, catalogue: ModelCatalogue, all: boolean): readonly string[] {
  const now = createSystemClock().now();
  const { serverName, models: every, error, warnings } = catalogue;
  const hidden = every.filter((model) => model.hidden);
  const rows = (all ? every : every.filter((model) => !model.hidden)).map((model) => modelRow(stdout, model));
  const below = (text: string, isHint = false): readonly string[] => wrap(stdout, isHint ? `→ ${harmless(text)}` : harmless(text), '      ').map((line) => (isHint ? line : stdout.paint('dim', line)));
  const count = every.length === 0 ? '' : ` · ${plural(every.length - hidden.length, 'model')}`;
  return [
    `${stdout.paint('bold', harmless(serverName))}  ${stdout.paint('dim', `${sourceWords(catalogue, now)}${count}`)}`,
    ...(error ? below(error.message) : []),
    ...(error?.hint === undefined ? [] : below(error.hint, true)),
    ...warnings.flatMap((warning) => below(warning)),
    ...(rows.length === 0 ? [] : renderTable(stdout, [header(stdout, all && hidden.length > 0), ...rows], { indent: '  ', drop: every.some(({ loaded }) => loaded) ? [4, 3, 1] : [5, 4, 3, 1], flexible: [0, 6] })),
    ...(hidden.length > 0 && !all ? below(`${hidden.length} more: ${hiddenWords(hidden)}. --all shows them${hidden.some((model) => model.hidden?.reason === 'preview') ? ', --preview the previews' : ''}`) : []),
  ];
}

function header(output: Session['stdout'], withReasons: boolean): readonly Cell[] {
  return ['MODEL', 'TIER', 'CONTEXT', 'PRICE PER 1M', 'CAN', 'STATE', ...(withReasons ? ['LEFT OUT AS'] : [])].map((text) => dim(output, text));
}

function modelRow(output: Session['stdout'], model: CatalogueModel): readonly (Cell | string)[] {
  return [
    model.hidden ? dim(output, model.id) : harmless(model.id),
    dim(output, model.tier),
    contextWords(model),
    dim(output, priceWords(model.price)),
    dim(output, capabilityWords(model).join(', ')),
    model.loaded ? toned(output, 'ok', 'loaded') : '',
    ...(model.hidden ? [dim(output, model.hidden.words)] : []),
  ];
}
