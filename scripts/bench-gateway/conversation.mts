/**
 * The same conversation in each client's own words and order: small, and as long as an agent's grows in an afternoon. An agent
 * sends all of it again with every turn, so that a request is the one before but for its end: the last turn has a number that
 * the load changes.
 */
import type { Protocol } from '../../src/core/protocol.ts';

export type Size = 'small' | 'large';

/** Bytes that the large body has at least. */
const largeBytes = 400_000;

/** What a tool gave back: source code, with the line ends, quotes and the odd letter beyond ASCII that make JSON slow. */
const file = Array.from({ length: 60 }, (_, line) => `  if (entry.kind === "file" && line > ${line}) { log('reading “${line}”', entry.path); } // naïve, but enough`).join('\n');

/** Stands before the number of the last turn, which has {@link turnDigits} digits. */
export const turnMark = '@turn=';
export const turnDigits = 6;

interface Turn {
  readonly id: string;
  readonly path: string;
  readonly result: string;
}

interface Conversation {
  readonly system: string;
  readonly tools: readonly { readonly name: string; readonly description: string; readonly schema: object }[];
  readonly question: string;
  /** A call of the first tool each. */
  readonly turns: readonly Turn[];
}

function conversationOf(size: Size): Conversation {
  const paragraph = 'You are a coding agent. Read before you write, say what you did, and never guess where you could look.\n';
  const tool = (index: number): Conversation['tools'][number] => ({
    name: index === 0 ? 'read_file' : `tool_${index}`,
    description: paragraph.repeat(size === 'small' ? 1 : 15),
    schema: { type: 'object', properties: { path: { type: 'string', description: 'Absolute path' }, limit: { type: 'integer', description: 'How many lines' } }, required: ['path'], additionalProperties: false },
  });
  const turns = size === 'small' ? 0 : Math.ceil((largeBytes - 20 * 1_800 - 18_000) / (file.length * 1.06 + 250));
  return {
    system: paragraph.repeat(size === 'small' ? 3 : 170),
    tools: Array.from({ length: size === 'small' ? 1 : 20 }, (_, index) => tool(index)),
    question: 'What does this program do, and where does it begin?',
    turns: Array.from({ length: turns }, (_, index) => ({ id: `call_${(index + 10).toString(36)}Xq9wLrT3vKzB7mYp1Ns`, path: `/project/src/part-${index}.ts`, result: index === turns - 1 ? `${turnMark}${'0'.repeat(turnDigits)} ${file}` : file })),
  };
}

/** Path and body of a request. */
export interface WireRequest {
  readonly path: string;
  readonly body: string;
}

export function requestOf(protocol: Protocol, size: Size, stream: boolean): WireRequest {
  const { path, body } = builders[protocol](conversationOf(size), stream);
  return { path, body: JSON.stringify(body) };
}

/** Under this name the server has the model; the client asks for the other. */
export const upstreamModel = 'bench-model';
const model = 'bench-alias';

const builders: Readonly<Record<Protocol, (conversation: Conversation, stream: boolean) => { readonly path: string; readonly body: object }>> = {
  'anthropic-messages': ({ system, tools, question, turns }, stream) => ({
    path: '/v1/messages',
    body: {
      model,
      messages: [
        { role: 'user', content: question },
        ...turns.flatMap(({ id, path, result }) => [
          { role: 'assistant', content: [{ type: 'text', text: 'I look at the next file.' }, { type: 'tool_use', id, name: 'read_file', input: { path, limit: 200 } }] },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: result }] },
        ]),
      ],
      system: [{ type: 'text', text: system, cache_control: { type: 'ephemeral' } }],
      tools: tools.map(({ name, description, schema }) => ({ name, description, input_schema: schema })),
      max_tokens: 4096,
      stream,
    },
  }),
  'openai-chat': ({ system, tools, question, turns }, stream) => ({
    path: '/v1/chat/completions',
    body: {
      model,
      max_tokens: 4096,
      messages: [
        { role: 'system', content: system },
        { role: 'user', content: question },
        ...turns.flatMap(({ id, path, result }) => [
          { role: 'assistant', content: 'I look at the next file.', tool_calls: [{ id, type: 'function', function: { name: 'read_file', arguments: JSON.stringify({ path, limit: 200 }) } }] },
          { role: 'tool', tool_call_id: id, content: result },
        ]),
      ],
      tools: tools.map(({ name, description, schema }) => ({ type: 'function', function: { name, description, parameters: schema } })),
      stream,
      ...(stream ? { stream_options: { include_usage: true } } : {}),
    },
  }),
  'openai-responses': ({ system, tools, question, turns }, stream) => ({
    path: '/v1/responses',
    body: {
      model,
      stream,
      instructions: system,
      input: [
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: question }] },
        ...turns.flatMap(({ id, path, result }) => [
          { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'I look at the next file.' }] },
          { type: 'function_call', call_id: id, name: 'read_file', arguments: JSON.stringify({ path, limit: 200 }) },
          { type: 'function_call_output', call_id: id, output: result },
        ]),
      ],
      tools: tools.map(({ name, description, schema }) => ({ type: 'function', name, description, parameters: schema, strict: false })),
      store: false,
    },
  }),
  gemini: ({ system, tools, question, turns }, stream) => ({
    path: `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: {
      contents: [
        { role: 'user', parts: [{ text: question }] },
        ...turns.flatMap(({ path, result }) => [
          { role: 'model', parts: [{ text: 'I look at the next file.' }, { functionCall: { name: 'read_file', args: { path, limit: 200 } } }] },
          { role: 'user', parts: [{ functionResponse: { name: 'read_file', response: { output: result } } }] },
        ]),
      ],
      systemInstruction: { parts: [{ text: system }] },
      tools: [{ functionDeclarations: tools.map(({ name, description, schema }) => ({ name, description, parametersJsonSchema: schema })) }],
      generationConfig: { maxOutputTokens: 4096 },
    },
  }),
  ollama: ({ system, tools, question, turns }, stream) => ({
    path: '/api/chat',
    body: {
      model,
      stream,
      tools: tools.map(({ name, description, schema }) => ({ type: 'function', function: { name, description, parameters: schema } })),
      messages: [
        { role: 'system', content: system },
        { role: 'user', content: question },
        ...turns.flatMap(({ path, result }) => [
          { role: 'assistant', content: 'I look at the next file.', tool_calls: [{ function: { name: 'read_file', arguments: { path, limit: 200 } } }] },
          { role: 'tool', tool_name: 'read_file', content: result },
        ]),
      ],
    },
  }),
};
