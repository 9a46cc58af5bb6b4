/** Draws one answer while it arrives. */
import type { ChatEvent, ChatFailure } from '../../core/chat/model.ts';
import { formatDuration } from '../../core/status/format.ts';
import type { Clock } from '../../core/ports.ts';
import type { Output } from '../output/terminal.ts';

export interface AnswerView {
  show(event: ChatEvent): void;
  /** Ends the last line. Nothing is drawn after it. */
  end(): void;
  /** What the model has answered so far, without its reasoning. */
  readonly answer: string;
  readonly failure: ChatFailure | undefined;
}

/** Nothing has come yet: after this long a person wants to know that something is going on. */
const patienceMs = 400;
const eraseLine = '\r\u001b[K';

export function createAnswerView(output: Output, clock: Clock): AnswerView {
  const started = clock.now();
  let firstAt: number | undefined;
  let answer = '';
  let failure: ChatFailure | undefined;
  let finish: Extract<ChatEvent, { type: 'finish' }> | undefined;
  let inputTokens: number | undefined;
  let outputTokens: number | undefined;
  let mode: 'waiting' | 'reasoning' | 'answering' = 'waiting';
  let atLineStart = true;
  let waitingShown = false;
  let timer = output.canMove ? clock.after(patienceMs, showWaiting) : undefined;

  function showWaiting(): void {
    const seconds = Math.floor((clock.now() - started) / 1000);
    output.write(`${eraseLine}${output.paint('dim', seconds < 1 ? '…' : `… ${seconds} s`)}`);
    waitingShown = true;
    timer = clock.after(1000, showWaiting);
  }

  function stopWaiting(): void {
    timer?.dispose();
    if (waitingShown) output.write(eraseLine);
    waitingShown = false;
  }

  function begin(next: typeof mode): void {
    if (mode === next) return;
    if (mode === 'waiting') {
      firstAt = clock.now();
      stopWaiting();
    }
    if (mode === 'reasoning') output.write(atLineStart ? '\n' : '\n\n');
    mode = next;
    atLineStart = true;
  }

  function text(piece: string, dim: boolean): void {
    const plain = printable(piece);
    if (plain === '') return;
    output.write(dim ? paintLines(output, plain) : plain);
    atLineStart = plain.endsWith('\n');
  }

  return {
    get answer() {
      return answer;
    },
    get failure() {
      return failure;
    },
    show(event) {
      switch (event.type) {
        case 'reasoning-delta':
          // A model may think again after its first words.
          if (mode === 'answering' && !atLineStart) output.write('\n');
          begin('reasoning');
          text(event.text, true);
          return;
        case 'text-delta':
          begin('answering');
          answer += event.text;
          text(event.text, false);
          return;
        case 'usage':
          inputTokens = event.inputTokens ?? inputTokens;
          outputTokens = event.outputTokens ?? outputTokens;
          return;
        case 'finish':
          finish = event;
          return;
        case 'error':
          failure = event.failure;
      }
    },
    end() {
      stopWaiting();
      if (!atLineStart) output.write('\n');
      const now = clock.now();
      if (failure) {
        if (failure.kind === 'aborted') output.line(output.paint('dim', `stopped after ${formatDuration(now - started)}`));
        else {
          output.line(`${output.paint('red', '✖')} ${printable(failure.message)}`);
          if (failure.hint) output.line(`  → ${printable(failure.hint)}`);
        }
        return;
      }
      if (answer.trim() === '') output.line(output.paint('yellow', 'The model answered with nothing'));
      const reason = finish && finishWords(finish);
      if (reason !== undefined) output.line(`${output.paint('yellow', '▲')} ${printable(reason)}`);
      output.line(output.paint('dim', summary({ inputTokens, outputTokens, totalMs: now - started, answerMs: now - (firstAt ?? now) })));
    },
  };
}

function finishWords({ reason, detail }: Extract<ChatEvent, { type: 'finish' }>): string | undefined {
  switch (reason) {
    case 'stop':
      return undefined;
    case 'length':
      return 'The answer is cut off at the limit of its length';
    case 'refusal':
      return 'The server withholds the rest of the answer';
    case 'other':
      return `The model stopped for another reason${detail ? `: ${detail}` : ''}`;
  }
}

function summary({ inputTokens, outputTokens, totalMs, answerMs }: { readonly inputTokens?: number; readonly outputTokens?: number; readonly totalMs: number; readonly answerMs: number }): string {
  const parts: string[] = [];
  if (inputTokens !== undefined) parts.push(`${inputTokens} tokens in`);
  if (outputTokens !== undefined) parts.push(`${outputTokens} out`);
  parts.push(formatDuration(totalMs));
  if (outputTokens !== undefined && outputTokens > 1 && answerMs >= 100) parts.push(`${Math.round(outputTokens / (answerMs / 1000))} tokens/s`);
  return parts.join(' · ');
}

/** A model's text must not move the cursor or set the title of a window. */
export function printable(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n').replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}

/** Each line by itself: a colour that is left on over a line end would fill the rest of the screen in some terminals. */
function paintLines(output: Output, text: string): string {
  return text.split('\n').map((line) => output.paint('dim', line)).join('\n');
}
