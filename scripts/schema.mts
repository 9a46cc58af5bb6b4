/**
 * Writes media/operator.schema.json, which `operator schema` prints too. `node scripts/schema.mts` after a change of src/core/config/schema.ts.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderJsonSchema } from '../src/core/config/json-schema.ts';

export const schemaFile = join(import.meta.dirname, '../media/operator.schema.json');

/** The schema as it must stand in the file. */
export function renderSchema(): string {
  return renderJsonSchema();
}

if (import.meta.main) writeFileSync(schemaFile, renderSchema());
