/** `operator schema`: the JSON schema of operator.toml, made from the schema that validates the file. */
import { renderJsonSchema } from '../../core/config/json-schema.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Session } from '../session.ts';

export async function schema(session: Session): Promise<number> {
  session.stdout.write(renderJsonSchema());
  return exitCodes.done;
}
