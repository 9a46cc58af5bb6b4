/** Bodies from outside through a schema, with the offending field's path. */
import type * as z from 'zod';
import { ProtocolError } from './codec.ts';

/** @throws ProtocolError naming the first field that is wrong, below `path` */
export function parseWire<T>(schema: z.ZodType<T>, value: unknown, path = ''): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = [path, ...(issue?.path ?? []).map(String)].filter((part) => part !== '').join('.');
  throw new ProtocolError(`${field === '' ? 'the body' : field}: ${issue?.message ?? 'not understood'}`, field);
}
