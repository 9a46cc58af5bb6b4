/**
 * Local servers without an entry: where a model is named and no model server is, `ollama/llama3.2` means llama3.2 on the Ollama
 * of this machine, or of the address in its variable. Prefixes, variables and their precedence are those of
 * github.com/huggingface/ml-intern (agent/core/local_models.py, agent/core/llm_params.py). Pure: the environment is a fact.
 */
import { fail, ok, type Result } from '../../base/result.ts';
import { listOf } from '../../base/text.ts';
import { lookup, type ModelServer, type Origin, type Unusable } from '../config/model.ts';
import { parseServerAddress, type ServerAddress } from './address.ts';
import { adHocServer } from './builtin.ts';
import { serverKind, type ServerKindId } from './kinds.ts';

export interface LocalPrefix {
  /** What stands before the first slash; the first is the one that is shown. */
  readonly names: readonly [string, ...string[]];
  readonly kind: ServerKindId;
  /** Variable with the address; then comes `LOCAL_LLM_BASE_URL`, then the usual address of the kind. */
  readonly baseUrlVariable: string;
  /** Variable with the key; then comes `LOCAL_LLM_API_KEY`, then no key at all. */
  readonly apiKeyVariable: string;
}

const prefixes: readonly LocalPrefix[] = [
  { names: ['ollama'], kind: 'ollama', baseUrlVariable: 'OLLAMA_BASE_URL', apiKeyVariable: 'OLLAMA_API_KEY' },
  { names: ['vllm'], kind: 'vllm', baseUrlVariable: 'VLLM_BASE_URL', apiKeyVariable: 'VLLM_API_KEY' },
  { names: ['lm_studio', 'lmstudio', 'lm-studio'], kind: 'lmstudio', baseUrlVariable: 'LMSTUDIO_BASE_URL', apiKeyVariable: 'LMSTUDIO_API_KEY' },
  { names: ['llamacpp', 'llama.cpp', 'llama-cpp'], kind: 'llamacpp', baseUrlVariable: 'LLAMACPP_BASE_URL', apiKeyVariable: 'LLAMACPP_API_KEY' },
];

/** What counts for every prefix that has no variable of its own set. */
export const anyBaseUrlVariable = 'LOCAL_LLM_BASE_URL';
export const anyApiKeyVariable = 'LOCAL_LLM_API_KEY';

/** Would say nothing about where the server is. */
const reserved = 'openai-compat';

const byName = new Map(prefixes.flatMap((prefix) => prefix.names.map((name) => [name, prefix])));

export function localPrefixes(): readonly LocalPrefix[] {
  return prefixes;
}

/** The prefix of that name, without its slash, in any spelling: `ollama`, `lm-studio`. */
export function prefixNamed(name: string): LocalPrefix | undefined {
  return byName.get(name);
}

/** `ollama/`, as people read it. */
export function prefixText({ names: [name] }: LocalPrefix): string {
  return `${name}/`;
}

export interface PrefixedModel {
  readonly prefix: LocalPrefix;
  /** What the server knows it as; may hold slashes of its own. */
  readonly model: string;
}

/** Reads of the environment; undefined when unset. */
export type ReadVariable = (name: string) => string | undefined;

/** Undefined: no prefix, so that the whole text is a model name. Fails for what begins like a prefix and names no model. */
export function readPrefix(text: string): Result<PrefixedModel | undefined, Required<Unusable>> {
  const name = text.trim();
  const slash = name.indexOf('/');
  if (slash < 0) return ok(undefined);
  const before = name.slice(0, slash);
  if (before === reserved) {
    const known = listOf(prefixes.map(prefixText));
    return fail({ message: `The prefix ${reserved}/ does not say which server is meant`, hint: `Declare the server in [[model_servers]] with kind = "${reserved}" and name it as model_server; the prefixes of local servers are ${known}` });
  }
  const prefix = prefixNamed(before);
  if (!prefix) return ok(undefined);
  const model = name.slice(slash + 1);
  const example = `Write it like "${before}/llama3.2"`;
  if (model === '') return fail({ message: `There is no model behind ${before}/`, hint: example });
  if (/\s/.test(model)) return fail({ message: `The model behind ${before}/ must not contain spaces`, hint: example });
  return ok({ prefix, model });
}

