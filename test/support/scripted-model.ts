/**
 * A model server that answers agents by a script, in whatever protocol they ask: Messages, Responses, Chat Completions and
 * Gemini, streamed the way real clients accept it. It records every request, so that a test can say what reached the wire.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ScriptedToolCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

export interface ModelScript {
  /** What the model says in the end. */
  readonly answer: string;
  /** Called first, when the request offers tools and holds no tool result yet. */
  readonly toolCall?: ScriptedToolCall | ((offered: readonly string[]) => ScriptedToolCall);
}

export interface RecordedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** Names of the tools that the request offers; empty for title requests and the like. */
  readonly offeredTools: readonly string[];
  /** Results of tools that the request holds, as text. */
  readonly toolResults: readonly string[];
}

export interface ScriptedModel {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly requests: readonly RecordedRequest[];
  close(): Promise<void>;
}

/** Listens on 127.0.0.1, on a port of the system's choice. */
export async function startScriptedModel(script: ModelScript): Promise<ScriptedModel> {
  const requests: RecordedRequest[] = [];
  const server = createServer((request, response) => {
    answer(request, response, script, requests).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });
  // Codex asks for a WebSocket first on some providers and falls back to HTTP at once after 426.
  server.on('upgrade', (_request, socket) => {
    socket.end('HTTP/1.1 426 Upgrade Required\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, script: ModelScript, requests: RecordedRequest[]): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const body: unknown = text === '' ? undefined : JSON.parse(text);
  const path = request.url ?? '/';
  const dialect = dialectOf(path);
  const recorded: RecordedRequest = {
    method: request.method ?? 'GET',
    path,
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')])),
    body,
    offeredTools: dialect?.offeredTools(body) ?? [],
    toolResults: dialect?.toolResults(body) ?? [],
  };
  requests.push(recorded);
  if (!dialect || request.method !== 'POST') {
    const models = path.split('?')[0]?.endsWith('/models') === true;
    const reply = models ? JSON.stringify({ object: 'list', data: [{ id: 'scripted-model', object: 'model' }] }) : '{}';
    response.writeHead(200, { 'content-type': 'application/json' }).end(request.method === 'HEAD' ? undefined : reply);
    return;
  }
  const toolCall = recorded.offeredTools.length > 0 && recorded.toolResults.length === 0 ? script.toolCall : undefined;
  const call = typeof toolCall === 'function' ? toolCall(recorded.offeredTools) : toolCall;
  const reply = call ? dialect.call(call, requests.length) : dialect.say(script.answer, requests.length);
  if (dialect.wantsStream(body, path)) {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' }).end(reply.stream);
  } else {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(reply.whole));
  }
}

interface Reply {
  readonly stream: string;
  readonly whole: unknown;
}

/** One wire format: what matters of a request, and how an answer looks. */
interface Dialect {
  wantsStream(body: unknown, path: string): boolean;
  offeredTools(body: unknown): readonly string[];
  toolResults(body: unknown): readonly string[];
  say(text: string, sequence: number): Reply;
  call(call: ScriptedToolCall, sequence: number): Reply;
}

function dialectOf(path: string): Dialect | undefined {
  const name = path.split('?')[0] ?? '';
  if (name.endsWith('/messages')) return messages;
  if (name.endsWith('/responses')) return responses;
  if (name.endsWith('/chat/completions')) return chat;
  if (name.endsWith(':streamGenerateContent') || name.endsWith(':generateContent')) return gemini;
  return undefined;
}

const messages: Dialect = {
  wantsStream: (body) => field(body, 'stream') === true,
  offeredTools: (body) => list(field(body, 'tools')).map((tool) => text(field(tool, 'name'))),
  toolResults: (body) =>
    list(field(body, 'messages')).flatMap((message) =>
      list(field(message, 'content'))
        .filter((block) => field(block, 'type') === 'tool_result')
        .map((block) => JSON.stringify(field(block, 'content'))),
    ),
  say: (answerText, sequence) => anthropicReply(sequence, 'end_turn', { type: 'text', text: answerText }),
  call: (call, sequence) => anthropicReply(sequence, 'tool_use', { type: 'tool_use', id: `toolu_${sequence}`, name: call.name, input: call.arguments }),
};

function anthropicReply(sequence: number, stopReason: string, block: { readonly type: string; readonly text?: string; readonly input?: unknown; readonly id?: string; readonly name?: string }): Reply {
  const usage = { input_tokens: 10, output_tokens: 5 };
  const message = { id: `msg_${sequence}`, type: 'message', role: 'assistant', model: 'scripted-model' };
  const isText = block.type === 'text';
  const start = isText ? { type: 'text', text: '' } : { ...block, input: {} };
  const delta = isText ? { type: 'text_delta', text: block.text } : { type: 'input_json_delta', partial_json: JSON.stringify(block.input) };
  const events = [
    { type: 'message_start', message: { ...message, content: [], stop_reason: null, stop_sequence: null, usage } },
    { type: 'content_block_start', index: 0, content_block: start },
    { type: 'content_block_delta', index: 0, delta },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: stopReason, stop_sequence: null }, usage: { output_tokens: 5 } },
    { type: 'message_stop' },
  ];
  return {
    stream: events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''),
    whole: { ...message, content: [block], stop_reason: stopReason, stop_sequence: null, usage },
  };
}

