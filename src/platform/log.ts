/** Logs. Every message passes the redactor on its way out. */
import { describeError } from '../core/errors.ts';
import type { Log } from '../core/ports.ts';
import type { Redactor } from './redact.ts';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'off'] as const;
export type LogLevel = (typeof logLevels)[number];

export function isLogLevel(text: string): text is LogLevel {
  return logLevels.some((level) => level === text);
}

/** Lines such as `12:34:56.789 debug probed ollama-local: healthy`, from `level` upwards. */
export function createLineLog(write: (line: string) => void, level: LogLevel, now: () => number): Log {
  const from = logLevels.indexOf(level);
  const at =
    (own: LogLevel) =>
    (message: string): void => {
      if (logLevels.indexOf(own) < from) return;
      write(`${new Date(now()).toISOString().slice(11, 23)} ${own} ${message}\n`);
    };
  const error = at('error');
  return { trace: at('trace'), debug: at('debug'), info: at('info'), warn: at('warn'), error: (message, cause) => error(withCause(message, cause)) };
}

/** Puts a redactor before a log. */
export function redactLog(log: Log, redactor: Redactor): Log {
  return {
    trace: (message) => log.trace(redactor.redact(message)),
    debug: (message) => log.debug(redactor.redact(message)),
    info: (message) => log.info(redactor.redact(message)),
    warn: (message) => log.warn(redactor.redact(message)),
    // The error's own text may quote what was sent, so it is put into the message, where it is masked.
    error: (message, cause) => log.error(redactor.redact(withCause(message, cause))),
  };
}

function withCause(message: string, cause: unknown): string {
  if (cause === undefined) return message;
  const stack = cause instanceof Error && cause.stack && cause.name !== 'OperatorError' ? `\n${cause.stack}` : '';
  return `${message}: ${describeError(cause)}${stack}`;
}
