/** What every protocol's `decodeError` has in common: the meaning of a status, waits, and bodies that are no JSON. */
import { truncate } from '../../base/text.ts';
import { isContextOverflow } from './context-overflow.ts';
import type { IrError, IrErrorType } from './ir.ts';

const longestMessage = 2_000;

/** What a status means when the body does not say more. 529 is Anthropic's "overloaded", 52x are Cloudflare's. */
export function errorTypeForStatus(status: number): IrErrorType {
  switch (status) {
    case 401:
      return 'authentication';
    case 402:
      return 'billing';
    case 403:
      return 'permission';
    case 404:
    case 410:
      return 'not-found';
    case 408:
    case 504:
    case 522:
    case 524:
      return 'timeout';
    case 413:
      return 'too-large';
    case 429:
      return 'rate-limit';
    case 502:
    case 520:
    case 521:
    case 523:
      return 'network';
    case 503:
    case 529:
      return 'overloaded';
    default:
      return status >= 500 || status < 400 ? 'server' : 'invalid-request';
  }
}

/**
 * What stands for the status of a server that gave no answer at all. Agents repeat 5xx, 408, 409 and 429 for minutes, some for
 * ever; each wire says it with a status that its agents take for final.
 */
export const unreachableStatus = 424;

/** Not reached, or silent for longer than anybody waits; a status 502 or 504 of the server's own is another matter. */
export function isUnreachable({ type, status }: IrError): boolean {
  return (type === 'network' || type === 'timeout') && status === unreachableStatus;
}

/** Whether a message says that the conversation is longer than the model's window. */
export function saysContextOverflow(text: string): boolean {
  return isContextOverflow(text);
}

/** `retry-after-ms`, `retry-after` in seconds, or as a date (against the answer's own `date`, because clocks differ). */
export function retryAfterMs(headers: Readonly<Record<string, string>>): number | undefined {
  const milliseconds = numberIn(headerOf(headers, 'retry-after-ms'));
  if (milliseconds !== undefined) return milliseconds;
  const value = headerOf(headers, 'retry-after');
  const seconds = numberIn(value);
  if (seconds !== undefined) return Math.round(seconds * 1000);
  const wait = Date.parse(value ?? '') - Date.parse(headerOf(headers, 'date') ?? '');
  return Number.isFinite(wait) && wait >= 0 ? wait : undefined;
}

/** The header that tells clients how long to wait; whole seconds, rounded up. */
export function retryAfterHeader(milliseconds: number | undefined): Readonly<Record<string, string>> {
  return milliseconds === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(milliseconds / 1000))) };
}

/** A sentence for people out of a body that is not the protocol's JSON: the title of an HTML page, or the text itself. */
export function messageOfForeignBody(status: number, body: string): string {
  const text = /^\s*(?:<!doctype|<html|<\?xml|<head)/i.test(body) ? (/<(?:title|h1)[^>]*>([^<]*)/i.exec(body)?.[1] ?? '') : body;
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line === '' ? `the server answered with status ${status} and no message` : truncate(line, longestMessage);
}

function headerOf(headers: Readonly<Record<string, string>>, name: string): string | undefined {
  return headers[name] ?? Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
}

function numberIn(text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const value = Number(text);
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}
