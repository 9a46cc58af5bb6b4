/** A report in words: the same on a row, in a hover and on the command line. Pure. */
import { formatDuration, formatTokens } from '../status/format.ts';
import { levelOf } from './levels.ts';
import type { LevelOutcome, Speed, TestReport } from './model.ts';

export const outcomeWords: Readonly<Record<LevelOutcome, string>> = { passed: 'pass', failed: 'fail', skipped: 'skipped', 'not-reached': 'not reached' };

/** "tested 2 h ago: all passed", "fails: calls a tool". */
export function reportWords(report: TestReport, now: number): string {
  const failed = report.levels.filter(({ outcome }) => outcome === 'failed');
  const [first] = failed;
  if (first) return `fails: ${levelOf(first.level).title}${failed.length > 1 ? ` and ${failed.length - 1} more` : ''}`;
  return `tested ${agoWords(now - report.startedAt)}: ${passedWords(report)}`;
}

function passedWords({ levels }: TestReport): string {
  const passed = levels.filter(({ outcome }) => outcome === 'passed').length;
  const ran = levels.filter(({ outcome }) => outcome !== 'skipped').length;
  return passed === ran ? 'all passed' : `${passed} of ${ran} passed`;
}

/** "just now", "5 min ago", "2 h ago", "3 days ago". */
export function agoWords(ms: number): string {
  const minutes = Math.floor(Math.max(0, ms) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ago`;
  const days = Math.floor(hours / 24);
  return days === 1 ? 'yesterday' : `${days} days ago`;
}

/** "first token after 210 ms", "42 tokens/s". */
export function speedWords(speed: Speed | undefined): readonly string[] {
  if (!speed) return [];
  const { firstTokenMs, tokensPerSecond, estimated, inOnePiece } = speed;
  return [
    ...(firstTokenMs === undefined ? [] : [`first token after ${formatDuration(firstTokenMs)}`]),
    ...(tokensPerSecond === undefined ? [] : [`${formatRate(tokensPerSecond)} tokens/s${estimated ? ' (estimate)' : ''}`]),
    ...(inOnePiece ? ['came in one piece'] : []),
  ];
}

export function formatRate(tokensPerSecond: number): string {
  return String(tokensPerSecond >= 10 ? Math.round(tokensPerSecond) : tokensPerSecond);
}

/** "32k context, loaded with 4k". */
export function contextWords({ context }: TestReport): string | undefined {
  if (!context) return undefined;
  const { claimed, loaded } = context;
  if (claimed === undefined) return loaded === undefined ? undefined : `loaded with ${formatTokens(loaded)} context`;
  return `${formatTokens(claimed)} context${loaded === undefined ? '' : `, loaded with ${formatTokens(loaded)}`}`;
}

/** One line for each level that failed: "calls a tool: The model does not call the tool". */
export function failureLines({ levels }: TestReport): readonly string[] {
  return levels.filter(({ outcome }) => outcome === 'failed').map(({ level, reason = 'failed' }) => `${levelOf(level).title}: ${reason}`);
}
