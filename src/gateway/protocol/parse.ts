/** Bodies from outside through a schema, with the offending field's path. */
import type * as z from 'zod';
import { ProtocolError } from './codec.ts';

const known = new WeakMap<z.ZodType, WeakMap<object, unknown>>();

/** As {@link parseWire}, for objects that come again with every request of a conversation; the result is shared. @throws ProtocolError */
export function parseWireOnce<T>(schema: z.ZodType<T>, value: object, path: string): T {
  const ofSchema = known.get(schema) ?? new WeakMap<object, unknown>();
  known.set(schema, ofSchema);
  const found = ofSchema.get(value) as T | undefined;
  if (found !== undefined) return found;
  const parsed = parseWire(schema, value, path);
  ofSchema.set(value, parsed);
  return parsed;
}

/** @throws ProtocolError naming the first field that is wrong, below `path` */
export function parseWire<T>(schema: z.ZodType<T>, value: unknown, path = ''): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = [path, ...(issue?.path ?? []).map(String)].filter((part) => part !== '').join('.');
  throw new ProtocolError(`${field === '' ? 'the body' : field}: ${issue?.message ?? 'not understood'}`, field);
}