/** The server that the environment and the usual address give; never contacted before somebody names it. */
export function impliedServer(prefix: LocalPrefix, variable: ReadVariable): ModelServer {
  const { kind, names, baseUrlVariable, apiKeyVariable } = prefix;
  const usual = serverKind(kind).defaultBaseUrl ?? '';
  const from = [baseUrlVariable, anyBaseUrlVariable].find((name) => isSet(variable(name)));
  const text = (from === undefined ? undefined : variable(from)?.trim()) ?? usual;
  const address = parseServerAddress(text, kind);
  const keyVariable = [apiKeyVariable, anyApiKeyVariable].find((name) => isSet(variable(name)));
  return {
    ...adHocServer(kind, address.ok ? text : usual, keyVariable === undefined ? undefined : { store: 'env', name: keyVariable }),
    name: names[0],
    origin: { layer: 'builtin', impliedBy: prefixText(prefix) },
    // Where it is wrong, nothing is sent anywhere: the usual address is not the one that was meant.
    ...(!address.ok && { unusable: { message: `The address in the variable ${from ?? baseUrlVariable} ${address.error.message}`, hint: address.error.hint } }),
  };
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value.trim() !== '';
}

/** One for each prefix. */
export function impliedServers(variable: ReadVariable): readonly ModelServer[] {
  return prefixes.map((prefix) => impliedServer(prefix, variable));
}

/** What finding the server of a prefix may know; a `Configuration` is one. */
export interface PrefixFacts {
  readonly modelServers: readonly ModelServer[];
  /** What each prefix would imply here; without it no prefix means anything. */
  readonly implied?: readonly ModelServer[];
}

/**
 * The server that a prefix means for an entry of `origin`: one that is declared under its name, else the only one of its kind
 * that is declared with its address (key, headers and proxy of the entry count), else the implied one.
 */
export function serverOfPrefix({ names, kind }: LocalPrefix, facts: PrefixFacts, origin?: Origin): ModelServer | undefined {
  const { modelServers, implied = [] } = facts;
  for (const name of names) {
    const declared = lookup(modelServers, name, origin);
    if (declared && declared.origin.layer !== 'builtin') return declared;
  }
  const usual = implied.find(({ name }) => name === names[0]);
  if (!usual || usual.unusable) return usual;
  const same = declaredAt(modelServers, kind, usual).filter((server) => lookup(modelServers, server.name, origin) === server);
  return same.length === 1 ? same[0] : usual;
}

/** Kept with the list: every delegator on a prefix asks. */
const known = new WeakMap<readonly ModelServer[], Map<string, readonly ModelServer[]>>();

function declaredAt(modelServers: readonly ModelServer[], kind: ServerKindId, address: Pick<ServerAddress, 'baseUrl' | 'openaiPath'>): readonly ModelServer[] {
  let byAddress = known.get(modelServers);
  if (!byAddress) known.set(modelServers, (byAddress = new Map()));
  const wanted = addressKey(address);
  const key = `${kind} ${wanted}`;
  let found = byAddress.get(key);
  if (!found) byAddress.set(key, (found = modelServers.filter((server) => server.kind === kind && server.origin.layer !== 'builtin' && addressKey(server) === wanted)));
  return found;
}

/** This machine has several names. */
function addressKey({ baseUrl, openaiPath }: Pick<ServerAddress, 'baseUrl' | 'openaiPath'>): string {
  return baseUrl.replace(/^(https?:\/\/)(?:localhost|127\.0\.0\.1|\[::1\])(?=[:/]|$)/, '$1localhost') + openaiPath;
}
