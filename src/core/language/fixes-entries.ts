/** Fixes that add what is missing: keys of an entry, a server or a tool that is referred to. */
import { allServerKinds } from '../servers/kinds.ts';
import { nameFault } from '../config/entries.ts';
import { renderRow, renderValue } from '../config/toml-text.ts';
import { type Entry, textOf } from './entries.ts';
import { fix, type Place } from './fix.ts';
import type { Fix } from './model.ts';
import { type Scope, toolNamed } from './scope.ts';
import { freeName, kindOfName } from './snippets.ts';
import { insertEntry, insertRow } from './text-edits.ts';
import { nodeAt } from './tree.ts';
import { valuesAt } from './values.ts';

export function declareServer({ scope, entry, value }: Place): readonly Fix[] {
  if (!entry || value?.type !== 'string' || nameFault(value.value) !== undefined) return [];
  const kind = kindOfName(value.value);
  const rows = [renderRow('name', value.value), renderRow('kind', kind.id), renderRow('base_url', kind.defaultBaseUrl ?? 'http://localhost:8000/v1')];
  const edit = insertEntry(scope.document, 'model_servers', rows, entry);
  return edit ? [fix(`Declare the model server ${JSON.stringify(value.value)}`, [edit], false)] : [];
}

export function declareTool({ scope, value }: Place): readonly Fix[] {
  if (value?.type !== 'string' || nameFault(value.value) !== undefined) return [];
  if (scope.document.entries.some(({ list, name }) => list === 'llm_tools.custom' && name === value.value)) return [];
  const edit = insertEntry(scope.document, 'llm_tools.custom', [renderRow('name', value.value), renderRow('command', value.value), renderRow('protocol', 'openai-chat'), 'args = ["--model", "{model}"]', 'env = { OPENAI_BASE_URL = "{base_url}/v1", OPENAI_API_KEY = "{api_key}" }']);
  return edit ? [fix(`Describe the LLM tool ${JSON.stringify(value.value)}`, [edit], false)] : [];
}

/** The key with the value that is most probably right, for the person to look at. */
export function missingKeyFix({ scope, entry, diagnostic }: Place): readonly Fix[] {
  const key = diagnostic.subject.type === 'file' ? 'name' : diagnostic.subject.key;
  if (!entry || key === undefined || entry.node.child(key)) return [];
  const text = valueFor(scope, entry, key);
  if (text === undefined) return [];
  return [fix(`Add ${renderRow(key, text)}`, [insertRow(scope.document, entry, key, renderValue(text))], true)];
}

function valueFor(scope: Scope, entry: Entry, key: string): string | undefined {
  switch (`${entry.list}/${key}`) {
    case 'model_servers/kind':
      return kindOfEntry(entry);
    case 'model_servers/base_url':
      return 'http://localhost:8000/v1';
    case 'delegators/llm_tool':
      return defaultText(scope, 'default_tool') ?? 'claude';
    case 'delegators/model': {
      const tool = toolNamed(scope, textOf(entry, 'llm_tool'));
      return valuesAt(scope, ['delegators', entry.index, 'model'])[0]?.text ?? tool?.modelAliases[0] ?? defaultText(scope, 'default_model') ?? 'MODEL';
    }
    case 'llm_tools.custom/command':
      return entry.name;
    case 'llm_tools.custom/protocol':
      return 'openai-chat';
    default:
      return key === 'name' ? newName(scope, entry) : undefined;
  }
}

/** By the address where that is usual for one, else by the name. */
function kindOfEntry(entry: Entry): string {
  const address = textOf(entry, 'base_url') ?? '';
  const byAddress = allServerKinds().find(({ defaultBaseUrl }) => defaultBaseUrl !== undefined && address.replace('127.0.0.1', 'localhost').startsWith(defaultBaseUrl));
  const kind = byAddress ?? kindOfName(entry.name ?? '');
  return kind.defaultBaseUrl === undefined && address === '' ? 'ollama' : kind.id;
}

function defaultText({ document }: Scope, key: string): string | undefined {
  const literal = nodeAt(document.tree.root, ['llm_tools', key])?.literal;
  return literal?.type === 'string' && literal.value !== '' ? literal.value : undefined;
}

function newName({ document }: Scope, entry: Entry): string {
  const names = new Set(document.entries.filter(({ list }) => list === entry.list).flatMap(({ name }) => (name === undefined ? [] : [name])));
  const text = (key: string): string => (textOf(entry, key) ?? '').replaceAll(/[^A-Za-z0-9_.-]+/g, '-').replaceAll(/^[^A-Za-z0-9_]+|-+$/g, '').slice(0, 60);
  switch (entry.list) {
    case 'model_servers':
      return freeName(text('kind').replace(/-api$/, '') || 'server', names);
    case 'delegators':
      return freeName([text('llm_tool'), text('model')].filter((part) => part !== '').join('-') || 'delegator', names);
    case 'llm_tools.custom':
      return freeName(text('command') || 'mytool', names);
  }
}
