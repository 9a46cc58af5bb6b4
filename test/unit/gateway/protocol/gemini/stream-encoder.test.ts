import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { responseEvents } from '../../../../../src/gateway/protocol/collect.ts';
import { gemini } from '../../../../../src/gateway/protocol/gemini/index.ts';
import type { IrAssistantPart, IrEvent, IrFinish, Json, JsonObject } from '../../../../../src/gateway/protocol/ir.ts';
import { answers, collect } from '../arbitrary.ts';
import { decodePieces, streamsIn } from '../replay.ts';
import { assertAccepted, readAsGemini } from './gemini-client.ts';

const hi: Json = [{ role: 'user', parts: [{ text: 'hi' }] }];
const { context } = gemini.decodeRequest({ contents: hi, generationConfig: { thinkingConfig: { includeThoughts: true } } }, { model: 'qwen3:30b', stream: true, sse: true });
const { context: arrayContext } = gemini.decodeRequest({ contents: hi }, { model: 'm', stream: true, sse: false });

/** One piece for each event, as the socket delivers them, with a heartbeat behind each. */
function piecesOf(events: readonly IrEvent[], { beats = true, from = context } = {}): readonly string[] {
  const encoder = gemini.createStreamEncoder(from);
  const pieces = [beats ? encoder.heartbeat() : ''];
  for (const event of events) {
    pieces.push(encoder.encode(event));
    if (beats) pieces.push(encoder.heartbeat());
  }
  return [...pieces, encoder.end()].filter((piece) => piece !== '');
}

const start: IrEvent = { type: 'start', id: 'msg_1', model: 'claude' };
const finish = (reason: Exclude<IrFinish['reason'], 'stop-sequence'>): IrEvent => ({ type: 'finish', finish: { reason } });
const text = (block: number, ...pieces: string[]): IrEvent[] => [{ type: 'text-start', block }, ...pieces.map((piece): IrEvent => ({ type: 'text-delta', block, text: piece })), { type: 'text-end', block }];
const partsOf = (events: readonly IrEvent[]): JsonObject[] => readAsGemini(piecesOf(events)).flatMap((chunk) => chunk['candidates'][0].content.parts as JsonObject[]);

