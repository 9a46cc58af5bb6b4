/** What all commands have in common that change operator.toml: look first, refuse what would be wrong, show, ask, write, say so. */
import { closest, listOf } from '../../base/text.ts';
import type { EditChange, EntryTable } from '../../core/config/edit.ts';
import type { ConfigProblem, Delegator, ModelServer } from '../../core/config/model.ts';
import { OperatorError } from '../../core/errors.ts';
import type { EditOutcome, EditPlan, Operator } from '../../core/operator.ts';
import { reportProblem } from '../../core/status/report.ts';
import { exitCodes } from '../exit-codes.ts';
import { confirm } from '../input/confirm.ts';
import { diffLines, paintDiff } from '../output/diff.ts';
import { printProblem } from '../output/messages.ts';
import { harmless } from '../output/terminal.ts';
import type { GlobalOptions, Session } from '../session.ts';

export interface EditOptions extends GlobalOptions {
  /** The user's file instead of the workspace's. */
  readonly user?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export const nouns: Readonly<Record<EntryTable, string>> = { model_servers: 'model server', delegators: 'delegator' };

/** The file that `--user` means; undefined for the one that the change belongs into by itself. */
export function fileOf(operator: Operator, { user }: EditOptions): string | undefined {
  return user ? operator.snapshot.configuration.layers.find(({ layer }) => layer === 'user')?.file : undefined;
}

/** @throws OperatorError 'not-found' with the nearest name of either layer */
export function requireEntry(operator: Operator, table: EntryTable, name: string, options: EditOptions): void {
  const { modelServers, delegators, layers } = operator.snapshot.configuration;
  const entries: readonly (ModelServer | Delegator)[] = table === 'model_servers' ? modelServers : delegators;
  if (entries.some((entry) => entry.name === name) || options.user) return;
  if (layers.some(({ state }) => state.type === 'broken')) return; // it may be there: what follows tells what is broken
  const names = entries.filter(({ origin }) => origin.layer !== 'builtin').map((entry) => entry.name);
  const near = closest(name, names);
  throw new OperatorError('not-found', `There is no ${nouns[table]} named ${JSON.stringify(name)}`, { hint: near !== undefined ? `Did you mean ${near}?` : names.length > 0 ? `There are ${listOf(names.slice(0, 20))}` : `Add it with 'operator ${table === 'delegators' ? 'delegator' : 'server'} add'` });
}

export interface EditRequest {
  readonly change: EditChange;
  readonly file: string | undefined;
  readonly options: EditOptions;
  /** What was done, for people: "Added model server lab". */
  readonly done: string;
  /** Said before anything is written; a question makes a person answer it first. */
  readonly beforehand?: (plan: EditPlan) => { readonly lines: readonly string[]; readonly question: string } | undefined;
  readonly yes?: boolean;
  /** The entry that must be right afterwards. */
  readonly entry?: { readonly table: EntryTable; readonly name: string };
}

export async function applyEdit(session: Session, operator: Operator, request: EditRequest): Promise<number> {
  const { change, file, options, entry } = request;
  const plan = await operator.planEdit(change, file);
  const changed = plan.outcomes.filter(({ before, after }) => before !== after);
  const own = plan.problems.filter((problem) => entry && concerns(problem, entry));
  for (const problem of own) refuse(problem, change.type === 'add');
  if (options.dryRun) {
    print(session, plan, changed, request);
    return exitCodes.done;
  }
  const beforehand = changed.length > 0 ? request.beforehand?.(plan) : undefined;
  for (const line of beforehand?.lines ?? []) session.stderr.line(harmless(line));
  if (beforehand && !request.yes && process.stdin.isTTY === true && process.stderr.isTTY === true && !(await confirm(process.stdin, process.stderr, session.stderr, beforehand.question))) {
    session.stderr.line('Nothing was written');
    return exitCodes.cancelled;
  }
  if (changed.length > 0) {
    const { others = [], ...first } = await operator.edit(change, file);
    print(session, plan, [first, ...others].filter(({ before, after }) => before !== after), request);
  } else print(session, plan, changed, request);
  return exitCodes.done;
}

function concerns({ subject }: ConfigProblem, { table, name }: NonNullable<EditRequest['entry']>): boolean {
  return subject.type === (table === 'model_servers' ? 'model_server' : 'delegator') && subject.name === name;
}

/** What would not work, and keys themselves, are not written. @throws OperatorError */
function refuse({ code, severity, message, hint, subject }: ConfigProblem, isNew: boolean): void {
  if (severity !== 'error' && code !== 'literal-key' && code !== 'invalid-value') return;
  const key = 'key' in subject ? subject.key : undefined;
  if (code === 'literal-key') throw literalKey(`${message.replace(/ and is ignored$/, '')}; nothing was written`);
  throw new OperatorError('usage', message, { hint: isNew && code === 'missing-key' && key !== undefined ? `Name it with --${key.replaceAll('_', '-')}` : hint });
}

/** Says nothing of the key itself. */
export function literalKey(message: string): OperatorError {
  return new OperatorError('refused', message, {
    hint: "Keys never stand in operator.toml: keep it with 'operator secret set NAME' and name it as secret:NAME, or put it into an environment variable and name that as env:NAME. It may be in your shell's history now: take it out there, or replace it at its vendor",
  });
}

function print({ stdout, stderr }: Session, plan: EditPlan, changed: readonly EditOutcome[], { options, done }: EditRequest): void {
  const [first] = plan.outcomes;
  if (options.json) {
    const files = changed.map(({ file, before, after }) => ({ file, diff: diffLines(file, before, after).join('\n') }));
    stdout.line(JSON.stringify({ changed: changed.length > 0, dry_run: options.dryRun === true, files, problems: plan.problems.map(reportProblem) }, null, 2));
    return;
  }
  if (changed.length === 0) stdout.line(`Nothing to change in ${harmless(first.file)}`);
  else if (options.dryRun) for (const { file, before, after } of changed) for (const line of paintDiff(stdout, diffLines(file, before, after))) stdout.line(line);
  else stdout.line(`${harmless(done)} in ${listOf(changed.map(({ file }) => harmless(file)))}`);
  for (const problem of plan.problems) printProblem(stderr, problem);
}
