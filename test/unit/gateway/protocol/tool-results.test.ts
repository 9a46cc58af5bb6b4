import assert from 'node:assert/strict';
import type { IrMessage, IrToolCall, IrToolResult } from '../../../../src/gateway/protocol/ir.ts';
import { arrangeToolResults } from '../../../../src/gateway/protocol/tool-results.ts';
import { createWarnings } from '../../../../src/gateway/protocol/warnings.ts';

const call = (id: string, name = 'read'): IrToolCall => ({ type: 'tool-call', id, name, input: { type: 'json', text: '{}' } });
const result = (callId: string, text: string, isError = false): IrToolResult => ({ type: 'tool-result', callId, content: [{ type: 'text', text }], isError });
const assistant = (...parts: readonly IrToolCall[]): IrMessage => ({ role: 'assistant', parts });
const user = (...parts: Extract<IrMessage, { role: 'user' }>['parts']): IrMessage => ({ role: 'user', parts });
const system = (text: string): IrMessage => ({ role: 'system', developer: false, parts: [{ type: 'text', text }] });

function arrange(...messages: readonly IrMessage[]): { readonly messages: readonly IrMessage[]; readonly warnings: readonly string[] } {
  const warnings = createWarnings();
  const arranged = arrangeToolResults(messages, { warn: warnings.add, ids: { maxLength: 40 } });
  return { messages: arranged, warnings: warnings.list().map(({ message }) => message) };
}

const named = (part: IrToolResult, name = 'read'): IrToolResult => ({ ...part, name });

describe('calls and results', () => {
  it('stay as they are when they are in order', () => {
    const { messages, warnings } = arrange(assistant(call('a'), call('b')), user(result('b', '2'), result('a', '1')), user({ type: 'text', text: 'go on' }));
    assert.deepEqual(messages, [assistant(call('a'), call('b')), user(named(result('b', '2')), named(result('a', '1'))), user({ type: 'text', text: 'go on' })]);
    assert.deepEqual(warnings, []);
  });

  it('several results of one call become one', () => {
    const { messages, warnings } = arrange(assistant(call('a')), user(result('a', '1'), result('a', '2', true)));
    assert.deepEqual(messages[1], user({ type: 'tool-result', callId: 'a', name: 'read', content: [{ type: 'text', text: '1' }, { type: 'text', text: '2' }], isError: true }));
    assert.deepEqual(warnings, ['several results of one tool call were joined']);
  });

  it('a late result moves to its call, past instructions and text', () => {
    const { messages } = arrange(assistant(call('a')), system('reminder'), user({ type: 'text', text: 'well?' }, result('a', '1')));
    assert.deepEqual(messages, [assistant(call('a')), user(named(result('a', '1'))), system('reminder'), user({ type: 'text', text: 'well?' })]);
  });

  it('a result without its call becomes text', () => {
    const { messages, warnings } = arrange(user(named(result('gone', 'content'), 'grep'), { type: 'text', text: 'go on' }));
    assert.deepEqual(messages, [user({ type: 'text', text: 'Result of an earlier call of grep:' }, { type: 'text', text: 'content' }, { type: 'text', text: 'go on' })]);
    assert.equal(warnings.length, 1);
  });

  it('a call without a result gets one that says so, but for the last turn', () => {
    const { messages, warnings } = arrange(assistant(call('a'), call('b')), user(result('a', '1')), assistant(call('c')));
    assert.deepEqual(messages[1]?.parts.map((part) => (part.type === 'tool-result' ? [part.callId, part.isError] : [])), [['a', false], ['b', true]]);
    assert.equal(messages.length, 3);
    assert.deepEqual(warnings, ['a tool call without a result got an empty one']);
  });

  it('ids that come again in a later turn become ids of their own, results included', () => {
    const { messages } = arrange(assistant(call('call_0')), user(result('call_0', 'first')), assistant(call('call_0')), user(result('call_0', 'second')));
    assert.deepEqual(messages, [assistant(call('call_0')), user(named(result('call_0', 'first'))), assistant(call('call_0_2')), user(named(result('call_0_2', 'second')))]);
  });

  it('two calls of one turn with the same id get a result each', () => {
    const { messages, warnings } = arrange(assistant(call('a'), call('a')), user(result('a', '1'), result('a', '2')));
    assert.deepEqual(messages, [assistant(call('a'), call('a_2')), user(named(result('a', '1')), named(result('a_2', '2')))]);
    assert.deepEqual(warnings, []);
  });

  it('ids that a wire would refuse are changed in the same way in every turn', () => {
    const once = arrange(assistant(call('functions.bash:0'), call('x'.repeat(80))));
    const again = arrange(assistant(call('functions.bash:0'), call('x'.repeat(80))), user(result('functions.bash:0', '1')));
    const ids = (messages: readonly IrMessage[]): readonly string[] => (messages[0]?.parts ?? []).map((part) => (part.type === 'tool-call' ? part.id : ''));
    assert.deepEqual(ids(once.messages), ids(again.messages));
    for (const id of ids(once.messages)) assert.match(id, /^[a-zA-Z0-9_-]{1,40}$/);
    assert.equal(again.messages[1]?.parts[0]?.type === 'tool-result' ? again.messages[1].parts[0].callId : '', ids(once.messages)[0]);
  });
});
