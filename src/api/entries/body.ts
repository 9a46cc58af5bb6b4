/** Bodies that become TOML: what JSON can say and TOML cannot is found before anything looks at it more closely. */
import type * as z from 'zod';
import { isTable } from '../../core/config/entries.ts';
import { ApiProblem, type Issue } from '../problem.ts';

/** More than anybody writes by hand; everything that walks a document may recurse that far. */
const maxDepth = 32;

/** @returns the body as it came, keys that nothing here knows included. @throws ApiProblem 422 */
export function checkBody(schema: z.ZodType, body: unknown): unknown {
  checkPlain(body);
  const parsed = schema.safeParse(body);
  if (parsed.success) return body;
  throw invalid(parsed.error.issues.slice(0, 50).map((issue) => issueOfZod(issue, body)));
}

export function invalid(errors: readonly Issue[]): ApiProblem {
  const [first] = errors;
  const detail = errors.length === 1 && first ? first.message : `${errors.length} things are wrong with it; nothing was written`;
  return new ApiProblem(422, first?.code ?? 'invalid-value', detail, { hint: errors.length === 1 ? first?.hint : undefined, errors });
}

/** Without recursion: a megabyte of brackets must not end the stack. */
function checkPlain(body: unknown): void {
  const refuse = (message: string): ApiProblem => invalid([{ code: 'invalid-value', message }]);
  let level: readonly unknown[] = [body];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxDepth) throw refuse('Tables and lists are nested too deeply');
    for (const value of level) {
      const texts = typeof value === 'string' ? [value] : isTable(value) ? Object.keys(value) : [];
      if (!texts.every((text) => text.isWellFormed())) throw refuse('A text has half a character in it');
      if (value === null) throw refuse('There is no null in TOML: leave the key out');
      // Its integers are read back as doubles.
      if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER) throw refuse('A number is larger than can be kept exactly');
    }
    level = level.flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : isTable(value) ? Object.values(value) : []));
  }
}

function issueOfZod(issue: z.core.$ZodIssue, body: unknown): Issue {
  const path = issue.path.map(String);
  const pointer = path.length > 0 ? { pointer: path.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('') } : {};
  const [key] = path;
  if (key !== undefined && path.length === 1 && isTable(body) && body[key] === undefined) return { code: 'missing-key', message: `${key} is missing`, hint: `Add ${key}`, ...pointer };
  return { code: 'invalid-value', message: `${path.join('.') || 'The body'} ${/^must /.test(issue.message) ? issue.message : 'is not what it may be'}`, ...pointer };
}
