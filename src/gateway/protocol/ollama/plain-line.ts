/** The line that nearly all lines of a stream are: a piece of text or thoughts and nothing else. */
import { isJsonObject } from '../json.ts';
import type { Json } from '../ir.ts';
import type { WireMessage } from './schema.ts';

/** Its message; undefined for anything that has more to it, which is checked against the whole wire. */
export function plainMessage(value: Json): WireMessage | undefined {
  if (!isJsonObject(value) || value['done'] !== false || !isJsonObject(value['message'])) return undefined;
  if (value['error'] !== undefined && value['error'] !== null) return undefined;
  const { message } = value;
  for (const key in message) {
    const field = message[key];
    const isText = typeof field === 'string' && (key === 'content' || key === 'thinking' || key === 'role');
    if (!isText && field !== null) return undefined;
  }
  return message as WireMessage;
}
