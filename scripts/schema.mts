/**
 * Writes media/operator.schema.json, the JSON schema of operator.toml for editors that validate and complete by schema.
 * Draft 4 is what Taplo (Even Better TOML) understands. `node scripts/schema.mts` after a change of src/core/config/schema.ts.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { operatorTomlSchema } from '../src/core/config/schema.ts';

export const schemaFile = join(import.meta.dirname, '../media/operator.schema.json');

/** The schema as it must stand in the file. Unknown keys are allowed in it: the loader reports them, as information. */
export function renderSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(operatorTomlSchema, { target: 'draft-04', io: 'input' }), undefined, 2)}\n`;
}

if (import.meta.main) writeFileSync(schemaFile, renderSchema());
