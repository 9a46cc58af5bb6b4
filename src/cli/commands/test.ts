/** `operator test`: proves that models work, level by level, one or several side by side. */
import { closest, listOf, plural } from '../../base/text.ts';
import { OperatorError } from '../../core/errors.ts';
import type { Operator } from '../../core/operator.ts';
import { levelIds, type LevelId, type TestPlan, type TestReport, type TestTarget } from '../../core/proving/model.ts';
import { reportTest } from '../../core/proving/report.ts';
import { runSideBySide } from '../../core/proving/side-by-side.ts';
import { createSystemClock } from '../../platform/clock.ts';
import { exitCodeOfRefusals, exitCodes } from '../exit-codes.ts';
import { confirm } from '../input/confirm.ts';
import { printRefusals } from '../output/messages.ts';
import { showMatrix, showReport, testProgress } from '../output/test.ts';
import { type GlobalOptions, refuseBrokenFile, type Session } from '../session.ts';
import { findServer } from './probe.ts';

export interface TestCommandOptions extends GlobalOptions {
  readonly model?: readonly string[];
  readonly modelServer?: string;
  readonly allModels?: boolean;
  readonly level?: readonly string[];
  readonly allowPaid?: boolean;
  readonly yes?: boolean;
  readonly last?: boolean;
  readonly json?: boolean;
}

interface Planned {
  readonly target: TestTarget;
  readonly plan: TestPlan;
}

export async function test(session: Session, names: readonly string[], options: TestCommandOptions): Promise<number> {
  const levels = levelsOf(options.level);
  checkUsage(names, options);
  const opened = await session.open(options);
  refuseBrokenFile(opened);
  const { operator } = opened;
  const hasTargets = names.length > 0 || options.model !== undefined || options.modelServer !== undefined;
  const targets = hasTargets ? await targetsOf(operator, names, options) : [];
  if (options.last) return showLast(session, operator, hasTargets ? targets : undefined, options);

  // What a model costs is in the list of its server, and reading that costs nothing.
  await learnPrices(operator, targets);
  const planned: Planned[] = [];
  for (const target of targets) {
    const plan = operator.tests.plan(target, { ...(levels && { levels }) });
    if (!plan.ok) {
      printRefusals(session.stderr, plan.error);
      return exitCodeOfRefusals(plan.error);
    }
    planned.push({ target, plan: plan.value });
  }
  const agreed = await agree(session, planned, options);
  if (agreed !== 'yes') return agreed === 'no' ? exitCodes.cancelled : exitCodes.refused;

  const cancelling = new AbortController();
  // A second Ctrl+C ends the process as always.
  process.once('SIGINT', () => cancelling.abort());
  const progress = testProgress(session, planned.map(({ plan }) => plan), { json: options.json === true });
  let reports: readonly TestReport[];
  try {
    reports = await runSideBySide(
      planned,
      ({ plan }) => plan.serverId,
      async ({ target }, index) => {
        const report = await operator.tests.run(target, { ...(levels && { levels }), allowPaid: true, signal: cancelling.signal, onLevel: (level) => progress.level(index, level) });
        progress.done(index, report);
        return report;
      },
    );
  } finally {
    progress.end();
  }
  if (options.json) session.stdout.line(JSON.stringify({ reports: reports.map(reportTest) }, null, 2));
  else if (reports.length > 1) showMatrix(session.stdout, reports);
  if (cancelling.signal.aborted) return exitCodes.cancelled;
  return reports.some(({ outcome }) => outcome === 'failed') ? exitCodes.testFailed : exitCodes.done;
}

function usage(message: string, hint: string): OperatorError {
  return new OperatorError('usage', message, { hint });
}

function levelsOf(named: readonly string[] | undefined): readonly LevelId[] | undefined {
  return named?.map((name) => {
    const level = levelIds.find((id) => id === name);
    if (level) return level;
    const near = closest(name, levelIds);
    throw usage(`There is no level named ${JSON.stringify(name)}`, near ? `Did you mean ${near}?` : `There are ${listOf(levelIds)}`);
  });
}

function checkUsage(names: readonly string[], { model, modelServer, allModels, last }: TestCommandOptions): void {
  if (allModels && modelServer === undefined) throw usage('--all-models needs --model-server', "Name the server whose models are meant; 'operator servers' shows them");
  if (allModels && model !== undefined) throw usage('--all-models cannot be combined with --model', 'Leave one of them out');
  if (modelServer !== undefined && !allModels && model === undefined && !last) throw usage('--model-server needs --model, or --all-models', `Add --model NAME; 'operator probe ${modelServer}' shows the models`);
  if (model?.some((name) => !name.includes('/')) && modelServer === undefined && !last) throw usage('--model needs --model-server', 'Add --model-server NAME, or write a local model with its prefix, such as ollama/llama3.2');
  if (names.length === 0 && model === undefined && modelServer === undefined && !last) throw usage('test needs a delegator, or --model and --model-server', "'operator delegators' shows the delegators, 'operator servers' the model servers");
}

