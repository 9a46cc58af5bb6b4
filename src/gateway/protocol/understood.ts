/** What is understood once is not looked at again: an agent sends the same turns and tools with every request, as the same objects. */
import * as z from 'zod';

/**
 * The schema for a member of a list, with what it made of each object. A result is shared by all requests that have the
 * object, and nobody may change it.
 */
export function understoodOnce<T>(schema: z.ZodType<T>): z.ZodType<T> {
  const known = new WeakMap<object, T>();
  return z.unknown().transform((value, context) => {
    const isObject = typeof value === 'object' && value !== null;
    const found = isObject ? known.get(value) : undefined;
    if (found !== undefined) return found;
    const { success, data, error } = schema.safeParse(value);
    if (!success) {
      for (const issue of error.issues) context.issues.push({ ...issue, input: value } as z.core.$ZodRawIssue);
      return z.NEVER;
    }
    if (isObject) known.set(value, data);
    return data;
  }) as unknown as z.ZodType<T>;
}
