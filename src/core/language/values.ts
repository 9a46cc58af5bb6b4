/** What may stand as a value at a path of the document, best first. */
import { formatCredentialRef } from '../servers/auth.ts';
import { plural } from '../../base/text.ts';
import { type Placement, placements, type Protocol } from '../protocol.ts';
import { knownModels } from '../servers/models/known.ts';
import { modelDetails } from '../status/servers.ts';
import { healthWords, placementWords } from '../status/words.ts';
import type { ModelInfo } from '../servers/health.ts';
import { allServerKinds, serverKind } from '../servers/kinds.ts';
import { builtinServers } from '../servers/builtin.ts';
import { anyBaseUrlVariable, localPrefixes, prefixText } from '../servers/local-prefix.ts';
import type { DocumentPath } from '../config/ranges.ts';
import { type Entry, textNode, textOf } from './entries.ts';
import type { CompletionKind } from './model.ts';
import { entryOf, type Scope, serverNameOf, serverOfPrefixIn, serverStatusOf, toolNamed } from './scope.ts';
import { typeAt } from './schema-keys.ts';
import { kindText, permissionModeText, protocolText, routeText, toolText } from './words.ts';

export interface Value {
  readonly text: string;
  readonly kind: CompletionKind;
  readonly detail?: string;
  readonly documentation?: string;
}

/** Texts that fit; empty where nothing is known. Of a list, texts that fit as one of its items. */
export function valuesAt(scope: Scope, path: DocumentPath): readonly Value[] {
  const keys = path.filter((part) => typeof part === 'string');
  const entry = entryOf(scope.document, path);
  const known = entry && fromEntry(scope, entry, keys.slice(entry.list === 'llm_tools.custom' ? 2 : 1), path);
  if (known) return known;
  switch (keys.join('.')) {
    case 'llm_tools.default_tool':
      return tools(scope);
    case 'llm_tools.default_model':
      return modelsOfTool(scope, defaultTool(scope));
    default:
      return choices(path);
  }
}

function fromEntry(scope: Scope, entry: Entry, keys: readonly string[], path: DocumentPath): readonly Value[] | undefined {
  switch (`${entry.list}/${keys.join('.')}`) {
    case 'model_servers/kind':
      return allServerKinds().map((kind) => ({ text: kind.id, kind: 'kind', detail: kind.displayName, documentation: kindText(kind.id).join('\n\n') }));
    case 'model_servers/base_url':
      return addresses(entry);
    case 'model_servers/api_key_env':
      return variables(scope, entry).map((text) => ({ text, kind: 'variable' }));
    case 'model_servers/api_key':
      return keyReferences(scope, entry);
    case 'model_servers/auth':
      return authSchemes;
    case 'model_servers/models':
      return entry.name === undefined ? [] : withoutListed(liveModels(scope, entry.name), entry, path);
    case 'delegators/llm_tool':
      return tools(scope);
    case 'delegators/model_server':
      return servers(scope);
    case 'delegators/model':
      return models(scope, entry);
    case 'delegators/launch_config.permission_mode': {
      const tool = toolNamed(scope, textOf(entry, 'llm_tool'));
      return (tool?.permissionModes ?? []).map((text) => ({ text, kind: 'value', ...(tool && { detail: permissionModeText(tool, text) }) }));
    }
    case 'llm_tools.custom/args':
      return placeholders.filter(({ text }) => text !== '{api_key}');
    default:
      if (entry.list === 'llm_tools.custom' && keys[0] === 'env') return placeholders;
      return entry.list === 'delegators' && keys[0] === 'model_properties' ? (propertyValues[keys[1] ?? ''] ?? []).map((text) => ({ text, kind: 'value' })) : undefined;
  }
}

function choices(path: DocumentPath): readonly Value[] {
  let type = typeAt(path);
  if (type?.type === 'list') type = type.item;
  return type?.type === 'choice' ? type.values.map((text) => ({ text, kind: 'value', ...describeChoice(text) })) : [];
}

function describeChoice(text: string): { readonly detail?: string } {
  const detail = (placements as readonly string[]).includes(text) ? placementWords(text as Placement).replace(/^[^:]*: /, '') : (routeText(text) ?? protocolText(text as Protocol));
  return detail === undefined ? {} : { detail };
}

