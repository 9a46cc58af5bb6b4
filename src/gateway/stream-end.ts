/** Whether a stream that passes through unread came to its proper end: a server that dies can close its connection politely. */
import type { Protocol } from '../core/protocol.ts';

export interface StreamEnd {
  push(chunk: Buffer): void;
  /** One of the marks of an end, or of an error, was seen. */
  readonly seen: boolean;
}

/** What only the last events of a stream say; within texts the quotes would be escaped. */
const marks: Readonly<Record<Protocol, readonly string[]>> = {
  'anthropic-messages': ['"message_stop"', '"stop_reason":"', '"stop_reason": "', '"error"'],
  'openai-chat': ['[DONE]', '"finish_reason":"', '"finish_reason": "', '"error"'],
  'openai-responses': ['response.completed', 'response.incomplete', 'response.failed', '"error"', '[DONE]'],
  gemini: ['"finishReason"', '"blockReason"', '"error"'],
  ollama: ['"done":true', '"done": true', '"error"'],
};

export function watchStreamEnd(protocol: Protocol): StreamEnd {
  const wanted = marks[protocol].map((mark) => Buffer.from(mark));
  const longest = Math.max(...wanted.map(({ length }) => length));
  let tail: Buffer = Buffer.alloc(0);
  let seen = false;
  return {
    push(chunk) {
      if (seen || chunk.length === 0) return;
      // A mark may be cut by the border between two chunks.
      const border = tail.length === 0 ? chunk : Buffer.concat([tail, chunk.subarray(0, longest)]);
      seen = wanted.some((mark) => border.includes(mark) || chunk.includes(mark));
      tail = chunk.length >= longest ? chunk.subarray(chunk.length - longest) : Buffer.concat([tail, chunk]).subarray(-longest);
    },
    get seen() {
      return seen;
    },
  };
}
