/** `operator config import FILE`: model servers and models of another program's JSON, shown before they are written. */
import { dirname } from 'node:path';
import { listOf, plural } from '../../base/text.ts';
import type { EditChange } from '../../core/config/edit.ts';
import { maxConfigBytes } from '../../core/config/find.ts';
import { planImport } from '../../core/config/import/plan.ts';
import type { ImportPlan } from '../../core/config/import/model.ts';
import type { ConfigLayer } from '../../core/config/model.ts';
import { OperatorError } from '../../core/errors.ts';
import type { Operator } from '../../core/operator.ts';
import { FileError } from '../../core/ports.ts';
import { reportProblem } from '../../core/status/report.ts';
import { type EditOptions, fileOf } from '../edit/apply.ts';
import { exitCodes } from '../exit-codes.ts';
import { confirm } from '../input/confirm.ts';
import { diffLines, paintDiff } from '../output/diff.ts';
import { printProblem } from '../output/messages.ts';
import { renderTable } from '../output/table.ts';
import { harmless } from '../output/terminal.ts';
import type { OpenOperator, Session } from '../session.ts';

export interface ConfigImportOptions extends EditOptions {
  readonly yes?: boolean;
}

export async function configImport(session: Session, path: string, options: ConfigImportOptions): Promise<number> {
  const opened = await session.open(options);
  const { operator, ports } = opened;
  const source = ports.files.resolve(session.cwd, path);
  const json = await readJson(opened, source);
  const file = fileOf(operator, options) ?? workspaceFile(operator);
  // An empty change reads the file as it is now, and refuses one that does not parse.
  const { outcomes: [target] } = await operator.planEdit({ type: 'add-all', entries: [] }, file);
  const plan = read(json, source, target.before, file, opened);
  const change: EditChange = { type: 'add-all', entries: plan.entries };
  const { outcomes: [{ before, after }], problems } = await operator.planEdit(change, file);
  const isChanged = before !== after;
  const isSet = (reference: string): boolean => reference.startsWith('env:') && (ports.env.get(reference.slice('env:'.length)) ?? '') !== '';

  if (options.json) {
    if (isChanged && !options.dryRun) await operator.edit(change, file);
    const keys = plan.keys.map(({ reference, what }) => ({ reference, what, set: isSet(reference) }));
    session.stdout.line(JSON.stringify({ changed: isChanged, dry_run: options.dryRun === true, file, diff: diffLines(file, before, after).join('\n'), already_there: plan.alreadyThere, keys, notes: plan.notes, problems: problems.map(reportProblem) }, null, 2));
    return exitCodes.done;
  }
  for (const line of paintDiff(session.stdout, diffLines(file, before, after))) session.stdout.line(line);
  if (isChanged) session.stdout.line();
  for (const note of plan.notes) session.stdout.line(`${session.stdout.paint('cyan', 'note:')} ${harmless(note)}`);
  printKeys(session, plan, isSet);
  if (!isChanged) session.stdout.line(`Nothing to add: ${harmless(file)} has it all`);
  if (!isChanged || options.dryRun) return exitCodes.done;
  if (!options.yes && process.stdin.isTTY === true && process.stderr.isTTY === true && !(await confirm(process.stdin, process.stderr, session.stderr, `Add ${countsOf(plan)} to ${file}?`))) {
    session.stderr.line('Nothing was written');
    return exitCodes.cancelled;
  }
  await operator.edit(change, file);
  session.stdout.line(`Added ${countsOf(plan)} to ${harmless(file)}`);
  for (const problem of problems) if (problem.severity === 'error') printProblem(session.stderr, problem);
  return exitCodes.done;
}

async function readJson({ ports }: OpenOperator, file: string): Promise<unknown> {
  let text: string;
  try {
    text = (await ports.files.read(file, { maxBytes: maxConfigBytes })).text.replace(/^\uFEFF/, '');
  } catch (error) {
    if (error instanceof FileError) throw new OperatorError('config', error.message, { hint: 'Name a configuration in JSON', cause: error });
    throw error;
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    // The parser's words quote the text, and a key may stand there.
    const at = Number(/position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1] ?? Number.NaN);
    const before = text.slice(0, at).split('\n');
    const place = Number.isNaN(at) ? {} : { range: { start: { line: before.length - 1, column: before.at(-1)?.length ?? 0 }, end: { line: before.length - 1, column: before.at(-1)?.length ?? 0 } } };
    throw new OperatorError('config', `${file} is not valid JSON`, { where: { file, ...place }, hint: 'Mend it; comments and trailing commas are not JSON' });
  }
}

/** Imports go into the folder's own file, also where the user's is the only one that is there. */
function workspaceFile({ snapshot }: Operator): string {
  const { layers } = snapshot.configuration;
  const layer: ConfigLayer | undefined = layers.find(({ layer }) => layer === 'workspace') ?? layers[0];
  if (!layer) throw new OperatorError('not-found', 'There is no operator.toml to write to');
  return layer.file;
}

function read(json: unknown, source: string, target: string, file: string, { operator, ports }: OpenOperator): ImportPlan {
  const { modelServers, delegators } = operator.snapshot.configuration;
  const elsewhere = (entities: readonly { readonly name: string; readonly origin: { readonly layer: string; readonly file?: string } }[]): ReadonlySet<string> => new Set(entities.filter(({ origin }) => origin.file !== file).map(({ name }) => name));
  const taken = { model_servers: elsewhere(modelServers), delegators: elsewhere(delegators) };
  const plan = planImport({ json, target, resolvePath: (path) => ports.files.resolve(dirname(source), path), isTaken: (table, name) => taken[table].has(name) });
  if (plan.ok) return plan.value;
  throw new OperatorError('config', `${source} ${plan.error.message}`, { hint: plan.error.hint });
}

function printKeys({ stdout }: Session, { keys }: ImportPlan, isSet: (reference: string) => boolean): void {
  if (keys.length === 0) return;
  stdout.line(stdout.paint('bold', 'Keys to set, none was copied'));
  const rows = keys.map(({ reference, what }) => {
    const done = isSet(reference);
    return [reference.replace(/^env:/, ''), { text: done ? 'set' : 'not set', paint: (text: string) => stdout.paint(done ? 'green' : 'yellow', text) }, harmless(what)];
  });
  for (const line of renderTable(stdout, rows, { indent: '  ' })) stdout.line(line);
  stdout.line("  Or keep one with 'operator secret set NAME' and write api_key = \"secret:NAME\"");
  stdout.line();
}

function countsOf({ entries }: ImportPlan): string {
  const count = (table: string): number => entries.filter((entry) => entry.table === table).length;
  const parts = [
    [count('model_servers'), 'model server'],
    [count('delegators'), 'delegator'],
    [count('model_list'), 'entry of model_list'],
  ] as const;
  return listOf(parts.flatMap(([number, noun]) => (number === 0 ? [] : [plural(number, noun, noun === 'entry of model_list' ? 'entries of model_list' : undefined)])));
}
