/** What the processes of the benchmark tell each other. */
import type { Protocol } from '../../src/core/protocol.ts';

/** How the model server answers from now on. */
export type AnswerMode =
  | { readonly type: 'whole' }
  /** As fast as the other side takes it, each chunk in a packet of its own. */
  | { readonly type: 'stream'; readonly chunks: number }
  /** A chunk with the time of its departure every so often, as a model writes. */
  | { readonly type: 'paced'; readonly chunks: number; readonly everyMs: number };

export interface Load {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly connections: number;
  /** Ends after the answers that are under way then; absent: after one answer on each connection. */
  readonly durationMs?: number;
  /** Text without which an answer is none. */
  readonly endMark: string;
}

/** Times in µs. */
export interface LoadResult {
  readonly requests: number;
  readonly elapsedMs: number;
  /** From the last byte of the request to the first and to the last of the answer. */
  readonly firstByte: readonly number[];
  readonly whole: readonly number[];
  /** From the model server's write to the client's read, of each chunk of a paced stream. */
  readonly chunkDelay: readonly number[];
}

/** What a subject uses; CPU in µs since its start, memory in bytes. */
export interface Resources {
  readonly cpu: number;
  readonly rss: number;
}

export type Command =
  | { readonly type: 'mode'; readonly mode: AnswerMode }
  | { readonly type: 'load'; readonly load: Load }
  | { readonly type: 'resources' }
  /** Asks the gateway for a session whose server speaks this. */
  | { readonly type: 'session'; readonly speaks: Protocol; readonly kind: 'ollama' | 'openai-compat'; readonly upstreamPort: number }
  /** Begins a profile of the processor, or ends it: its JSON. */
  | { readonly type: 'profile'; readonly on: boolean };

/** A text departs with the time, and the client looks for it. */
export const timeMark = '@t=';

/** µs on a clock that all processes of a machine share. */
export function now(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

/** Answers each command of the parent with what `answer` gives. */
export function serveCommands(answer: (command: Command) => unknown): void {
  process.on('message', ({ id, command }: { readonly id: number; readonly command: Command }) => {
    void (async () => {
      try {
        process.send?.({ id, value: (await answer(command)) ?? null });
      } catch (error) {
        process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      }
    })();
  });
  // The parent may be gone without a word.
  process.on('disconnect', () => process.exit(0));
}

export function resources(): Resources {
  const { user, system } = process.cpuUsage();
  return { cpu: user + system, rss: process.memoryUsage.rss() };
}
