/** Reports of model tests for people: level by level as they end, and several models as a table. */
import { plural } from '../../base/text.ts';
import { levelOf } from '../../core/proving/levels.ts';
import { levelIds, type LevelOutcome, type LevelProgress, type LevelResult, type TestedModel, type TestReport } from '../../core/proving/model.ts';
import { agoWords, contextWords, formatRate, outcomeWords, speedWords } from '../../core/proving/words.ts';
import { formatCount, formatDuration, formatTokens } from '../../core/status/format.ts';
import type { Tone } from '../../core/status/node.ts';
import type { Session } from '../session.ts';
import { dim, toned } from './cells.ts';
import { type Cell, cut, renderTable, wrap } from './table.ts';
import { harmless, type Output, toneSymbol } from './terminal.ts';

const tones: Readonly<Record<LevelOutcome, Tone>> = { passed: 'ok', failed: 'error', skipped: 'neutral', 'not-reached': 'neutral' };
const eraseLine = '\r\u001b[K';
/** The longest title. */
const titleWidth = Math.max(...levelIds.map((id) => levelOf(id).title.length));

export interface TestProgress {
  level(index: number, progress: LevelProgress): void;
  done(index: number, report: TestReport): void;
  end(): void;
}

/** One model: its levels as they end. Several: what each is at, on a terminal. */
export function testProgress({ stdout, stderr }: Session, models: readonly TestedModel[], { json }: { readonly json: boolean }): TestProgress {
  const [only] = models;
  const single = only && models.length === 1 && !json;
  if (single) stdout.line(titleOf(stdout, only));
  const current = new Map<number, string>();
  const draw = (): void => {
    if (!stderr.canMove) return;
    const text = [...current].map(([index, title]) => `${models.length > 1 ? `${models[index]?.model ?? ''}: ` : ''}${title}…`).join(' · ');
    stderr.write(`${eraseLine}${text === '' ? '' : stderr.paint('dim', cut(`  ◌ ${harmless(text)}`, (stderr.columns ?? 80) - 1))}`);
  };
  return {
    level(index, progress) {
      if (progress.type === 'running') current.set(index, levelOf(progress.level).title);
      else current.delete(index);
      if (single && progress.type === 'ended') {
        if (stderr.canMove) stderr.write(eraseLine);
        for (const line of levelLines(stdout, progress.result)) stdout.line(line);
      }
      draw();
    },
    done(index, report) {
      current.delete(index);
      if (single) stdout.line(`  ${summaryOf(stdout, report)}`);
      draw();
    },
    end() {
      if (stderr.canMove) stderr.write(eraseLine);
    },
  };
}

function titleOf(output: Output, { model, modelServer, placement }: TestedModel, ago?: string): string {
  return `${output.paint('bold', harmless(model))}  ${output.paint('dim', harmless([`on ${modelServer}`, placement, ...(ago === undefined ? [] : [`tested ${ago}`])].join(' · ')))}`;
}

export function showReport(output: Output, report: TestReport, now: number): void {
  output.line(titleOf(output, report, agoWords(now - report.startedAt)));
  for (const result of report.levels) for (const line of levelLines(output, result)) output.line(line);
  output.line(`  ${summaryOf(output, report)}`);
}

/** One line for the level, and what there is to say below it. */
function levelLines(output: Output, result: LevelResult): readonly string[] {
  const { level, outcome, ms, reason, expected, came, hint, warnings } = result;
  const title = levelOf(level).title.padEnd(titleWidth);
  const facts = outcome === 'passed' ? (level === 'streams' ? speedWords(result) : ms === undefined || ms === 0 ? [] : [formatDuration(ms)]) : [outcomeWords[outcome]];
  const words = outcome === 'skipped' || outcome === 'not-reached' ? `${outcomeWords[outcome]}${reason === undefined ? '' : `: ${reason}`}` : facts.join(', ');
  const head = `  ${toneSymbol(output, tones[outcome])} ${title}  ${outcome === 'failed' ? output.paint('red', harmless(words)) : output.paint('dim', harmless(words))}`.trimEnd();
  if (outcome !== 'failed') return [head, ...warningLines(output, warnings)];
  return [
    head,
    ...(reason === undefined ? [] : wrap(output, harmless(reason), '      ')),
    ...(expected === undefined ? [] : wrap(output, harmless(`expected: ${expected}`), '      ').map((line) => output.paint('dim', line))),
    ...(came === undefined ? [] : wrap(output, harmless(`came: ${came}`), '      ').map((line) => output.paint('dim', line))),
    ...warningLines(output, warnings),
    ...(hint === undefined ? [] : wrap(output, harmless(`→ ${hint}`), '      ')),
  ];
}

