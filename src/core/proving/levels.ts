/** The levels, one record each: another level is another record (and its id in `model.ts`). */
import { fail, ok, type Result } from '../../base/result.ts';
import { findModel } from '../delegators/models.ts';
import type { ModelServer } from '../config/model.ts';
import type { Health, ModelInfo } from '../servers/health.ts';
import type { ToolCall } from './answer.ts';
import { type AnswerSchema, judgePicture, judgeSchema, judgeStream, judgeText, judgeToolCall, judgeToolResult, shown } from './judge.ts';
import type { LevelFailure, LevelId, Speed } from './model.ts';
import { applyCall, judgeTurn, type Notes, notesSystem, notesTools, turns } from './notes.ts';
import { numberPicture } from './picture.ts';
import { speedOf } from './speed.ts';
import type { Limits, Question, Stopped, Told } from './wire.ts';

/** What a level found. `stopped` by whoever waits is no finding. */
export type Finding =
  | { readonly type: 'passed'; readonly speed?: Speed; readonly warnings?: readonly string[] }
  | { readonly type: 'failed'; readonly failure: LevelFailure; readonly speed?: Speed }
  | { readonly type: 'skipped'; readonly reason: string }
  | { readonly type: 'cancelled' };

/** What is known of the model before a level runs; nothing is asked for it. */
export interface ModelFacts {
  readonly server: ModelServer;
  readonly model: string;
  readonly info: ModelInfo | undefined;
}

export interface LevelContext {
  readonly server: ModelServer;
  readonly model: string;
  /** One probe for the whole test. */
  probe(): Promise<Health>;
  ask(question: Omit<Question, 'maxTokens'>): Promise<Result<Told, Stopped>>;
  /** Three digits that nobody can know beforehand, others each time. */
  number(): string;
  /** The turn that called the tool, for the level after it. */
  readonly turn: { called?: { readonly secret: string; readonly told: Told } };
}

export interface Level {
  readonly id: LevelId;
  /** As people read it, such as "calls a tool". */
  readonly title: string;
  /** Levels that must have passed. */
  readonly needs: readonly LevelId[];
  /** Requests to the model, at most. */
  readonly requests: number;
  /** Tokens that one request sends, roughly. */
  readonly inputTokens: number;
  readonly limits: Limits;
  /** Why it does not apply to this model; one that is asked for by name runs all the same. */
  skip?(facts: ModelFacts): string | undefined;
  run(context: LevelContext): Promise<Finding>;
}

/** Of one answer. Thinking models spend most of it before the first word; more would be no short answer. */
export const maxTokens = 2_048;

const minute = 60_000;
/** The model may have to be loaded first, from a slow disk. */
const firstAnswer: Limits = { firstByteMs: 10 * minute, totalMs: 12 * minute };
const usual: Limits = { firstByteMs: 3 * minute, totalMs: 5 * minute };
const long: Limits = { firstByteMs: 3 * minute, totalMs: 20 * minute };
const probing: Limits = { firstByteMs: minute, totalMs: minute };

