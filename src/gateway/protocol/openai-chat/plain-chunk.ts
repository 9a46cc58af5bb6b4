/** The chunk that nearly all chunks of a stream are: a piece of text and nothing else. */
import { isJsonObject } from '../json.ts';
import type { Json, JsonObject } from '../ir.ts';

/**
 * The text of such a chunk; undefined for anything that has more to it, which is checked against the whole wire. That check
 * costs more than all else that is done with a piece of text.
 */
export function plainText(value: Json): string | undefined {
  if (!isJsonObject(value) || isSaid(value['usage']) || isSaid(value['x_groq']) || isSaid(value['timings'])) return undefined;
  const { choices } = value;
  const choice = Array.isArray(choices) && choices.length === 1 ? (choices[0] as Json) : undefined;
  if (!isJsonObject(choice) || choice['index'] !== 0 || !isJsonObject(choice['delta']) || saysMore(choice)) return undefined;
  const { delta } = choice;
  for (const key in delta) if (key !== 'content' && key !== 'role' && isSaid(delta[key])) return undefined;
  return typeof delta['content'] === 'string' ? delta['content'] : undefined;
}

function saysMore(choice: JsonObject): boolean {
  return isSaid(choice['finish_reason']) || isSaid(choice['stop_reason']) || isSaid(choice['message']) || isSaid(choice['usage']) || isSaid(choice['error']);
}

function isSaid(value: Json | undefined): boolean {
  return value !== undefined && value !== null;
}