/** The usual address of the kind, or of every kind. */
function addresses(entry: Entry): readonly Value[] {
  const wanted = textOf(entry, 'kind');
  const kinds = allServerKinds().filter(({ id }) => wanted === undefined || id === wanted);
  return kinds.flatMap(({ defaultBaseUrl, displayName }) => (defaultBaseUrl === undefined ? [] : [{ text: defaultBaseUrl, kind: 'value' as const, detail: `usual address of ${displayName}` }]));
}

const looksLikeKeyName = /KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL/i;

/** The kind's usual one first, then those that are called like a key. */
function variables({ facts }: Scope, entry: Entry): readonly string[] {
  const usual = usualVariable(entry);
  const names = [...new Set(facts.variables)].filter((name) => name !== usual).sort();
  return [...(usual === undefined ? [] : [usual]), ...names.filter((name) => looksLikeKeyName.test(name)), ...names.filter((name) => !looksLikeKeyName.test(name))];
}

function usualVariable(entry: Entry): string | undefined {
  return allServerKinds().find(({ id }) => id === textOf(entry, 'kind'))?.defaultApiKeyEnv;
}

function keyReferences(scope: Scope, entry: Entry): readonly Value[] {
  const own = entry.name === undefined || entry.name === '' ? [] : [entry.name];
  const secrets = new Set([...own, ...(scope.facts.secrets ?? []), ...secretsNamed(scope)]);
  return [
    ...[...secrets].map((name) => ({ text: formatCredentialRef({ store: 'secret', name }), kind: 'secret' as const, detail: 'stored with Set API Key' })),
    ...variables(scope, entry).map((name) => ({ text: formatCredentialRef({ store: 'env', name }), kind: 'variable' as const, detail: 'environment variable' })),
    { text: 'file:', kind: 'value', detail: 'a file with nothing but the key in it' },
  ];
}

/** Secrets that the text names already. */
function secretsNamed({ document }: Scope): readonly string[] {
  return document.entries.flatMap((entry) => {
    const name = entry.list === 'model_servers' ? /^secret:([\w.-]+)$/.exec(textOf(entry, 'api_key')?.trim() ?? '')?.[1] : undefined;
    return name === undefined ? [] : [name];
  });
}

const authSchemes: readonly Value[] = [
  { text: 'bearer', kind: 'value', detail: 'Authorization: Bearer KEY' },
  { text: 'x-api-key', kind: 'value', detail: 'x-api-key: KEY' },
  { text: 'header:NAME', kind: 'value', detail: 'NAME: KEY' },
  { text: 'query:NAME', kind: 'value', detail: '?NAME=KEY' },
  { text: 'none', kind: 'value', detail: 'no key is sent' },
];

const placeholders: readonly Value[] = [
  { text: '{model}', kind: 'value', detail: 'name of the model' },
  { text: '{base_url}', kind: 'value', detail: 'address of the server, without /v1' },
  { text: '{openai_base_url}', kind: 'value', detail: 'address of the server, with its version' },
  { text: '{api_key}', kind: 'value', detail: 'the key; only in env' },
  { text: '{prompt}', kind: 'value', detail: 'the first prompt' },
  { text: '{session_id}', kind: 'value', detail: 'id of the session' },
];

/** What the vendors call the steps of a setting. */
const propertyValues: Readonly<Record<string, readonly string[]>> = {
  reasoning_effort: ['low', 'medium', 'high'],
  reasoning_summary: ['auto', 'concise', 'detailed', 'none'],
  verbosity: ['low', 'medium', 'high'],
};

function tools(scope: Scope): readonly Value[] {
  const own = scope.meanings.reachable(scope.file, 'llm_tool');
  const known = scope.facts.tools.map(({ record }) => record.name).filter((name) => !own.includes(name));
  return [...known, ...own].map((text) => {
    const record = toolNamed(scope, text);
    return { text, kind: 'llm_tool', detail: own.includes(text) ? 'your own tool' : (record?.displayName ?? ''), ...(record && { documentation: toolText(record).join('\n\n') }) };
  });
}

