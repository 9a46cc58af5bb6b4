/** Any request at all keeps its meaning on its way to a server of the same wire, or a warning tells what was lost. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { anthropicMessages } from '../../../../src/gateway/protocol/anthropic-messages/index.ts';
import type { ProtocolCodec, UpstreamTraits } from '../../../../src/gateway/protocol/codec.ts';
import type { IrAssistantPart, IrMessage, IrRequest, IrTool, IrToolResult, IrUserPart, Json, JsonObject } from '../../../../src/gateway/protocol/ir.ts';
import { argumentsObject, argumentsText } from '../../../../src/gateway/protocol/json.ts';
import { ollama } from '../../../../src/gateway/protocol/ollama/index.ts';
import { openAiChat } from '../../../../src/gateway/protocol/openai-chat/index.ts';
import { argumentsJson, assistantParts } from './arbitrary.ts';
import type { Wire } from './meaning.ts';

const codecs: Readonly<Record<Wire, Pick<ProtocolCodec, 'decodeRequest' | 'encodeRequest'>>> = { 'openai-chat': openAiChat, 'anthropic-messages': anthropicMessages, ollama };
/** Servers that take the most. */
const traits: UpstreamTraits = { systemAnywhere: true, reasoningField: 'reasoning_content', documents: true, efforts: ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'], unsignedThinking: true, promptCacheKey: true, thinkValues: 'levels', thinkingStyle: 'adaptive' };

const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).map((text) => `x${text}`);
const text = word.map((value): IrUserPart => ({ type: 'text', text: value }));
const data = fc.base64String({ minLength: 4, maxLength: 12 });
const image = data.map((value): IrUserPart => ({ type: 'image', media: { type: 'base64', mediaType: 'image/png', data: value } }));
const linked = fc.webUrl().map((url): IrUserPart => ({ type: 'image', media: { type: 'url', url } }));
const pdf = data.map((value): IrUserPart => ({ type: 'document', media: { type: 'base64', mediaType: 'application/pdf', data: value }, title: 'a.pdf' }));
const userParts = fc.array(fc.oneof(text, image, linked, pdf), { minLength: 1, maxLength: 3 });

/** A turn of the model, with a result for each of its calls, and what the user says. */
const turn = fc.record({ parts: assistantParts({ signatures: false }), errors: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }), said: userParts, result: word });

const messages = fc.record({ system: fc.array(word, { maxLength: 2 }), first: userParts, turns: fc.array(turn, { maxLength: 3 }), reminder: fc.option(word, { nil: undefined }) }).map(({ system, first, turns, reminder }): readonly IrMessage[] => {
  const list: IrMessage[] = [];
  if (system.length > 0) list.push({ role: 'system', developer: false, parts: system.map((value) => ({ type: 'text', text: value })) });
  list.push({ role: 'user', parts: first });
  if (reminder !== undefined) list.push({ role: 'system', developer: false, parts: [{ type: 'text', text: reminder }] });
  turns.forEach(({ parts, errors, said, result }, index) => {
    const own = parts.map((part): IrAssistantPart => (part.type === 'tool-call' ? { ...part, id: `t${index}_${part.id}` } : part));
    if (own.length === 0) return;
    list.push({ role: 'assistant', parts: own });
    const results = own.filter((part) => part.type === 'tool-call').map((call, at): IrToolResult => ({ type: 'tool-result', callId: call.id, name: call.name, content: [{ type: 'text', text: `${result}${at}` }], isError: errors[at] ?? false }));
    if (results.length > 0) list.push({ role: 'user', parts: results });
    list.push({ role: 'user', parts: said });
  });
  return list;
});

const schema = fc.dictionary(fc.constantFrom('path', 'line', 'text'), fc.constantFrom<JsonObject>({ type: 'string' }, { type: 'integer' }, { type: 'array', items: { type: 'string' } }), { maxKeys: 3, noNullPrototype: true }).map((properties): JsonObject => ({ type: 'object', properties }));
const tool = (name: string): fc.Arbitrary<IrTool> => fc.record({ description: word, schema }).map((rest): IrTool => ({ type: 'function', name, ...rest }));
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });

