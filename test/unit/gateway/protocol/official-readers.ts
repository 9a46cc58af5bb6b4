/** What the vendors' own clients make of a stream, each in one shape. No sockets: they are handed the answer. */
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI, type Part } from '@google/genai';
import { Ollama } from 'ollama/browser';
import OpenAI from 'openai';
import type { Protocol } from '../../../../src/core/protocol.ts';

export interface ReadAnswer {
  readonly text: string;
  readonly thoughts: string;
  readonly calls: readonly (readonly [name: string, input: unknown])[];
}

/** A body in pieces as the gateway writes them, one after the other. */
function bodyOf(pieces: readonly string[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let next = 0;
  return new ReadableStream({
    pull(controller) {
      const piece = pieces[next++];
      if (piece === undefined) controller.close();
      else controller.enqueue(encoder.encode(piece));
    },
  });
}

type Fetch = () => Promise<Response>;
const hi = [{ role: 'user' as const, content: 'hi' }];

/** @throws whatever the client throws for a stream that fails or is cut */
export async function readOfficially(client: Protocol, pieces: readonly string[], contentType: string): Promise<ReadAnswer> {
  const filled = pieces.filter((piece) => piece !== '');
  return readers[client](async () => new Response(bodyOf(filled), { status: 200, headers: { 'content-type': contentType } }));
}

const readers: Readonly<Record<Protocol, (fetch: Fetch) => Promise<ReadAnswer>>> = {
  async 'anthropic-messages'(fetch) {
    const client = new Anthropic({ apiKey: 'x', baseURL: 'http://gateway.test', fetch, maxRetries: 0 });
    const { content } = await client.messages.stream({ model: 'm', max_tokens: 9, messages: hi }).finalMessage();
    return {
      text: content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
      thoughts: content.map((block) => (block.type === 'thinking' ? block.thinking : '')).join(''),
      calls: content.flatMap((block) => (block.type === 'tool_use' ? [[block.name, block.input] as const] : [])),
    };
  },

  async 'openai-chat'(fetch) {
    const client = new OpenAI({ apiKey: 'x', baseURL: 'http://gateway.test', fetch, maxRetries: 0 });
    let thoughts = '';
    const stream = client.chat.completions.stream({ model: 'm', messages: hi });
    stream.on('chunk', ({ choices }) => {
      const delta = choices[0]?.delta as { readonly reasoning_content?: unknown } | undefined;
      if (typeof delta?.reasoning_content === 'string') thoughts += delta.reasoning_content;
    });
    const [choice] = (await stream.finalChatCompletion()).choices;
    return {
      text: `${choice?.message.content ?? ''}${choice?.message.refusal ?? ''}`,
      thoughts,
      calls: (choice?.message.tool_calls ?? []).flatMap((call) => (call.type === 'function' ? [[call.function.name, jsonOr(call.function.arguments)] as const] : [])),
    };
  },

  async 'openai-responses'(fetch) {
    const client = new OpenAI({ apiKey: 'x', baseURL: 'http://gateway.test', fetch, maxRetries: 0 });
    const { output } = await client.responses.stream({ model: 'm', input: 'hi' }).finalResponse();
    return {
      text: output.flatMap((item) => (item.type === 'message' ? item.content.map((part) => (part.type === 'output_text' ? part.text : part.refusal)) : [])).join(''),
      thoughts: output.flatMap((item) => (item.type === 'reasoning' ? [...item.summary.map(({ text }) => text), ...(item.content ?? []).map(({ text }) => text)] : [])).join(''),
      calls: output.flatMap((item) => (item.type === 'function_call' ? [[item.name, jsonOr(item.arguments)] as const] : item.type === 'custom_tool_call' ? [[item.name, item.input] as const] : [])),
    };
  },

  async gemini(fetch) {
    // Google's client knows no other way to the network than the global fetch, which is lent to it.
    const own = globalThis.fetch;
    globalThis.fetch = fetch;
    try {
      const client = new GoogleGenAI({ apiKey: 'x', httpOptions: { baseUrl: 'http://gateway.test', retryOptions: { attempts: 1 } } });
      const parts: Part[] = [];
      for await (const chunk of await client.models.generateContentStream({ model: 'm', contents: 'hi' })) parts.push(...(chunk.candidates?.[0]?.content?.parts ?? []));
      const words = (thought: boolean): string => parts.map((part) => ((part.thought === true) === thought ? (part.text ?? '') : '')).join('');
      return { text: words(false), thoughts: words(true), calls: parts.flatMap(({ functionCall }) => (functionCall ? [[functionCall.name ?? '', functionCall.args ?? {}] as const] : [])) };
    } finally {
      globalThis.fetch = own;
    }
  },

  async ollama(fetch) {
    const client = new Ollama({ host: 'http://gateway.test', fetch });
    let [text, thoughts, done] = ['', '', false];
    const calls: (readonly [string, unknown])[] = [];
    for await (const part of await client.chat({ model: 'm', messages: hi, stream: true })) {
      text += part.message.content;
      thoughts += part.message.thinking ?? '';
      calls.push(...(part.message.tool_calls ?? []).map((call) => [call.function.name, call.function.arguments] as const));
      done ||= part.done;
    }
    if (!done) throw new Error('the stream has no end');
    return { text, thoughts, calls };
  },
};

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
