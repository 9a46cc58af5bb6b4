/**
 * The one error class that crosses a layer. Expected outcomes (a refused launch, a bad entry in a file)
 * are values instead; an `OperatorError` is for what stops the operation that the user asked for.
 */
import type { SourceLocation } from './source.ts';

export type OperatorErrorCode =
  | 'usage' //            the command was called wrongly
  | 'config' //           operator.toml does not parse or does not validate
  | 'config-changed' //   the file changed since it was read
  | 'not-found' //        no such tool, server, delegator, model
  | 'refused' //          understood and declined: protected, untrusted, impossible
  | 'credential' //       a key reference cannot be resolved
  | 'io' //               file system
  | 'http' //             network, see HttpFailure for the exact kind
  | 'process' //          a child process could not be started
  | 'cancelled'
  | 'internal';

export interface OperatorErrorOptions {
  /** What the user can do about it: an imperative sentence without a trailing period. */
  readonly hint?: string;
  readonly where?: SourceLocation;
  readonly cause?: unknown;
}

/** `message` says what failed and where, without a trailing period and without secrets. */
export class OperatorError extends Error {
  override readonly name = 'OperatorError';
  readonly code: OperatorErrorCode;
  readonly hint: string | undefined;
  readonly where: SourceLocation | undefined;

  constructor(code: OperatorErrorCode, message: string, options: OperatorErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.where = options.where;
  }
}

/** A check that also holds across duplicated bundles. */
export function isOperatorError(error: unknown): error is OperatorError {
  return error instanceof Error && error.name === 'OperatorError' && 'code' in error;
}

/** Turns anything thrown into one line for a person. */
export function describeError(error: unknown): string {
  if (isOperatorError(error)) return error.hint ? `${error.message}. ${error.hint}` : error.message;
  return error instanceof Error ? error.message : String(error);
}
