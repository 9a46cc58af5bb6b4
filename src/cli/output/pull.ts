/**
 * How a download is shown: one line with a bar on a terminal; elsewhere a line for each tenth and each new state, so that a log
 * is not flooded; or a line of JSON for each percent.
 */
import type { PullProgress } from '../../core/servers/lifecycle/model.ts';
import { percentOf } from '../../core/servers/lifecycle/progress.ts';
import { amountWords, remainingWords, speedWords } from '../../core/servers/lifecycle/words.ts';
import type { Session } from '../session.ts';
import { cut } from './table.ts';
import { harmless, type Output } from './terminal.ts';
import { textWidth } from './width.ts';

export interface PullDisplay {
  show(progress: PullProgress): void;
  /** The model can be used. */
  done(already: boolean): void;
  /** Takes the bar away. */
  clear(): void;
}

interface Subject {
  readonly model: string;
  readonly server: string;
  readonly json: boolean;
}

/** Bars are drawn at most this often. */
const frameMs = 100;
const eraseLine = '\r\u001b[K';

export function createPullDisplay({ stdout, stderr }: Session, { model, server, json }: Subject): PullDisplay {
  const told = (already: boolean): void => stdout.line(already ? `${harmless(model)} is there already on ${harmless(server)}` : `Pulled ${harmless(model)} on ${harmless(server)}`);
  if (json) return jsonDisplay(stdout, model, server);
  return stderr.canMove ? barDisplay(stderr, model, told) : lineDisplay(stderr, model, told);
}

function barDisplay(screen: Output, model: string, told: (already: boolean) => void): PullDisplay {
  let drawn = Number.NEGATIVE_INFINITY;
  let current: PullProgress | undefined;
  /** Draws what came since the last frame. */
  let timer: NodeJS.Timeout | undefined;

  function draw(): void {
    timer = undefined;
    drawn = performance.now();
    if (current) screen.write(`${eraseLine}${barLine(screen, model, current, (screen.columns ?? 80) - 1)}`);
  }

  function clear(): void {
    clearTimeout(timer);
    screen.write(eraseLine);
  }

  return {
    show(progress) {
      current = progress;
      timer ??= setTimeout(draw, Math.max(0, frameMs - (performance.now() - drawn)));
    },
    done(already) {
      clear();
      told(already);
    },
    clear,
  };
}

/** `qwen3:8b  ████████░░░░░░░░  43 %  2.1 of 4.8 GB  35 MB/s  1 min 20 s left`; on a narrow screen less of it. */
export function barLine(screen: Pick<Output, 'paint'>, model: string, progress: PullProgress, width: number): string {
  const percent = percentOf(progress);
  const name = harmless(model);
  if (percent === undefined) return cut(`${name}  ${harmless(progress.status)}…`, width);
  // Whatever the server does besides downloading is worth more than numbers that stand still.
  const isDownloading = progress.status === 'downloading';
  const facts = [`${percent} %`.padStart(4), ...(isDownloading ? [amountWords(progress), speedWords(progress), remainingWords(progress)] : [harmless(progress.status)])].filter((text) => text !== '');
  const gap = 2;
  const minBar = 8;
  const maxBar = 40;
  for (let count = facts.length; count > 0; count--) {
    const text = facts.slice(0, count).join('  ');
    const room = width - textWidth(name) - textWidth(text) - 2 * gap;
    if (room < minBar && count > 1) continue;
    if (room < minBar) return cut(`${text}  ${name}`, width);
    const cells = Math.min(maxBar, room);
    const filled = Math.min(cells, Math.floor((cells * progress.doneBytes) / progress.totalBytes));
    return `${name}  ${screen.paint('green', '█'.repeat(filled))}${screen.paint('dim', '░'.repeat(cells - filled))}  ${text}`;
  }
  return '';
}

function lineDisplay(output: Output, model: string, told: (already: boolean) => void): PullDisplay {
  let last = '';
  return {
    show(progress) {
      const percent = percentOf(progress);
      const tenth = percent === undefined ? undefined : Math.floor(percent / 10) * 10;
      const next = `${progress.status} ${tenth}`;
      if (next === last) return;
      last = next;
      const numbers = progress.status !== 'downloading' || percent === undefined ? [] : [`${percent} %`, amountWords(progress), speedWords(progress)].filter((text) => text !== '');
      output.line([harmless(model), harmless(progress.status), ...numbers].join('  '));
    },
    done: told,
    clear() {},
  };
}

function jsonDisplay(output: Output, model: string, server: string): PullDisplay {
  let last = '';
  let seen: PullProgress | undefined;
  const line = (progress: PullProgress, status: string, more: Readonly<Record<string, unknown>> = {}): void => {
    output.line(
      JSON.stringify({
        model,
        model_server: server,
        status,
        done_bytes: progress.doneBytes,
        total_bytes: progress.totalBytes === 0 ? null : progress.totalBytes,
        bytes_per_second: progress.bytesPerSecond === undefined ? null : Math.round(progress.bytesPerSecond),
        remaining_ms: progress.remainingMs === undefined ? null : Math.round(progress.remainingMs),
        ...more,
      }),
    );
  };
  return {
    show(progress) {
      seen = progress;
      const next = `${progress.status} ${percentOf(progress)}`;
      if (next === last) return;
      last = next;
      line(progress, progress.status);
    },
    done: (already) => line({ status: 'success', doneBytes: seen?.doneBytes ?? 0, totalBytes: seen?.totalBytes ?? 0 }, 'success', { already_there: already }),
    clear() {},
  };
}
