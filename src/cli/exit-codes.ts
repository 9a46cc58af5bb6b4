/** What the exit code of `operator` says. A launched agent's own code is passed on as it is. */
import { assertNever } from '../base/assert.ts';
import type { OperatorErrorCode } from '../core/errors.ts';
import type { RefusalCode } from '../core/launch/model.ts';

export const exitCodes = {
  done: 0,
  /** A fault in Operator itself. */
  internal: 1,
  /** `operator test`: a level failed. */
  testFailed: 1,
  usage: 2,
  configuration: 3,
  /** Refused, not found, or failed. */
  refused: 4,
  /** As shells have it for Ctrl+C. */
  cancelled: 130,
} as const;

export function exitCodeOfError(code: OperatorErrorCode): number {
  switch (code) {
    case 'usage':
      return exitCodes.usage;
    case 'config':
    case 'config-changed':
      return exitCodes.configuration;
    case 'not-found':
    case 'refused':
    case 'credential':
    case 'io':
    case 'http':
    case 'process':
      return exitCodes.refused;
    case 'cancelled':
      return exitCodes.cancelled;
    case 'internal':
      return exitCodes.internal;
    default:
      return assertNever(code);
  }
}

/** A broken entry is the file's fault, everything else is refused. */
export function exitCodeOfRefusals(refusals: readonly { readonly code: RefusalCode }[]): number {
  return refusals.some(({ code }) => code === 'config') ? exitCodes.configuration : exitCodes.refused;
}
