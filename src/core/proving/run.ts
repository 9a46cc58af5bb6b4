/** Runs the levels of a test, one after the other, each with its own time, and writes the report. */
import type { Result } from '../../base/result.ts';
import type { Clock } from '../ports.ts';
import type { ModelServer } from '../config/model.ts';
import { contextOf, findModel } from '../delegators/models.ts';
import { describeError } from '../errors.ts';
import type { Health, ModelInfo } from '../servers/health.ts';
import type { Finding, Level, LevelContext } from './level.ts';
import { levelOf, maxTokens } from './levels.ts';
import type { LevelFailure, LevelId, LevelResult, Speed, TestedModel, TestOptions, TestReport } from './model.ts';
import { ask, type Limits, type Stopped, type Told, type Wire } from './wire.ts';

export interface TestRun {
  readonly tested: TestedModel;
  readonly server: ModelServer;
  /** All that run or are reported as skipped, in order. */
  readonly levels: readonly LevelId[];
  /** Those that were asked for by name. */
  readonly named: ReadonlySet<LevelId>;
  readonly clock: Clock;
  probe(signal: AbortSignal): Promise<Health>;
  /** Ready to be asked: called once, by the first level that needs it. @throws OperatorError */
  open(signal: AbortSignal): Promise<Wire>;
  /** What was left out or approximated on the way since this was asked last. */
  warnings(): Promise<readonly string[]>;
  /** Without keys, whatever it is. */
  redact(text: string): string;
  number(): string;
  /** Beats the levels' own limits, for tests. */
  readonly limits?: Partial<Readonly<Record<LevelId, Limits>>>;
}

export async function runTest(run: TestRun, { onLevel, signal = new AbortController().signal }: Pick<TestOptions, 'onLevel' | 'signal'>): Promise<TestReport> {
  const { clock } = run;
  const startedAt = clock.now();
  const results: LevelResult[] = [];
  const counted = { requests: 0, inputTokens: undefined as number | undefined, outputTokens: undefined as number | undefined };
  let health: Promise<Health> | undefined;
  let info: ModelInfo | undefined;
  let wire: Promise<Wire> | undefined;
  const turn: LevelContext['turn'] = {};

  async function probe(): Promise<Health> {
    health ??= run.probe(signal);
    const found = await health;
    info = findModel(found, run.tested.model);
    return found;
  }

  function contextFor(limits: Limits, deadlineAt: number): LevelContext {
    return {
      server: run.server,
      model: run.tested.model,
      probe,
      number: () => run.number(),
      turn,
      async ask(question): Promise<Result<Told, Stopped>> {
        wire ??= run.open(signal);
        const opened = await wire;
        counted.requests++;
        const told = await ask(opened, { ...question, maxTokens }, limits, deadlineAt, signal);
        if (told.ok && told.value.usage) {
          counted.inputTokens = add(counted.inputTokens, told.value.usage.inputTokens);
          counted.outputTokens = add(counted.outputTokens, told.value.usage.outputTokens);
        }
        return told;
      },
    };
  }

  for (const id of run.levels) {
    const level = levelOf(id);
    const before = beforehand(level);
    const result = before ?? (await runLevel(level));
    results.push(result);
    onLevel?.({ type: 'ended', result });
  }

  /** What stands before a level runs. */
  function beforehand(level: Level): LevelResult | undefined {
    if (signal.aborted) return { level: level.id, outcome: 'not-reached', reason: 'Cancelled', warnings: [] };
    const missing = level.needs.find((need) => results.find((result) => result.level === need)?.outcome !== 'passed');
    if (missing) return { level: level.id, outcome: 'not-reached', reason: `It needs “${levelOf(missing).title}”, which did not pass`, warnings: [] };
    const reason = run.named.has(level.id) ? undefined : level.skip?.({ server: run.server, model: run.tested.model, info });
    return reason === undefined ? undefined : { level: level.id, outcome: 'skipped', reason, warnings: [] };
  }

  async function runLevel(level: Level): Promise<LevelResult> {
    onLevel?.({ type: 'running', level: level.id });
    const began = clock.now();
    const limits = run.limits?.[level.id] ?? level.limits;
    let finding: Finding;
    try {
      finding = await level.run(contextFor(limits, began + limits.totalMs));
    } catch (error) {
      // The probe's own cancellation, the gateway that cannot be started, a key that cannot be read.
      finding = signal.aborted ? { type: 'cancelled' } : { type: 'failed', failure: { reason: describeError(error) } };
    }
    const ms = clock.now() - began;
    const warnings = [...(finding.type === 'passed' ? (finding.warnings ?? []) : []), ...(wire ? await run.warnings().catch(() => []) : [])].map((warning) => run.redact(warning)); // a gateway that is gone has nothing to say
    return toResult(level.id, finding, ms, warnings);
  }

  function toResult(level: LevelId, finding: Finding, ms: number, warnings: readonly string[]): LevelResult {
    switch (finding.type) {
      case 'passed':
        return { level, outcome: 'passed', ms, ...finding.speed, warnings };
      case 'failed':
        return { level, outcome: 'failed', ms, ...redacted(finding.failure, run), ...finding.speed, warnings };
      case 'skipped':
        return { level, outcome: 'skipped', ms, reason: finding.reason, warnings };
      case 'cancelled':
        return { level, outcome: 'not-reached', ms, reason: 'Cancelled', warnings };
    }
  }

  // A model that was loaded by the test is loaded with a context that only a later probe knows.
  const after = wire && !signal.aborted ? await run.probe(signal).catch(() => undefined) : undefined;
  const loaded = (after && findModel(after, run.tested.model)) ?? info;
  const speed = speedOfReport(results);
  return {
    ...run.tested,
    outcome: signal.aborted ? 'cancelled' : results.some(({ outcome }) => outcome === 'failed') ? 'failed' : 'passed',
    startedAt,
    ms: clock.now() - startedAt,
    levels: results,
    ...(speed && { speed }),
    ...(contextOf(loaded) !== undefined && { context: { ...(loaded?.contextWindow !== undefined && { claimed: loaded.contextWindow }), ...(loaded?.loadedContext !== undefined && { loaded: loaded.loadedContext }) } }),
    ...(counted.requests > 0 && { usage: { requests: counted.requests, ...(counted.inputTokens !== undefined && { inputTokens: counted.inputTokens }), ...(counted.outputTokens !== undefined && { outputTokens: counted.outputTokens }) } }),
  };
}

function add(sum: number | undefined, more: number | undefined): number | undefined {
  return more === undefined ? sum : (sum ?? 0) + more;
}

function redacted({ reason, expected, came, hint, transient }: LevelFailure, { redact }: TestRun): LevelFailure {
  return { reason: redact(reason), ...(expected !== undefined && { expected }), ...(came !== undefined && { came: redact(came) }), ...(hint !== undefined && { hint: redact(hint) }), ...(transient && { transient }) };
}

/** Of the level that is made to measure it; the first answer also loads the model. */
function speedOfReport(results: readonly LevelResult[]): Speed | undefined {
  const streamed = results.find(({ level }) => level === 'streams');
  if (streamed?.firstTokenMs === undefined) return undefined;
  const { firstTokenMs, tokensPerSecond, estimated, inOnePiece } = streamed;
  return { firstTokenMs, ...(tokensPerSecond !== undefined && { tokensPerSecond }), ...(estimated && { estimated }), ...(inOnePiece && { inOnePiece }) };
}
