/** Entries of a `model_list` in JSON → model servers, entries of `[[model_list]]`, and delegators for command lines. */
import { parseProxyUrl, parseServerAddress, type ServerAddress } from '../../servers/address.ts';
import { serverKind, type ServerKindId } from '../../servers/kinds.ts';
import { placementOfHost } from '../../servers/placement.ts';
import type { TomlValue } from '../edit-change.ts';
import { isTable } from '../entries.ts';
import { isKeyHeader } from '../literal-keys.ts';
import { routedMembers } from '../schema.ts';
import { mayHoldKey } from './keys.ts';
import type { ImportContext } from './model.ts';
import { addressText } from './server-book.ts';
import { findVendor, openai, stripVendor, type Vendor, variableFor } from './vendors.ts';

/** Fields that become part of the model server, or of the entry in another form. */
const consumed = new Set(['model_name', 'model', 'provider', 'api_key', 'api_keys', 'api_base', 'proxy', 'custom_headers']);

type Json = Readonly<Record<string, unknown>>;

/** @param label where the entry stands, such as `model_list[2]` */
export function importModel(raw: unknown, label: string, context: ImportContext): void {
  if (!isTable(raw)) return context.note(`${label} is not an object and was left out`);
  const { model_name: alias, model } = raw;
  if (typeof alias !== 'string' || alias.trim() === '') return context.note(`${label} has no model_name and was left out`);
  if (typeof model !== 'string' || model.trim() === '') return context.note(`${label} has no model and was left out`);
  if (/\s/.test(model.trim()) || !isLine(model) || model.startsWith('/') || model.includes('//')) return context.note(`${label}: the model is not a name that a server takes, and was left out`);
  if (mayHoldKey(alias) || mayHoldKey(model)) return context.note(`${label}: its name or its model may hold a key, and it was left out`);
  const owner = `${alias} (${label})`;
  const { vendor, id } = vendorOf(raw, model.trim());
  const rest = restOf(raw, owner, context);
  const keep = (reason: string): void => {
    context.note(`${owner}: ${reason}; it is kept in model_list without a model server`);
    context.addModel({ model_name: alias, model, ...rest, ...addressOf(raw) });
  };
  if (!vendor) return keep('its provider is not known here, and it names no address');
  const { reach } = vendor;
  if (reach.type === 'unsupported') return keep(reach.reason);
  const login = reach.type === 'llm-tool' ? reach.llmTool : ownLogin(raw, vendor);
  if (login !== undefined) {
    const { workspace: folder } = rest;
    context.addDelegator({ name: alias, llm_tool: login, model: id, ...(typeof folder === 'string' && isLine(folder) && { launch_config: { cwd: folder } }) });
    context.note(`${owner}: a delegator launches it, with the login of ${login} itself`);
    return context.addModel({ model_name: alias, model, ...rest, ...addressOf(raw) });
  }
  if (reach.type !== 'server') return;
  const place = placeOf(raw, reach, owner, context);
  if (typeof place === 'string') return keep(place);
  const proxy = proxyOf(raw);
  if (proxy === 'not understood') return keep('its proxy is not an http, https or socks5 URL of a host and a port, and nothing may be sent around it');
  const { kind, baseUrl, host, isElsewhere } = place;
  const variable = isElsewhere && reach.baseUrl !== undefined ? variableFor(host) : reach.keyEnv;
  // A kind of its own on this machine is what its name says, wherever it listens.
  const isPlain = !isElsewhere || (kind !== 'openai-compat' && placementOfHost(host) === 'local');
  const name = !isPlain ? `${vendor.id}-${host}` : vendor.id.replace(/^anthropic-messages$/, 'anthropic');
  const { extraBody, others } = splitBody(rest, owner, context);
  const wanted = { kind, baseUrl, proxy, name, more: { ...(vendor.id === 'azure' && { auth: 'header:api-key' }), ...headersOf(raw, owner, context), ...extraBody } };
  const keys = keysOf(raw).map((key) => context.keys.refer(key, variable, owner));
  const sent = hasProvider(raw) ? stripVendor(id, host) : id;
  // Each key is a way of its own to reach the model: together they are a pool.
  for (const apiKey of keys.length > 0 ? keys : [reach.keyRequired && !isElsewhere ? context.keys.missing(variable, owner) : undefined]) {
    context.addModel({ model_name: alias, model: sent, model_server: context.servers.use({ ...wanted, apiKey }), ...others });
  }
}

