/** Judges what a model said. Pure, and never throws, whatever came. Undefined: nothing is wrong. */
import { parseJson } from '../../base/json.ts';
import { oneLine } from '../chat/reply.ts';
import { truncate } from '../../base/text.ts';
import type { Answer, ToolCall } from './answer.ts';
import type { LevelFailure } from './model.ts';

/** Enough to see what a model did instead. */
const shownLength = 160;

type Spoken = Pick<Answer, 'text' | 'toolCalls' | 'finish' | 'reasoning'>;

/** Somebody said something. */
export function judgeText(answer: Spoken): LevelFailure | undefined {
  if (answer.text.trim() !== '') return undefined;
  if (answer.toolCalls.length > 0) return { reason: 'The model calls a tool where it was to answer', came: callWords(answer.toolCalls) };
  if (answer.finish === 'length') return { reason: 'The answer was cut off before it began', came: answer.reasoning === '' ? 'nothing' : 'only thoughts', hint: 'The model thinks too long for a short question, or its context is too small' };
  return { reason: 'The model answers with nothing', ...(answer.reasoning !== '' && { came: 'only thoughts' }), hint: "Test again; if it stays so, the model's chat template is probably wrong" };
}

/** @param ended whether the stream said so */
export function judgeStream(answer: Spoken & { readonly ended: boolean }): LevelFailure | undefined {
  if (!answer.ended) return { reason: 'The stream ends before the answer does', expected: 'a last event with a reason to finish', came: shown(answer.text) || 'nothing', hint: "The server broke off; its own log says why" };
  return judgeText(answer);
}

/** What an argument has to be. `text` compares without case and allows more behind a comma ("Lisbon, Portugal"). */
export type Wanted =
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'exactly'; readonly value: string | number | boolean };

/** The arguments of a call as an object. */
export function parseArguments(call: ToolCall): { readonly ok: true; readonly value: Readonly<Record<string, unknown>> } | { readonly ok: false; readonly failure: LevelFailure } {
  // A tool without arguments is called with nothing by some models.
  const json = call.arguments.trim() === '' ? {} : parseJson(call.arguments);
  if (json === undefined) return { ok: false, failure: { reason: `The arguments of ${shown(call.name)} are not JSON`, came: shown(call.arguments), hint: toolHint } };
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return { ok: false, failure: { reason: `The arguments of ${shown(call.name)} are no object`, came: shown(call.arguments), hint: toolHint } };
  return { ok: true, value: json as Readonly<Record<string, unknown>> };
}

const toolHint = 'Choose a model that is made for tools; a wrong chat template does this, too';

