/** What every entry has in common: it is a table, has a name, and each of its keys is checked on its own. */
import type * as z from 'zod';
import { closest } from '../../base/text.ts';
import type { ProblemSubject, Unusable } from './model.ts';
import { type FileContext, quote } from './problems.ts';
import type { DocumentPath } from './ranges.ts';
import { describeValue, namePattern } from './schema.ts';

export type EntrySubject = Exclude<ProblemSubject, { readonly type: 'file' }>;

export interface EntryKind<S extends z.ZodObject> {
  /** As it stands in the file: `[[model_servers]]`. */
  readonly header: string;
  /** For messages: "Model server". */
  readonly noun: string;
  readonly subject: EntrySubject['type'];
  readonly schema: S;
  /** Keys whose wrong value can be ignored without something being sent elsewhere or started otherwise than it is written. */
  readonly harmless: ReadonlySet<string>;
}

/** An entry whose name is good; the keys that are wrong are left out of `values`. */
export interface Entry<S extends z.ZodObject> {
  readonly name: string;
  readonly values: Partial<z.output<S>>;
  readonly path: DocumentPath;
  readonly subject: EntrySubject;
  /** Message prefix: `Model server "x"`. */
  readonly label: string;
  /** The first thing that makes the entry unusable, if any. Builders may add to it. */
  unusable: Unusable | undefined;
}

/** Reads the list of entries at `path`. Entries without a good name are reported and left out. */
export function readEntries<S extends z.ZodObject>(value: unknown, path: DocumentPath, kind: EntryKind<S>, file: FileContext): readonly Entry<S>[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    const single = isTable(value);
    file.report({
      code: 'invalid-value',
      severity: 'error',
      message: `${path.join('.')} must be a list of tables, not ${describeValue(value)}`,
      hint: single ? `Write ${kind.header} with two brackets before every entry` : `Start every entry with ${kind.header}`,
      path,
      part: single ? 'key' : 'value',
      subject: { type: 'file' },
    });
    return [];
  }
  return value.flatMap((raw, index) => {
    const entry = readEntry(raw, [...path, index], kind, file);
    return entry ? [entry] : [];
  });
}

function readEntry<S extends z.ZodObject>(raw: unknown, path: DocumentPath, kind: EntryKind<S>, file: FileContext): Entry<S> | undefined {
  if (!isTable(raw)) {
    file.report({ code: 'invalid-value', severity: 'error', message: `An entry of ${kind.header} must be a table, not ${describeValue(raw)}`, path, subject: { type: 'file' } });
    return undefined;
  }
  const name = readName(raw, path, kind, file);
  if (name === undefined) return undefined;
  const subject: EntrySubject = { type: kind.subject, name };
  const entry: Entry<S> = { name, values: {}, path, subject, label: `${kind.noun} ${quote(name)}`, unusable: undefined };
  return { ...entry, ...readValues(raw, kind, entry, file) };
}

function readName(raw: Record<string, unknown>, path: DocumentPath, kind: EntryKind<z.ZodObject>, file: FileContext): string | undefined {
  const { name } = raw;
  const problem = { severity: 'error', path: [...path, 'name'], subject: { type: 'file' } } as const;
  if (name === undefined) {
    file.report({ ...problem, code: 'missing-key', path, message: `${kind.noun} without a name`, hint: 'Add name = "…"; letters, digits and . _ - are allowed' });
    return undefined;
  }
  if (typeof name !== 'string') {
    file.report({ ...problem, code: 'invalid-name', message: `The name of a ${kind.noun.toLowerCase()} must be text in quotes, not ${describeValue(name)}` });
    return undefined;
  }
  const fault = nameFault(name);
  if (fault === undefined) return name;
  const better = betterName(name);
  const hint = `Use only letters, digits and . _ - in it${better === undefined ? '' : `, such as ${quote(better)}`}`;
  file.report({ ...problem, code: 'invalid-name', message: `${kind.noun} ${quote(name)}: ${fault}`, hint, ...(better !== undefined && { suggestion: better }) });
  return undefined;
}

