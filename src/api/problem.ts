/** What went wrong, as RFC 9457 says it, with Operator's own code, hint and place. */
import * as z from 'zod';
import { assertNever } from '../base/assert.ts';
import type { ConfigProblem } from '../core/config/model.ts';
import { isOperatorError, type OperatorError } from '../core/errors.ts';
import { formatLocation } from '../core/source.ts';
import { named } from './schemas/named.ts';

export const issueSchema = named(
  'Issue',
  z.strictObject({
    code: z.string().describe('Such as literal-key, missing-key, unknown-server'),
    message: z.string(),
    hint: z.string().optional().describe('What to do'),
    pointer: z.string().optional().describe('Place in the body, as a JSON pointer (RFC 6901)'),
    where: z.string().optional().describe('file:line:column'),
  }),
);
export type Issue = z.output<typeof issueSchema>;

export const problemSchema = named(
  'Problem',
  z.strictObject({
    type: z.string().describe('urn:operator:problem:CODE'),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('One sentence for a person'),
    code: z.string().describe('For programs'),
    hint: z.string().optional().describe('What to do'),
    where: z.string().optional().describe('file:line:column of operator.toml'),
    errors: z.array(issueSchema).optional().describe('All that is wrong, where that is more than one thing'),
  }),
);
export type ProblemBody = z.output<typeof problemSchema>;

/** Thrown by operations; becomes the answer. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly body: ProblemBody;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, code: string, detail: string, more: { readonly hint?: string | undefined; readonly where?: string | undefined; readonly errors?: readonly Issue[]; readonly headers?: Readonly<Record<string, string>> } = {}) {
    super(detail);
    this.headers = more.headers ?? {};
    this.body = {
      type: `urn:operator:problem:${code}`,
      title: titles[status] ?? 'Failed',
      status,
      detail,
      code,
      ...(more.hint !== undefined && { hint: more.hint }),
      ...(more.where !== undefined && { where: more.where }),
      ...(more.errors && more.errors.length > 0 && { errors: [...more.errors] }),
    };
  }
}

const titles: Readonly<Record<number, string>> = {
  400: 'Not understood',
  404: 'Not found',
  405: 'Not allowed here',
  409: 'Conflict',
  412: 'Changed meanwhile',
  413: 'Too large',
  415: 'Not JSON',
  422: 'Invalid',
  500: 'Failed',
  502: 'The model server failed',
  503: 'Not now',
};

/** Undefined: it is nobody's fault but ours, and goes to the log. */
export function problemOf(error: unknown): ApiProblem | undefined {
  if (error instanceof ApiProblem) return error;
  if (!isOperatorError(error)) return undefined;
  const status = statusOf(error.code);
  return status === 500 && error.code === 'internal' ? undefined : new ApiProblem(status, error.code, error.message, { hint: error.hint, where: error.where && formatLocation(error.where) });
}

function statusOf(code: OperatorError['code']): number {
  switch (code) {
    case 'usage':
      return 400;
    case 'not-found':
      return 404;
    case 'config':
    case 'config-changed':
    case 'refused':
    case 'credential':
      return 409;
    case 'http':
      return 502;
    case 'cancelled':
      return 503;
    case 'io':
    case 'process':
    case 'internal':
      return 500;
    default:
      return assertNever(code);
  }
}

export function issueOf({ code, message, hint, where }: ConfigProblem): Issue {
  return { code, message, ...(hint !== undefined && { hint }), where: formatLocation(where) };
}
