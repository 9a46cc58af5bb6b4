/** Says in the client's own stream what went wrong, and ends it. */
import { setImmediate } from 'node:timers/promises';
import type { StreamEncoder } from './protocol/codec.ts';
import type { IrError } from './protocol/ir.ts';
import type { Reply } from './reply.ts';

/** The stream has begun, and everything that came before the error is written. */
export async function failStream(reply: Reply, encoder: StreamEncoder, error: IrError): Promise<void> {
  if (encoder.errorsStandAlone === true) await setImmediate();
  reply.write(encoder.encode({ type: 'error', error }));
  reply.end(encoder.end());
}
