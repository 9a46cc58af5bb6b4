/** Plain values → TOML as a person would write it. */
import type { EntryTable } from './edit-change.ts';
import { isTable } from './entries.ts';

/** Keys in the order in which the documentation shows them; others follow. */
const keyOrder: Readonly<Record<EntryTable | 'model_list' | 'llm_tools' | 'launch_config', readonly string[]>> = {
  model_servers: ['name', 'kind', 'base_url', 'display_name', 'api_key_env', 'api_key', 'auth', 'headers', 'extra_env', 'extra_body', 'proxy', 'request_timeout', 'connect_timeout', 'first_byte_timeout', 'idle_timeout', 'placement', 'protocols', 'models'],
  delegators: ['name', 'llm_tool', 'model', 'model_server', 'display_name', 'model_properties', 'route', 'launch_config'],
  model_list: ['model_name', 'model', 'model_server', 'enabled', 'rpm', 'tpm', 'request_timeout', 'proxy', 'fallbacks', 'max_tokens_field', 'thinking_level', 'tool_schema_transform', 'streaming', 'extra_body', 'custom_headers', 'user_agent', 'auth_method', 'connect_mode', 'workspace'],
  llm_tools: ['default_tool', 'default_model', 'custom'],
  launch_config: ['yolo', 'permission_mode', 'flags', 'env', 'prompt_prefix', 'prompt_suffix', 'cwd', 'use_worktrees'],
};

/** Keys of `table` that stand before `key`, nearest first; undefined for a key that the documentation does not show. */
export function keysBefore(table: string, key: string): readonly string[] | undefined {
  const order = orderOf(table);
  const index = order.indexOf(key);
  return index < 0 ? undefined : order.slice(0, index).toReversed();
}

function orderOf(table: string): readonly string[] {
  return Object.entries(keyOrder).find(([name]) => name === table)?.[1] ?? [];
}

/** The keys of a table in the order of the documentation. */
export function inOrder(table: string, values: Readonly<Record<string, unknown>>): readonly [string, unknown][] {
  const order = orderOf(table);
  const rank = (key: string): number => (order.includes(key) ? order.indexOf(key) : order.length);
  return Object.entries(values).toSorted(([a], [b]) => rank(a) - rank(b));
}

/** Is it written as a `[table]` of its own rather than on one line? */
export function isSection(key: string, value: unknown): value is Record<string, unknown> {
  return key === 'launch_config' && isTable(value) && Object.keys(value).length > 0;
}

/** A whole `[[table]]` entry, each line ended with `eol`. Its launch_config is a table of its own. */
export function renderEntry(table: EntryTable | 'model_list', values: Readonly<Record<string, unknown>>, eol: string): string {
  const rows = inOrder(table, values);
  const lines = [`[[${table}]]`, ...rows.filter(([key, value]) => !isSection(key, value)).map(([key, value]) => renderRow(key, value))];
  const sections = rows.flatMap(([key, value]) => (isSection(key, value) ? [renderSection([table, key], value, eol)] : []));
  return lines.map((line) => line + eol).join('') + sections.join('');
}

/** A `[a.b]` table with its keys. */
export function renderSection(path: readonly string[], values: Readonly<Record<string, unknown>>, eol: string): string {
  const lines = [`[${path.map(renderKey).join('.')}]`, ...inOrder(path.at(-1) ?? '', values).map(([key, value]) => renderRow(key, value))];
  return lines.map((line) => line + eol).join('');
}

export function renderRow(key: string, value: unknown): string {
  return `${renderKey(key)} = ${renderValue(value)}`;
}

export function renderKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : renderString(key);
}

/** On one line. */
export function renderValue(value: unknown): string {
  if (typeof value === 'string') return renderString(value);
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return renderNumber(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return `[${value.map(renderValue).join(', ')}]`;
  const rows = isTable(value) ? inOrder('', value).map(([key, item]) => renderRow(key, item)) : [];
  return rows.length === 0 ? '{}' : `{ ${rows.join(', ')} }`;
}

/** JSON's escapes are TOML's, but for DEL, which TOML wants escaped too. */
function renderString(text: string): string {
  return JSON.stringify(text).replaceAll('\u007f', '\\u007f');
}

function renderNumber(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  // A whole number beyond the safe ones was written as a float; as an integer it would not be read again.
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? value.toExponential() : String(value);
}