describe('gemini: streams to a client', () => {
  it('are accepted by gemini for every stream that any Gemini server sends', () => {
    for (const { name, bytes } of streamsIn('gemini/streams')) {
      const events = decodePieces(gemini.createStreamDecoder(), [bytes]);
      if (events.some((event) => event.type === 'error')) assert.throws(() => readAsGemini(piecesOf(events, { beats: false })), name);
      else assertAccepted(readAsGemini(piecesOf(events)));
    }
  });

  it('are accepted for every answer, and say the same when they are read again', () => {
    fc.assert(
      fc.property(answers({ signatures: false, refusals: false, images: true }), fc.boolean(), (answer, sse) => {
        const pieces = piecesOf(responseEvents(answer), { from: sse ? context : { ...context, sse } });
        if (sse) assertAccepted(readAsGemini(pieces));
        else assert.ok(Array.isArray(JSON.parse(pieces.join(''))));
        const again = collect(decodePieces(gemini.createStreamDecoder(), [new TextEncoder().encode(pieces.join(''))]));
        assert.deepEqual(said(again.parts), said(answer.parts));
        assert.deepEqual(again.finish, answer.finish);
        const { inputUncached = 0, cacheWrite = 0, ...counts } = answer.usage;
        assert.deepEqual(again.usage, { ...counts, inputUncached: inputUncached + cacheWrite }, 'the wire has no word for writing to the cache');
      }),
    );
  });

  it('hold exactly `data: ` with one line of JSON, and nothing else but line ends', () => {
    const pieces = piecesOf([start, ...text(0, 'a\nb', 'ü🥊'), finish('stop')]);
    for (const piece of pieces) assert.match(piece, /^(?:\n|data: \{[^\n\r]*\}\n\n)$/);
  });

  it('survive the line separators that JSON leaves as they are and gemini’s pattern does not', () => {
    const said = partsOf([start, ...text(0, 'a\u2028b', 'c\u2029d'), finish('stop')]).map((part) => part['text']);
    assert.deepEqual(said, ['a\u2028b', 'c\u2029d']);
  });

  it('carry the client’s model name, the server’s id, and the usage at the end', () => {
    const chunks = readAsGemini(piecesOf([start, ...text(0, 'a'), finish('stop'), { type: 'usage', usage: { inputUncached: 10, cacheRead: 90, cacheWrite: 5, outputText: 3, outputReasoning: 4 } }]));
    assert.deepEqual([chunks[0]?.['modelVersion'], chunks[0]?.['responseId'], chunks[0]?.['usageMetadata']], ['qwen3:30b', 'msg_1', undefined]);
    assert.deepEqual(chunks.at(-1)?.['usageMetadata'], { promptTokenCount: 105, cachedContentTokenCount: 90, candidatesTokenCount: 3, thoughtsTokenCount: 4, totalTokenCount: 112 });
  });

  it('say why an answer ended', () => {
    const reasonOf = (reason: Parameters<typeof finish>[0]): unknown => readAsGemini(piecesOf([start, ...text(0, 'a'), finish(reason)])).at(-1)?.['candidates'][0].finishReason;
    assert.deepEqual((['stop', 'tool-calls', 'pause', 'length', 'content-filter', 'refusal'] as const).map(reasonOf), ['STOP', 'STOP', 'STOP', 'MAX_TOKENS', 'SAFETY', 'SAFETY']);
  });

  it('give a call as one part with its id, in the order in which the calls were begun', () => {
    const interleaved: IrEvent[] = [
      start,
      { type: 'tool-call-start', block: 0, id: 'a', name: 'f', input: 'json' },
      { type: 'tool-call-start', block: 1, id: 'b', name: 'g', input: 'json' },
      { type: 'tool-call-delta', block: 1, text: '' },
      { type: 'tool-call-delta', block: 0, text: '{"x":' },
      { type: 'tool-call-end', block: 1 },
      { type: 'tool-call-delta', block: 0, text: '1}' },
      { type: 'tool-call-end', block: 0 },
      finish('tool-calls'),
    ];
    assert.deepEqual(partsOf(interleaved), [{ functionCall: { id: 'a', name: 'f', args: { x: 1 } } }, { functionCall: { id: 'b', name: 'g', args: {} } }]);
  });

  it('put what another vendor’s server wants to see again beside the call, because gemini forgets thoughts', () => {
    const parts = partsOf([
      start,
      { type: 'reasoning-start', block: 0, summary: false },
      { type: 'reasoning-delta', block: 0, text: 'deep' },
      { type: 'reasoning-end', block: 0, signature: { origin: 'anthropic-messages', value: 'SIG' } },
      { type: 'tool-call-start', block: 1, id: 'toolu_1', name: 'f', input: 'json' },
      { type: 'tool-call-end', block: 1 },
      { type: 'tool-call-start', block: 2, id: 'toolu_2', name: 'f', input: 'json' },
      { type: 'tool-call-end', block: 2 },
      finish('tool-calls'),
    ]);
    assert.equal(parts[2]?.['thoughtSignature'], undefined, 'the second call carries nothing');
    // What gemini sends back: no thoughts, and the name in front of each id.
    const kept = parts.filter((part) => part['thought'] !== true).map((part) => ({ ...part, functionCall: { ...(part['functionCall'] as JsonObject), id: `f__${String((part['functionCall'] as JsonObject)['id'])}` } }));
    const { request } = gemini.decodeRequest({ contents: [...(hi as Json[]), { role: 'model', parts: kept }] }, { model: 'm' });
    assert.deepEqual(request.messages[1]?.parts, [
      { type: 'reasoning', text: 'deep', summary: false, signature: { origin: 'anthropic-messages', value: 'SIG' } },
      { type: 'tool-call', id: 'toolu_1', name: 'f', input: { type: 'json', text: '{}' } },
      { type: 'tool-call', id: 'toolu_2', name: 'f', input: { type: 'json', text: '{}' } },
    ]);
  });

  it('put thoughts back where they stood among the words, as Anthropic wants them', () => {
    const thought = (block: number, value: string): IrEvent[] => [{ type: 'reasoning-start', block, summary: false }, { type: 'reasoning-delta', block, text: `t${block}` }, { type: 'reasoning-end', block, signature: { origin: 'anthropic-messages', value } }];
    const calls = (block: number): IrEvent[] => [{ type: 'tool-call-start', block, id: `c${block}`, name: 'f', input: 'json' }, { type: 'tool-call-end', block }];
    const spoken = partsOf([start, ...thought(0, 'A'), ...text(1, 'ab', 'cd'), ...thought(2, 'B'), ...text(3, 'ef'), ...calls(4), ...text(5, 'gh'), ...thought(6, 'C'), ...calls(7), finish('tool-calls')]);
    // gemini joins neighbouring words and forgets thoughts.
    const kept: JsonObject[] = [];
    for (const part of spoken.filter((one) => one['thought'] !== true)) {
      const last = kept.at(-1);
      if (last && typeof last['text'] === 'string' && typeof part['text'] === 'string') kept[kept.length - 1] = { text: last['text'] + part['text'] };
      else kept.push(part);
    }
    const { request } = gemini.decodeRequest({ contents: [...(hi as Json[]), { role: 'model', parts: kept }] }, { model: 'm' });
    assert.deepEqual(request.messages[1]?.parts.map((part) => ('text' in part ? part.text : part.type === 'tool-call' && part.id)), ['t0', 'abcd', 't2', 'ef', 'c4', 'gh', 't6', 'c7']);
  });

  it('hand Gemini’s own signatures on as they are', () => {
    assert.deepEqual(
      partsOf([
        start,
        { type: 'reasoning-start', block: 0, summary: true },
        { type: 'reasoning-delta', block: 0, text: 'Hm' },
        { type: 'reasoning-end', block: 0, signature: { origin: 'gemini', value: 'T' } },
        ...text(1, 'I look.'),
        { type: 'reasoning-start', block: 2, summary: true },
        { type: 'reasoning-end', block: 2, signature: { origin: 'gemini', value: 'W' } },
        { type: 'tool-call-start', block: 3, id: 'c', name: 'f', input: 'json' },
        { type: 'tool-call-end', block: 3, signature: { origin: 'gemini', value: 'C' } },
        finish('tool-calls'),
      ]),
      [{ text: 'Hm', thought: true }, { text: '', thought: true, thoughtSignature: 'T' }, { text: 'I look.' }, { text: '', thoughtSignature: 'W' }, { functionCall: { id: 'c', name: 'f', args: {} }, thoughtSignature: 'C' }],
    );
  });

  it('show thoughts only to a client that asked for them', () => {
    const events: IrEvent[] = [start, { type: 'reasoning-start', block: 0, summary: false }, { type: 'reasoning-delta', block: 0, text: 'secret' }, { type: 'reasoning-end', block: 0 }, ...text(1, 'a'), finish('stop')];
    assert.doesNotMatch(piecesOf(events, { from: { ...context, showsThoughts: false } }).join(''), /secret/);
  });

  it('give a refusal words, so that gemini does not ask again', () => {
    assert.deepEqual(partsOf([start, finish('refusal')]), [{ text: 'The model declined to answer.' }]);
    assert.deepEqual(partsOf([start, { type: 'refusal-delta', text: 'No.' }, finish('refusal')]), [{ text: 'No.' }]);
  });

  it('report an error in mid-stream as bare JSON, which gemini throws, and nothing after it', () => {
    const pieces = piecesOf([start, ...text(0, 'half'), { type: 'error', error: { type: 'rate-limit', status: 429, message: 'Slow down', retryAfterMs: 1500 } }, ...text(1, 'more')]);
    assert.throws(() => readAsGemini(pieces), /got status: RESOURCE_EXHAUSTED\. Slow down/);
    assert.deepEqual(JSON.parse(pieces.at(-1) ?? ''), { error: { code: 429, message: 'Slow down', status: 'RESOURCE_EXHAUSTED', details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '1.5s' }] } });
    // Read together with what was before it, it is still no answer.
    assert.throws(() => readAsGemini([pieces.join('')]), /Incomplete JSON segment/);
  });

  it('never pretend an end', () => {
    assert.throws(() => readAsGemini(piecesOf([start, ...text(0, 'half')])), /closed the stream before the end/);
  });

  it('are one JSON array for a client that did not ask for events', () => {
    const arrayOf = (events: readonly IrEvent[]): JsonObject[] => JSON.parse(piecesOf(events, { from: arrayContext }).join('')) as JsonObject[];
    assert.equal(arrayOf([start, ...text(0, 'a', 'b'), finish('stop')]).length, 3);
    assert.deepEqual(Object.keys(arrayOf([start, ...text(0, 'a'), { type: 'error', error: { type: 'server', status: 500, message: 'x' } }])[1] ?? {}), ['error']);
    assert.equal(gemini.createStreamEncoder(arrayContext).contentType, 'application/json; charset=utf-8');
  });
});

/** Neighbouring texts are one text on this wire, and its only thoughts are summaries. */
function said(parts: readonly IrAssistantPart[]): readonly unknown[] {
  const joined: { type: string; text?: string }[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    const { signature: _, summary: _summary, ...plain } = { signature: undefined, summary: undefined, ...part };
    if (last && 'text' in plain && last.type === plain.type) last.text = `${last.text ?? ''}${plain.text}`;
    else joined.push({ ...plain });
  }
  return joined;
}