function isLine(text: string): boolean {
  return text.trim() !== '' && !/[\u0000-\u001f\u007f\u2028\u2029]/.test(text);
}

type ServerReach = Extract<Vendor['reach'], { type: 'server' }>;

function hasProvider({ provider }: Json): boolean {
  return typeof provider === 'string' && provider.trim() !== '';
}

/** An explicit `provider` leaves the model as it is; else a known first part of it is its vendor, and OpenAI where there is none. */
function vendorOf(raw: Json, model: string): { readonly vendor: Vendor | undefined; readonly id: string } {
  if (hasProvider(raw)) return { vendor: findVendor(String(raw.provider)) ?? (hasAddress(raw) ? openai : undefined), id: model };
  const slash = model.indexOf('/');
  const vendor = slash > 0 && slash < model.length - 1 ? findVendor(model.slice(0, slash)) : undefined;
  return vendor ? { vendor, id: model.slice(slash + 1) } : { vendor: openai, id: model };
}

/** OpenAI and Anthropic may be used with a login instead of a key; their own command lines have that login. */
function ownLogin(raw: Json, vendor: Vendor): string | undefined {
  if ((raw.auth_method !== 'oauth' && raw.auth_method !== 'token') || keysOf(raw).length > 0) return undefined;
  return { openai: 'codex', anthropic: 'claude', 'anthropic-messages': 'claude' }[vendor.id];
}

function hasAddress({ api_base: base }: Json): boolean {
  return typeof base === 'string' && base.trim() !== '';
}

interface Place {
  readonly kind: ServerKindId;
  readonly baseUrl: string | undefined;
  readonly host: string;
  /** Not where the vendor usually is. */
  readonly isElsewhere: boolean;
}

/** OpenAI's prefix with an address of one's own means any server of that shape. A text says why there is none. */
function placeOf(raw: Json, reach: ServerReach, owner: string, context: ImportContext): Place | string {
  const text = hasAddress(raw) ? String(raw.api_base).trim() : reach.baseUrl;
  if (text === undefined) return 'no address is known for it';
  const usual = reach.baseUrl === undefined ? undefined : parseServerAddress(reach.baseUrl, reach.kind);
  const parsed = parseServerAddress(text, reach.kind);
  const address = parsed.ok ? parsed.value : parsed.error.address;
  if (!address) return `api_base ${parsed.ok ? '' : parsed.error.message}`;
  if (!parsed.ok) context.note(`${owner}: user and password were left out of the address; keep them with your keys`);
  const isElsewhere = !usual?.ok || addressText(usual.value, reach.kind) !== addressText(address, reach.kind);
  const kind = reach.kind === 'openai-api' && isElsewhere ? 'openai-compat' : reach.kind;
  if (isElsewhere && kind === 'openai-compat' && address.openaiPath === '/v1' && !/\/v1(?:\/|$)/i.test(text)) context.note(`${owner}: Operator adds /v1 to an address without a version`);
  return { kind, baseUrl: writtenAddress(address, kind), host: new URL(address.baseUrl).hostname, isElsewhere };
}

/** Of an entry without a model server: where it would have gone. */
function addressOf(raw: Json): Readonly<Record<string, TomlValue>> {
  const kept = ['provider', 'api_base', 'proxy'].flatMap((key) => {
    const value = raw[key];
    return typeof value === 'string' && value !== '' && !value.includes('@') && !mayHoldKey(value) ? [[key, value] as const] : [];
  });
  return Object.fromEntries(kept);
}

/** Undefined for the usual address of the kind. */
export function writtenAddress(address: ServerAddress, kind: ServerKindId): string | undefined {
  const { defaultBaseUrl } = serverKind(kind);
  const usual = defaultBaseUrl === undefined ? undefined : parseServerAddress(defaultBaseUrl, kind);
  const text = addressText(address, kind);
  return usual?.ok && addressText(usual.value, kind) === text ? undefined : text;
}

