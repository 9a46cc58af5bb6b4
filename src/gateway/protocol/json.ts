/** Small helpers for JSON of unknown shape. */
import { parseJson as parseAnyJson } from '../../base/json.ts';
import type { Json, JsonObject } from './ir.ts';

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a table of ours has under a name from outside: `constructor` is no entry of any. */
export function entryOf<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** Levels of objects and lists in each other. Google's servers take 100 of them; `JSON.stringify` runs out of stack at a few thousand. */
export const maxJsonDepth = 500;

/** The value, or undefined for text that is not JSON, or nests deeper than {@link maxJsonDepth}. */
export function parseJson(text: string): Json | undefined {
  try {
    return shallow(text, JSON.parse(text) as Json);
  } catch {
    return undefined;
  }
}

/** As {@link parseJson} for text of which it is known that it is not too deep. */
export function parsePlainJson(text: string): Json | undefined {
  return parseAnyJson(text) as Json | undefined;
}

/** Every level takes two characters at least, so that what is short need not be looked through. */
function shallow(text: string, value: Json): Json | undefined {
  return text.length > 2 * maxJsonDepth && nests(value, maxJsonDepth) ? undefined : value;
}

function nests(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) return value.some((item) => nests(item, levels - 1));
  for (const key in value) if (nests((value as JsonObject)[key], levels - 1)) return true;
  return false;
}

/** Numbers that `JSON.parse` may not give back as they were written: many digits, a fraction that ends in 0, an exponent. */
const delicateNumber = /\d{16}|\.\d*0(?!\d)|\d[eE]/;

interface RawJson {
  /** Missing in the Node 20 that the command line still runs on. */
  readonly rawJSON?: (text: string) => unknown;
  readonly isRawJSON?: (value: unknown) => value is { readonly rawJSON: string };
}

/**
 * As `parseJson`, but a number that JavaScript cannot hold exactly is written out again as it was read, so that a model's
 * arguments (`{"id": 9007199254740993}`) survive a change of protocol.
 */
export function parseJsonExactly(text: string): Json | undefined {
  return delicateNumber.test(text) ? parseKeepingNumbers(text) : parseJson(text);
}

function parseKeepingNumbers(text: string): Json | undefined {
  const { rawJSON } = JSON as RawJson;
  if (rawJSON === undefined) return parseJson(text);
  const keepSource = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
    typeof value === 'number' && context?.source !== undefined && context.source !== JSON.stringify(value) ? rawJSON(context.source) : value;
  try {
    return shallow(text, JSON.parse(text, keepSource) as Json);
  } catch {
    return undefined; // no JSON, or so deep that the reviver has run out of stack
  }
}

/** More digits than a JavaScript number has, or an exponent beyond its range. Bodies are long, and this is all that is looked for. */
const lostNumber = /[\d.]{16}|\d[eE][+-]?\d{3}/;

/**
 * A whole request or answer, or an event of one. What tools are called with and what they give back keeps numbers that
 * JavaScript cannot hold, as in {@link parseJsonExactly}; the wire's own numbers are ordinary ones. Undefined as in {@link parseJson}.
 */
export function parseBodyJson(text: string): Json | undefined {
  if (!lostNumber.test(text)) return parseJson(text);
  const value = parseKeepingNumbers(text);
  return value === undefined ? undefined : ordinary(value);
}

/** As {@link parseBodyJson}, but tool data keeps every number as it was written, `1.50` too. */
export function parseAnswerJson(text: string): Json | undefined {
  if (!delicateNumber.test(text)) return parseJson(text);
  const value = parseKeepingNumbers(text);
  return value === undefined ? undefined : ordinary(value);
}

/** Takes numbers out of their wrapping but for those in a tool's arguments and results. Changes what it is given. */
function ordinary(value: Json): Json {
  if (isRawNumber(value)) return Number(value.rawJSON);
  if (typeof value !== 'object' || value === null) return value;
  const fields = value as Record<string, Json>;
  for (const key of Object.keys(fields)) {
    const field = fields[key];
    if (typeof field === 'object' && field !== null && !isToolData(key, fields)) fields[key] = ordinary(field);
  }
  return value;
}

/** The places where the five wires have a tool's own data as JSON. */
function isToolData(key: string, { type, name }: Readonly<Record<string, Json>>): boolean {
  switch (key) {
    case 'args':
    case 'arguments':
      return true;
    case 'input':
      return typeof type === 'string' && type.endsWith('tool_use');
    case 'response':
      return typeof name === 'string';
    case 'output':
      return type === 'function_call_output';
    default:
      return false;
  }
}

function isRawNumber(value: unknown): value is { readonly rawJSON: string } {
  return (JSON as RawJson).isRawJSON?.(value) === true;
}

/**
 * A model's arguments as the object that some wires want. Nothing, and `null`, mean no arguments; JSON in a JSON string,
 * which some models write, is unpacked. What is no object at all is kept under `invalid_arguments`, so that the tool's own
 * check tells the model what it wrote.
 */
export function argumentsObject(text: string): JsonObject {
  if (text.trim() === '') return {};
  const value = parseJsonExactly(text);
  if (isJsonObject(value) && !isRawNumber(value)) return value;
  if (value === null) return {};
  const inner = typeof value === 'string' ? parseJsonExactly(value) : undefined;
  return isJsonObject(inner) ? inner : { invalid_arguments: text };
}

/** Arguments as the JSON text that some wires want; nothing means no arguments. */
export function argumentsText(text: string): string {
  return text.trim() === '' ? '{}' : text;
}

const lengths = new WeakMap<object, number>();

/** Characters of the list as JSON; of an object that comes again it is known. */
export function writtenLength(list: readonly JsonObject[]): number {
  let length = 2 + Math.max(0, list.length - 1);
  for (const item of list) {
    const known = lengths.get(item) ?? JSON.stringify(item).length;
    lengths.set(item, known);
    length += known;
  }
  return length;
}
