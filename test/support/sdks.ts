/** The vendors' own clients, each asked for the same things in its own way. */
import Anthropic from '@anthropic-ai/sdk';
import { FunctionCallingConfigMode, GoogleGenAI } from '@google/genai';
import { Ollama } from 'ollama';
import OpenAI from 'openai';
import { field, list, text } from './dialects/dialect.ts';

export interface ToolLoop {
  readonly name: string;
  readonly arguments: unknown;
  /** What the model said after it had got the result. */
  readonly final: string;
}

export interface Sdk {
  readonly name: string;
  /** An answer in one piece. Absent model: one that nobody knows. */
  say(options?: { readonly model?: string }): Promise<string>;
  /** The same, piece by piece. */
  stream(): Promise<readonly string[]>;
  /** A call of the tool `look` is answered with `result`. */
  callTool(result: string, options: { readonly stream: boolean }): Promise<ToolLoop>;
  /** Shows a picture (PNG, base64). */
  show(picture: string): Promise<string>;
  think(options: { readonly stream: boolean }): Promise<{ readonly thought: string; readonly said: string }>;
  /** An answer that fits `{title: string}`. */
  structured(): Promise<unknown>;
  /** Undefined: the vendor counts nothing. */
  countTokens?(): Promise<number | undefined>;
  listModels(): Promise<readonly string[]>;
  /** Leaves after the first piece of a stream. */
  abort(): Promise<void>;
  /** The class and status of what a request was rejected with. */
  describeError(error: unknown): { readonly name: string; readonly status: number | undefined; readonly message: string };
}

const schema = { type: 'object', properties: { title: { type: 'string' } }, required: ['title'], additionalProperties: false } as const;
const parameters = { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] } as const;
const question = 'What is there?';

function describe(error: unknown): { readonly name: string; readonly status: number | undefined; readonly message: string } {
  const status = [field(error, 'status'), field(error, 'status_code')].find((value) => typeof value === 'number');
  return { name: error instanceof Error ? error.constructor.name : '', status, message: error instanceof Error ? error.message : String(error) };
}

export function openaiChat(address: string, token: string): Sdk {
  const client = new OpenAI({ baseURL: `${address}/v1`, apiKey: token, maxRetries: 0 });
  const tools = [{ type: 'function' as const, function: { name: 'look', description: 'Looks', parameters } }];
  const ask = { model: 'anything', messages: [{ role: 'user' as const, content: question }], tools };
  return {
    name: 'openai (chat)',
    describeError: describe,
    async say({ model = 'anything' } = {}) {
      const answer = await client.chat.completions.create({ ...ask, model });
      return answer.choices[0]?.message.content ?? '';
    },
    async stream() {
      const pieces: string[] = [];
      for await (const chunk of await client.chat.completions.create({ ...ask, stream: true })) pieces.push(chunk.choices[0]?.delta.content ?? '');
      return pieces.filter((piece) => piece !== '');
    },
    async callTool(result, { stream }) {
      const send = async (messages: OpenAI.ChatCompletionMessageParam[]): Promise<OpenAI.ChatCompletionMessage | undefined> =>
        stream ? client.chat.completions.stream({ ...ask, messages }).finalMessage() : (await client.chat.completions.create({ ...ask, messages })).choices[0]?.message;
      const first = await send(ask.messages);
      const call = first?.tool_calls?.[0];
      if (!first || call?.type !== 'function') throw new Error('no call');
      const last = await send([...ask.messages, first, { role: 'tool', tool_call_id: call.id, content: result }]);
      return { name: call.function.name, arguments: JSON.parse(call.function.arguments), final: last?.content ?? '' };
    },
    async show(picture) {
      const answer = await client.chat.completions.create({ ...ask, messages: [{ role: 'user', content: [{ type: 'text', text: question }, { type: 'image_url', image_url: { url: `data:image/png;base64,${picture}` } }] }] });
      return answer.choices[0]?.message.content ?? '';
    },
    async think({ stream }) {
      // What servers of open models add to OpenAI's own shape.
      if (!stream) {
        const message = (await client.chat.completions.create({ ...ask, reasoning_effort: 'high' })).choices[0]?.message;
        return { thought: text(field(message, 'reasoning_content')), said: message?.content ?? '' };
      }
      let thought = '';
      let said = '';
      for await (const chunk of await client.chat.completions.create({ ...ask, reasoning_effort: 'high', stream: true })) {
        thought += text(field(chunk.choices[0]?.delta, 'reasoning_content'));
        said += chunk.choices[0]?.delta.content ?? '';
      }
      return { thought, said };
    },
    async structured() {
      const answer = await client.chat.completions.parse({ model: 'anything', messages: ask.messages, response_format: { type: 'json_schema', json_schema: { name: 'title', schema, strict: true } } });
      return JSON.parse(answer.choices[0]?.message.content ?? '');
    },
    async listModels() {
      const ids: string[] = [];
      for await (const { id } of client.models.list()) ids.push(id);
      return ids;
    },
    async abort() {
      const stream = await client.chat.completions.create({ ...ask, stream: true });
      for await (const _ of stream) break;
    },
  };
}

