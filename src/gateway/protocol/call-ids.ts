/** Ids of calls that every wire takes, that stay the same from turn to turn, and that are unique in a conversation. */

/**
 * The same id for the same parts, in every process: a stream that is replayed, and a history that is sent again with every
 * turn, must carry the same ids. 64 bits (two 32-bit FNV-1a sums), so that two calls of one conversation do not meet.
 */
export function stableId(prefix: string, ...parts: readonly (string | number)[]): string {
  let first = 0x811c9dc5;
  let second = 0x01000193;
  const text = parts.join('\u0000');
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    first = Math.imul(first ^ unit, 0x01000193);
    second = Math.imul(second ^ unit, 0x85ebca6b) ^ (second >>> 13);
  }
  return prefix + hex(first) + hex(second);
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}

/** The id, or one like it that is not taken yet: clients refuse an answer in which two calls have one id. */
export function uniqueCallId(id: string, taken: Set<string>): string {
  const base = id === '' ? 'call' : id;
  let candidate = base;
  for (let number = 2; taken.has(candidate); number++) candidate = `${base}_${number}`;
  taken.add(candidate);
  return candidate;
}

/** What a wire allows in the id of a call. */
export interface IdRule {
  readonly maxLength: number;
}

/** Anthropic refuses other characters; OpenAI refuses more than 40 characters. Nobody refuses less than both. */
const allowed = /^[a-zA-Z0-9_-]+$/;

/** The id if it is fit for every wire, else one derived from it. */
export function fitCallId(id: string, rule: IdRule): string {
  if (id.length <= rule.maxLength && allowed.test(id)) return id;
  const readable = id.replaceAll(/[^a-zA-Z0-9_-]/g, '_').slice(0, Math.max(0, rule.maxLength - 17));
  return stableId(`${readable}_`, id).slice(0, rule.maxLength);
}

/**
 * Gives out ids that are unique in a conversation: servers that count calls from 0 in every answer would otherwise make
 * a client take the result of one call for that of another.
 */
export function createCallIds(used: Iterable<string>, rule: IdRule): (id: string) => string {
  const taken = new Set(used);
  return (id) => takeCallId(id, taken, rule);
}

/** An id like this one that is fit for the wire and not taken; it is taken from now on. */
export function takeCallId(id: string, taken: Set<string>, rule: IdRule): string {
  const base = fitCallId(id, rule);
  let candidate = base;
  for (let count = 2; taken.has(candidate); count++) candidate = fitCallId(`${base}_${count}`, rule);
  taken.add(candidate);
  return candidate;
}
