/**
 * The events of a Responses server → ours. Servers leave out much of what OpenAI sends: Ollama the parts of summaries, others
 * every delta, the event's type from its data, or the final list of items.
 */
import { decodeErrorValue, malformedError, truncatedError } from '../error-answers.ts';
import { randomId } from '../ids.ts';
import { createSseAnswerDecoder, type EventSink, type SseAnswer } from '../sse-answer.ts';
import { createItemKeys } from './item-keys.ts';
import { createItemReader } from './item-reader.ts';
import { decodeFinish, decodeResponse, failureOf } from './response.ts';
import { eventSchema, type WireEvent, type WireResponse } from './schema.ts';
import { decodeUsage } from './usage.ts';
import type { StreamDecoder, UpstreamContext } from '../codec.ts';
import type { IrError, Json } from '../ir.ts';

export function createStreamDecoder(context: UpstreamContext = {}): StreamDecoder {
  return createSseAnswerDecoder((sink) => createEventReader(sink, context));
}

function createEventReader(sink: EventSink, context: UpstreamContext): SseAnswer {
  let isStarted = false;
  const keys = createItemKeys();
  const reader = createItemReader((event) => sink.emit(event), context);

  function start(response: WireResponse | null | undefined): void {
    if (isStarted) return;
    isStarted = true;
    sink.emit({ type: 'start', id: response?.id || (context.newId ?? randomId)('resp_'), model: response?.model ?? '' });
  }

  function finish(response: WireResponse): void {
    const failure = failureOf(response);
    if (failure !== undefined) return sink.fail(failure);
    start(response);
    for (const [index, item] of (response.output ?? []).entries()) if (!reader.itemDone(keys.ofFinal(index, item), item)) return sink.fail(namelessCall());
    reader.close();
    const usage = decodeUsage(response.usage);
    if (Object.keys(usage).length > 0) sink.emit({ type: 'usage', usage });
    sink.emit({ type: 'finish', finish: decodeFinish(response, [...(reader.sawCall ? [{ type: 'tool-call' }] : []), ...(reader.sawRefusal ? [{ type: 'refusal' }] : [])]) });
    sink.end();
  }

  function take(value: Json, name: string | undefined): void {
    const parsed = eventSchema.safeParse(value);
    if (!parsed.success) return sink.fail(malformedError('the model server sent an event that is none of the Responses API'));
    const event = { ...parsed.data, type: parsed.data.type ?? name ?? (parsed.data.error ? 'error' : undefined) };
    switch (event.type) {
      case 'response.created':
      case 'response.in_progress':
      case 'response.queued':
        return start(event.response);
      case 'response.completed':
      case 'response.incomplete':
      case 'response.done':
        if (!event.response) return sink.fail(malformedError(`the model server sent ${event.type} without an answer`));
        return finish({ ...event.response, status: event.response.status ?? event.type.slice('response.'.length) });
      case 'response.failed':
      case 'response.cancelled':
        return sink.fail(failureOf({ ...event.response, status: 'failed' }) ?? malformedError('the model server gave up without a reason'));
      case 'error':
        return sink.fail(decodeErrorValue((event.error ?? { message: event.message ?? null, code: event.code ?? null }) as Json));
    }
    if (event.type?.startsWith('response.') !== true) return; // `keepalive` and what else may come
    start(undefined);
    takePiece(event);
  }

  function takePiece(event: WireEvent): void {
    const key = keys.of(event);
    const piece = typeof event.delta === 'string' ? event.delta : '';
    const id = event.item_id ?? undefined;
    switch (event.type) {
      case 'response.output_item.added':
        if (event.item?.type === 'function_call' || event.item?.type === 'custom_tool_call') reader.callStart(key, event.item);
        return;
      case 'response.output_item.done':
        if (event.item && !reader.itemDone(key, event.item)) sink.fail(namelessCall());
        return;
      case 'response.output_text.delta':
        return reader.text(key, event.content_index ?? 0, piece);
      case 'response.output_text.done':
        return reader.textDone(key, event.content_index ?? 0, event.text ?? undefined);
      case 'response.refusal.delta':
        return reader.refusal(key, piece);
      case 'response.refusal.done':
        return reader.refusalDone(key, event.refusal ?? undefined);
      case 'response.reasoning_summary_text.delta':
        return reader.summary(key, event.summary_index ?? 0, piece, id);
      case 'response.reasoning_text.delta':
      case 'response.reasoning.delta':
        return reader.thoughts(key, piece, id);
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta':
        return reader.callInput(key, piece);
      case 'response.function_call_arguments.done':
      case 'response.custom_tool_call_input.done':
        return reader.callDone(key, event.arguments ?? event.input ?? undefined);
    }
  }

  return {
    take,
    // Some send chat's last line as well; the answer's own last event is what counts.
    takeDone: () => {},
    takeClose: () => sink.fail(truncatedError()),
    get isStarted() {
      return isStarted;
    },
    decodeWhole: (body) => decodeResponse(body, context).response,
  };
}

function namelessCall(): IrError {
  return malformedError('the model server sent a tool call without a name');
}
