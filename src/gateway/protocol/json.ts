/** Small helpers for JSON of unknown shape. */
import type { Json, JsonObject } from './ir.ts';

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value, or undefined for text that is not JSON. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** Numbers that `JSON.parse` may not give back as they were written: many digits, a fraction that ends in 0, an exponent. */
const delicateNumber = /\d{16}|\.\d*0(?!\d)|\d[eE]/;

interface RawJson {
  /** Missing in the Node 20 that the command line still runs on. */
  readonly rawJSON?: (text: string) => unknown;
}

/**
 * As `parseJson`, but a number that JavaScript cannot hold exactly is written out again as it was read, so that a model's
 * arguments (`{"id": 9007199254740993}`) survive a change of protocol.
 */
export function parseJsonExactly(text: string): Json | undefined {
  const { rawJSON } = JSON as RawJson;
  if (rawJSON === undefined || !delicateNumber.test(text)) return parseJson(text);
  const keepSource = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
    typeof value === 'number' && context?.source !== undefined && context.source !== JSON.stringify(value) ? rawJSON(context.source) : value;
  try {
    return JSON.parse(text, keepSource) as Json;
  } catch {
    return undefined;
  }
}

/**
 * A model's arguments as the object that some wires want. Nothing, and `null`, mean no arguments; JSON in a JSON string,
 * which some models write, is unpacked. What is no object at all is kept under `invalid_arguments`, so that the tool's own
 * check tells the model what it wrote.
 */
export function argumentsObject(text: string): JsonObject {
  if (text.trim() === '') return {};
  const value = parseJsonExactly(text);
  if (isJsonObject(value)) return value;
  if (value === null) return {};
  const inner = typeof value === 'string' ? parseJsonExactly(value) : undefined;
  return isJsonObject(inner) ? inner : { invalid_arguments: text };
}

/** Arguments as the JSON text that some wires want; nothing means no arguments. */
export function argumentsText(text: string): string {
  return text.trim() === '' ? '{}' : text;
}
