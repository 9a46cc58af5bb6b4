/** Schemas that have a name of their own in the OpenAPI document. */
import type * as z from 'zod';
import * as zod from 'zod';

export const components = zod.registry<{ readonly id: string }>();

/** Registers it under its name, which it has wherever it is used. */
export function named<T extends z.ZodType>(id: string, schema: T): T {
  components.add(schema, { id });
  return schema;
}
