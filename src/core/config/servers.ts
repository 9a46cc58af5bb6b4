/** `[[model_servers]]` entry → {@link ModelServer}. */
import { closest, listOf } from '../../base/text.ts';
import { openaiBaseUrl, parseProxyUrl, parseServerAddress, type ServerAddress } from '../servers/address.ts';
import { defaultRequestTimeoutMs } from '../servers/builtin.ts';
import { kindAliases, type ServerKind, serverKind, serverKindIds, type ServerKindId } from '../servers/kinds.ts';
import { inferPlacement } from '../servers/placement.ts';
import { type EntryKind, rejectEntry } from './entries.ts';
import { isKeyHeader } from './literal-keys.ts';
import type { ModelServer } from './model.ts';
import { type FileContext, quote } from './problems.ts';
import { modelServerSchema } from './schema.ts';
import { readAuth, readCredential, readExtraBody, type ServerEntry, withoutKeys } from './server-keys.ts';

export const modelServerKind: EntryKind<typeof modelServerSchema> = {
  header: '[[model_servers]]',
  noun: 'Model server',
  subject: 'model_server',
  schema: modelServerSchema,
  harmless: new Set(['display_name', 'request_timeout', 'connect_timeout', 'first_byte_timeout', 'idle_timeout', 'models']),
};

/** Every entry becomes a server; one that must not be contacted says so in `unusable`. */
export function buildServer(entry: ServerEntry, file: FileContext): ModelServer {
  const { values } = entry;
  const kind = readKind(entry, file);
  const address = readAddress(entry, kind, file);
  const credential = readCredential(entry, kind, address, file);
  const proxy = readProxy(entry, file);
  const headers = withoutKeys(entry, 'headers', isKeyHeader, file);
  const extraEnv = withoutKeys(entry, 'extra_env', () => false, file);
  const extraBody = readExtraBody(entry, file);
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
    ...(extraBody && { extraBody }),
    ...(proxy !== undefined && { proxy }),
    requestTimeoutMs: toMs(values.request_timeout) ?? defaultRequestTimeoutMs,
    ...timeoutsOf(values),
    models: [...new Set(values.models)],
    ...(entry.unusable && { unusable: entry.unusable }),
  };
}

function timeoutsOf({ connect_timeout, first_byte_timeout, idle_timeout }: ServerEntry['values']): Pick<ModelServer, 'timeouts'> {
  const timeouts = { connectMs: toMs(connect_timeout), firstByteMs: toMs(first_byte_timeout), idleMs: toMs(idle_timeout) };
  return Object.values(timeouts).every((value) => value === undefined) ? {} : { timeouts };
}

function toMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.max(1, Math.round(seconds * 1000));
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
      suggestion: alias,
      path: [...entry.path, 'kind'],
      subject: { ...entry.subject, key: 'kind' },
    });
    return serverKind(alias);
  }
  const near = closest(kind, [...serverKindIds, ...Object.keys(kindAliases)]);
  const suggestion = near === undefined ? undefined : (aliasOf(near) ?? near);
  rejectEntry(entry, file, {
    code: 'unknown-kind',
    message: `${entry.label}: there is no kind ${quote(kind)}`,
    hint: suggestion === undefined ? `The kinds are ${listOf([...serverKindIds])}; for any server with an OpenAI-shaped API write kind = "openai-compat"` : `Did you mean kind = "${suggestion}"?`,
    ...(suggestion !== undefined && { suggestion }),
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
    const { code, message, hint, address: withoutUser } = address.error;
    rejectEntry(entry, file, { code, message: `${entry.label}: base_url ${message}`, hint, ...(withoutUser && { suggestion: openaiBaseUrl(withoutUser) }), key: 'base_url' });
    return { baseUrl: withoutUser?.baseUrl ?? '', openaiPath: withoutUser?.openaiPath ?? '/v1' };
  }
  const { baseUrl, openaiPath, assumedScheme } = address.value;
  if (assumedScheme !== undefined) {
    file.report({
      code: 'bad-url',
      severity: 'information',
      message: `${entry.label}: base_url has no scheme and is understood as ${assumedScheme}`,
      hint: `Write base_url = "${baseUrl}"`,
      suggestion: openaiPath === '/v1' ? baseUrl : baseUrl + openaiPath,
      path: [...entry.path, 'base_url'],
      subject: { ...entry.subject, key: 'base_url' },
    });
  }
  return { baseUrl, openaiPath };
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
