import assert from 'node:assert/strict';
import fc from 'fast-check';
import { protocols, type Protocol } from '../../../../src/core/protocol.ts';
import type { AnswerContext } from '../../../../src/gateway/protocol/codec.ts';
import { codecs } from '../../../../src/gateway/protocol/codecs.ts';
import { responseEvents } from '../../../../src/gateway/protocol/collect.ts';
import type { IrRequest, IrResponse, Json } from '../../../../src/gateway/protocol/ir.ts';
import { argumentsObject, parseBodyJson } from '../../../../src/gateway/protocol/json.ts';

/** No JavaScript number: read as one it ends in 2. */
const id = '9007199254740993';
const input = `{"id":${id},"deep":[{"price":0.1234567890123456789}]}`;
const request: IrRequest = {
  model: 'm',
  stream: false,
  temperature: 0.5,
  maxOutputTokens: 100,
  tools: [{ type: 'function', name: 'find', schema: { type: 'object', properties: { id: { type: 'integer' } } } }],
  messages: [
    { role: 'user', parts: [{ type: 'text', text: 'find it' }] },
    { role: 'assistant', parts: [{ type: 'tool-call', id: 'call_1', name: 'find', input: { type: 'json', text: input } }] },
    { role: 'user', parts: [{ type: 'tool-result', callId: 'call_1', name: 'find', content: [{ type: 'text', text: 'there' }], isError: false }] },
  ],
};
const response: IrResponse = { id: 'r1', model: 'm', parts: [{ type: 'tool-call', id: 'call_2', name: 'find', input: { type: 'json', text: input } }], finish: { reason: 'tool-calls' }, usage: { inputUncached: 3, outputText: 4 } };
const line = { model: 'm', stream: false, sse: true };

/** Through text, as on the wire. */
function read(body: Json): Json {
  const value = parseBodyJson(JSON.stringify(body));
  assert.ok(value !== undefined);
  return value;
}

const wireRequest = (protocol: Protocol): Json => codecs[protocol].encodeRequest(request, {}).body;
const contextOf = (protocol: Protocol): AnswerContext => codecs[protocol].decodeRequest(read(wireRequest(protocol)), line).context;
const withoutEscapes = (text: string): string => text.replaceAll('\\', '');

describe('numbers that JavaScript cannot hold', () => {
  for (const client of protocols) {
    for (const server of protocols) {
      it(`survive in the history of a ${client} client at a ${server} server`, () => {
        const { body } = codecs[server].encodeRequest(codecs[client].decodeRequest(read(wireRequest(client)), line).request, {});
        assert.ok(withoutEscapes(JSON.stringify(body)).includes(input), JSON.stringify(body));
      });

      it(`survive in a call from a ${server} server to a ${client} client`, () => {
        const wire = read(codecs[server].encodeResponse(response, contextOf(server)));
        const whole = JSON.stringify(codecs[client].encodeResponse(codecs[server].decodeResponse(wire).response, contextOf(client)));
        assert.ok(withoutEscapes(whole).includes(input), whole);

        const upstream = codecs[server].createStreamEncoder(contextOf(server));
        const bytes = new TextEncoder().encode(responseEvents(response).map((event) => upstream.encode(event)).join('') + upstream.end());
        const decoder = codecs[server].createStreamDecoder();
        const encoder = codecs[client].createStreamEncoder(contextOf(client));
        const streamed = [...decoder.push(bytes), ...decoder.end()].map((event) => encoder.encode(event)).join('') + encoder.end();
        assert.ok(withoutEscapes(streamed).includes(input), streamed);
      });
    }
  }

  it('survive in what a tool of a gemini client gave back', () => {
    const body = `{"contents":[{"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[{"functionCall":{"name":"find","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"name":"find","response":{"id":${id},"ok":true}}}]}]}`;
    const { body: sent } = codecs['openai-chat'].encodeRequest(codecs.gemini.decodeRequest(parseBodyJson(body) ?? null, line).request, {});
    assert.ok(JSON.stringify(sent).includes(id), JSON.stringify(sent));
  });

  it('are ordinary numbers wherever the wire itself has them', () => {
    const body = `{"model":"m","max_tokens":100.0,"temperature":0.50,"top_k":1e0,"metadata":{"n":${id}},"messages":[{"role":"user","content":"hi"}],"tools":[]}`;
    const { request: decoded } = codecs['anthropic-messages'].decodeRequest(parseBodyJson(body) ?? null, line);
    assert.deepEqual([decoded.maxOutputTokens, decoded.temperature, decoded.topK], [100, 0.5, 1]);
  });

  it('alone are no arguments', () => assert.equal(JSON.stringify(argumentsObject(id)), `{"invalid_arguments":"${id}"}`));

  it('are the only difference to JSON.parse', () => {
    fc.assert(
      fc.property(fc.json(), fc.boolean(), (text, delicate) => {
        const whole = delicate ? `{"a":${text},"n":${id}}` : text;
        assert.deepEqual(parseBodyJson(whole), JSON.parse(whole));
      }),
    );
  });

  it('make no nonsense of what is no JSON, however deep', () => {
    assert.equal(parseBodyJson(`{"id":${id}`), undefined);
    const depth = 200_000;
    const deep = parseBodyJson(`${'['.repeat(depth)}${id}${']'.repeat(depth)}`);
    assert.ok(deep === undefined || Array.isArray(deep));
  });
});