const responses: Dialect = {
  wantsStream: (body) => field(body, 'stream') === true,
  offeredTools: (body) => list(field(body, 'tools')).map((tool) => text(field(tool, 'name'))),
  toolResults: (body) =>
    list(field(body, 'input'))
      .filter((item) => field(item, 'type') === 'function_call_output')
      .map((item) => JSON.stringify(field(item, 'output'))),
  say: (answerText, sequence) =>
    responsesReply(sequence, { type: 'message', id: `msg_${sequence}`, role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: answerText, annotations: [] }] }, [
      { type: 'response.output_text.delta', item_id: `msg_${sequence}`, output_index: 0, content_index: 0, delta: answerText },
    ]),
  call: (call, sequence) =>
    responsesReply(sequence, { type: 'function_call', id: `fc_${sequence}`, call_id: `call_${sequence}`, name: call.name, arguments: JSON.stringify(call.arguments), status: 'completed' }, []),
};

function responsesReply(sequence: number, item: Readonly<Record<string, unknown>>, deltas: readonly ({ readonly type: string } & Readonly<Record<string, unknown>>)[]): Reply {
  const response = { id: `resp_${sequence}`, object: 'response', created_at: 1, model: 'scripted-model', status: 'in_progress', output: [] as unknown[] };
  const usage = { input_tokens: 10, input_tokens_details: { cached_tokens: 0 }, output_tokens: 5, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: 15 };
  const whole = { ...response, status: 'completed', output: [item], usage };
  const opening = item['type'] === 'message' ? { ...item, status: 'in_progress', content: [] } : { ...item, status: 'in_progress', arguments: '' };
  const events: readonly { readonly type: string }[] = [
    { type: 'response.created', response },
    { type: 'response.output_item.added', output_index: 0, item: opening },
    ...deltas,
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: whole },
  ];
  return { stream: events.map((event, index) => `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number: index })}\n\n`).join(''), whole };
}

const chat: Dialect = {
  wantsStream: (body) => field(body, 'stream') === true,
  offeredTools: (body) => list(field(body, 'tools')).map((tool) => text(field(field(tool, 'function'), 'name'))),
  toolResults: (body) =>
    list(field(body, 'messages'))
      .filter((message) => field(message, 'role') === 'tool')
      .map((message) => JSON.stringify(field(message, 'content'))),
  say: (answerText, sequence) => chatReply(sequence, 'stop', { content: answerText }, { role: 'assistant', content: answerText }),
  call: (call, sequence) => {
    const toolCall = { id: `call_${sequence}`, type: 'function', function: { name: call.name, arguments: JSON.stringify(call.arguments) } };
    return chatReply(sequence, 'tool_calls', { tool_calls: [{ index: 0, ...toolCall }] }, { role: 'assistant', content: null, tool_calls: [toolCall] });
  },
};

function chatReply(sequence: number, finishReason: string, delta: Readonly<Record<string, unknown>>, message: unknown): Reply {
  const head = { id: `chatcmpl-${sequence}`, created: 1, model: 'scripted-model' };
  const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
  const chunks = [
    { ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta: { role: 'assistant', ...delta }, finish_reason: null }] },
    { ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta: {}, finish_reason: finishReason }] },
    { ...head, object: 'chat.completion.chunk', choices: [], usage },
  ];
  return {
    stream: `${chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('')}data: [DONE]\n\n`,
    whole: { ...head, object: 'chat.completion', choices: [{ index: 0, message, finish_reason: finishReason }], usage },
  };
}

const gemini: Dialect = {
  wantsStream: (_body, path) => path.includes(':streamGenerateContent'),
  offeredTools: (body) => list(field(body, 'tools')).flatMap((tool) => list(field(tool, 'functionDeclarations')).map((declaration) => text(field(declaration, 'name')))),
  toolResults: (body) =>
    list(field(body, 'contents')).flatMap((content) =>
      list(field(content, 'parts'))
        .filter((part) => field(part, 'functionResponse') !== undefined)
        .map((part) => JSON.stringify(field(field(part, 'functionResponse'), 'response'))),
    ),
  say: (answerText) => geminiReply({ text: answerText }),
  call: (call) => geminiReply({ functionCall: { name: call.name, args: call.arguments } }),
};

function geminiReply(part: unknown): Reply {
  const whole = {
    candidates: [{ content: { role: 'model', parts: [part] }, finishReason: 'STOP', index: 0 }],
    usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 },
    modelVersion: 'scripted-model',
  };
  // The client's parser takes exactly `data: ` and nothing else: no comments, no `event:` lines.
  return { stream: `data: ${JSON.stringify(whole)}\n\n`, whole };
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