async function targetsOf(operator: Operator, names: readonly string[], { model, modelServer, allModels }: TestCommandOptions): Promise<readonly TestTarget[]> {
  const targets = names.map((name) => targetOf(operator, name));
  const server = modelServer === undefined ? undefined : findServer(operator, modelServer);
  const ofServer = (name: string): TestTarget => ({ type: 'model', ...(server && { modelServer: server.id }), model: name });
  if (model) targets.push(...model.map(ofServer));
  if (server && allModels) {
    await operator.probe([server.id]);
    const { health } = operator.findServer(server.id) ?? server;
    const models = health.models.filter(({ type }) => type === undefined || type === 'chat');
    if (models.length === 0) throw new OperatorError('http', `${server.server.name} lists no models: ${health.message}`, { hint: health.hint });
    targets.push(...models.map(({ id }) => ofServer(id)));
  }
  return targets;
}

/** A delegator; else SERVER/MODEL, or a model with a prefix of its own such as `ollama/llama3.2`. */
function targetOf(operator: Operator, name: string): TestTarget {
  if (operator.findDelegator(name)) return { type: 'delegator', delegator: name };
  const slash = name.indexOf('/');
  if (slash > 0) {
    const server = operator.findServer(name.slice(0, slash));
    return server ? { type: 'model', modelServer: server.id, model: name.slice(slash + 1) } : { type: 'model', model: name };
  }
  const near = closest(name, operator.snapshot.delegators.map(({ delegator }) => delegator.name));
  throw new OperatorError('not-found', `There is no delegator named ${JSON.stringify(name)}`, { hint: near ? `Did you mean ${near}?` : 'Name a delegator, SERVER/MODEL, or --model with --model-server' });
}

async function learnPrices(operator: Operator, targets: readonly TestTarget[]): Promise<void> {
  const ids = targets.flatMap((target) => {
    const plan = operator.tests.plan(target);
    const status = plan.ok ? operator.findServer(plan.value.serverId) : undefined;
    return plan.ok && plan.value.paid && status?.health.checkedAt === undefined ? [plan.value.serverId] : [];
  });
  if (ids.length > 0) await operator.probe([...new Set(ids)]);
}

/** Nothing is sent to anybody who may charge for it before somebody has said yes. */
async function agree({ stderr }: Session, planned: readonly Planned[], { allowPaid, yes }: TestCommandOptions): Promise<'yes' | 'no' | 'not-asked'> {
  const paid = planned.filter(({ plan }) => plan.paid);
  if (paid.length === 0) return 'yes';
  for (const { plan } of paid) stderr.line(plan.words);
  if (allowPaid || yes) return 'yes';
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) {
    stderr.line('Nothing was sent: add --allow-paid to agree');
    return 'not-asked';
  }
  const agreed = await confirm(process.stdin, process.stderr, stderr, paid.length === 1 ? 'Test it?' : `Test these ${plural(paid.length, 'model')}?`);
  if (!agreed) stderr.line('Nothing was sent');
  return agreed ? 'yes' : 'no';
}

/** What was kept; sends nothing. */
async function showLast(session: Session, operator: Operator, targets: readonly TestTarget[] | undefined, options: TestCommandOptions): Promise<number> {
  await operator.tests.load();
  const server = options.modelServer === undefined || options.model !== undefined ? undefined : findServer(operator, options.modelServer).id;
  const wanted = targets?.flatMap((target) => {
    const plan = operator.tests.plan(target);
    return plan.ok ? [{ serverId: plan.value.serverId, model: plan.value.model }] : [];
  });
  const reports = operator.tests.all().filter((report) => (server === undefined || report.serverId === server) && (wanted === undefined || wanted.length === 0 || wanted.some(({ serverId, model }) => report.serverId === serverId && (report.model === model || report.model === `${model}:latest`))));
  if (options.json) {
    session.stdout.line(JSON.stringify({ reports: reports.map(reportTest) }, null, 2));
    return exitCodes.done;
  }
  if (reports.length === 0) session.stdout.line(targets && targets.length > 0 ? 'This was not tested yet' : 'Nothing was tested yet');
  const now = createSystemClock().now();
  if (reports.length > 1) showMatrix(session.stdout, reports, now);
  else for (const report of reports) showReport(session.stdout, report, now);
  return reports.some(({ outcome }) => outcome === 'failed') ? exitCodes.testFailed : exitCodes.done;
}
