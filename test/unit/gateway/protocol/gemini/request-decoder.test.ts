import assert from 'node:assert/strict';
import { ProtocolError } from '../../../../../src/gateway/protocol/codec.ts';
import { decodeCountRequest, encodeCountAnswer, gemini } from '../../../../../src/gateway/protocol/gemini/index.ts';
import type { IrMessage, IrRequest, IrWarning, Json, JsonObject } from '../../../../../src/gateway/protocol/ir.ts';
import { seal } from '../../../../../src/gateway/protocol/sealed.ts';

const line = { model: 'm', stream: true, sse: true };
const hi: Json = [{ role: 'user', parts: [{ text: 'hi' }] }];

function decode(body: JsonObject): { readonly request: IrRequest; readonly warnings: readonly IrWarning[] } {
  return gemini.decodeRequest({ contents: hi, ...body }, line);
}

function messagesOf(contents: Json): readonly IrMessage[] {
  return decode({ contents }).request.messages;
}

function codesOf(body: JsonObject): readonly string[] {
  return decode(body).warnings.map(({ code }) => code);
}

describe('gemini: requests of a client', () => {
  it('takes model and streaming from the address, whatever characters the name has', () => {
    const { request, context } = gemini.decodeRequest({ contents: hi, model: 'models/other' }, { model: 'openai/gpt-oss:20b', stream: false });
    assert.deepEqual([request.model, request.stream, context.model], ['openai/gpt-oss:20b', false, 'openai/gpt-oss:20b']);
    assert.equal(gemini.decodeRequest({ contents: hi, model: 'models/gemini-3-pro' }, {}).request.model, 'gemini-3-pro');
  });

  it('matches results with calls: by id, by the id that gemini prefixed, by name and order', () => {
    const turn = (calls: Json[], results: Json[]): unknown => {
      const messages = messagesOf([
        { role: 'user', parts: [{ text: 'hi' }] },
        { role: 'model', parts: calls.map((functionCall) => ({ functionCall })) },
        { role: 'user', parts: results.map((functionResponse) => ({ functionResponse })) },
      ]);
      return [messages[1]?.parts.map((part) => part.type === 'tool-call' && part.id), messages[2]?.parts.map((part) => part.type === 'tool-result' && [part.callId, part.name])];
    };
    const result = (name: string, id?: string): Json => ({ name, response: { output: 'x' }, ...(id === undefined ? {} : { id }) });
    assert.deepEqual(turn([{ id: 'a', name: 'ls' }, { id: 'b', name: 'ls' }], [result('ls', 'b'), result('ls', 'a')]), [['a', 'b'], [['b', 'ls'], ['a', 'ls']]]);
    assert.deepEqual(turn([{ id: 'ls__toolu_1', name: 'ls' }], [result('ls', 'ls__toolu_1')]), [['toolu_1'], [['toolu_1', 'ls']]]);
    assert.deepEqual(turn([{ name: 'ls' }, { name: 'cat' }, { name: 'ls' }], [result('cat'), result('ls'), result('ls')]), [['call_1', 'call_2', 'call_3'], [['call_2', 'cat'], ['call_1', 'ls'], ['call_3', 'ls']]]);
    assert.deepEqual(turn([{ name: 'ls' }], [result('renamed')]), [['call_1'], [['call_1', 'ls']]]);
    assert.deepEqual(turn([{ id: '0', name: 'a' }, { id: '0', name: 'b' }], [result('a', '0'), result('b', '0')]), [['0', '0~2'], [['0', 'a'], ['0~2', 'b']]]);
  });

  it('unwraps results out of every wrapping in use, and knows errors', () => {
    const contentOf = (response: Json): unknown => {
      const [, part] = [0, messagesOf([{ role: 'model', parts: [{ functionCall: { name: 'f' } }] }, { role: 'user', parts: [{ functionResponse: { name: 'f', response } }] }])[1]?.parts[0]];
      return part?.type === 'tool-result' && [part.content.map((item) => item.type === 'text' && item.text), part.isError];
    };
    assert.deepEqual(contentOf({ output: 'a' }), [['a'], false]);
    assert.deepEqual(contentOf({ error: 'no' }), [['no'], true]);
    assert.deepEqual(contentOf({ result: { a: 1 } }), [['{"a":1}'], false]);
    assert.deepEqual(contentOf({ name: 'f', content: 'b' }), [['b'], false]);
    assert.deepEqual(contentOf({ a: 1, b: 'x' }), [['{"a":1,"b":"x"}'], false]);
    assert.deepEqual(contentOf('plain'), [['plain'], false]);
    assert.deepEqual(contentOf(null), [[], false]);
  });

  it('reads media in both spellings, in messages and in results', () => {
    const parts: Json = [
      { inlineData: { mimeType: 'image/png', data: 'AA==' } },
      { inline_data: { mime_type: 'application/pdf', data: 'JV==', display_name: 'r.pdf' } },
      { inlineData: { mimeType: 'text/plain', data: 'aGk=' } },
      { inlineData: { mimeType: 'audio/wav', data: 'AA==' } },
      { fileData: { mimeType: 'image/png', fileUri: 'https://x/a.png' } },
      { fileData: { mimeType: 'application/pdf', fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/1' } },
      { fileData: { fileUri: 'gs://bucket/a.jpg' } },
      { inlineData: { mimeType: 'video/mp4', data: 'AA==' } },
    ];
    const { request, warnings } = decode({ contents: [{ role: 'user', parts }] });
    assert.deepEqual(request.messages[0]?.parts, [
      { type: 'image', media: { type: 'base64', mediaType: 'image/png', data: 'AA==' } },
      { type: 'document', media: { type: 'base64', mediaType: 'application/pdf', data: 'JV==' }, title: 'r.pdf' },
      { type: 'document', media: { type: 'text', text: 'hi', mediaType: 'text/plain' } },
      { type: 'audio', media: { type: 'base64', mediaType: 'audio/wav', data: 'AA==' } },
      { type: 'image', media: { type: 'url', url: 'https://x/a.png', mediaType: 'image/png' } },
      { type: 'document', media: { type: 'file', id: 'https://generativelanguage.googleapis.com/v1beta/files/1', origin: 'gemini' } },
      { type: 'image', media: { type: 'file', id: 'gs://bucket/a.jpg', origin: 'gemini' } },
    ]);
    assert.deepEqual(warnings.map(({ code }) => code), ['unsupported-part']);
    const [, result] = messagesOf([{ role: 'model', parts: [{ functionCall: { name: 'f' } }] }, { role: 'user', parts: [{ functionResponse: { name: 'f', response: { output: 'see' }, parts: [{ inlineData: { mimeType: 'image/png', data: 'AA==' } }] } }] }]);
    assert.deepEqual(result?.parts[0]?.type === 'tool-result' && result.parts[0].content.map(({ type }) => type), ['text', 'image']);
  });

  it('keeps Gemini’s own signatures where they were', () => {
    assert.deepEqual(messagesOf([{ role: 'model', parts: [{ text: 'Hm', thought: true, thoughtSignature: 'T' }, { text: 'I look.', thoughtSignature: 'W' }, { functionCall: { id: 'c', name: 'f', args: { a: 1 } }, thoughtSignature: 'C' }] }, ...(hi as Json[])])[0]?.parts, [
      { type: 'reasoning', text: 'Hm', summary: true, signature: { origin: 'gemini', value: 'T' } },
      { type: 'text', text: 'I look.' },
      { type: 'reasoning', text: '', summary: true, signature: { origin: 'gemini', value: 'W' } },
      { type: 'tool-call', id: 'c', name: 'f', input: { type: 'json', text: '{"a":1}' }, signature: { origin: 'gemini', value: 'C' } },
    ]);
  });

  it('takes the words that stand for no signature for none', () => {
    for (const thoughtSignature of ['skip_thought_signature_validator', 'context_engineering_is_the_way_to_go', '']) {
      assert.deepEqual(messagesOf([{ role: 'model', parts: [{ functionCall: { id: 'c', name: 'f' }, thoughtSignature }] }, ...(hi as Json[])])[0]?.parts, [{ type: 'tool-call', id: 'c', name: 'f', input: { type: 'json', text: '{}' } }]);
    }
  });

  it('finds another vendor’s thoughts beside the call, once, although the client kept a copy of the words', () => {
    const thought = { type: 'reasoning', text: 'deep', summary: false, signature: { origin: 'anthropic-messages', value: 'S' } } as const;
    const envelope = seal([{ type: 'reasoning', reasoning: thought }, { type: 'call', callId: 'c', signature: { origin: 'openai-chat', value: 'X' } }], { carryText: true }) ?? '';
    const parts: Json = [{ text: 'deep', thought: true }, { text: 'I look.' }, { functionCall: { id: 'c', name: 'f' }, thoughtSignature: envelope }];
    assert.deepEqual(messagesOf([{ role: 'model', parts }, ...(hi as Json[])])[0]?.parts, [{ type: 'text', text: 'I look.' }, thought, { type: 'tool-call', id: 'c', name: 'f', input: { type: 'json', text: '{}' }, signature: { origin: 'openai-chat', value: 'X' } }]);
    assert.deepEqual(codesOf({ contents: [{ role: 'model', parts: [{ functionCall: { name: 'f' }, thoughtSignature: `${envelope.slice(0, 40)}` }] }, ...(hi as Json[])] }), ['dropped-signature']);
  });

  it('writes what Google’s code tool did as the model would have told it', () => {
    assert.deepEqual(messagesOf([{ role: 'model', parts: [{ executableCode: { language: 'PYTHON', code: '1' } }, { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '2' } }] }, ...(hi as Json[])])[0]?.parts, [{ type: 'text', text: '\n```python\n1\n```\n' }, { type: 'text', text: '```\n2\n```\n' }]);
  });

  it('reads instructions as a text, as parts and in snake case', () => {
    const systemOf = (body: JsonObject): unknown => decode(body).request.messages[0];
    const expected = { role: 'system', developer: false, parts: [{ type: 'text', text: 'Be brief.' }] };
    assert.deepEqual(systemOf({ systemInstruction: 'Be brief.' }), expected);
    assert.deepEqual(systemOf({ system_instruction: { parts: [{ text: 'Be brief.' }, { text: '' }] } }), expected);
  });

  it('makes JSON schemas of declarations in Google’s own schema type', () => {
    const parameters = { type: 'OBJECT', properties: { type: { type: 'STRING', enum: ['a'], nullable: true }, list: { type: 'ARRAY', minItems: '1', items: { type: 'INTEGER', format: 'int32' } }, any: { anyOf: [{ type: 'STRING' }], nullable: true } }, required: ['type'], propertyOrdering: ['type', 'list'] };
    const schema = { type: 'object', properties: { type: { type: ['string', 'null'], enum: ['a', null] }, list: { type: 'array', minItems: 1, items: { type: 'integer', format: 'int32' } }, any: { anyOf: [{ type: 'string' }, { type: 'null' }] } }, required: ['type'] };
    assert.deepEqual(decode({ tools: [{ functionDeclarations: [{ name: 'f', description: 'F', parameters }] }, { function_declarations: [{ name: 'g', parameters_json_schema: { type: 'object', properties: { a_b: {} } } }, { name: 'h' }] }] }).request.tools, [
      { type: 'function', name: 'f', description: 'F', schema },
      { type: 'function', name: 'g', schema: { type: 'object', properties: { a_b: {} } } },
      { type: 'function', name: 'h', schema: { type: 'object', properties: {} } },
    ]);
  });

  it('leaves Google’s own tools out and says so', () => {
    const { request, warnings } = decode({ tools: [{ googleSearch: {} }, { urlContext: {}, codeExecution: {} }, { functionDeclarations: [{ name: 'f' }] }] });
    assert.deepEqual(request.tools.map(({ name }) => name), ['f']);
    assert.deepEqual(warnings.map(({ code }) => code), ['unsupported-tool', 'unsupported-tool', 'unsupported-tool']);
  });

  it('reads every choice of tools', () => {
    const choose = (functionCallingConfig: Json): unknown => {
      const { request } = decode({ tools: [{ functionDeclarations: [{ name: 'f' }, { name: 'g' }, { name: 'h' }] }], toolConfig: { functionCallingConfig } });
      return [request.toolChoice, request.tools.map(({ name }) => name).join('')];
    };
    assert.deepEqual(choose({ mode: 'AUTO' }), [{ type: 'auto' }, 'fgh']);
    assert.deepEqual(choose({ mode: 'NONE' }), [{ type: 'none' }, 'fgh']);
    assert.deepEqual(choose({ mode: 'ANY' }), [{ type: 'required' }, 'fgh']);
    assert.deepEqual(choose({ mode: 'ANY', allowedFunctionNames: ['g'] }), [{ type: 'tool', name: 'g' }, 'fgh']);
    assert.deepEqual(choose({ mode: 'ANY', allowedFunctionNames: ['g', 'h'] }), [{ type: 'required' }, 'gh']);
    assert.deepEqual(choose({ mode: 'VALIDATED', allowed_function_names: ['f'] }), [{ type: 'auto' }, 'f']);
  });

  it('reads settings', () => {
    const generationConfig = { temperature: 0, topP: 0.9, topK: 64, maxOutputTokens: 9, stopSequences: ['x'], seed: 1, presencePenalty: 0.1, frequencyPenalty: 0.2, responseMimeType: 'application/json', responseJsonSchema: { type: 'OBJECT', properties: { a: { type: 'STRING' } } } };
    assert.deepEqual({ ...decode({ generationConfig }).request, messages: [] }, {
      model: 'm', messages: [], tools: [], stream: true, maxOutputTokens: 9, temperature: 0, topP: 0.9, topK: 64, stop: ['x'], seed: 1, presencePenalty: 0.1, frequencyPenalty: 0.2,
      output: { type: 'json-schema', name: 'answer', schema: { type: 'object', properties: { a: { type: 'string' } } }, strict: false },
    });
    assert.deepEqual(decode({ generationConfig: { responseMimeType: 'application/json' } }).request.output, { type: 'json' });
    assert.deepEqual(codesOf({ generationConfig: { candidateCount: 2, responseModalities: ['TEXT', 'IMAGE'], responseLogprobs: true, responseMimeType: 'text/x.enum' }, safetySettings: [{ category: 'x' }] }), Array(4).fill('unsupported-setting'));
  });

  it('reads thinking as a level, as a budget, and as a mere wish to see it', () => {
    const thinking = (thinkingConfig: Json): unknown => decode({ generationConfig: { thinkingConfig } }).request.reasoning;
    assert.deepEqual(thinking({ includeThoughts: true }), { visible: true });
    assert.deepEqual(thinking({ includeThoughts: true, thinkingLevel: 'THINKING_LEVEL_UNSPECIFIED' }), { visible: true });
    assert.deepEqual(thinking({ thinkingLevel: 'HIGH' }), { enabled: true, effort: 'high' });
    assert.deepEqual(thinking({ thinkingBudget: 0 }), { enabled: false });
    assert.deepEqual(thinking({ thinkingBudget: -1 }), { enabled: true });
    assert.deepEqual(thinking({ thinking_budget: 512, include_thoughts: false }), { enabled: true, budgetTokens: 512, visible: false });
  });

  it('names what it cannot read', () => {
    const pathOf = (body: Json, from: { readonly model?: string } = line): string => {
      try {
        gemini.decodeRequest(body, from);
      } catch (error) {
        if (error instanceof ProtocolError) return error.path;
      }
      return 'nothing was thrown';
    };
    assert.equal(pathOf({ contents: hi }, {}), 'model');
    assert.equal(pathOf({}), 'contents');
    assert.equal(pathOf({ contents: [] }), 'contents');
    assert.equal(pathOf({ contents: hi, cachedContent: 'cachedContents/1' }), 'cachedContent');
    assert.equal(pathOf({ contents: hi, tools: [{ functionDeclarations: [{ description: 'x' }] }] }), 'tools.0.functionDeclarations.0.name');
    assert.equal(pathOf({ contents: hi, generationConfig: { temperature: 'hot' } }), 'generationConfig.temperature');
    assert.equal(pathOf('x'), '');
  });

  it('counts tokens of contents alone and of a whole request', () => {
    const count = (body: Json): number => decodeCountRequest(body, line).request.messages.length;
    assert.equal(count({ contents: hi }), 1);
    assert.equal(count({ generateContentRequest: { model: 'models/m', contents: hi, systemInstruction: 'x' } }), 2);
    assert.deepEqual(encodeCountAnswer(7), { totalTokens: 7 });
  });
});
