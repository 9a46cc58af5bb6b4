/** `[[model_servers]]` entry → {@link ModelServer}. */
import { closest, listOf } from '../../base/text.ts';
import { parseProxyUrl, parseServerAddress, type ServerAddress } from '../servers/address.ts';
import { type AuthScheme, type CredentialRef, isVariableName, parseAuth, parseCredentialRef } from '../servers/auth.ts';
import { authWithKey, defaultRequestTimeoutMs } from '../servers/builtin.ts';
import { kindAliases, type ServerKind, serverKind, serverKindIds, type ServerKindId } from '../servers/kinds.ts';
import { inferPlacement } from '../servers/placement.ts';
import { type Entry, type EntryKind, rejectEntry } from './entries.ts';
import { isKeyHeader, looksLikeKey } from './literal-keys.ts';
import type { ModelServer } from './model.ts';
import { type FileContext, quote } from './problems.ts';
import { modelServerSchema } from './schema.ts';

export const modelServerKind: EntryKind<typeof modelServerSchema> = {
  header: '[[model_servers]]',
  noun: 'Model server',
  subject: 'model_server',
  schema: modelServerSchema,
  harmless: new Set(['display_name', 'request_timeout', 'models']),
};

type ServerEntry = Entry<typeof modelServerSchema>;

/** Every entry becomes a server; one that must not be contacted says so in `unusable`. */
export function buildServer(entry: ServerEntry, file: FileContext): ModelServer {
  const { values } = entry;
  const kind = readKind(entry, file);
  const address = readAddress(entry, kind, file);
  const credential = readCredential(entry, kind, address, file);
  const proxy = readProxy(entry, file);
  const headers = withoutKeys(entry, 'headers', isKeyHeader, file);
  const extraEnv = withoutKeys(entry, 'extra_env', () => false, file);
  const auth = readAuth(entry, kind, credential !== undefined, file);
  return {
    name: entry.name,
    displayName: values.display_name ?? entry.name,
    origin: file.origin,
    where: file.where(entry.path),
    kind: kind.id,
    ...address,
    protocols: values.protocols ? [...new Set(values.protocols)] : kind.protocols,
    placement: values.placement ?? inferPlacement(address.baseUrl),
    placementDeclared: values.placement !== undefined,
    auth,
    ...(credential && { credential }),
    headers,
    extraEnv,
    ...(proxy !== undefined && { proxy }),
    requestTimeoutMs: values.request_timeout === undefined ? defaultRequestTimeoutMs : Math.max(1, Math.round(values.request_timeout * 1000)),
    models: [...new Set(values.models)],
    ...(entry.unusable && { unusable: entry.unusable }),
  };
}

/** An entry of unknown kind is unusable; it is shown as the most general kind. */
function readKind(entry: ServerEntry, file: FileContext): ServerKind {
  const { kind } = entry.values;
  const fallback = serverKind('openai-compat');
  if (kind === undefined) return fallback; // missing or not text: reported with the entry
  const known = serverKindIds.find((id) => id === kind);
  if (known) return serverKind(known);
  const alias = aliasOf(kind);
  if (alias) {
    file.report({
      code: 'unknown-kind',
      severity: 'information',
      message: `${entry.label}: kind ${quote(kind)} is understood as ${quote(alias)}`,
      hint: `Write kind = "${alias}"`,
      path: [...entry.path, 'kind'],
      subject: { ...entry.subject, key: 'kind' },
    });
    return serverKind(alias);
  }
  const near = closest(kind, [...serverKindIds, ...Object.keys(kindAliases)]);
  rejectEntry(entry, file, {
    code: 'unknown-kind',
    message: `${entry.label}: there is no kind ${quote(kind)}`,
    hint: near === undefined ? `The kinds are ${listOf([...serverKindIds])}; for any server with an OpenAI-shaped API write kind = "openai-compat"` : `Did you mean kind = "${aliasOf(near) ?? near}"?`,
    key: 'kind',
  });
  return fallback;
}

function aliasOf(kind: string): ServerKindId | undefined {
  const key = kind.toLowerCase();
  return Object.hasOwn(kindAliases, key) ? kindAliases[key] : serverKindIds.find((id) => id === key);
}

function readAddress(entry: ServerEntry, kind: ServerKind, file: FileContext): Pick<ServerAddress, 'baseUrl' | 'openaiPath'> {
  const text = entry.values.base_url ?? (entry.unusable ? undefined : kind.defaultBaseUrl);
  if (text === undefined) {
    if (!entry.unusable) {
      rejectEntry(entry, file, { code: 'missing-key', message: `${entry.label}: base_url is missing, and kind ${quote(kind.id)} has no usual address`, hint: 'Add base_url = "http://…"', key: 'base_url', path: entry.path });
    }
    return { baseUrl: '', openaiPath: '/v1' };
  }
  const address = parseServerAddress(text, kind.id);
  if (!address.ok) {
    const { code, message, hint } = address.error;
    rejectEntry(entry, file, { code, message: `${entry.label}: base_url ${message}`, hint, key: 'base_url' });
    return { baseUrl: address.error.address?.baseUrl ?? '', openaiPath: address.error.address?.openaiPath ?? '/v1' };
  }
  const { baseUrl, openaiPath, assumedScheme } = address.value;
  if (assumedScheme !== undefined) {
    file.report({
      code: 'bad-url',
      severity: 'information',
      message: `${entry.label}: base_url has no scheme and is understood as ${assumedScheme}`,
      hint: `Write base_url = "${baseUrl}"`,
      path: [...entry.path, 'base_url'],
      subject: { ...entry.subject, key: 'base_url' },
    });
  }
  return { baseUrl, openaiPath };
}

function readCredential(entry: ServerEntry, kind: ServerKind, address: { readonly baseUrl: string }, file: FileContext): CredentialRef | undefined {
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

function readAuth(entry: ServerEntry, kind: ServerKind, hasKey: boolean, file: FileContext): AuthScheme {
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

/** A wrong proxy is an error: going around it silently could show traffic to those it was hidden from. */
function readProxy(entry: ServerEntry, file: FileContext): string | undefined {
  const { proxy } = entry.values;
  if (proxy === undefined) return undefined;
  const parsed = parseProxyUrl(proxy);
  if (parsed.ok) return parsed.value;
  const { code, message, hint } = parsed.error;
  rejectEntry(entry, file, { code, message: `${entry.label}: proxy ${message}`, hint, key: 'proxy' });
  return undefined;
}

/** Leaves out values that are keys themselves. */
function withoutKeys(entry: ServerEntry, key: 'headers' | 'extra_env', isKeyName: (name: string) => boolean, file: FileContext): Readonly<Record<string, string>> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(entry.values[key] ?? {})) {
    if (isKeyName(name) || looksLikeKey(value)) reportLiteralKey(entry, key, `${key}.${quote(name)} holds a key itself and is ignored`, file, undefined, name);
    else kept[name] = value;
  }
  return kept;
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
