/** Fixes for keys: out of the file, into a secret or a variable, and the reference in their place. */
import { formatCredentialRef, isVariableName } from '../servers/auth.ts';
import { allServerKinds } from '../servers/kinds.ts';
import { renderRow, renderValue } from '../config/toml-text.ts';
import { type Entry, textOf } from './entries.ts';
import { fix, type Place } from './fix.ts';
import type { Fix, TextEdit } from './model.ts';
import { quoted } from './quoting.ts';
import type { StringNode } from './syntax.ts';
import { insertRow, removeRow, replaceSpan, siblingsOf } from './text-edits.ts';
import type { TreeNode } from './tree.ts';

export function keyFixes(place: Place): readonly Fix[] {
  const { entry, value, path, scope } = place;
  if (!entry || value?.type !== 'string') return [];
  const keys = path.slice(entry.list === 'llm_tools.custom' ? 3 : 2);
  switch (`${entry.list}/${keys[0]}`) {
    case 'model_servers/api_key':
    case 'model_servers/api_key_env':
    case 'model_servers/headers':
    case 'model_servers/extra_env':
      return keyOfServer(place, entry, value, String(keys[0]), String(keys[1] ?? ''));
    case 'model_servers/extra_body':
      return remove(place);
    case 'llm_tools.custom/env':
      return [fix('Hand over the key of the model server: "{api_key}"', [replaceSpan(scope.document, value, quoted('{api_key}', value))], true)];
    case 'delegators/launch_config':
      return keys[1] === 'env' ? remove(place) : [];
    default:
      return [];
  }
}

function keyOfServer(place: Place, entry: Entry, value: StringNode, key: string, name: string): readonly Fix[] {
  const { scope } = place;
  const secret = entry.name ?? '';
  const variable = variableFor(entry);
  const range = scope.document.lines.rangeOf(value);
  const prefix = /^(?:Bearer|Token)\s+/i.exec(value.value)?.[0] ?? '';
  const toSecret = referenceEdits(place, entry, value, key, name, formatCredentialRef({ store: 'secret', name: secret }));
  if (!toSecret) return remove(place);
  const toVariable = key === 'api_key_env' ? [replaceSpan(scope.document, value, quoted(variable, value))] : referenceEdits(place, entry, value, key, name, formatCredentialRef({ store: 'env', name: variable }));
  return [
    { title: `Move the key into secret storage (secret:${secret})`, edits: toSecret, action: { type: 'store-secret', secret, range, prefix }, isPreferred: true },
    ...(toVariable ? [{ title: `Take the key from the environment variable ${variable}`, edits: toVariable, action: { type: 'set-variable', variable, range, prefix } as const, isPreferred: false }] : []),
  ];
}

/** Puts the reference in the place of the key. Undefined where the server names another key already. */
function referenceEdits(place: Place, entry: Entry, value: StringNode, key: string, name: string, reference: string): readonly TextEdit[] | undefined {
  const { scope, node } = place;
  const { document } = scope;
  if (key === 'api_key') return [replaceSpan(document, value, quoted(reference, value))];
  const other = (sibling: string): TreeNode | undefined => entry.node.child(sibling);
  if (other('api_key') || (key !== 'api_key_env' && other('api_key_env')) || !node?.row) return undefined;
  if (key === 'api_key_env') return [replaceSpan(document, node.row, renderRow('api_key', reference))];
  const auth = key === 'headers' ? authFor(name, value.value) : undefined;
  const written = other('auth')?.literal;
  if (auth !== undefined && written) {
    return [removeRow(document, node.row, siblingsOf(node)), insertRow(document, entry, 'api_key', renderValue(reference)), replaceSpan(document, written, quoted(auth, written))];
  }
  // Rows that are inserted at the same place come in this order.
  return [removeRow(document, node.row, siblingsOf(node)), insertRow(document, entry, 'api_key', renderValue(reference)), ...(auth === undefined ? [] : [insertRow(document, entry, 'auth', renderValue(auth))])];
}

function authFor(header: string, value: string): string {
  const name = header.toLowerCase();
  if (name === 'authorization' && /^Bearer\s/i.test(value)) return 'bearer';
  return name === 'x-api-key' ? 'x-api-key' : `header:${header}`;
}

function variableFor(entry: Entry): string {
  const usual = allServerKinds().find(({ id }) => id === textOf(entry, 'kind'))?.defaultApiKeyEnv;
  const own = `${(entry.name ?? '').toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_').replace(/^(?=\d)/, '_')}_API_KEY`;
  return usual ?? (isVariableName(own) ? own : 'API_KEY');
}

function remove({ scope, node }: Place): readonly Fix[] {
  return node?.row ? [fix('Remove the key from the file', [removeRow(scope.document, node.row, siblingsOf(node))], false)] : [];
}

/** The variable that is named is not set: ask for the key instead. */
export function unsetKeyFixes({ scope, entry, value, node }: Place): readonly Fix[] {
  if (!entry || entry.list !== 'model_servers' || value?.type !== 'string' || entry.name === undefined || !node?.row) return [];
  const isVariable = node.name === 'api_key_env';
  if (isVariable && entry.node.child('api_key')) return [];
  const reference = formatCredentialRef({ store: 'secret', name: entry.name });
  const edit = isVariable ? replaceSpan(scope.document, node.row, renderRow('api_key', reference)) : replaceSpan(scope.document, value, quoted(reference, value));
  return [{ title: `Enter the key and keep it in secret storage (secret:${entry.name})`, edits: [edit], action: { type: 'enter-secret', secret: entry.name }, isPreferred: false }];
}

/** `$NAME`, `${NAME}`, `{env:NAME}`, `%NAME%` and `os.environ/NAME` are understood. */
export function referenceFixes({ scope, value, node }: Place): readonly Fix[] {
  if (value?.type !== 'string') return [];
  const [, name] = /^(?:\$|\$\{|\{env:|\$\{env:|%|os\.environ\/|\$env:)([A-Za-z_][A-Za-z0-9_]*)[}%]?$/.exec(value.value.trim()) ?? [];
  if (name === undefined) return [];
  const text = node?.name === 'api_key_env' ? name : formatCredentialRef({ store: 'env', name });
  return [fix(`Change to ${JSON.stringify(text)}`, [replaceSpan(scope.document, value, quoted(text, value))], true)];
}