export function openaiResponses(address: string, token: string): Sdk {
  const client = new OpenAI({ baseURL: `${address}/v1`, apiKey: token, maxRetries: 0 });
  const tools = [{ type: 'function' as const, name: 'look', description: 'Looks', parameters, strict: false }];
  const ask = { model: 'anything', input: question, tools, store: false };
  return {
    ...openaiChat(address, token),
    name: 'openai (responses)',
    async say({ model = 'anything' } = {}) {
      return (await client.responses.create({ ...ask, model })).output_text;
    },
    async stream() {
      const pieces: string[] = [];
      for await (const event of await client.responses.create({ ...ask, stream: true })) if (event.type === 'response.output_text.delta') pieces.push(event.delta);
      return pieces;
    },
    async callTool(result, { stream }) {
      const send = (input: string | OpenAI.Responses.ResponseInput): Promise<OpenAI.Responses.Response> => (stream ? client.responses.stream({ ...ask, input }).finalResponse() : client.responses.create({ ...ask, input }));
      const first = await send(question);
      const call = first.output.find((item) => item.type === 'function_call');
      if (!call) throw new Error('no call');
      const last = await send([{ role: 'user', content: question }, ...(first.output as OpenAI.Responses.ResponseInput), { type: 'function_call_output', call_id: call.call_id, output: result }]);
      return { name: call.name, arguments: JSON.parse(call.arguments), final: last.output_text };
    },
    async show(picture) {
      return (await client.responses.create({ ...ask, input: [{ role: 'user', content: [{ type: 'input_text', text: question }, { type: 'input_image', detail: 'auto', image_url: `data:image/png;base64,${picture}` }] }] })).output_text;
    },
    async think({ stream }) {
      const wish = { ...ask, reasoning: { effort: 'high', summary: 'detailed' }, include: ['reasoning.encrypted_content'] } as const;
      const answer = stream ? await client.responses.stream({ ...wish, include: [...wish.include] }).finalResponse() : await client.responses.create({ ...wish, include: [...wish.include] });
      const thought = answer.output.flatMap((item) => (item.type === 'reasoning' ? [...item.summary, ...(item.content ?? [])].map((part) => part.text) : [])).join('');
      return { thought, said: answer.output_text };
    },
    async structured() {
      const answer = await client.responses.create({ model: 'anything', input: question, text: { format: { type: 'json_schema', name: 'title', schema, strict: true } } });
      return JSON.parse(answer.output_text);
    },
    async abort() {
      for await (const _ of await client.responses.create({ ...ask, stream: true })) break;
    },
  };
}