const requests: fc.Arbitrary<IrRequest> = fc
  .record({
    messages,
    tools: fc.constantFrom(0, 2).chain((count) => (count === 0 ? fc.constant<readonly IrTool[]>([]) : fc.tuple(tool('read_file'), tool('bash')))),
    toolChoice: optional(fc.constantFrom<NonNullable<IrRequest['toolChoice']>>({ type: 'auto' }, { type: 'none' }, { type: 'required' }, { type: 'tool', name: 'bash' })),
    parallelToolCalls: optional(fc.boolean()),
    maxOutputTokens: optional(fc.integer({ min: 2048, max: 9000 })),
    temperature: optional(fc.constantFrom(0, 0.5, 1)),
    topP: optional(fc.constantFrom(0.5, 1)),
    topK: optional(fc.integer({ min: 1, max: 50 })),
    stop: optional(fc.array(word, { minLength: 1, maxLength: 3 })),
    seed: optional(fc.nat(9)),
    presencePenalty: optional(fc.constantFrom(0.5, 1)),
    frequencyPenalty: optional(fc.constantFrom(0.5, 1)),
    reasoning: optional(fc.constantFrom<NonNullable<IrRequest['reasoning']>>({ enabled: false }, { enabled: true }, { enabled: true, effort: 'low' }, { enabled: true, effort: 'high' })),
    output: optional(fc.constantFrom<NonNullable<IrRequest['output']>>({ type: 'json' }, { type: 'json-schema', name: 'answer', schema: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false }, strict: true })),
    stream: fc.boolean(),
  })
  .map((fields) => ({ model: 'm', ...(Object.fromEntries(Object.entries(structuredClone(fields)).filter(([, value]) => value !== undefined)) as unknown as Omit<IrRequest, 'model'>) }));

/** What the wire can say of a message, by role, without the difference between one text and two that follow each other. */
function talk(wire: Wire, list: readonly IrMessage[]): unknown {
  const said: { role: string; parts: unknown[] }[] = [];
  const add = (role: string, parts: readonly unknown[]): void => {
    const last = said.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else if (parts.length > 0) said.push({ role, parts: [...parts] });
  };
  for (const message of list) {
    if (message.role === 'system') add('system', [message.parts.map((part) => part.text).join('\n\n')]);
    else if (message.role === 'user') add('user', message.parts.flatMap((part) => userMeaning(wire, part)));
    else add('assistant', assistantMeaning(wire, message.parts));
  }
  // Pictures are beside the text on Ollama's wire, not between its pieces.
  const inOrder = (parts: readonly unknown[]): readonly unknown[] => (wire === 'ollama' ? [...parts.filter((part) => typeof part === 'string'), ...parts.filter((part) => typeof part !== 'string')] : parts);
  return said.map(({ role, parts }) => ({ role, parts: joinTexts(inOrder(parts)) }));
}

function joinTexts(parts: readonly unknown[]): readonly unknown[] {
  const joined: unknown[] = [];
  for (const part of parts) {
    if (typeof part === 'string' && typeof joined.at(-1) === 'string') joined[joined.length - 1] = `${String(joined.at(-1))}\n\n${part}`;
    else joined.push(part);
  }
  return joined;
}

const leftOut = (what: string): string => `[${what} was left out: this model cannot read it]`;

function userMeaning(wire: Wire, part: IrUserPart): readonly unknown[] {
  switch (part.type) {
    case 'text':
      return [part.text];
    case 'image':
      return wire === 'ollama' && part.media.type === 'url' ? [leftOut('a picture')] : [{ image: part.media.type === 'base64' ? part.media.data : part.media.type === 'url' ? part.media.url : '' }];
    case 'document':
      return wire === 'ollama' ? [leftOut('the document a.pdf')] : [{ document: part.media.type === 'base64' ? part.media.data : '' }];
    case 'tool-result': {
      const said = part.content.map((piece) => (piece.type === 'text' ? piece.text : '')).join('\n');
      const marked = part.isError && wire !== 'anthropic-messages' && !said.startsWith('Error: ') ? `Error: ${said}` : said;
      return [{ result: part.callId, name: part.name, said: marked, ...(wire === 'anthropic-messages' ? { failed: part.isError } : {}) }];
    }
    case 'audio':
      return [];
  }
}

function assistantMeaning(wire: Wire, parts: readonly IrAssistantPart[]): readonly unknown[] {
  const call = (part: IrAssistantPart): readonly unknown[] =>
    part.type === 'tool-call' ? [{ call: part.id, name: part.name, input: wire === 'openai-chat' ? argumentsText(part.input.text) : JSON.stringify(argumentsObject(part.input.text)) }] : [];
  const texts = (...types: readonly string[]): string => parts.flatMap((part) => ('text' in part && types.includes(part.type) ? [part.text] : [])).join('').replaceAll(/\s/g, '');
  // One field for each kind, so that their order among each other is lost; in Anthropic's it is kept.
  if (wire !== 'anthropic-messages') return [{ thoughts: texts('reasoning'), text: texts('text', 'refusal') }, ...parts.flatMap(call)];
  const ordered: unknown[] = [];
  for (const part of parts) {
    if (part.type === 'tool-call') ordered.push(...call(part));
    else if (part.type !== 'image') ordered.push({ [part.type === 'refusal' ? 'text' : part.type]: part.text });
  }
  return ordered;
}

/** Fields that a wire has no place for; each of them must have been warned of, unless it is a mere hint. */
const homeless: Readonly<Record<Wire, readonly (keyof IrRequest)[]>> = {
  'openai-chat': [],
  'anthropic-messages': ['seed', 'presencePenalty', 'frequencyPenalty'],
  ollama: ['toolChoice', 'parallelToolCalls'],
};

