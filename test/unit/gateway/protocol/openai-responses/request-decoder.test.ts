import assert from 'node:assert/strict';
import { ProtocolError } from '../../../../../src/gateway/protocol/codec.ts';
import type { IrMessage, IrRequest, IrWarning, Json, JsonObject } from '../../../../../src/gateway/protocol/ir.ts';
import { openAiResponses } from '../../../../../src/gateway/protocol/openai-responses/index.ts';
import { seal } from '../../../../../src/gateway/protocol/sealed.ts';


function decode(body: JsonObject): { readonly request: IrRequest; readonly warnings: readonly IrWarning[] } {
  return openAiResponses.decodeRequest({ model: 'm', ...body }, {});
}

function messagesOf(input: Json): readonly IrMessage[] {
  return decode({ input }).request.messages;
}

function codesOf(body: JsonObject): readonly string[] {
  return decode(body).warnings.map(({ code }) => code);
}

describe('openai-responses: requests of a client', () => {
  it('takes a text for the whole input, even an empty one (LM Studio is warmed up with it)', () => {
    assert.deepEqual(messagesOf('hi'), [{ role: 'user', parts: [{ type: 'text', text: 'hi' }] }]);
    assert.deepEqual(messagesOf(''), [{ role: 'user', parts: [{ type: 'text', text: '' }] }]);
  });

  it('keeps instructions where they were said', () => {
    assert.deepEqual(decode({ instructions: 'Be brief.', input: [{ role: 'user', content: 'a' }, { role: 'system', content: 'b' }, { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'c' }] }] }).request.messages, [
      { role: 'system', developer: false, parts: [{ type: 'text', text: 'Be brief.' }] },
      { role: 'user', parts: [{ type: 'text', text: 'a' }] },
      { role: 'system', developer: false, parts: [{ type: 'text', text: 'b' }] },
      { role: 'system', developer: true, parts: [{ type: 'text', text: 'c' }] },
    ]);
  });

  it('makes one turn of what the model said at once, and one message of the results', () => {
    const input: Json = [
      { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'a' }, { type: 'summary_text', text: 'b' }], encrypted_content: 'gAAA' },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'I look.', annotations: [] }, { type: 'refusal', refusal: 'Not that.' }] },
      { type: 'function_call', call_id: 'c1', name: 'read', arguments: '{"path": "a"}' },
      { type: 'custom_tool_call', call_id: 'c2', name: 'apply_patch', input: '*** Begin' },
      { type: 'function_call_output', call_id: 'c1', output: 'text' },
      { type: 'custom_tool_call_output', call_id: 'c2', output: [{ type: 'input_text', text: 'see' }, { type: 'input_image', image_url: 'data:image/png;base64,AA==', detail: 'high' }, { type: 'input_file', filename: 'r.pdf', file_data: 'data:application/pdf;base64,JV==' }] },
    ];
    assert.deepEqual(messagesOf(input), [
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'a\n\nb', summary: true, id: 'rs_1', sealed: { origin: 'openai-responses', value: 'gAAA' } },
          { type: 'text', text: 'I look.' },
          { type: 'refusal', text: 'Not that.' },
          { type: 'tool-call', id: 'c1', name: 'read', input: { type: 'json', text: '{"path": "a"}' } },
          { type: 'tool-call', id: 'c2', name: 'apply_patch', input: { type: 'text', text: '*** Begin' } },
        ],
      },
      {
        role: 'user',
        parts: [
          { type: 'tool-result', callId: 'c1', name: 'read', content: [{ type: 'text', text: 'text' }], isError: false },
          {
            type: 'tool-result',
            callId: 'c2',
            name: 'apply_patch',
            content: [
              { type: 'text', text: 'see' },
              { type: 'image', media: { type: 'base64', mediaType: 'image/png', data: 'AA==' }, detail: 'high' },
              { type: 'document', media: { type: 'base64', mediaType: 'application/pdf', data: 'JV==' }, title: 'r.pdf' },
            ],
            isError: false,
          },
        ],
      },
    ]);
  });

  it('reads images and files however they are given', () => {
    assert.deepEqual(
      messagesOf([{ role: 'user', content: [{ type: 'input_image', image_url: 'https://x/a.png' }, { type: 'input_image', file_id: 'file-1' }, { type: 'input_file', file_url: 'https://x/a.pdf' }, { type: 'input_file', file_id: 'file-2' }, { type: 'input_file', filename: 'a.csv', file_data: 'YQ==' }, { type: 'input_audio', input_audio: { data: 'AA==', format: 'mp3' } }] }])[0]?.parts,
      [
        { type: 'image', media: { type: 'url', url: 'https://x/a.png' } },
        { type: 'image', media: { type: 'file', id: 'file-1', origin: 'openai-responses' } },
        { type: 'document', media: { type: 'url', url: 'https://x/a.pdf' } },
        { type: 'document', media: { type: 'file', id: 'file-2', origin: 'openai-responses' } },
        { type: 'document', media: { type: 'text', text: 'a', mediaType: 'text/csv' }, title: 'a.csv' },
        { type: 'audio', media: { type: 'base64', mediaType: 'audio/mp3', data: 'AA==' } },
      ],
    );
  });

  it('flattens namespaces into names of at most 64 characters, the same ones in a turn that declares no tools', () => {
    const long = 'x'.repeat(60);
    const tools: Json = [{ type: 'namespace', name: 'mcp__mail__', description: 'Mail.', tools: [{ type: 'function', name: '_send', description: 'Sends.', parameters: {} }, { type: 'custom', name: 'script' }] }, { type: 'namespace', name: 'n', tools: [{ type: 'function', name: long }, { type: 'function', name: `${long}2` }] }];
    const { request } = decode({ input: 'x', tools });
    const names = request.tools.map(({ name }) => name);
    assert.deepEqual(names.slice(0, 2), ['mcp__mail__send', 'mcp__mail__script']);
    assert.deepEqual(request.tools.map(({ description }) => description), ['Mail.\n\nSends.', undefined, undefined, undefined]);
    assert.equal(new Set(names).size, 4);
    assert.ok(names.every((name) => name.length <= 64));
    const call = [{ type: 'function_call', call_id: 'c', name: `${long}2`, namespace: 'n', arguments: '{}' }];
    const nameIn = (messages: readonly IrMessage[]): unknown => messages[0]?.parts[0] && 'name' in messages[0].parts[0] && messages[0].parts[0].name;
    assert.equal(nameIn(decode({ input: call, tools }).request.messages), names[3]);
    assert.equal(nameIn(decode({ input: call, tools: [] }).request.messages), names[3]);
  });

  it('keeps tools of one name in different namespaces apart', () => {
    const { request, context } = openAiResponses.decodeRequest({ model: 'm', input: 'x', tools: [{ type: 'function', name: 'a__b' }, { type: 'namespace', name: 'a', tools: [{ type: 'function', name: 'b' }] }] }, {});
    assert.deepEqual(request.tools.map(({ name }) => name), ['a__b', 'a__b_2']);
    const encoder = openAiResponses.createStreamEncoder(context);
    assert.match(encoder.encode({ type: 'start', id: '1', model: '' }) + encoder.encode({ type: 'tool-call-start', block: 0, id: 'c', name: 'a__b_2', input: 'json' }), /"name":"b","namespace":"a"/);
  });

  it('leaves the tools that only OpenAI can run out and says so once for each kind', () => {
    const { request, warnings } = decode({ input: 'x', tools: [{ type: 'web_search' }, { type: 'web_search' }, { type: 'mcp', server_label: 's' }, { type: 'local_shell' }, { type: 'tool_search' }, { type: 'function', name: 'f' }] });
    assert.deepEqual(request.tools.map(({ name }) => name), ['f']);
    assert.deepEqual(warnings.map(({ code }) => code), ['unsupported-tool', 'unsupported-tool', 'unsupported-tool', 'unsupported-tool']);
  });

  it('leaves items that only OpenAI can read out and says so, never failing for an unknown one', () => {
    const input = ['web_search_call', 'file_search_call', 'computer_call', 'mcp_list_tools', 'mcp_call', 'local_shell_call', 'code_interpreter_call', 'compaction', 'invented_tomorrow'].map((type) => ({ type, id: 'x' }));
    const { request, warnings } = decode({ input: [...input, { role: 'user', content: 'x' }] });
    assert.equal(request.messages.length, 1);
    assert.equal(warnings.length, 9);
    assert.ok(warnings.every(({ code }) => code === 'unsupported-part'));
  });

  it('finds the tools that codex declares as items, later ones replacing earlier ones', () => {
    const { request } = decode({
      tools: [{ type: 'tool_search', execution: 'client', parameters: { type: 'object' } }],
      input: [
        { type: 'additional_tools', role: 'developer', tools: [{ type: 'function', name: 'f', description: 'old' }] },
        { type: 'tool_search_call', call_id: 's1', execution: 'client', arguments: { query: 'mail' } },
        { type: 'tool_search_output', call_id: 's1', execution: 'client', tools: [{ type: 'namespace', name: 'mail', tools: [{ type: 'function', name: 'send' }] }, { type: 'function', name: 'f', description: 'new' }] },
      ],
    });
    assert.deepEqual(request.tools.map(({ name, description }) => [name, description]), [['tool_search', undefined], ['f', 'new'], ['mail__send', undefined]]);
    assert.deepEqual(request.messages, [
      { role: 'assistant', parts: [{ type: 'tool-call', id: 's1', name: 'tool_search', input: { type: 'json', text: '{"query":"mail"}' } }] },
      { role: 'user', parts: [{ type: 'tool-result', callId: 's1', name: 'tool_search', content: [{ type: 'text', text: 'These tools can be called now: mail__send, f' }], isError: false }] },
    ]);
  });

  it('reads every choice of tools', () => {
    const tools: Json = [{ type: 'function', name: 'f' }, { type: 'custom', name: 'c' }, { type: 'namespace', name: 'n', tools: [{ type: 'function', name: 'g' }] }];
    const choose = (tool_choice: Json): unknown => {
      const { request } = decode({ input: 'x', tools, tool_choice });
      return [request.toolChoice, request.tools.map(({ name }) => name)];
    };
    const all = ['f', 'c', 'n__g'];
    assert.deepEqual(choose('auto'), [{ type: 'auto' }, all]);
    assert.deepEqual(choose('none'), [{ type: 'none' }, all]);
    assert.deepEqual(choose('required'), [{ type: 'required' }, all]);
    assert.deepEqual(choose({ type: 'function', name: 'f' }), [{ type: 'tool', name: 'f' }, all]);
    assert.deepEqual(choose({ type: 'function', name: 'g', namespace: 'n' }), [{ type: 'tool', name: 'n__g' }, all]);
    assert.deepEqual(choose({ type: 'custom', name: 'c' }), [{ type: 'tool', name: 'c' }, all]);
    assert.deepEqual(choose({ type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'f' }, { type: 'custom', name: 'c' }] }), [{ type: 'required' }, ['f', 'c']]);
    assert.deepEqual(codesOf({ input: 'x', tools, tool_choice: { type: 'web_search_preview' } }), ['unsupported-setting']);
    assert.equal(decode({ input: 'x', tools: [], tool_choice: 'auto' }).request.toolChoice, undefined);
    assert.throws(() => choose({ type: 'function', name: 'missing' }), ProtocolError);
  });

  it('reads settings, and does not switch thinking on for a client that only wants to see it', () => {
    const { request } = decode({ input: 'x', max_output_tokens: 9, temperature: 0, top_p: 0.5, parallel_tool_calls: false, prompt_cache_key: 'k', user: 'u', reasoning: { summary: 'auto' }, text: { verbosity: 'low', format: { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true } }, stream: true });
    assert.deepEqual({ ...request, messages: [], tools: [] }, { model: 'm', messages: [], tools: [], parallelToolCalls: false, maxOutputTokens: 9, temperature: 0, topP: 0.5, reasoning: { visible: true }, output: { type: 'json-schema', name: 'n', schema: { type: 'object' }, strict: true }, verbosity: 'low', cacheKey: 'k', user: 'u', stream: true });
    assert.deepEqual(decode({ input: 'x', reasoning: { effort: 'xhigh', summary: null } }).request.reasoning, { enabled: true, effort: 'xhigh' });
    assert.deepEqual(decode({ input: 'x', reasoning: { effort: 'none' } }).request.reasoning, { enabled: false, effort: 'none' });
    assert.deepEqual(decode({ input: 'x', text: { format: { type: 'json_object' } } }).request.output, { type: 'json' });
    assert.deepEqual(codesOf({ input: 'x', truncation: 'auto', top_logprobs: 2, store: true, max_tool_calls: 3 }), ['unsupported-setting', 'unsupported-setting', 'unsupported-setting', 'unsupported-setting']);
  });

  it('refuses what would need a memory, and says what to do instead', () => {
    for (const body of [{ previous_response_id: 'resp_1' }, { conversation: 'conv_1' }, { background: true }, { prompt: { id: 'p' } }, { input: [{ type: 'item_reference', id: 'msg_1' }] }] as JsonObject[]) {
      assert.throws(() => decode({ input: 'x', ...(body as JsonObject) }), (error) => error instanceof ProtocolError && /send/.test(error.message));
    }
  });

  it('names the field that it cannot read', () => {
    const pathOf = (body: Json): string => {
      try {
        openAiResponses.decodeRequest(body, {});
      } catch (error) {
        if (error instanceof ProtocolError) return error.path;
      }
      return 'nothing was thrown';
    };
    assert.equal(pathOf({ input: 'x' }), 'model');
    assert.equal(pathOf({ model: 'm', input: [{ role: 'user', content: 'a' }, { type: 'function_call', call_id: 'c', arguments: '{}' }] }), 'input.1.name');
    assert.equal(pathOf({ model: 'm', input: [{ role: 'user', content: [{ type: 'input_text', text: 5 }] }] }), 'input.0.content');
    assert.equal(pathOf({ model: 'm', input: [{ role: 'robot', content: 'x' }] }), 'input.0.role');
    assert.equal(pathOf({ model: 'm', input: [{ type: 'function_call', name: 'f', arguments: '{}' }] }), 'input.0.call_id');
    assert.equal(pathOf([]), '');
  });

  it('opens envelopes, warns of one that it cannot open and never takes one for OpenAI’s', () => {
    const envelope = seal([{ type: 'reasoning', reasoning: { type: 'reasoning', text: 'deep', summary: false, signature: { origin: 'anthropic-messages', value: 'S' } } }]) ?? '';
    const item = (text: string, encrypted_content: string): JsonObject => ({ input: [{ type: 'reasoning', summary: [{ type: 'summary_text', text }], encrypted_content }] });
    assert.deepEqual(decode(item('deep', envelope)).request.messages[0]?.parts, [{ type: 'reasoning', text: 'deep', summary: false, signature: { origin: 'anthropic-messages', value: 'S' } }]);
    assert.deepEqual(decode(item('shallow', envelope)).request.messages[0]?.parts, [{ type: 'reasoning', text: 'shallow', summary: false }]);
    assert.deepEqual(codesOf(item('shallow', envelope)), ['dropped-signature']);
    assert.deepEqual(decode(item('deep', envelope.slice(0, -9))).request.messages[0]?.parts, [{ type: 'reasoning', text: 'deep', summary: true }]);
    assert.deepEqual(codesOf(item('deep', btoa('operator.sealed/9:?'))), ['dropped-signature']);
  });

  it('echoes the settings in the answer', () => {
    const { context } = openAiResponses.decodeRequest({ model: 'm', input: 'x', instructions: 'I', temperature: 0.3, tools: [{ type: 'web_search' }], metadata: { a: 'b' } }, {});
    const answer = openAiResponses.encodeResponse({ id: '1', model: '', parts: [], finish: { reason: 'stop' }, usage: {} }, context) as JsonObject;
    assert.deepEqual([answer['instructions'], answer['temperature'], answer['tools'], answer['metadata']], ['I', 0.3, [{ type: 'web_search' }], { a: 'b' }]);
  });
});