export function anthropic(address: string, token: string): Sdk {
  const client = new Anthropic({ baseURL: address, authToken: token, apiKey: null, maxRetries: 0 });
  const tools = [{ name: 'look', description: 'Looks', input_schema: parameters as unknown as Anthropic.Tool.InputSchema }];
  const ask = { model: 'anything', max_tokens: 4000, messages: [{ role: 'user' as const, content: question }], tools };
  const said = (message: Anthropic.Message): string => message.content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('');
  const send = (more: Partial<Anthropic.MessageCreateParamsNonStreaming>, { stream }: { readonly stream: boolean }): Promise<Anthropic.Message> => (stream ? client.messages.stream({ ...ask, ...more }).finalMessage() : client.messages.create({ ...ask, ...more }));
  return {
    name: '@anthropic-ai/sdk',
    describeError: describe,
    say: async ({ model = 'anything' } = {}) => said(await send({ model }, { stream: false })),
    async stream() {
      const pieces: string[] = [];
      for await (const event of client.messages.stream(ask)) if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') pieces.push(event.delta.text);
      return pieces;
    },
    async callTool(result, options) {
      const first = await send({}, options);
      const call = first.content.find((block) => block.type === 'tool_use');
      if (!call) throw new Error('no call');
      const last = await send({ messages: [...ask.messages, { role: 'assistant', content: first.content as Anthropic.ContentBlockParam[] }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: result }] }] }, options);
      return { name: call.name, arguments: call.input, final: said(last) };
    },
    show: async (picture) => said(await send({ messages: [{ role: 'user', content: [{ type: 'text', text: question }, { type: 'image', source: { type: 'base64', media_type: 'image/png', data: picture } }] }] }, { stream: false })),
    async think(options) {
      const message = await send({ thinking: { type: 'enabled', budget_tokens: 2000 } }, options);
      return { thought: message.content.flatMap((block) => (block.type === 'thinking' ? [block.thinking] : [])).join(''), said: said(message) };
    },
    structured: async () => JSON.parse(said(await client.messages.create({ model: 'anything', max_tokens: 500, messages: ask.messages, output_config: { format: { type: 'json_schema', schema } } }))) as unknown,
    countTokens: async () => (await client.messages.countTokens({ model: 'anything', messages: ask.messages })).input_tokens,
    async listModels() {
      const ids: string[] = [];
      for await (const { id } of client.models.list()) ids.push(id);
      return ids;
    },
    async abort() {
      for await (const _ of await client.messages.create({ ...ask, stream: true })) break;
    },
  };
}

export function google(address: string, token: string): Sdk {
  const client = new GoogleGenAI({ apiKey: token, httpOptions: { baseUrl: address, retryOptions: { attempts: 1 } } });
  const tools = [{ functionDeclarations: [{ name: 'look', description: 'Looks', parametersJsonSchema: parameters }] }];
  const ask = { model: 'anything', contents: question, config: { tools, toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.AUTO } } } };
  type Parts = { text?: string; thought?: boolean; functionCall?: { id?: string; name?: string; args?: unknown } }[];
  async function send(contents: unknown, config: object, { stream }: { readonly stream: boolean }): Promise<Parts> {
    const request = { ...ask, contents: contents as string, config: { ...ask.config, ...config } };
    if (!stream) return (await client.models.generateContent(request)).candidates?.[0]?.content?.parts ?? [];
    const parts: Parts = [];
    for await (const chunk of await client.models.generateContentStream(request)) parts.push(...(chunk.candidates?.[0]?.content?.parts ?? []));
    return parts;
  }
  const joined = (parts: Parts, thought: boolean): string => parts.filter((part) => (part.thought === true) === thought).map((part) => part.text ?? '').join('');
  return {
    name: '@google/genai',
    describeError: describe,
    async say({ model = 'anything' } = {}) {
      return (await client.models.generateContent({ ...ask, model })).text ?? '';
    },
    async stream() {
      const pieces: string[] = [];
      for await (const chunk of await client.models.generateContentStream(ask)) if (chunk.text) pieces.push(chunk.text);
      return pieces;
    },
    async callTool(result, options) {
      const first = await send(question, {}, options);
      const call = first.find((part) => part.functionCall)?.functionCall;
      if (!call) throw new Error('no call');
      const response = { functionResponse: { ...(call.id !== undefined && { id: call.id }), name: call.name, response: { output: result } } };
      const last = await send([{ role: 'user', parts: [{ text: question }] }, { role: 'model', parts: first }, { role: 'user', parts: [response] }], {}, options);
      return { name: call.name ?? '', arguments: call.args, final: joined(last, false) };
    },
    show: async (picture) => joined(await send([{ role: 'user', parts: [{ text: question }, { inlineData: { mimeType: 'image/png', data: picture } }] }], {}, { stream: false }), false),
    async think(options) {
      const parts = await send(question, { thinkingConfig: { includeThoughts: true, thinkingBudget: 2000 } }, options);
      return { thought: joined(parts, true), said: joined(parts, false) };
    },
    structured: async () => JSON.parse((await client.models.generateContent({ model: 'anything', contents: question, config: { responseMimeType: 'application/json', responseJsonSchema: schema } })).text ?? '') as unknown,
    countTokens: async () => (await client.models.countTokens({ model: 'anything', contents: question })).totalTokens,
    async listModels() {
      const ids: string[] = [];
      for await (const { name } of await client.models.list()) ids.push((name ?? '').replace('models/', ''));
      return ids;
    },
    async abort() {
      const controller = new AbortController();
      for await (const _ of await client.models.generateContentStream({ ...ask, config: { ...ask.config, abortSignal: controller.signal } })) break;
      controller.abort();
    },
  };
}

