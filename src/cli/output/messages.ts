/** Errors, refusals and problems as people read them on standard error. */
import { isOperatorError } from '../../core/errors.ts';
import type { ConfigProblem } from '../../core/config/model.ts';
import type { Refusal } from '../../core/launch/model.ts';
import { formatLocation, type SourceLocation } from '../../core/source.ts';
import { exitCodeOfError, exitCodes } from '../exit-codes.ts';
import { wrap } from './table.ts';
import { harmless, type Output } from './terminal.ts';

interface Message {
  readonly severity: 'error' | 'warning' | 'information';
  readonly message: string;
  readonly hint?: string;
  readonly where?: SourceLocation;
}

const severities = { error: ['error', 'red'], warning: ['warning', 'yellow'], information: ['note', 'cyan'] } as const;

/** `error: message`, then where and what to do, indented below it. */
export function printMessage(output: Output, { severity, message, hint, where }: Message): void {
  const [word, style] = severities[severity];
  output.line(`${output.paint([style, 'bold'], `${word}:`)} ${harmless(message)}`);
  if (where) output.line(`  ${output.paint('dim', 'at')} ${harmless(formatLocation(where))}`);
  if (hint) for (const line of wrap(output, `→ ${harmless(hint)}`, '  ')) output.line(line);
}

export function printProblem(output: Output, problem: ConfigProblem): void {
  printMessage(output, problem);
  for (const { message, where } of problem.related ?? []) output.line(`  ${harmless(message)}: ${harmless(formatLocation(where))}`);
}

export function printRefusals(output: Output, refusals: readonly Refusal[]): void {
  for (const { message, hint } of refusals) printMessage(output, { severity: 'error', message, hint });
}

/** Prints anything thrown, and says which exit code it means. A fault of ours comes with its stack. */
export function printError(output: Output, error: unknown, redact: (text: string) => string = (text) => text): number {
  if (isOperatorError(error)) {
    printMessage(output, { severity: 'error', message: redact(error.message), hint: error.hint, where: error.where });
    return exitCodeOfError(error.code);
  }
  // FileError and HttpFailure are known ways to fail, with a message for people.
  if (error instanceof Error && (error.name === 'FileError' || error.name === 'HttpFailure')) {
    printMessage(output, { severity: 'error', message: redact(error.message) });
    return exitCodes.refused;
  }
  printMessage(output, { severity: 'error', message: 'Operator made a mistake of its own', hint: 'Please report it with the lines below' });
  output.line(redact(error instanceof Error ? (error.stack ?? error.message) : String(error)));
  return exitCodes.internal;
}