for (const wire of Object.keys(codecs) as readonly Wire[]) {
  const codec = codecs[wire];
  describe(`requests to servers of ${wire}`, () => {
    const roundTrip = (request: IrRequest): { readonly arrived: IrRequest; readonly warned: string; readonly body: Json } => {
      const encoded = codec.encodeRequest(request, traits);
      const body = JSON.parse(JSON.stringify(encoded.body)) as Json;
      const { request: arrived } = codec.decodeRequest(body, {});
      return { arrived, warned: encoded.warnings.map(({ message }) => message).join('\n'), body };
    };

    it('keep what was said', () => {
      fc.assert(
        fc.property(requests, (request) => {
          const { arrived } = roundTrip(request);
          const instructed = arrived.messages.map((message): IrMessage => (message.role === 'system' ? { ...message, parts: message.parts.map((part) => ({ ...part, text: part.text.replace(/\n*Answer with a single JSON object and nothing else\.$/, '') })).filter((part) => part.text !== '') } : message)).filter((message) => message.parts.length > 0);
          assert.deepEqual(talk(wire, instructed), talk(wire, request.messages));
        }),
        { numRuns: 200 },
      );
    });

    it('keep tools and settings, or tell what was lost', () => {
      fc.assert(
        fc.property(requests, (request) => {
          const { arrived, warned } = roundTrip(request);
          // Without tools there is nothing to choose.
          const { tools, toolChoice, parallelToolCalls, messages: _said, reasoning, output, ...settings } = request;
          for (const [field, value] of Object.entries(settings)) {
            const key = field as keyof typeof settings;
            if (homeless[wire].includes(key)) assert.match(warned, new RegExp(key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)));
            else assert.deepEqual(arrived[key], value, key);
          }
          const isHidden = wire === 'ollama' && toolChoice?.type === 'none';
          const offered = wire === 'ollama' && toolChoice?.type === 'tool' ? tools.filter(({ name }) => name === toolChoice.name) : tools;
          assert.deepEqual(arrived.tools, isHidden ? [] : offered);
          if (tools.length > 0 && wire !== 'ollama') {
            assert.deepEqual(arrived.toolChoice ?? { type: 'auto' }, toolChoice ?? { type: 'auto' });
            assert.equal(arrived.parallelToolCalls ?? true, wire === 'anthropic-messages' && toolChoice?.type === 'none' ? true : (parallelToolCalls ?? true));
          }
          if (output?.type === 'json' && wire === 'anthropic-messages') assert.match(warned, /JSON/);
          else assert.deepEqual(arrived.output, output);
          if (arrived.reasoning?.enabled !== reasoning?.enabled || arrived.reasoning?.effort !== reasoning?.effort) {
            const isDefault = reasoning?.enabled === true && reasoning.effort === undefined && arrived.reasoning === undefined;
            if (!isDefault) assert.match(warned, /thinking|effort/);
          }
        }),
        { numRuns: 200 },
      );
    });

    it('are the same bytes for the same request: prefix caches depend on it', () => {
      fc.assert(
        fc.property(requests, (request) => {
          assert.equal(JSON.stringify(codec.encodeRequest(request, traits).body), JSON.stringify(codec.encodeRequest(structuredClone(request), traits).body));
        }),
        { numRuns: 30 },
      );
    });

    it('begin with the same bytes when the conversation goes on', () => {
      fc.assert(
        fc.property(requests, word, fc.constantFrom(traits, {}), (request, more, of) => {
          const longer: IrRequest = { ...request, messages: [...request.messages, { role: 'assistant', parts: [{ type: 'text', text: 'yes' }] }, { role: 'user', parts: [{ type: 'text', text: more }] }] };
          const list = (body: Json): readonly string[] => ((body as JsonObject)['messages'] as readonly Json[]).map((message) => JSON.stringify(message));
          const [short, long] = [list(codec.encodeRequest(request, of).body), list(codec.encodeRequest(longer, of).body)];
          assert.deepEqual(long.slice(0, short.length), short);
        }),
        { numRuns: 100 },
      );
    });

    it('take arguments of any kind', () => {
      fc.assert(
        fc.property(fc.oneof(argumentsJson, fc.string(), fc.json()), (input) => {
          const { body } = roundTrip({ model: 'm', tools: [], stream: false, messages: [{ role: 'user', parts: [{ type: 'text', text: 'x' }] }, { role: 'assistant', parts: [{ type: 'tool-call', id: 'a', name: 'f', input: { type: 'json', text: input } }] }, { role: 'user', parts: [{ type: 'tool-result', callId: 'a', content: [], isError: false }] }] });
          assert.ok(JSON.stringify(body).includes('"f"'));
        }),
      );
    });
  });
}