export function ollama(address: string, token: string): Sdk {
  const client = new Ollama({ host: address, headers: { authorization: `Bearer ${token}` } });
  const tools = [{ type: 'function', function: { name: 'look', description: 'Looks', parameters: { type: 'object', properties: { path: { type: 'string', description: 'where' } }, required: ['path'] } } }];
  const ask = { model: 'anything', messages: [{ role: 'user', content: question }], tools };
  type Heard = { content: string; thinking: string; calls: readonly unknown[] };
  async function send(more: object, { stream }: { readonly stream: boolean }): Promise<Heard> {
    const heard = { content: '', thinking: '', calls: [] as unknown[] };
    const add = (message: unknown): void => {
      heard.content += text(field(message, 'content'));
      heard.thinking += text(field(message, 'thinking'));
      heard.calls.push(...list(field(message, 'tool_calls')));
    };
    if (stream) for await (const { message } of await client.chat({ ...ask, ...more, stream: true })) add(message);
    else add((await client.chat({ ...ask, ...more, stream: false })).message);
    return heard;
  }
  return {
    name: 'ollama',
    describeError: describe,
    say: async ({ model = 'anything' } = {}) => (await send({ model }, { stream: false })).content,
    async stream() {
      const pieces: string[] = [];
      for await (const { message } of await client.chat({ ...ask, stream: true })) if (message.content !== '') pieces.push(message.content);
      return pieces;
    },
    async callTool(result, options) {
      const first = await send({}, options);
      const call = field(first.calls[0], 'function');
      const last = await send({ messages: [...ask.messages, { role: 'assistant', content: first.content, tool_calls: first.calls }, { role: 'tool', content: result, tool_name: 'look' }] }, options);
      return { name: text(field(call, 'name')), arguments: field(call, 'arguments'), final: last.content };
    },
    show: async (picture) => (await send({ messages: [{ role: 'user', content: question, images: [picture] }] }, { stream: false })).content,
    async think(options) {
      const { thinking, content } = await send({ think: true }, options);
      return { thought: thinking, said: content };
    },
    structured: async () => JSON.parse((await client.chat({ model: 'anything', messages: ask.messages, format: schema })).message.content) as unknown,
    listModels: async () => (await client.list()).models.map(({ name }) => name),
    async abort() {
      const stream = await client.chat({ ...ask, stream: true });
      for await (const _ of stream) break;
      stream.abort();
    },
  };
}

export const sdks: readonly ((address: string, token: string) => Sdk)[] = [anthropic, openaiChat, openaiResponses, google, ollama];
