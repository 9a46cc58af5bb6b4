/** The configuration in force, value by value, with where each is from. Keys are shown by where they are; nothing here is secret. */
import { meantByPrefix } from '../delegators/model-name.ts';
import { hidden, isSecretName, maskText } from '../launch/mask.ts';
import { readDocument } from '../language/document.ts';
import { createLocator } from '../language/tree.ts';
import { formatAuth, parseCredentialRef } from '../servers/auth.ts';
import { openaiBaseUrl } from '../servers/address.ts';
import { formatLocation } from '../source.ts';
import { originWords } from '../status/words.ts';
import { catalogueTools } from '../tools/catalogue/index.ts';
import { isTable } from './entries.ts';
import { isKeyHeader } from './literal-keys.ts';
import { type ConfigLayer, type Configuration, type CustomTool, type Delegator, type Entity, type ModelServer, originName } from './model.ts';
import { parseToml } from './parse.ts';
import type { DocumentPath, Locator } from './ranges.ts';

export type ShownScalar = string | number | boolean | readonly (string | number | boolean)[];

export interface ShownValue {
  /** Dotted, such as `launch_config.yolo`. */
  readonly key: string;
  readonly value: ShownScalar;
  /** `file:line`, or why it is so without being written. */
  readonly from: string;
}

export interface ShownEntry {
  /** null for the defaults in [llm_tools]. */
  readonly name: string | null;
  /** `workspace`, `user` or `builtin`. */
  readonly origin: string;
  readonly values: readonly ShownValue[];
  /** Why it cannot be used. */
  readonly problem: string | null;
}

export interface ConfigurationReport {
  readonly files: readonly { readonly layer: string; readonly file: string; readonly state: string }[];
  readonly llm_tools: ShownEntry;
  readonly custom_tools: readonly ShownEntry[];
  readonly model_servers: readonly ShownEntry[];
  readonly delegators: readonly ShownEntry[];
  /** Tables that are kept for a later version. */
  readonly not_used: readonly { readonly table: string; readonly file: string; readonly count: number }[];
}

export function reportConfiguration(configuration: Configuration): ConfigurationReport {
  const files = new Map(configuration.layers.map((layer) => [layer.file, readFile(layer)]));
  const fileOf = ({ origin }: Entity): FileInForce | undefined => (origin.layer === 'builtin' ? undefined : files.get(origin.file));
  return {
    files: configuration.layers.map(({ layer, file, state }) => ({ layer, file, state: state.type })),
    llm_tools: defaultsOf([...files.values()]),
    custom_tools: configuration.customTools.map((tool) => entryOf(tool, fileOf(tool), ['llm_tools', 'custom'], () => [])),
    model_servers: configuration.modelServers.map((server) => entryOf(server, fileOf(server), ['model_servers'], (written) => impliedByServer(server, written))),
    delegators: configuration.delegators.map((delegator) => entryOf(delegator, fileOf(delegator), ['delegators'], (written) => impliedByDelegator(delegator, written, configuration))),
    not_used: [...files.values()].flatMap(({ file, document }) => (Array.isArray(document.model_list) ? [{ table: 'model_list', file, count: document.model_list.length }] : [])),
  };
}

interface FileInForce {
  readonly file: string;
  readonly layer: ConfigLayer['layer'];
  readonly document: Readonly<Record<string, unknown>>;
  readonly locate: Locator;
}

function readFile({ file, layer, state }: ConfigLayer): FileInForce {
  const text = state.type === 'loaded' ? state.text : state.type === 'broken' ? state.lastGoodText : undefined;
  const parsed = text === undefined ? undefined : parseToml(text);
  if (text === undefined || !parsed?.ok) return { file, layer, document: {}, locate: () => undefined };
  const { tree, lines } = readDocument(text);
  return { file, layer, document: parsed.value, locate: createLocator(tree.root, lines) };
}

function entryOf(entity: ModelServer | Delegator | CustomTool, file: FileInForce | undefined, list: DocumentPath, implied: (written: ReadonlySet<string>) => readonly ShownValue[]): ShownEntry {
  const values = file ? writtenValues(entity.name, file, list) : [];
  const written = new Set(values.map(({ key }) => key.split('.')[0] ?? key));
  return { name: entity.name, origin: originName(entity), values: [...values, ...implied(written)], problem: entity.unusable?.message ?? null };
}