function warningLines(output: Output, warnings: readonly string[]): readonly string[] {
  return warnings.flatMap((warning) => wrap(output, harmless(`note: ${warning}`), '      ')).map((line) => output.paint('yellow', line));
}

function summaryOf(output: Output, report: TestReport): string {
  const { levels, outcome, ms, usage } = report;
  const count = (wanted: LevelOutcome): number => levels.filter((result) => result.outcome === wanted).length;
  const verdict = outcome === 'cancelled' ? 'cancelled' : count('failed') > 0 ? `${count('failed')} failed, ${count('passed')} passed` : `${plural(count('passed'), 'level')} passed`;
  const tokens = usage?.inputTokens === undefined && usage?.outputTokens === undefined ? '' : `, ${formatCount((usage.inputTokens ?? 0) + (usage.outputTokens ?? 0))} tokens`;
  const facts = [formatDuration(ms), ...(usage ? [`${plural(usage.requests, 'request')}${tokens}`] : []), contextWords(report)].filter((text) => text !== undefined);
  return `${output.paint([outcome === 'passed' ? 'green' : outcome === 'failed' ? 'red' : 'yellow', 'bold'], verdict)}  ${output.paint('dim', facts.join(' · '))}`;
}

/** One column for each model. What failed is said below, model by model. */
export function showMatrix(output: Output, reports: readonly TestReport[], now?: number): void {
  const servers = new Set(reports.map(({ serverId }) => serverId));
  const name = ({ model, modelServer }: TestReport): string => (servers.size > 1 ? `${modelServer}/${model}` : model);
  const row = (title: string, cell: (report: TestReport) => Cell | string): readonly (Cell | string)[] => [dim(output, title), ...reports.map(cell)];
  const head: readonly (Cell | string)[] = ['', ...reports.map((report) => ({ text: harmless(name(report)), paint: (text: string) => output.paint('bold', text) }))];
  const shown = levelIds.filter((id) => reports.some(({ levels }) => levels.some(({ level }) => level === id)));
  const rows = [
    head,
    ...shown.map((id) =>
      row(levelOf(id).title, ({ levels }) => {
        const outcome = levels.find(({ level }) => level === id)?.outcome;
        return outcome === undefined ? '' : outcome === 'skipped' || outcome === 'not-reached' ? dim(output, outcomeWords[outcome]) : toned(output, tones[outcome], outcomeWords[outcome]);
      }),
    ),
    row('first token', ({ speed }) => (speed?.firstTokenMs === undefined ? '' : formatDuration(speed.firstTokenMs))),
    row('tokens/s', ({ speed }) => (speed?.tokensPerSecond === undefined ? (speed?.inOnePiece ? 'in one piece' : '') : `${formatRate(speed.tokensPerSecond)}${speed.estimated ? ' (estimate)' : ''}`)),
    row('context', ({ context }) => (context === undefined ? '' : [context.claimed, context.loaded].map((tokens) => (tokens === undefined ? '' : formatTokens(tokens))).filter(Boolean).join(' / '))),
    ...(now === undefined ? [] : [row('tested', ({ startedAt }) => dim(output, agoWords(now - startedAt)))]),
  ];
  for (const line of renderTable(output, rows)) output.line(line);
  for (const report of reports) {
    const failed = report.levels.filter(({ outcome }) => outcome === 'failed');
    if (failed.length === 0) continue;
    output.line();
    output.line(titleOf(output, report));
    for (const result of failed) for (const line of levelLines(output, result)) output.line(line);
  }
}
