import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { UpstreamTraits } from '../../../../../src/gateway/protocol/codec.ts';
import { decodeCountAnswer, encodeCountRequest, gemini } from '../../../../../src/gateway/protocol/gemini/index.ts';
import type { IrAssistantPart, IrMessage, IrRequest, IrSignature, IrUserPart, JsonObject } from '../../../../../src/gateway/protocol/ir.ts';
import { assistantParts } from '../arbitrary.ts';

const hi: IrMessage = { role: 'user', parts: [{ type: 'text', text: 'hi' }] };
const minimal: IrRequest = { model: 'gemini-3-pro', messages: [hi], tools: [], stream: true };

function encode(request: Partial<IrRequest>, traits: UpstreamTraits = {}): { readonly body: JsonObject; readonly codes: readonly string[] } {
  const { body, warnings } = gemini.encodeRequest({ ...minimal, ...request }, traits);
  return { body: body as JsonObject, codes: warnings.map(({ code }) => code) };
}

function contentsOf(messages: readonly IrMessage[], model = 'gemini-3-pro'): { readonly role: string; readonly parts: readonly JsonObject[] }[] {
  return encode({ messages, model }).body['contents'] as unknown as { role: string; parts: JsonObject[] }[];
}

const call = (id: string, name = 'f', signature?: IrSignature): IrAssistantPart => ({ type: 'tool-call', id, name, input: { type: 'json', text: '{}' }, ...(signature === undefined ? {} : { signature }) });
const result = (callId: string, text = 'x'): IrUserPart => ({ type: 'tool-result', callId, content: [{ type: 'text', text }], isError: false });