export const levels: readonly Level[] = [
  {
    id: 'reachable',
    title: 'reachable',
    needs: [],
    requests: 0,
    inputTokens: 0,
    limits: probing,
    async run({ probe }) {
      const health = await probe();
      return isReachable(health) ? { type: 'passed', warnings: health.warnings } : { type: 'failed', failure: healthFailure(health) };
    },
  },
  {
    id: 'listed',
    title: 'lists the model',
    needs: ['reachable'],
    requests: 0,
    inputTokens: 0,
    limits: probing,
    async run({ probe, server, model }) {
      const health = await probe();
      if (health.cause === 'not-found' && health.models.length === 0) return { type: 'skipped', reason: `${server.name} has no list of models` };
      if (health.models.length === 0) return { type: 'failed', failure: healthFailure(health) };
      const found = findModel(health, model);
      if (!found) return { type: 'failed', failure: { reason: `${server.name} does not list ${model}`, expected: model, came: shown(health.models.map(({ id }) => id).join(', ')), hint: `Correct the name; 'operator probe ${server.name}' shows what there is` } };
      if (found.type === 'embedding') return { type: 'failed', failure: { reason: `${model} is an embedding model and cannot answer`, hint: 'Choose a model for chat' } };
      return { type: 'passed' };
    },
  },
  {
    id: 'answers',
    title: 'answers',
    needs: ['reachable'],
    requests: 1,
    inputTokens: 30,
    limits: firstAnswer,
    async run({ ask }) {
      return judged(await ask({ messages: [user('Reply with the single word: ready')], stream: false }), judgeText, { isStream: false });
    },
  },
  {
    id: 'streams',
    title: 'streams',
    needs: ['answers'],
    requests: 1,
    inputTokens: 40,
    limits: usual,
    async run({ ask }) {
      return judged(await ask({ messages: [user('Count from one to thirty in words, separated by commas. Write nothing else.')], stream: true }), judgeStream);
    },
  },
  {
    id: 'tool-call',
    title: 'calls a tool',
    needs: ['answers'],
    requests: 1,
    inputTokens: 250,
    limits: usual,
    async run({ ask, number, turn }) {
      const told = await ask({ messages: weatherQuestion, tools: weatherTools, stream: true });
      const finding = judged(told, (answer) => judgeToolCall(answer, 'get_forecast', weatherArguments));
      if (finding.type === 'passed' && told.ok) turn.called = { secret: `LX-${number()}`, told: told.value };
      return finding;
    },
  },
  {
    id: 'tool-result',
    title: "uses the tool's result",
    needs: ['tool-call'],
    requests: 1,
    inputTokens: 400,
    limits: usual,
    async run({ ask, turn }) {
      const { called } = turn;
      if (!called) return { type: 'skipped', reason: 'No tool was called' };
      const result = JSON.stringify({ city: 'Lisbon', unit: 'celsius', highs: [21, 23, 22], station: called.secret });
      const messages = [...weatherQuestion, assistantCalls(called.told), ...called.told.toolCalls.map((call) => toolResult(call, result))];
      return judged(await ask({ messages, tools: weatherTools, stream: true }), (answer) => judgeToolResult(answer, called.secret));
    },
  },
  {
    id: 'conversation',
    title: 'keeps up a conversation',
    needs: ['tool-result'],
    requests: 12,
    inputTokens: 900,
    limits: long,
    run: converse,
  },
  {
    id: 'image',
    title: 'sees an image',
    needs: ['answers'],
    requests: 1,
    // Vendors count a small picture with up to this many.
    inputTokens: 1_500,
    limits: usual,
    skip({ info, server }) {
      if (!info?.capabilities) return `${server.name} does not say whether the model sees images`;
      return info.capabilities.includes('vision') ? undefined : 'The model does not claim to see images';
    },
    async run({ ask, number }) {
      const digits = number();
      const content = [
        { type: 'text', text: 'Which number is written in this picture? Answer with its digits only.' },
        { type: 'image_url', image_url: { url: numberPicture(digits) } },
      ];
      return judged(await ask({ messages: [{ role: 'user', content }], stream: true }), (answer) => judgePicture(answer, digits));
    },
  },
  {
    id: 'schema',
    title: 'keeps to a JSON schema',
    needs: ['answers'],
    requests: 1,
    inputTokens: 200,
    limits: usual,
    async run({ ask }) {
      const question = 'Marie Curie, a physicist, was born in Warsaw in 1867. She is not alive any more. Give her data as JSON.';
      const responseFormat = { type: 'json_schema', json_schema: { name: 'person', strict: true, schema: personSchema } };
      return judged(await ask({ messages: [user(question)], responseFormat, stream: true }), (answer) => judgeSchema(answer, personSchema));
    },
  },
];

const byId = new Map(levels.map((level) => [level.id, level]));

export function levelOf(id: LevelId): Level {
  const level = byId.get(id);
  if (!level) throw new Error(`no record for level ${id}`);
  return level;
}

/** Whatever it answers, there is an API that takes the key. */
function isReachable({ state, cause }: Health): boolean {
  if (state === 'offline' || state === 'unreachable' || state === 'misconfigured' || state === 'unauthorized' || state === 'unknown') return false;
  return cause !== 'html' && cause !== 'not-http' && cause !== 'redirect' && cause !== 'server-error';
}

function healthFailure({ message, hint, state, cause }: Health): LevelFailure {
  const transient = state === 'rate-limited' || state === 'unreachable' || state === 'starting' || cause === 'server-error' || cause === 'overloaded';
  return { reason: message, ...(hint !== undefined && { hint }), ...(transient && { transient }) };
}

function judged(told: Result<Told, Stopped>, judge: (answer: Told) => LevelFailure | undefined, { isStream = true } = {}): Finding {
  if (!told.ok) return stopped(told.error);
  const speed = isStream ? speedOf(told.value) : { firstTokenMs: told.value.firstMs };
  // Half an answer is none, whatever it says so far.
  const failure = (isStream ? cutShort(told.value) : undefined) ?? judge(told.value);
  return failure ? { type: 'failed', failure, speed } : { type: 'passed', speed };
}

