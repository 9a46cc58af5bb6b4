/** The model servers that an import needs: each once, by what it is, where it is and where its key is; those that are declared already are used. */
import { openaiBaseUrl, parseServerAddress, type ServerAddress } from '../../servers/address.ts';
import { parseCredentialRef } from '../../servers/auth.ts';
import { isBuiltinName } from '../../servers/builtin.ts';
import { kindAliases, type ServerKindId, serverKind, serverKindIds } from '../../servers/kinds.ts';
import type { NewEntry, TomlValue } from '../edit-change.ts';
import { isTable } from '../entries.ts';
import type { TomlDocument } from '../parse.ts';
import { namePattern } from '../schema.ts';

export interface WantedServer {
  readonly kind: ServerKindId;
  /** As it shall be written; the kind's own address is left out. */
  readonly baseUrl: string | undefined;
  /** A reference, such as `env:NAME`. */
  readonly apiKey: string | undefined;
  readonly proxy: string | undefined;
  /** What it would be called. */
  readonly name: string;
  /** Whatever else its entry says. */
  readonly more: Readonly<Record<string, TomlValue>>;
}

export interface ServerBook {
  /** @returns the name of the server, an entry of the file or a new one */
  use(wanted: WantedServer): string;
  /** Those that are not declared yet. */
  readonly added: readonly NewEntry[];
}

/** @param isTaken whether another server has that name, in this file or in another that counts with it */
export function createServerBook(document: TomlDocument, isTaken: (name: string) => boolean): ServerBook {
  const known = new Map<string, string>();
  const added: NewEntry[] = [];
  const names = new Set<string>();
  for (const entry of Array.isArray(document.model_servers) ? document.model_servers : []) {
    if (!isTable(entry) || typeof entry.name !== 'string') continue;
    names.add(entry.name);
    const key = keyOfEntry(entry);
    if (key !== undefined && !known.has(key)) known.set(key, entry.name);
  }
  return {
    added,
    use(wanted) {
      const { kind, baseUrl, apiKey, proxy, more } = wanted;
      const key = keyOf(kind, baseUrl, apiKey, proxy, more);
      const same = known.get(key);
      if (same !== undefined) return same;
      const name = freeName(nameFrom(wanted.name), (candidate) => names.has(candidate) || isTaken(candidate) || isBuiltinName(candidate));
      names.add(name);
      known.set(key, name);
      added.push({ table: 'model_servers', entry: { name, kind, ...(baseUrl !== undefined && { base_url: baseUrl }), ...(apiKey !== undefined && { api_key: apiKey }), ...(proxy !== undefined && { proxy }), ...more } });
      return name;
    },
  };
}

function keyOfEntry(entry: Record<string, unknown>): string | undefined {
  const { kind, base_url: baseUrl, api_key: apiKey, api_key_env: apiKeyEnv, proxy } = entry;
  const known = serverKindIds.find((id) => id === kind) ?? (typeof kind === 'string' ? kindAliases[kind] : undefined);
  if (known === undefined) return undefined;
  const reference = typeof apiKey === 'string' ? apiKey : typeof apiKeyEnv === 'string' ? `env:${apiKeyEnv}` : undefined;
  return keyOf(known, typeof baseUrl === 'string' ? baseUrl : undefined, reference, typeof proxy === 'string' ? proxy : undefined, entry);
}

function keyOf(kind: ServerKindId, baseUrl: string | undefined, apiKey: string | undefined, proxy: string | undefined, { headers, extra_body: body }: Readonly<Record<string, unknown>>): string {
  const text = baseUrl ?? serverKind(kind).defaultBaseUrl ?? '';
  const address = parseServerAddress(text, kind);
  const reference = apiKey === undefined ? undefined : parseCredentialRef(apiKey);
  return JSON.stringify([kind, address.ok ? addressText(address.value, kind) : text, reference?.ok ? reference.value : (apiKey ?? null), proxy ?? null, isTable(headers) ? Object.entries(headers).toSorted() : [], isTable(body) ? Object.entries(body).toSorted() : []]);
}

/** The address as it is written: its version stands in it only where it matters and is not the usual one. */
export function addressText(address: ServerAddress, kind: ServerKindId): string {
  const hasOwnPaths = kind === 'google-api' || kind === 'anthropic-api' || kind === 'ollama';
  return hasOwnPaths || address.openaiPath === '/v1' ? address.baseUrl : openaiBaseUrl(address);
}

/** The nearest text that can be a name. */
export function nameFrom(text: string): string {
  const name = text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^A-Za-z0-9_.-]+/g, '-')
    .replaceAll(/^[-.]+|-+$/g, '')
    .slice(0, 90);
  return namePattern.test(name) ? name : 'imported';
}

export function freeName(name: string, isTaken: (name: string) => boolean): string {
  if (!isTaken(name)) return name;
  for (let number = 2; ; number++) if (!isTaken(`${name}-${number}`)) return `${name}-${number}`;
}