function servers(scope: Scope): readonly Value[] {
  const declared = scope.meanings.reachable(scope.file, 'model_server').map((text): Value => {
    const meaning = scope.meanings.lookup(scope.file, 'model_server', text);
    const status = serverStatusOf(scope, text);
    const origin = meaning.type === 'declared' && meaning.at.file !== scope.file ? [meaning.at.file.layer] : [];
    const state = status && status.health.state !== 'unknown' ? [healthWords(status.health.state).words, ...(status.health.models.length > 0 ? [plural(status.health.models.length, 'model')] : [])] : [];
    return { text, kind: 'model_server', detail: [...(status ? [serverKind(status.server.kind).displayName] : []), ...state, ...origin].join(' · ') };
  });
  return [...declared, ...builtinServers().map(({ name, displayName }): Value => ({ text: name, kind: 'model_server', detail: `${displayName} · builtin` }))];
}

/** What the delegator's server listed when it was last asked, and what the file says that it has. */
function models(scope: Scope, delegator: Entry): readonly Value[] {
  const named = textOf(delegator, 'model_server');
  const tool = toolNamed(scope, textOf(delegator, 'llm_tool'));
  const server = serverNameOf(scope, delegator);
  const isVendor = server !== undefined && server === tool?.builtinServer;
  return [...(named === undefined || isVendor ? aliases(tool?.modelAliases, tool?.displayName) : []), ...(server === undefined ? [] : withDeclared(scope, server)), ...(named === undefined && tool?.ownModelNames === undefined ? prefixed(scope) : [])];
}

/** Where no server is named: each prefix, and the models that are known to be behind it. */
function prefixed(scope: Scope): readonly Value[] {
  return localPrefixes().flatMap((prefix) => {
    const text = prefixText(prefix);
    const status = serverOfPrefixIn(scope, prefix);
    const { displayName } = serverKind(prefix.kind);
    const models = (status ? knownModels(status, scope.facts.now) : []).filter(canChat).map((model): Value => ({ text: `${text}${model.id}`, kind: 'model', detail: [displayName, ...modelDetails(model)].join(' · ') }));
    return [...models, { text, kind: 'value', detail: `a model of ${displayName}${status ? ` at ${status.server.baseUrl}` : ' on this machine'}`, documentation: `Needs no entry: the address is in \`${prefix.baseUrlVariable}\`, else in \`${anyBaseUrlVariable}\`, else the usual one.` }];
  });
}

function canChat({ type }: ModelInfo): boolean {
  return type === undefined || type === 'chat';
}

function modelsOfTool(scope: Scope, name: string | undefined): readonly Value[] {
  const tool = toolNamed(scope, name);
  return [...aliases(tool?.modelAliases, tool?.displayName), ...(tool?.builtinServer === undefined ? [] : withDeclared(scope, tool.builtinServer)), ...(tool?.ownModelNames === undefined ? prefixed(scope) : [])];
}

function aliases(names: readonly string[] = [], tool = ''): readonly Value[] {
  return names.map((text) => ({ text, kind: 'model', detail: `known to ${tool}` }));
}

function withDeclared(scope: Scope, server: string): readonly Value[] {
  const live = liveModels(scope, server);
  const declared = declaredModels(scope, server).filter((text) => live.every((model) => model.text !== text));
  return [...live, ...declared.map((text): Value => ({ text, kind: 'model', detail: 'declared in operator.toml' }))];
}

function liveModels(scope: Scope, server: string): readonly Value[] {
  const status = serverStatusOf(scope, server);
  const models = status ? knownModels(status, scope.facts.now) : [];
  return models.filter(canChat).map((model) => ({ text: model.id, kind: 'model', detail: modelDetails(model).join(' · '), ...(model.displayName !== undefined && model.displayName !== model.id && { documentation: model.displayName }) }));
}

function declaredModels(scope: Scope, server: string): readonly string[] {
  const meaning = scope.meanings.lookup(scope.file, 'model_server', server);
  if (meaning.type !== 'declared' || meaning.at.file !== scope.file) return [];
  const entry = scope.document.entries.find(({ list, name }) => list === 'model_servers' && name === server);
  const list = entry?.node.literalAt('models');
  return list?.type === 'array' ? list.items.flatMap((item) => (item.type === 'string' ? [item.value] : [])) : [];
}

function withoutListed(values: readonly Value[], entry: Entry, path: DocumentPath): readonly Value[] {
  const list = entry.node.literalAt('models');
  const listed = list?.type === 'array' ? list.items.flatMap((item, index) => (item.type === 'string' && index !== path.at(-1) ? [item.value] : [])) : [];
  return values.filter(({ text }) => !listed.includes(text));
}

function defaultTool({ document }: Scope): string | undefined {
  return textNode(document.tree.root.child('llm_tools'), 'default_tool')?.value;
}
