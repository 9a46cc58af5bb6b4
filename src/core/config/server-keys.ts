/** Where the key of a server is and how it is sent. A key that stands in the file itself is reported and never kept. */
import { parseServerAddress } from '../servers/address.ts';
import { type AuthScheme, type CredentialRef, isVariableName, parseAuth, parseCredentialRef } from '../servers/auth.ts';
import { authWithKey } from '../servers/builtin.ts';
import type { ServerKind } from '../servers/kinds.ts';
import { type Entry, rejectEntry } from './entries.ts';
import { looksLikeKey } from './literal-keys.ts';
import { type FileContext, quote } from './problems.ts';
import type { modelServerSchema } from './schema.ts';

export type ServerEntry = Entry<typeof modelServerSchema>;

/** Also reports a variable that is not set. */
export function readCredential(entry: ServerEntry, kind: ServerKind, address: { readonly baseUrl: string }, file: FileContext): CredentialRef | undefined {
  const { api_key: apiKey, api_key_env: variable } = entry.values;
  const fromKey = apiKey === undefined ? undefined : readReference(entry, apiKey, file);
  const fromVariable = variable === undefined ? undefined : readVariable(entry, variable, file);
  if (apiKey !== undefined && variable !== undefined) {
    const same = fromKey?.store === 'env' && fromKey.name === fromVariable?.name;
    file.report({
      code: 'conflicting-keys',
      severity: same ? 'information' : 'warning',
      message: same ? `${entry.label}: api_key and api_key_env say the same` : `${entry.label}: api_key and api_key_env are both given; api_key counts`,
      hint: 'Remove one of them',
      path: [...entry.path, 'api_key_env'],
      part: 'key',
      subject: { ...entry.subject, key: 'api_key_env' },
    });
  }
  const declared = apiKey !== undefined ? fromKey : fromVariable;
  if (declared?.store === 'env' && !file.variable(declared.name)) {
    const key = apiKey !== undefined ? 'api_key' : 'api_key_env';
    file.report({
      code: 'unset-api-key-env',
      severity: 'warning',
      message: `${entry.label}: the environment variable ${declared.name} is not set`,
      hint: `Set ${declared.name} and restart, or store the key with Set API Key`,
      path: [...entry.path, key],
      subject: { ...entry.subject, key },
    });
  }
  if (apiKey !== undefined || variable !== undefined) return declared;
  // The vendor's own variable is meant where the vendor's own address is; a proxy never gets a key that was not named for it.
  return kind.keyRequired && kind.defaultApiKeyEnv !== undefined && isVendorAddress(kind, address.baseUrl) ? { store: 'env', name: kind.defaultApiKeyEnv } : undefined;
}

function isVendorAddress(kind: ServerKind, baseUrl: string): boolean {
  const usual = kind.defaultBaseUrl === undefined ? undefined : parseServerAddress(kind.defaultBaseUrl, kind.id);
  return usual?.ok === true && usual.value.baseUrl === baseUrl;
}

function readReference(entry: ServerEntry, text: string, file: FileContext): CredentialRef | undefined {
  const ref = parseCredentialRef(text);
  if (ref.ok) return ref.value.store === 'file' ? { store: 'file', name: file.resolvePath(ref.value.name) } : ref.value;
  const { code, message, hint } = ref.error;
  if (code === 'bad-reference') rejectEntry(entry, file, { code, message: `${entry.label}: api_key ${message}`, hint, key: 'api_key' });
  else reportLiteralKey(entry, 'api_key', `api_key ${message}`, file, hint);
  return undefined;
}

function readVariable(entry: ServerEntry, text: string, file: FileContext): CredentialRef | undefined {
  const name = text.trim().replace(/^\$\{?(\w+)\}?$/, '$1').replace(/^env:/, '');
  if (looksLikeKey(text)) {
    reportLiteralKey(entry, 'api_key_env', 'api_key_env holds a key itself, not the name of a variable, and is ignored', file);
    return undefined;
  }
  if (isVariableName(name)) return { store: 'env', name };
  rejectEntry(entry, file, { code: 'bad-reference', message: `${entry.label}: api_key_env is not the name of an environment variable`, hint: 'Write api_key_env = "NAME": letters, digits and _', key: 'api_key_env' });
  return undefined;
}

export function readAuth(entry: ServerEntry, kind: ServerKind, hasKey: boolean, file: FileContext): AuthScheme {
  const usual = hasKey ? authWithKey(kind.auth) : kind.auth;
  const text = entry.values.auth;
  if (text === undefined) return usual;
  const auth = parseAuth(text);
  if (!auth.ok) {
    rejectEntry(entry, file, { code: 'invalid-value', message: `${entry.label}: auth ${auth.error.message}`, hint: auth.error.hint, key: 'auth' });
    return usual;
  }
  const declaresKey = entry.values.api_key !== undefined || entry.values.api_key_env !== undefined;
  if (auth.value.type === 'none' && declaresKey) {
    file.report({
      code: 'conflicting-keys',
      severity: 'warning',
      message: `${entry.label}: a key is named, but auth = "none" keeps it from being sent`,
      hint: 'Remove auth, or remove the key',
      path: [...entry.path, 'auth'],
      subject: { ...entry.subject, key: 'auth' },
    });
  }
  return auth.value;
}

/** Leaves out values that are keys themselves. */
export function withoutKeys(entry: ServerEntry, key: 'headers' | 'extra_env', isKeyName: (name: string) => boolean, file: FileContext): Readonly<Record<string, string>> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(entry.values[key] ?? {})) {
    if (isKeyName(name) || looksLikeKey(value)) reportLiteralKey(entry, key, `${key}.${quote(name)} holds a key itself and is ignored`, file, undefined, name);
    else kept[name] = value;
  }
  return kept;
}

/** Leaves out members that hold a key, however deep. */
export function readExtraBody(entry: ServerEntry, file: FileContext): Readonly<Record<string, unknown>> | undefined {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(entry.values.extra_body ?? {})) {
    if (holdsKey(value)) reportLiteralKey(entry, 'extra_body', `extra_body.${quote(name)} holds a key itself and is ignored`, file, undefined, name);
    else kept[name] = value;
  }
  return Object.keys(kept).length === 0 ? undefined : kept;
}

function holdsKey(value: unknown): boolean {
  if (typeof value === 'string') return looksLikeKey(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsKey);
}

function reportLiteralKey(entry: ServerEntry, key: string, message: string, file: FileContext, hint?: string, name?: string): void {
  file.report({
    code: 'literal-key',
    severity: 'warning',
    message: `${entry.label}: ${message}`,
    hint: hint ?? 'Put the key into an environment variable and write api_key = "env:NAME", with auth = "header:NAME" where it goes into another header',
    path: name === undefined ? [...entry.path, key] : [...entry.path, key, name],
    subject: { ...entry.subject, key },
  });
}
