/** The keys that a table may have and does not have yet. */
import type { DocumentPath } from '../config/ranges.ts';
import { code } from '../status/format.ts';
import type { Cursor } from './cursor.ts';
import { tableNode } from './cursor.ts';
import { textOf } from './entries.ts';
import type { CompletionItem } from './model.ts';
import { entryOf, type Scope, toolNamed } from './scope.ts';
import { type KeyInfo, keyAt, keysAt, typeAt } from './schema-keys.ts';
import { renderKey } from '../config/toml-text.ts';
import { inSnippet } from './quoting.ts';
import type { Span } from './syntax.ts';

export function keyItems(scope: Scope, cursor: Extract<Cursor, { type: 'key' }>): readonly CompletionItem[] {
  const { table, span, row, isInline } = cursor;
  const present = presentKeys(scope, table, span);
  const range = scope.document.lines.rangeOf(span);
  const keepsValue = row?.equals !== undefined && row.equals >= span.end;
  // At the top of the file every key but a few is a table, which completion offers with its brackets.
  const keys = (keysOf(scope, table) ?? []).filter(({ name, type }) => !present.has(name) && (table.length > 0 || type.type !== 'list') && !(table.length === 0 && type.type === 'table'));
  return keys.map((key, index) => {
    const snippet = keepsValue ? undefined : `${inSnippet(renderKey(key.name))} = ${valueSnippet(key, isInline)}`;
    return {
      label: key.name,
      kind: 'key',
      ...(key.isRequired && { detail: 'required' }),
      documentation: keyText(key),
      edit: { range, newText: snippet ?? renderKey(key.name) },
      isSnippet: snippet !== undefined,
      filterText: key.name,
      sortText: `${key.isRequired ? 0 : 1}${String(index).padStart(3, '0')}`,
      ...(snippet !== undefined && hasValues(key) && { suggestNext: true }),
    };
  });
}

/** Keys that the user chooses are known for a few tables. */
function keysOf(scope: Scope, table: DocumentPath): readonly KeyInfo[] | undefined {
  const known = keysAt(table);
  if (known) return known;
  const type = typeAt(table);
  const entry = entryOf(scope.document, table);
  if (type?.type !== 'map' || !entry) return undefined;
  const name = table.at(-1);
  const text = (key: string, description: string): KeyInfo => ({ name: key, isRequired: false, description, type: type.item });
  if (name === 'model_properties') {
    const tool = toolNamed(scope, textOf(entry, 'llm_tool'));
    return tool?.modelProperties.map((key) => text(key, `A setting of ${tool.displayName}`));
  }
  return name === 'env' || name === 'extra_env' ? scope.facts.variables.map((key) => text(key, 'Environment variable')) : undefined;
}

/** What the table has, without the key at the cursor. */
function presentKeys({ document }: Scope, table: DocumentPath, span: Span): ReadonlySet<string | number> {
  const children = tableNode(document, table)?.children ?? [];
  return new Set(children.filter(({ key }) => key?.start !== span.start || key.end !== span.end).map(({ name }) => name));
}

function valueSnippet({ type, defaultText }: KeyInfo, isInline: boolean): string {
  switch (type.type) {
    case 'number':
      return `\${1:${/^\d+/.exec(defaultText ?? '')?.[0] ?? '1'}}`;
    case 'boolean':
      return '${1|true,false|}';
    case 'list':
      return type.item.type === 'table' ? '[{ $1 }]' : '["$1"]';
    case 'map':
    case 'table':
      return '{ $1 }';
    default:
      return isInline || type.type !== 'scalar' ? '"$1"' : '$1';
  }
}

const withValues = new Set(['base_url', 'api_key', 'api_key_env', 'auth', 'models', 'llm_tool', 'model', 'model_server', 'permission_mode', 'model_properties', 'default_tool', 'default_model', 'launch_config', 'args', 'protocols', 'reasoning_effort', 'reasoning_summary', 'verbosity']);

function hasValues({ name, type }: KeyInfo): boolean {
  return type.type === 'choice' || withValues.has(name);
}

/** What a key means: its description in the schema, and whether it must be there. */
export function keyText({ name, description, isRequired }: KeyInfo): string {
  return `${code(name)}${isRequired ? ' (required)' : ''}: ${description}`;
}

export function keyTextAt(path: DocumentPath): string | undefined {
  const key = keyAt(path);
  return key && keyText(key);
}
