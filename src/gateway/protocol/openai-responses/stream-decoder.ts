/**
 * The events of a Responses server → ours. Servers leave out much of what OpenAI sends: Ollama the parts of summaries, others
 * every delta, the event's type from its data, or the final list of items.
 */
import { decodeErrorValue, malformedError, truncatedError } from '../error-answers.ts';
import { messageOfForeignBody } from '../http-errors.ts';
import { randomId } from '../ids.ts';
import { isJsonObject, parseJson } from '../json.ts';
import { createSseParser, type SseItem } from '../sse.ts';
import { createItemKeys } from './item-keys.ts';
import { createItemReader } from './item-reader.ts';
import { decodeFinish, failureOf } from './response.ts';
import { eventSchema, type WireEvent, type WireResponse } from './schema.ts';
import { decodeUsage } from './usage.ts';
import type { StreamDecoder, UpstreamContext } from '../codec.ts';
import type { IrError, IrEvent, Json } from '../ir.ts';

export function createStreamDecoder(context: UpstreamContext = {}): StreamDecoder {
  const parser = createSseParser();
  let out: IrEvent[] = [];
  let started = false;
  let ended = false;
  let closing = false;
  let stray = '';
  const keys = createItemKeys();
  const reader = createItemReader((event) => out.push(event), context);

  function fail(error: IrError): void {
    if (ended) return;
    ended = true;
    out.push({ type: 'error', error });
  }

  function start(response: WireResponse | null | undefined): void {
    if (started) return;
    started = true;
    out.push({ type: 'start', id: response?.id || (context.newId ?? randomId)('resp_'), model: response?.model ?? '' });
  }

  function finish(response: WireResponse): void {
    const failure = failureOf(response);
    if (failure !== undefined) return fail(failure);
    start(response);
    for (const [index, item] of (response.output ?? []).entries()) if (!reader.itemDone(keys.ofFinal(index, item), item)) return fail(namelessCall());
    reader.close();
    const usage = decodeUsage(response.usage);
    if (Object.keys(usage).length > 0) out.push({ type: 'usage', usage });
    out.push({ type: 'finish', finish: decodeFinish(response, [...(reader.sawCall ? [{ type: 'tool-call' }] : []), ...(reader.sawRefusal ? [{ type: 'refusal' }] : [])]) });
    ended = true;
  }

  function take(event: WireEvent): void {
    switch (event.type) {
      case 'response.created':
      case 'response.in_progress':
      case 'response.queued':
        return start(event.response);
      case 'response.completed':
      case 'response.incomplete':
      case 'response.done':
        if (!event.response) return fail(malformedError(`the model server sent ${event.type} without an answer`));
        return finish({ ...event.response, status: event.response.status ?? event.type.slice('response.'.length) });
      case 'response.failed':
      case 'response.cancelled':
        return fail(failureOf({ ...event.response, status: 'failed' }) ?? malformedError('the model server gave up without a reason'));
      case 'error':
        return fail(decodeErrorValue((event.error ?? { message: event.message ?? null, code: event.code ?? null }) as Json));
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
        if (event.item && !reader.itemDone(key, event.item)) fail(namelessCall());
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

  function read(item: SseItem): void {
    if (ended) return;
    if (item.type === 'stray') return readStray(item.text);
    const data = item.data.trim();
    if (data === '' || data === '[DONE]') return;
    const value = parseJson(data);
    if (value === undefined && closing) return; // the connection broke within the event
    const event = eventSchema.safeParse(value);
    if (!event.success) return fail(malformedError('the model server sent an event that is none of the Responses API'));
    take({ ...event.data, type: event.data.type ?? item.event ?? (event.data.error ? 'error' : undefined) });
  }

  /** An error that was written into the stream without being an event, or no event stream at all. */
  function readStray(text: string): void {
    const value = parseJson(text.replace(/^error:\s*/, ''));
    if (isJsonObject(value) && (text.startsWith('error:') || value['error'] !== undefined)) fail(decodeErrorValue(value));
    else stray ||= text;
  }

  function readAll(next: () => readonly SseItem[]): void {
    try {
      for (const item of next()) read(item);
    } catch (error) {
      fail(malformedError(error instanceof Error ? error.message : String(error)));
    }
  }

  function drain(): readonly IrEvent[] {
    const events = out;
    out = [];
    return events;
  }

  return {
    push(bytes) {
      readAll(() => parser.push(bytes));
      return drain();
    },
    end() {
      closing = true;
      readAll(() => parser.end());
      if (!started && stray !== '') fail(malformedError(`the model server answered with something else than events: ${messageOfForeignBody(200, stray)}`));
      fail(truncatedError());
      return drain();
    },
  };
}

function namelessCall(): IrError {
  return malformedError('the model server sent a tool call without a name');
}
