/** Why an answer ended, both ways. This wire knows only "stop" and "length". */
import type { IrFinish } from '../ir.ts';

export function decodeFinish(reason: string | null | undefined, hasCalls: boolean): IrFinish {
  if (reason === 'length') return { reason: 'length' };
  return { reason: hasCalls ? 'tool-calls' : 'stop' };
}

export function encodeFinish(finish: IrFinish): 'stop' | 'length' {
  return finish.reason === 'length' ? 'length' : 'stop';
}
