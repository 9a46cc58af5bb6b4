/** What the name of a model means where no model server is named: a prefix such as `ollama/` names one. Pure. */
import { ok, type Result } from '../../base/result.ts';
import type { EntryTable, NewEntry } from '../config/edit-change.ts';
import type { Configuration, Delegator, ModelServer, Unusable } from '../config/model.ts';
import { openaiBaseUrl } from '../servers/address.ts';
import { formatCredentialRef } from '../servers/auth.ts';
import { type PrefixedModel, type PrefixFacts, readPrefix, serverOfPrefix } from '../servers/local-prefix.ts';
import { catalogueTools } from '../tools/catalogue/index.ts';

/** Tools whose own names of models look like prefixed ones; without a model server theirs are meant. */
const withOwnNames = new Set(catalogueTools().flatMap(({ record }) => (record.ownModelNames === 'provider/model' ? [record.name] : [])));

/** Undefined: the whole text is a model name, because there is no prefix or because a server or the tool knows what it means. */
export function readModelName({ llmTool, model, modelServer }: Pick<Delegator, 'llmTool' | 'model' | 'modelServer'>): Result<PrefixedModel | undefined, Required<Unusable>> {
  return modelServer !== undefined || withOwnNames.has(llmTool) ? ok(undefined) : readPrefix(model);
}

/** Server and model of a delegator whose model has a prefix, whether or not it can be launched. */
export function meantByPrefix(delegator: Pick<Delegator, 'llmTool' | 'model' | 'modelServer' | 'origin'>, facts: PrefixFacts): { readonly server: ModelServer; readonly model: string } | undefined {
  const read = readModelName(delegator);
  const server = read.ok && read.value ? serverOfPrefix(read.value.prefix, facts, delegator.origin) : undefined;
  return server && read.ok && read.value ? { server, model: read.value.model } : undefined;
}

type NamedEntry = Extract<NewEntry, { readonly table: EntryTable }>;

/**
 * Entries that run `model` on `server`: what a prefix implies is named by that prefix, since no file declares it; for a tool with
 * names of that form it is declared.
 */
export function entriesFor(name: string, { llmTool, model, server }: { readonly llmTool: string; readonly model: string; readonly server: ModelServer }): readonly [NamedEntry, ...NamedEntry[]] {
  const delegator = { name, llm_tool: llmTool };
  const { origin, kind, credential } = server;
  if (origin.layer !== 'builtin' || origin.impliedBy === undefined) return [{ table: 'delegators', entry: { ...delegator, model, model_server: server.name } }];
  if (!withOwnNames.has(llmTool)) return [{ table: 'delegators', entry: { ...delegator, model: origin.impliedBy + model } }];
  return [
    { table: 'model_servers', entry: { name: server.name, kind, base_url: openaiBaseUrl(server), ...(credential && { api_key: formatCredentialRef(credential) }) } },
    { table: 'delegators', entry: { ...delegator, model, model_server: server.name } },
  ];
}

/** Implied servers that the entries of a configuration name, each once. */
export function namedServers({ delegators, defaultTool = '', defaultModel = '' }: Pick<Configuration, 'delegators' | 'defaultTool' | 'defaultModel'>, facts: PrefixFacts): readonly ModelServer[] {
  const named = new Set<ModelServer>();
  for (const { origin, ...of } of [...delegators, { llmTool: defaultTool, model: defaultModel, origin: undefined }]) {
    const read = readModelName(of);
    const server = read.ok && read.value ? serverOfPrefix(read.value.prefix, facts, origin) : undefined;
    if (server?.origin.layer === 'builtin') named.add(server);
  }
  return [...named];
}
