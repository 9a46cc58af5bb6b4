/**
 * Our events → the events of the Responses API. The official SDKs check them strictly: every item and part is added before
 * its first piece, indexes have no gaps, ids never change, and every lifecycle event holds the whole answer so far.
 */
import { truncatedError } from '../error-answers.ts';
import { formatSse } from '../sse.ts';
import { responseId, responseShell, type ResponsesContext } from './context.ts';
import { streamedError } from './error.ts';
import { createItemWriter, type ItemWriter } from './item-writer.ts';
import { encodeFinish, silentRefusal } from './response.ts';
import { encodeUsage } from './usage.ts';
import type { StreamEncoder } from '../codec.ts';
import type { IrError, IrEvent, IrFinish, IrUsage, JsonObject } from '../ir.ts';

interface Begun {
  readonly id: string;
  readonly items: ItemWriter;
}

export function createStreamEncoder(context: ResponsesContext): StreamEncoder {
  let begun: Begun | undefined;
  let sequence = 0;
  let usage: IrUsage = {};
  let finish: IrFinish | undefined;
  let ended = false;

  const emit = (type: string, fields: JsonObject): string => formatSse({ event: type, data: JSON.stringify({ type, sequence_number: sequence++, ...fields }) });

  /** The answer as it is now, in an event of its life. */
  function lifecycle(type: string, { id, items }: Begun, fields: JsonObject = {}): string {
    return emit(type, { response: { ...responseShell(id, context), output: items.snapshot(ended ? 'incomplete' : 'in_progress'), ...fields } });
  }

  /** The first of the stream; without an id of the server's (it is silent yet) with one of ours. */
  function begin(upstreamId = ''): { readonly answer: Begun; readonly out: string } {
    if (begun !== undefined) return { answer: begun, out: '' };
    const id = responseId(upstreamId, context.newId);
    begun = { id, items: createItemWriter(id, context, emit) };
    return { answer: begun, out: lifecycle('response.created', begun) + lifecycle('response.in_progress', begun) };
  }

  function fail(error: IrError): string {
    const { answer, out } = begin();
    ended = true;
    const { code, message, type } = streamedError(error);
    // SDKs stop at the first of the two, codex knows only the second; the first is spelt in both of the ways in use.
    const thrown = emit('error', { code, message, param: null, error: { type, code, message, param: null } });
    return out + thrown + lifecycle('response.failed', answer, { status: 'failed', error: { code, message } });
  }

  function encode(event: IrEvent): string {
    if (ended) return '';
    switch (event.type) {
      case 'start':
        return begin(event.id).out;
      case 'usage':
        usage = { ...usage, ...event.usage };
        return '';
      case 'finish':
        finish = event.finish;
        return begun?.items.close() ?? '';
      case 'error':
        return fail(event.error);
      default: {
        const { answer, out } = begin();
        return out + answer.items.write(event);
      }
    }
  }

  return {
    contentType: 'text/event-stream; charset=utf-8',
    encode,
    // codex shortens the conversation only when a stream says that it is too long; a status ends its work.
    readsOnlyInStream: (error) => error.type === 'context-overflow',
    /** A repeated event of the answer's life: comments do not keep codex's own clock for silent streams from running out. */
    heartbeat() {
      if (ended) return '';
      const { answer, out } = begin();
      return out === '' ? lifecycle('response.in_progress', answer) : out;
    },
    end() {
      if (ended) return '';
      if (finish === undefined) return fail(truncatedError());
      const { answer, out } = begin();
      const silent = finish.reason === 'refusal' && !answer.items.hasRefusal;
      const said = silent ? answer.items.write({ type: 'refusal-delta', text: silentRefusal }) + answer.items.close() : '';
      const fields = encodeFinish(finish);
      const last = lifecycle(fields['status'] === 'incomplete' ? 'response.incomplete' : 'response.completed', answer, { ...fields, usage: encodeUsage(usage) });
      ended = true;
      return out + said + last;
    },
  };
}
