/** Why a call did not do what it was for, as one error for people. Nothing here repeats a key. */
import { parseJson } from '../../../base/json.ts';
import { OperatorError, type OperatorErrorCode } from '../../errors.ts';
import { HttpFailure } from '../../ports.ts';
import type { Answer, Reply } from '../ask.ts';
import { serverKind } from '../kinds.ts';
import { isUnknownEndpoint } from '../listing/lmstudio.ts';
import { judge, saidBy } from '../verdict.ts';
import type { LifecycleCall } from './kind.ts';

/** What was tried, for messages. */
export interface Attempted {
  /** Follows "could not be": "pulled", "loaded". */
  readonly participle: string;
  readonly model: string;
  /** Comes after the hint of a call that broke off. */
  readonly again?: string;
}

/** For anything but a usable answer. */
export function replyError(call: LifecycleCall, url: string, reply: Reply, attempted: Attempted): OperatorError {
  if (reply.type === 'answer' && !isAboutAccess(reply)) return answerError(call, reply, attempted);
  if (reply.type === 'too-large' || reply.type === 'too-slow') {
    return error('http', `${what(attempted)}: the answer of ${call.server.name} ${reply.type === 'too-large' ? 'is too large' : 'did not end in time'}`, 'Try again', attempted);
  }
  const { message, hint } = judge(reply, { server: call.server, key: call.key, path: new URL(url).pathname, now: call.clock.now() });
  return error('http', `${what(attempted)} on ${call.server.name}: ${message}`, hint, attempted, reply.type === 'failure' ? reply.failure : undefined);
}

/** Statuses that say something about the way to the server rather than about the model. */
function isAboutAccess({ status }: Answer): boolean {
  return (status >= 300 && status <= 399) || status === 401 || status === 403 || status === 407 || status === 429 || status === 502 || status === 504;
}

function answerError(call: LifecycleCall, answer: Answer, attempted: Attempted): OperatorError {
  const { server, key } = call;
  const kind = serverKind(server.kind);
  const json = parseJson(answer.text);
  if (isUnknownEndpoint(json)) return error('refused', `${what(attempted)}: this version of ${kind.displayName} has no such call`, 'Update LM Studio to 0.4.0 or newer', attempted);
  const said = saidBy(json, key);
  if (said !== undefined) return saidError(call, said, attempted);
  if (json === undefined) return error('http', `${what(attempted)}: something else than ${kind.displayName} answers at ${server.baseUrl} (HTTP ${answer.status})`, 'Check kind and base_url', attempted);
  return error('http', `${what(attempted)}: ${server.name} answers HTTP ${answer.status}`, "Look at the server's own log", attempted);
}

/** The server's own words; those that have a known remedy come with it. */
export function saidError({ server }: Pick<LifecycleCall, 'server'>, said: string, attempted: Attempted): OperatorError {
  const isFull = /no space left|not enough (?:free )?(?:disk )?space|insufficient (?:disk|storage)|disk (?:is )?full|\bENOSPC\b/i.test(said);
  const isShort = /requires more system memory|out of memory|insufficient (?:system )?(?:memory|resources)/i.test(said);
  const hint = isFull ? 'Free space on the disk where it keeps its models' : isShort ? 'Unload another model, load it with less context, or take a smaller one' : "Look at the server's own log";
  return new OperatorError('refused', `${what(attempted)}: ${server.name} says "${said}"`, { hint: isFull ? withAgain(hint, attempted.again) : hint });
}

/** A connection that broke off while an answer was read. */
export function brokenError({ server, key, clock }: LifecycleCall, url: string, failure: HttpFailure, attempted: Attempted): OperatorError {
  const { message, hint } = judge({ type: 'failure', failure }, { server, key, path: new URL(url).pathname, now: clock.now() });
  return error('http', `${what(attempted)} on ${server.name}: ${message}`, hint, attempted, failure);
}

function error(code: OperatorErrorCode, message: string, hint: string | undefined, { again }: Attempted, cause?: unknown): OperatorError {
  return new OperatorError(code, message, { hint: withAgain(hint, code === 'http' ? again : undefined), cause });
}

function withAgain(hint: string | undefined, again: string | undefined): string | undefined {
  return [hint, again].filter((text) => text !== undefined).join('. ') || undefined;
}

export function what({ model, participle }: Attempted): string {
  return `${model} could not be ${participle}`;
}