/** A proxy that is not understood must not become a direct call. */
function proxyOf({ proxy }: Json): string | undefined | 'not understood' {
  if (typeof proxy !== 'string' || proxy.trim() === '') return undefined;
  return parseProxyUrl(proxy).ok ? proxy.trim() : 'not understood';
}

function keysOf({ api_key: one, api_keys: several }: Json): readonly string[] {
  const all = [one, ...(Array.isArray(several) ? several : [])];
  return [...new Set(all.filter((key): key is string => typeof key === 'string' && key.trim() !== '').map((key) => key.trim()))];
}

function headersOf({ custom_headers: headers }: Json, owner: string, context: ImportContext): Readonly<Record<string, TomlValue>> {
  if (!isTable(headers)) return {};
  const kept = Object.entries(headers).filter((header): header is [string, string] => typeof header[1] === 'string' && isPlainHeader(header[0], header[1]));
  const left = Object.keys(headers).filter((name) => !kept.some(([each]) => each === name));
  if (left.length > 0) context.note(`${owner}: the header ${left.join(', ')} was left out; a key belongs into api_key, with auth = "header:NAME"`);
  return kept.length === 0 ? {} : { headers: Object.fromEntries(kept) };
}

type Fields = Readonly<Record<string, TomlValue>>;

/** `extra_body`, which the server gets, in either spelling; and what is left for the entry. */
function splitBody({ extra_body: snake, extraBody: camel, ...others }: Fields, owner: string, context: ImportContext): { readonly extraBody: Fields; readonly others: Fields } {
  const members = [camel, snake].flatMap((body) => (isTable(body) ? Object.entries(body as Fields) : []));
  const left = members.filter(([name]) => routedMembers.includes(name)).map(([name]) => name);
  if (left.length > 0) context.note(`${owner}: ${left.join(', ')} of extra_body was left out, since every request says it itself`);
  const kept = Object.fromEntries(members.filter(([name]) => !left.includes(name)));
  return { extraBody: Object.keys(kept).length === 0 ? {} : { extra_body: kept }, others };
}

function isPlainHeader(name: string, value: string): boolean {
  return !isKeyHeader(name) && !/key|token|secret|auth|password|cookie/i.test(name) && !mayHoldKey(value) && /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) && !/[\u0000-\u001f\u007f]/.test(value) && value.trim() !== '';
}

/** All other fields as they are, but for those that TOML has no form for and those that may be keys. */
function restOf(raw: Json, owner: string, context: ImportContext): Readonly<Record<string, TomlValue>> {
  const rest: Record<string, TomlValue> = {};
  for (const [key, value] of Object.entries(raw)) {
    if (consumed.has(key) || value === '' || key === '__proto__') continue;
    if (isDeep(value, maxDepth)) {
      context.note(`${owner}: ${key} was left out, since it is nested too deeply`);
      continue;
    }
    const kept = harmless(value, [key], (path) => context.note(`${owner}: ${path.join('.')} was left out, since it may hold a key`));
    if (kept !== undefined) rest[key] = kept;
  }
  return rest;
}

/** Far more than any program reads; operator.toml may be nested a hundred deep. */
const maxDepth = 50;

function isDeep(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isDeep(inner, depth - 1));
}

/** Without what may be a key, and without JSON's null, which is absence in TOML. */
function harmless(value: unknown, path: readonly string[], leaveOut: (path: readonly string[]) => void): TomlValue | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'string' && (mayHoldKey(value) || /(?:api_?key|token|secret|password|authorization)s?$/i.test(path.at(-1) ?? ''))) {
    leaveOut(path);
    return undefined;
  }
  if (Array.isArray(value)) return value.map((item) => harmless(item, path, leaveOut)).filter((item) => item !== undefined);
  if (!isTable(value)) return value as TomlValue;
  const kept: Record<string, TomlValue> = {};
  for (const [key, inner] of Object.entries(value)) {
    const item = key === '__proto__' ? undefined : harmless(inner, [...path, key], leaveOut);
    if (item !== undefined) kept[key] = item;
  }
  return kept;
}