function writtenValues(name: string, file: FileInForce, list: DocumentPath): readonly ShownValue[] {
  let entries: unknown = file.document;
  for (const key of list) entries = isTable(entries) ? entries[String(key)] : undefined;
  if (!Array.isArray(entries)) return [];
  const index = entries.findIndex((entry) => isTable(entry) && entry.name === name);
  const { name: _, ...rest } = isTable(entries[index]) ? entries[index] : {};
  return flatten(rest, [...list, index], [], file);
}

function flatten(table: Readonly<Record<string, unknown>>, base: DocumentPath, keys: readonly string[], file: FileInForce): readonly ShownValue[] {
  return Object.entries(table).flatMap(([key, value]): readonly ShownValue[] => {
    const path = [...keys, key];
    if (isTable(value) && Object.keys(value).length > 0) return flatten(value, base, path, file);
    return [{ key: path.join('.'), value: shown(path, value), from: placeOf(file, [...base, ...path]) }];
  });
}

function placeOf({ file, locate }: FileInForce, path: DocumentPath): string {
  const range = locate(path, 'key') ?? locate(path, 'value');
  return range ? `${file}:${range.start.line + 1}` : formatLocation({ file });
}

/** A value as it may be seen. */
function shown(path: readonly string[], value: unknown): ShownScalar {
  const name = path.at(-1) ?? '';
  if (typeof value === 'string') {
    if (path.length === 1 && name === 'api_key') return parseCredentialRef(value).ok ? value : hidden;
    const isPlaceholder = /^\{\w+\}$/.test(value);
    return value !== '' && !isPlaceholder && (isSecretName(name) || (path[0] === 'headers' && isKeyHeader(name))) ? hidden : maskText(value);
  }
  if (Array.isArray(value)) return value.map((item) => (typeof item === 'string' ? maskText(item) : typeof item === 'number' || typeof item === 'boolean' ? item : '{ … }'));
  return typeof value === 'number' || typeof value === 'boolean' ? value : isTable(value) ? '{ }' : String(value instanceof Date ? value.toISOString() : value);
}

function impliedByServer(server: ModelServer, written: ReadonlySet<string>): readonly ShownValue[] {
  const from = server.origin.layer !== 'builtin' ? `default of ${server.kind}` : originWords(server.origin);
  const values: readonly (readonly [string, ShownScalar, string])[] = [
    ['kind', server.kind, 'builtin'],
    ['base_url', maskText(server.openaiPath === '/v1' ? server.baseUrl : openaiBaseUrl(server)), from],
    ['protocols', server.protocols, from],
    ['auth', formatAuth(server.auth), server.credential && !written.has('auth') ? 'default with a key' : from],
    ['placement', server.placement, 'judged by the address'],
    ['request_timeout', server.requestTimeoutMs / 1000, 'default'],
  ];
  return values.filter(([key]) => !written.has(key)).map(([key, value, why]) => ({ key, value, from: why }));
}

function impliedByDelegator(delegator: Delegator, written: ReadonlySet<string>, configuration: Configuration): readonly ShownValue[] {
  const { llmTool, route, model } = delegator;
  const builtin = configuration.customTools.some(({ name }) => name === llmTool) ? undefined : catalogueTools().find(({ record }) => record.name === llmTool)?.record.builtinServer;
  const prefixed = meantByPrefix(delegator, configuration);
  const server = prefixed ? { value: prefixed.server.name, from: `implied by ${model.slice(0, -prefixed.model.length)}` } : builtin === undefined ? undefined : { value: builtin, from: `default of ${llmTool}` };
  return [
    ...(!written.has('model_server') && server ? [{ key: 'model_server', ...server }] : []),
    ...(written.has('route') ? [] : [{ key: 'route', value: route, from: 'default' }]),
  ];
}

/** A model belongs to the tool it was written for, so both are of the strongest file that names one of them. */
function defaultsOf(files: readonly FileInForce[]): ShownEntry {
  const textAt = ({ document }: FileInForce, key: string): string | undefined => {
    const value = isTable(document.llm_tools) ? document.llm_tools[key] : undefined;
    return typeof value === 'string' ? value : undefined;
  };
  const tool = files.find((file) => textAt(file, 'default_tool') !== undefined);
  const model = files.find((file) => textAt(file, 'default_tool') !== undefined || textAt(file, 'default_model') !== undefined);
  const values = ([['default_tool', tool], ['default_model', model]] as const).flatMap(([key, file]) => {
    const value = file && textAt(file, key);
    return file && value !== undefined ? [{ key, value: maskText(value), from: placeOf(file, ['llm_tools', key]) }] : [];
  });
  return { name: null, origin: (tool ?? model)?.layer ?? 'builtin', values, problem: null };
}