/** Why a text cannot be the name of an entry, or undefined when it can: "the name must not contain spaces". */
export function nameFault(name: string): string | undefined {
  if (namePattern.test(name)) return undefined;
  if (name.trim() === '') return 'the name is empty';
  if (/[\r\n]/.test(name)) return 'the name must not contain line breaks';
  if (/\s/.test(name)) return 'the name must not contain spaces';
  if (name.length > 100) return 'the name must not be longer than 100 characters';
  if (/^[A-Za-z0-9_.-]+$/.test(name)) return 'the name must start with a letter or digit';
  return 'the name may hold only letters (a-z), digits and . _ -';
}

/** The nearest text that can be a name, if anything is left of it. */
function betterName(name: string): string | undefined {
  const better = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .trim()
    .replaceAll(/[^A-Za-z0-9_.-]+/g, '-')
    .replaceAll(/^[-.]+|-+$/g, '')
    .slice(0, 100);
  return namePattern.test(better) ? better : undefined;
}

function readValues<S extends z.ZodObject>(raw: Record<string, unknown>, kind: EntryKind<S>, entry: Entry<S>, file: FileContext): Pick<Entry<S>, 'values' | 'unusable'> {
  const { schema } = kind;
  reportUnknownKeys(raw, Object.keys(schema.shape), entry.path, entry.label, entry.subject, file);
  const whole = schema.safeParse(raw);
  if (whole.success) return { values: whole.data, unusable: undefined };

  let unusable: Unusable | undefined;
  const wrong = new Set<string>();
  for (const issue of whole.error.issues) {
    const key = String(issue.path[0]);
    const harmless = kind.harmless.has(key);
    // One problem for each wrong key of the entry is enough, at the first wrong place in it.
    if (wrong.has(key)) continue;
    wrong.add(key);
    const missing = raw[key] === undefined;
    const message = missing ? `${entry.label}: ${key} is missing` : `${entry.label}: ${issue.path.map(String).join('.')} ${issue.message}`;
    const hint = missing ? `Add ${key} = "…"` : harmless ? `The value is ignored until it is right` : undefined;
    file.report({
      code: missing ? 'missing-key' : 'invalid-value',
      severity: harmless ? 'warning' : 'error',
      message,
      hint,
      path: missing ? entry.path : [...entry.path, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))],
      part: issue.code === 'invalid_key' ? 'key' : 'value',
      subject: { ...entry.subject, key },
    });
    if (!harmless) unusable ??= { message, hint };
  }
  const values: Record<string, unknown> = {};
  for (const [key, keySchema] of Object.entries(schema.shape)) {
    if (wrong.has(key) || raw[key] === undefined) continue;
    const parsed = (keySchema as z.ZodType).safeParse(raw[key]);
    if (parsed.success) values[key] = parsed.data;
  }
  return { values: values as Partial<z.output<S>>, unusable };
}

/** Keys that nothing here reads: kept in the file and told, in case it is a slip. */
export function reportUnknownKeys(raw: Record<string, unknown>, known: readonly string[], path: DocumentPath, label: string, subject: ProblemSubject, file: FileContext): void {
  for (const key of Object.keys(raw)) {
    if (known.includes(key)) continue;
    const near = closest(key.replaceAll('-', '_'), known);
    file.report({
      code: 'unknown-key',
      severity: 'information',
      message: `${label}: ${quote(key)} is not a key that Operator knows`,
      hint: near === undefined ? 'It is kept and has no effect' : `Did you mean ${near}?`,
      ...(near !== undefined && { suggestion: near }),
      path: [...path, key],
      part: 'key',
      subject: subject.type === 'file' ? subject : { ...subject, key },
    });
  }
}

/** Reports an error that makes the entry unusable. */
export function rejectEntry<S extends z.ZodObject>(entry: Entry<S>, file: FileContext, problem: { readonly code: 'bad-url' | 'url-credentials' | 'bad-reference' | 'missing-key' | 'unknown-kind' | 'invalid-value' | 'conflicting-keys'; readonly message: string; readonly hint?: string; readonly suggestion?: string; readonly key: string; readonly path?: DocumentPath }): void {
  const { code, message, hint, suggestion, key } = problem;
  file.report({ code, severity: 'error', message, hint, ...(suggestion !== undefined && { suggestion }), path: problem.path ?? [...entry.path, key], subject: { ...entry.subject, key } });
  entry.unusable ??= { message, hint };
}

export function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