describe('gemini: requests to a server', () => {
  it('say model and streaming in the address', () => {
    const pathOf = (model: string, stream: boolean): string => gemini.encodeRequest({ ...minimal, model, stream }, {}).path;
    assert.equal(pathOf('gemini-3-pro', true), '/models/gemini-3-pro:streamGenerateContent?alt=sse');
    assert.equal(pathOf('models/gemini-3-pro', false), '/models/gemini-3-pro:generateContent');
    assert.equal(pathOf('tunedModels/mine', false), '/tunedModels/mine:generateContent');
    assert.equal(pathOf('openai/gpt-oss:20b', false), '/models/openai/gpt-oss:20b:generateContent');
    assert.equal(pathOf('a?b#c d', false), '/models/a%3Fb%23c%20d:generateContent');
  });

  it('are as small as what was asked', () => {
    const { body, warnings } = gemini.encodeRequest(minimal, {});
    assert.deepEqual([body, warnings], [{ contents: [{ role: 'user', parts: [{ text: 'hi' }] }] }, []]);
  });

  it('join turns of one role, leave empty parts out, and begin with the user', () => {
    const messages: IrMessage[] = [
      { role: 'system', developer: false, parts: [{ type: 'text', text: 'a' }, { type: 'text', text: '' }] },
      { role: 'system', developer: true, parts: [{ type: 'text', text: 'b' }] },
      hi,
      { role: 'system', developer: false, parts: [{ type: 'text', text: 'c' }] },
      { role: 'user', parts: [{ type: 'text', text: '' }, { type: 'text', text: 'd' }] },
      { role: 'assistant', parts: [{ type: 'text', text: '' }, { type: 'text', text: 'e' }] },
      { role: 'assistant', parts: [{ type: 'refusal', text: 'f' }] },
      { role: 'assistant', parts: [{ type: 'text', text: '' }] },
      hi,
    ];
    const { body, codes } = encode({ messages });
    assert.deepEqual(body['systemInstruction'], { parts: [{ text: 'a' }, { text: 'b' }] });
    assert.deepEqual(body['contents'], [{ role: 'user', parts: [{ text: 'hi' }, { text: '<system-reminder>\nc\n</system-reminder>' }, { text: 'd' }] }, { role: 'model', parts: [{ text: 'e' }, { text: 'f' }] }, { role: 'user', parts: [{ text: 'hi' }] }]);
    assert.deepEqual(codes, ['approximated']);
    assert.deepEqual(contentsOf([{ role: 'assistant', parts: [{ type: 'text', text: 'x' }] }]).map(({ role }) => role), ['user', 'model']);
  });

  it('sign calls with what Gemini signed, or say that nobody did, once for each step', () => {
    const messages: IrMessage[] = [
      hi,
      { role: 'assistant', parts: [call('a'), call('b')] },
      { role: 'user', parts: [result('a'), result('b')] },
      { role: 'assistant', parts: [call('c', 'f', { origin: 'gemini', value: 'C' }), call('d')] },
      { role: 'user', parts: [result('c'), result('d')] },
      { role: 'assistant', parts: [call('e', 'f', { origin: 'anthropic-messages', value: 'SIG' })] },
      { role: 'user', parts: [result('e')] },
    ];
    assert.deepEqual(contentsOf(messages).filter(({ role }) => role === 'model').map(({ parts }) => parts.map((part) => part['thoughtSignature'])), [['skip_thought_signature_validator', undefined], ['C', undefined], ['skip_thought_signature_validator']]);
    assert.deepEqual(encode({ messages }).codes, ['dropped-signature']);
    assert.doesNotMatch(JSON.stringify(encode({ messages }).body), /SIG/);
  });

  it('hand Gemini its own thoughts back where they were, and nobody else’s', () => {
    const messages: IrMessage[] = [
      hi,
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'Hm', summary: true, signature: { origin: 'gemini', value: 'T' } },
          { type: 'text', text: 'I look.' },
          { type: 'reasoning', text: '', summary: true, signature: { origin: 'gemini', value: 'W' } },
          { type: 'reasoning', text: 'unsigned', summary: true },
          { type: 'reasoning', text: 'foreign', summary: false, signature: { origin: 'anthropic-messages', value: 'SIG' } },
          { type: 'reasoning', text: '', summary: true, signature: { origin: 'gemini', value: 'alone' } },
        ],
      },
      hi,
    ];
    assert.deepEqual(contentsOf(messages)[1]?.parts, [{ text: 'Hm', thought: true, thoughtSignature: 'T' }, { text: 'I look.', thoughtSignature: 'W' }, { text: '', thoughtSignature: 'alone' }]);
    assert.deepEqual(encode({ messages }).codes, ['dropped-signature']);
  });

  it('say results in the order of their calls, with names, and errors as errors', () => {
    const messages: IrMessage[] = [
      hi,
      { role: 'assistant', parts: [call('a', 'ls'), call('b', 'ls')] },
      { role: 'user', parts: [result('b', 'second'), { type: 'tool-result', callId: 'a', content: [{ type: 'text', text: 'no such file' }], isError: true }, { type: 'text', text: 'go on' }] },
    ];
    assert.deepEqual(contentsOf(messages)[2]?.parts, [{ functionResponse: { id: 'a', name: 'ls', response: { error: 'no such file' } } }, { functionResponse: { id: 'b', name: 'ls', response: { output: 'second' } } }, { text: 'go on' }]);
  });

  it('put an image of a result into it where the model takes that, and behind the results elsewhere', () => {
    const messages: IrMessage[] = [hi, { role: 'assistant', parts: [call('a'), call('b')] }, { role: 'user', parts: [{ type: 'tool-result', callId: 'a', content: [{ type: 'text', text: 'see' }, { type: 'image', media: { type: 'base64', mediaType: 'image/png', data: 'AA==' } }], isError: false }, result('b')] }];
    const image = { inlineData: { mimeType: 'image/png', data: 'AA==' } };
    assert.deepEqual(contentsOf(messages)[2]?.parts[0], { functionResponse: { id: 'a', name: 'f', response: { output: 'see' }, parts: [image] } });
    assert.deepEqual(contentsOf(messages, 'gemini-2.5-flash')[2]?.parts.map((part) => Object.keys(part)[0]), ['functionResponse', 'functionResponse', 'inlineData']);
    assert.equal((encode({ messages }, { images: false }).codes)[0], 'unsupported-part');
  });

  it('say media of every kind', () => {
    const parts: IrUserPart[] = [
      { type: 'image', media: { type: 'url', url: 'https://x/a.png?b=1' } },
      { type: 'document', media: { type: 'base64', mediaType: 'application/pdf', data: 'JV==' }, title: 'r.pdf' },
      { type: 'document', media: { type: 'text', text: 'body', mediaType: 'text/plain' }, title: 'notes' },
      { type: 'audio', media: { type: 'base64', mediaType: 'audio/wav', data: 'AA==' } },
      { type: 'image', media: { type: 'file', id: 'gs://b/a', origin: 'gemini' } },
      { type: 'image', media: { type: 'file', id: 'file-1', origin: 'openai-responses' } },
    ];
    const { body, codes } = encode({ messages: [{ role: 'user', parts }] });
    assert.deepEqual((body['contents'] as unknown as { parts: unknown }[])[0]?.parts, [
      { fileData: { fileUri: 'https://x/a.png?b=1', mimeType: 'image/png' } },
      { inlineData: { mimeType: 'application/pdf', data: 'JV==' } },
      { text: 'notes\n\nbody' },
      { inlineData: { mimeType: 'audio/wav', data: 'AA==' } },
      { fileData: { fileUri: 'gs://b/a' } },
      { text: '[an image was left out: this model cannot read it]' },
    ]);
    assert.deepEqual(codes, ['unsupported-part']);
  });

  it('declare tools as JSON schema, in names that Gemini takes, custom ones as functions', () => {
    const tools: IrRequest['tools'] = [
      { type: 'function', name: 'mail/send', description: 'Sends.', schema: { $schema: 'x', type: 'object', properties: { to: { type: ['string', 'null'] } }, additionalProperties: false } },
      { type: 'function', name: '1st', schema: { type: 'object', properties: {} } },
      { type: 'custom', name: 'apply_patch', description: 'P', grammar: { syntax: 'lark', definition: 'start: x' } },
    ];
    const { body, context } = gemini.encodeRequest({ ...minimal, tools, toolChoice: { type: 'tool', name: 'mail/send' } }, {});
    const [first, second, third] = (body as { tools: { functionDeclarations: JsonObject[] }[] }).tools[0]?.functionDeclarations ?? [];
    assert.deepEqual(first, { name: 'mail_send', description: 'Sends.', parametersJsonSchema: { $schema: 'x', type: 'object', properties: { to: { type: ['string', 'null'] } }, additionalProperties: false } });
    assert.deepEqual(second, { name: '_1st' });
    assert.match(String(third?.['description']), /lark grammar/);
    assert.deepEqual((body as JsonObject)['toolConfig'], { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['mail_send'] } });
    const { response } = gemini.decodeResponse({ candidates: [{ content: { parts: [{ functionCall: { name: 'mail_send' } }] }, finishReason: 'STOP' }] }, context);
    assert.equal(response.parts[0]?.type === 'tool-call' && response.parts[0].name, 'mail/send');
  });

  it('declare them in Google’s own schema type for servers that know only that', () => {
    const { body } = encode({ tools: [{ type: 'function', name: 'f', schema: { type: 'object', properties: { to: { type: ['string', 'null'] }, list: { type: 'array', items: { type: 'integer' } } }, required: ['list'], additionalProperties: false } }] }, { plainSchemas: true });
    assert.deepEqual((body['tools'] as unknown as { functionDeclarations: JsonObject[] }[])[0]?.functionDeclarations[0]?.['parameters'], { type: 'OBJECT', properties: { to: { type: 'STRING', nullable: true }, list: { type: 'ARRAY', items: { type: 'INTEGER' } } }, required: ['list'] });
  });

  it('say every choice of tools', () => {
    const tools: IrRequest['tools'] = [{ type: 'function', name: 'f', schema: { type: 'object' } }];
    const modeOf = (toolChoice: IrRequest['toolChoice']): unknown => (encode({ tools, toolChoice }).body['toolConfig'] as { functionCallingConfig: { mode: string } } | undefined)?.functionCallingConfig.mode;
    assert.deepEqual([{ type: 'auto' }, { type: 'none' }, { type: 'required' }, undefined].map((choice) => modeOf(choice as IrRequest['toolChoice'])), [undefined, 'NONE', 'ANY', undefined]);
    assert.deepEqual(encode({ tools, parallelToolCalls: false }).codes, ['unsupported-setting']);
  });

  it('say settings, and warn of those that Gemini has not', () => {
    const { body, codes } = encode({ maxOutputTokens: 1, temperature: 0, topP: 0.9, topK: 3, stop: ['a', 'b', 'c', 'd', 'e', 'f'], seed: 1, presencePenalty: 0.1, frequencyPenalty: 0.2, verbosity: 'low', output: { type: 'json-schema', name: 'n', schema: { type: 'object' }, strict: true }, cacheKey: 'k', user: 'u' });
    assert.deepEqual(body['generationConfig'], { maxOutputTokens: 1, temperature: 0, topP: 0.9, topK: 3, stopSequences: ['a', 'b', 'c', 'd', 'e'], seed: 1, presencePenalty: 0.1, frequencyPenalty: 0.2, responseMimeType: 'application/json', responseJsonSchema: { type: 'object' } });
    assert.deepEqual(codes, ['unsupported-setting', 'unsupported-setting']);
    const tools: IrRequest['tools'] = [{ type: 'function', name: 'f', schema: { type: 'object' } }];
    assert.deepEqual(encode({ model: 'gemini-2.5-pro', tools, output: { type: 'json' } }).codes, ['unsupported-setting']);
    assert.deepEqual(encode({ model: 'gemini-3-flash', tools, output: { type: 'json' } }).codes, []);
  });

  it('ask for thinking in the way that each model knows', () => {
    const thinking = (model: string, reasoning: IrRequest['reasoning']): unknown => (encode({ model, reasoning }).body['generationConfig'] as JsonObject | undefined)?.['thinkingConfig'];
    assert.deepEqual(thinking('gemini-3-pro', { enabled: true, effort: 'medium' }), { thinkingLevel: 'HIGH', includeThoughts: true });
    assert.deepEqual(thinking('gemini-3.1-pro-preview', { enabled: true, effort: 'medium' }), { thinkingLevel: 'MEDIUM', includeThoughts: true });
    assert.deepEqual(thinking('gemini-3-flash', { enabled: true, effort: 'minimal', visible: false }), { thinkingLevel: 'MINIMAL' });
    assert.deepEqual(thinking('gemini-3-flash', { enabled: true, budgetTokens: 31_999 }), { thinkingLevel: 'HIGH', includeThoughts: true });
    assert.deepEqual(thinking('gemini-3-pro', { enabled: false }), { thinkingLevel: 'LOW' });
    assert.deepEqual(thinking('gemini-2.5-flash', { enabled: false }), { thinkingBudget: 0 });
    assert.deepEqual(thinking('gemini-2.5-pro', { enabled: false }), { thinkingBudget: 128 });
    assert.deepEqual(thinking('gemini-2.5-pro', { enabled: true, budgetTokens: 100_000 }), { thinkingBudget: 32_768, includeThoughts: true });
    assert.deepEqual(thinking('gemini-2.5-flash-lite', { enabled: true, effort: 'low' }), { thinkingBudget: 4096, includeThoughts: true });
    assert.deepEqual(thinking('gemini-2.5-flash', { visible: true }), { includeThoughts: true });
    assert.deepEqual(thinking('gemini-2.5-flash', { enabled: true }), { includeThoughts: true });
    assert.equal(thinking('gemini-2.0-flash', { enabled: true, effort: 'high' }), undefined);
    assert.equal(thinking('gemma-3-27b', { visible: true }), undefined);
    assert.equal(thinking('my-own-model', { visible: true }), undefined);
    assert.deepEqual(encode({ model: 'gemini-2.0-flash', reasoning: { enabled: true } }).codes, ['unsupported-setting']);
    assert.deepEqual(encode({ model: 'gemini-2.5-pro', reasoning: { enabled: false } }).codes, ['approximated']);
  });

  it('come back as they went, for every turn of a model', () => {
    fc.assert(
      fc.property(assistantParts({ signatures: false, refusals: false }), (parts) => {
        const spoken = parts.filter((part) => part.type !== 'reasoning');
        const results = spoken.flatMap((part) => (part.type === 'tool-call' ? [{ type: 'tool-result' as const, callId: part.id, name: part.name, content: [{ type: 'text' as const, text: 'done' }], isError: false }] : []));
        const messages: IrMessage[] = [hi, ...(spoken.length > 0 ? [{ role: 'assistant' as const, parts: spoken }] : []), ...(results.length > 0 ? [{ role: 'user' as const, parts: results }] : [])];
        const { body, warnings, path } = gemini.encodeRequest({ ...minimal, messages }, {});
        assert.deepEqual(warnings, []);
        assert.match(path, /:streamGenerateContent/);
        assert.deepEqual(gemini.decodeRequest(body, { model: minimal.model, stream: true }), { ...gemini.decodeRequest(body, { model: minimal.model, stream: true }), request: { ...minimal, messages }, warnings: [] });
      }),
    );
  });

  it('count tokens with tools and instructions', () => {
    const { path, body } = encodeCountRequest({ ...minimal, tools: [{ type: 'function', name: 'f', schema: { type: 'object' } }] }, {});
    assert.equal(path, '/models/gemini-3-pro:countTokens');
    assert.deepEqual(body, { generateContentRequest: { model: 'models/gemini-3-pro', contents: [{ role: 'user', parts: [{ text: 'hi' }] }], tools: [{ functionDeclarations: [{ name: 'f' }] }] } });
    assert.equal(decodeCountAnswer({ totalTokens: 31, promptTokensDetails: [] }), 31);
    assert.throws(() => decodeCountAnswer({}), /totalTokens/);
  });
});
