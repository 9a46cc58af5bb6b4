/** The JSON schema of operator.toml, for editors that validate and complete by schema. */
import * as z from 'zod';
import { operatorTomlSchema } from './schema.ts';

/** Draft 4 is what Taplo (Even Better TOML) understands. Unknown keys are allowed in it: the loader reports them, as information. */
export function renderJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(operatorTomlSchema, { target: 'draft-04', io: 'input' }), undefined, 2)}\n`;
}
