/** What the last test of a model adds to its row. */
import type { TestReport } from '../proving/model.ts';
import { contextWords, failureLines, reportWords, speedWords } from '../proving/words.ts';
import { escapeMarkdown, formatTime } from './format.ts';
import type { Tone } from './node.ts';

export interface TestMarks {
  /** "tested 2 h ago: all passed", "fails: calls a tool". */
  readonly words: string;
  readonly tag: 'tested' | 'test-failed';
  readonly tone: Tone;
  /** Markdown lines. */
  tooltip(): readonly string[];
}

export function testMarks(report: TestReport | undefined, now: number): TestMarks | undefined {
  if (!report) return undefined;
  const failed = report.outcome === 'failed';
  const words = reportWords(report, now);
  return {
    words,
    tag: failed ? 'test-failed' : 'tested',
    tone: failed ? 'warning' : 'ok',
    tooltip: () => [
      `Tested at ${formatTime(report.startedAt, now)}: ${failed ? escapeMarkdown(words) : 'all levels that apply passed'}`,
      ...failureLines(report).map((line) => `⚠ ${escapeMarkdown(line)}`),
      ...[[...speedWords(report.speed), contextWords(report)].filter((text) => text !== undefined).join(', ')].filter((text) => text !== '').map(escapeMarkdown),
    ],
  };
}