function cutShort(told: Told): LevelFailure | undefined {
  return told.ended ? undefined : judgeStream(told);
}

function stopped(error: Stopped): Finding {
  return error.type === 'cancelled' ? error : { type: 'failed', failure: error.failure };
}

function user(content: string): unknown {
  return { role: 'user', content };
}

const weatherQuestion = [user('What will the weather be like in Lisbon over the next 3 days, in celsius? Name the station that reports it as well.')];
const weatherArguments = { city: { type: 'text', value: 'Lisbon' }, days: { type: 'exactly', value: 3 }, unit: { type: 'exactly', value: 'celsius' } } as const;
const weatherTools = [
  {
    type: 'function',
    function: {
      name: 'get_forecast',
      description: 'Gives the weather forecast of a city for the next days, and the station that reports it',
      parameters: {
        type: 'object',
        properties: { city: { type: 'string', description: 'Name of the city' }, days: { type: 'integer', description: 'How many days' }, unit: { type: 'string', enum: ['celsius', 'fahrenheit'] } },
        required: ['city', 'days', 'unit'],
        additionalProperties: false,
      },
    },
  },
  {
    type: 'function',
    function: { name: 'get_time', description: 'Gives the time of day in a city', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false } },
  },
];

const personSchema: AnswerSchema = {
  type: 'object',
  properties: { name: { type: 'string' }, born: { type: 'integer' }, field: { type: 'string', enum: ['physics', 'painting', 'music'] }, alive: { type: 'boolean' } },
  required: ['name', 'born', 'field', 'alive'],
  additionalProperties: false,
};

function assistantCalls({ text, toolCalls }: Told): unknown {
  return { role: 'assistant', content: text === '' ? null : text, tool_calls: toolCalls.map((call) => ({ id: call.id, type: 'function', function: { name: call.name, arguments: call.arguments } })) };
}

function toolResult({ id }: ToolCall, content: string): unknown {
  return { role: 'tool', tool_call_id: id, content };
}

/** Calls of tools in one turn, each answered; who needs more runs in circles. */
const maxRounds = 4;

async function converse({ ask }: LevelContext): Promise<Finding> {
  const messages: unknown[] = [{ role: 'system', content: notesSystem }];
  let notes: Notes = [];
  for (const [index, turn] of turns.entries()) {
    messages.push(user(turn.says));
    const spoken = await speak(ask, messages, notes);
    if (!spoken.ok) return withTurn(spoken.error, index);
    notes = spoken.value.notes;
    const failure = judgeTurn(turn, index + 1, spoken.value.calls, notes, spoken.value.text);
    if (failure) return { type: 'failed', failure };
  }
  return { type: 'passed' };
}

interface Spoken {
  readonly notes: Notes;
  readonly calls: readonly ToolCall[];
  readonly text: string;
}

/** The model's part of a turn: as many calls as it wants, each answered, until it speaks. Adds to `messages`. */
async function speak(ask: LevelContext['ask'], messages: unknown[], before: Notes): Promise<Result<Spoken, Finding>> {
  let notes = before;
  const calls: ToolCall[] = [];
  for (let round = 1; ; round++) {
    const told = await ask({ messages, tools: notesTools, stream: true });
    if (!told.ok) return fail(stopped(told.error));
    const { value } = told;
    const cut = cutShort(value);
    if (cut) return fail({ type: 'failed', failure: cut });
    if (value.toolCalls.length === 0) {
      messages.push({ role: 'assistant', content: value.text });
      return ok({ notes, calls, text: value.text });
    }
    if (round === maxRounds) return fail({ type: 'failed', failure: { reason: `The model calls tools ${maxRounds} times in a row without answering`, came: shown([...calls, ...value.toolCalls].map(({ name }) => name).join(', ')), hint: 'Agents would run in circles with it; choose a stronger model' } });
    messages.push(assistantCalls(value));
    for (const call of value.toolCalls) {
      calls.push(call);
      const applied = applyCall(notes, call);
      notes = applied.notes;
      messages.push(toolResult(call, applied.result));
    }
  }
}

function withTurn(finding: Finding, index: number): Finding {
  const turn = turns[index];
  if (finding.type !== 'failed' || !turn) return finding;
  return { ...finding, failure: { ...finding.failure, reason: `Message ${index + 1} of ${turns.length} (${turn.about}): ${finding.failure.reason}` } };
}
