/** What each level asks a model, and how its answer is taken. */
import { fail, ok, type Result } from '../../base/result.ts';
import type { ToolCall } from './answer.ts';
import { type AnswerSchema, judgePicture, judgeSchema, judgeStream, judgeText, judgeToolCall, judgeToolResult, shown } from './judge.ts';
import type { Finding, LevelContext } from './level.ts';
import type { LevelFailure } from './model.ts';
import { applyCall, judgeTurn, type Notes, notesSystem, notesTools, turns } from './notes.ts';
import { numberPicture } from './picture.ts';
import { speedOf } from './speed.ts';
import type { Stopped, Told } from './wire.ts';

export async function answer({ ask }: LevelContext): Promise<Finding> {
  return judged(await ask({ messages: [user('Reply with the single word: ready')], stream: false }), judgeText, { isStream: false });
}

/** Long enough for its speed to be measured. */
export async function stream({ ask }: LevelContext): Promise<Finding> {
  return judged(await ask({ messages: [user('Count from one to thirty in words, separated by commas. Write nothing else.')], stream: true }), judgeStream);
}

export async function callTool({ ask, number, turn }: LevelContext): Promise<Finding> {
  const told = await ask({ messages: weatherQuestion, tools: weatherTools, stream: true });
  const finding = judged(told, (said) => judgeToolCall(said, 'get_forecast', weatherArguments));
  if (finding.type === 'passed' && told.ok) turn.called = { secret: `LX-${number()}`, told: told.value };
  return finding;
}

/** Goes on where {@link callTool} ended. */
export async function useResult({ ask, turn: { called } }: LevelContext): Promise<Finding> {
  if (!called) return { type: 'skipped', reason: 'No tool was called' };
  const result = JSON.stringify({ city: 'Lisbon', unit: 'celsius', highs: [21, 23, 22], station: called.secret });
  const messages = [...weatherQuestion, assistantCalls(called.told), ...called.told.toolCalls.map((call) => toolResult(call, result))];
  return judged(await ask({ messages, tools: weatherTools, stream: true }), (said) => judgeToolResult(said, called.secret));
}

export async function seePicture({ ask, number }: LevelContext): Promise<Finding> {
  const digits = number();
  const content = [
    { type: 'text', text: 'Which number is written in this picture? Answer with its digits only.' },
    { type: 'image_url', image_url: { url: numberPicture(digits) } },
  ];
  return judged(await ask({ messages: [{ role: 'user', content }], stream: true }), (said) => judgePicture(said, digits));
}

export async function keepToSchema({ ask }: LevelContext): Promise<Finding> {
  const question = 'Marie Curie, a physicist, was born in Warsaw in 1867. She is not alive any more. Give her data as JSON.';
  const responseFormat = { type: 'json_schema', json_schema: { name: 'person', strict: true, schema: personSchema } };
  return judged(await ask({ messages: [user(question)], responseFormat, stream: true }), (said) => judgeSchema(said, personSchema));
}

function judged(told: Result<Told, Stopped>, judge: (said: Told) => LevelFailure | undefined, { isStream = true } = {}): Finding {
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

/** The five messages of `notes.ts`, each until the model has spoken. */
export async function converse({ ask }: LevelContext): Promise<Finding> {
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