/** One call of `name` with exactly these arguments, in any order. */
export function judgeToolCall(answer: Spoken, name: string, wanted: Readonly<Record<string, Wanted>>): LevelFailure | undefined {
  const expected = `${name}(${Object.entries(wanted).map(([key, { value }]) => `${key}: ${JSON.stringify(value)}`).join(', ')})`;
  const [call] = answer.toolCalls;
  if (!call) {
    const written = answer.text.includes(name) && /[{<]/.test(answer.text);
    return {
      reason: written ? 'The model writes a tool call as text instead of making it' : 'The model does not call the tool',
      expected,
      came: shown(answer.text) || (answer.reasoning === '' ? 'nothing' : 'only thoughts'),
      hint: written ? "The server does not understand this model's tool calls: give it the parser or the chat template of the model" : toolHint,
    };
  }
  if (call.name !== name) return { reason: `The model calls ${shown(call.name)} instead of ${name}`, expected, came: callWords([call]), hint: toolHint };
  const parsed = parseArguments(call);
  if (!parsed.ok) return { ...parsed.failure, expected };
  const wrong = [
    ...Object.entries(wanted).flatMap(([key, value]) => argumentFault(key, Object.hasOwn(parsed.value, key) ? parsed.value[key] : undefined, value) ?? []),
    ...Object.keys(parsed.value).filter((key) => !Object.hasOwn(wanted, key)).map((key) => `${shown(key)} is not an argument of the tool`),
  ];
  return wrong.length === 0 ? undefined : { reason: `The model calls ${name} with wrong arguments: ${wrong.join('; ')}`, expected, came: callWords([call]), hint: toolHint };
}

function argumentFault(key: string, value: unknown, wanted: Wanted): string | undefined {
  if (value === undefined) return `${key} is missing`;
  const want = wanted.value;
  if (typeof value !== typeof want) return `${key} is ${kindOf(value)}, not ${kindOf(want)}`;
  if (wanted.type === 'text') return normal(String(value)).split(',')[0]?.trim() === normal(wanted.value) ? undefined : `${key} is ${shown(JSON.stringify(value))}`;
  return value === want ? undefined : `${key} is ${shown(JSON.stringify(value))}`;
}

/** `the text "3"`, `the number 3`. */
function kindOf(value: unknown): string {
  const words = shown(JSON.stringify(value) ?? '');
  if (value === null) return 'null';
  if (Array.isArray(value)) return `the list ${words}`;
  switch (typeof value) {
    case 'string':
      return `the text ${words}`;
    case 'number':
      return `the number ${words}`;
    case 'boolean':
      return `the value ${words}`;
    default:
      return `the object ${words}`;
  }
}

/** An answer that holds what only the tool's result said. */
export function judgeToolResult(answer: Spoken, secret: string): LevelFailure | undefined {
  const expected = `an answer with ${secret}, which the tool's result says`;
  if (answer.toolCalls.length > 0) return { reason: 'The model calls a tool again instead of using the result', expected, came: callWords(answer.toolCalls), hint: 'Agents would run in circles with it; choose a model that is made for tools' };
  const silent = judgeText(answer);
  if (silent) return { ...silent, expected };
  if (compact(answer.text).includes(compact(secret))) return undefined;
  return { reason: "The model does not use the tool's result", expected, came: shown(answer.text), hint: 'The result may not reach the model: a wrong chat template does this, and so does too small a context' };
}

/** The number that the picture shows, and no other one. */
export function judgePicture(answer: Spoken, number: string): LevelFailure | undefined {
  const expected = `the number ${number}, which the picture shows`;
  const silent = judgeText(answer);
  if (silent) return { ...silent, expected };
  // Digits may be spelled apart: "7 4 2", "7-4-2".
  const joined = answer.text.replaceAll(/(?<=\d)[\s,.\-–]+(?=\d)/g, '');
  const numbers: readonly string[] = joined.match(/\d+/g) ?? [];
  if (numbers.includes(number)) return undefined;
  return { reason: 'The model does not see what the picture shows', expected, came: shown(answer.text), hint: 'The picture may not reach the model: the server may need its projector (mmproj), or another model' };
}

/** The part of JSON Schema that our own question uses. */
export interface AnswerSchema {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, { readonly type: 'string' | 'integer' | 'boolean'; readonly enum?: readonly string[] }>>;
  readonly required: readonly string[];
  readonly additionalProperties: false;
}

/** JSON of that schema and nothing around it. */
export function judgeSchema(answer: Spoken, schema: AnswerSchema): LevelFailure | undefined {
  const expected = `JSON with ${schema.required.join(', ')} and nothing else`;
  const silent = judgeText(answer);
  if (silent) return { ...silent, expected };
  const hint = 'The server does not hold the model to the schema; agents that need JSON will have to ask again';
  const json = parseJson(answer.text.trim());
  const came = shown(answer.text);
  if (json === undefined) {
    if (answer.finish === 'length') return { reason: 'The answer was cut off before its end', expected, came, hint: 'The model repeats itself, or its context is too small' };
    const isFenced = /```/.test(answer.text);
    return { reason: isFenced ? 'The model wraps its JSON in Markdown' : /[{[]/.test(answer.text) ? 'The model writes other words around its JSON' : 'The model answers in words, not in JSON', expected, came, hint };
  }
  const faults = schemaFaults(json, schema);
  return faults.length === 0 ? undefined : { reason: `The answer does not keep to the schema: ${faults.join('; ')}`, expected, came, hint };
}

function schemaFaults(value: unknown, { properties, required }: AnswerSchema): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return ['it is no object'];
  const members = value as Readonly<Record<string, unknown>>;
  return [
    ...required.filter((key) => !Object.hasOwn(members, key)).map((key) => `${key} is missing`),
    ...Object.entries(members).flatMap(([key, member]) => {
      if (!Object.hasOwn(properties, key)) return [`${shown(key)} is not part of it`];
      const property = properties[key];
      if (!property) return [];
      const fits = property.type === 'integer' ? Number.isInteger(member) : typeof member === property.type;
      if (!fits) return [`${key} is ${kindOf(member)}, not of type ${property.type}`];
      return property.enum && !property.enum.includes(String(member)) ? [`${key} is ${shown(JSON.stringify(member))}, none of ${property.enum.join(', ')}`] : [];
    }),
  ];
}

/** A model's words as part of a report. */
export function shown(text: string): string {
  return truncate(oneLine(text), shownLength);
}

/** `mark_done({"item":"milk"})`. */
export function callWords(calls: readonly ToolCall[]): string {
  return shown(calls.map(({ name, arguments: written }) => `${name}(${written})`).join(', '));
}

export function normal(text: string): string {
  return text.trim().toLowerCase().replaceAll(/\s+/g, ' ');
}

function compact(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}
