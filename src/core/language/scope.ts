/** What a feature may look at: the file it is asked about, the others, and what is known. With what most of them look up. */
import { entityId, type ModelServer } from '../config/model.ts';
import { readModelName } from '../delegators/model-name.ts';
import type { ServerStatus } from '../operator.ts';
import { type LocalPrefix, type PrefixedModel, serverOfPrefix } from '../servers/local-prefix.ts';
import type { ToolRecord } from '../tools/model.ts';
import type { DocumentPath } from '../config/ranges.ts';
import { type LanguageDocument, readDocument } from './document.ts';
import { type Entry, textOf } from './entries.ts';
import { idOf, originOf } from './ids.ts';
import type { LanguageFacts, LanguageFile, LanguageFiles } from './model.ts';
import { type Meanings, readMeanings } from './names.ts';

export interface Scope {
  readonly file: LanguageFile;
  readonly files: LanguageFiles;
  readonly facts: LanguageFacts;
  readonly document: LanguageDocument;
  /** Read when first asked for. */
  readonly meanings: Meanings;
}

/** @param file one of `files` */
export function createScope(file: LanguageFile, files: LanguageFiles, facts: LanguageFacts): Scope {
  let meanings: Meanings | undefined;
  return {
    file,
    files,
    facts,
    document: readDocument(file.text),
    get meanings() {
      return (meanings ??= readMeanings(files));
    },
  };
}

/** The entry that a path lies in. */
export function entryOf({ entries }: LanguageDocument, path: DocumentPath): Entry | undefined {
  const [list, second, third] = path;
  const [name, index] = list === 'llm_tools' && second === 'custom' ? ['llm_tools.custom', third] : [list, second];
  return entries.find((entry) => entry.list === name && entry.index === index);
}

/** The tool of that name: what is known of it, or nothing for one that only the text declares. */
export function toolNamed({ facts }: Scope, name: string | undefined): ToolRecord | undefined {
  return facts.tools.find(({ record }) => record.name === name)?.record;
}

/** The server that a reference means, as it was last probed. */
export function serverStatusOf(scope: Scope, name: string): ServerStatus | undefined {
  const meaning = scope.meanings.lookup(scope.file, 'model_server', name);
  const id = meaning.type === 'builtin' ? `builtin:${name}` : meaning.type === 'declared' ? idOf(meaning.at.file, name) : undefined;
  return id === undefined ? undefined : statusById(scope.facts, id);
}

const statuses = new WeakMap<LanguageFacts['servers'], ReadonlyMap<string, ServerStatus>>();

export function statusById({ servers }: LanguageFacts, id: string): ServerStatus | undefined {
  let byId = statuses.get(servers);
  if (!byId) statuses.set(servers, (byId = new Map(servers.map((status) => [entityId(status.server), status]))));
  return byId.get(id);
}

/** What the model of a delegator means where a prefix says on which server, with that server as far as it is known. */
export function prefixedModelOf(scope: Pick<Scope, 'facts' | 'file'>, delegator: Entry): (PrefixedModel & { readonly status: ServerStatus | undefined }) | undefined {
  const read = readModelName({ llmTool: textOf(delegator, 'llm_tool') ?? '', model: textOf(delegator, 'model') ?? '', modelServer: textOf(delegator, 'model_server') });
  return read.ok && read.value ? { ...read.value, status: serverOfPrefixIn(scope, read.value.prefix) } : undefined;
}

/** The server that a prefix means in this file, once something names it. */
export function serverOfPrefixIn({ facts, file }: Pick<Scope, 'facts' | 'file'>, prefix: LocalPrefix): ServerStatus | undefined {
  const server = serverOfPrefix(prefix, { modelServers: modelServersOf(facts.servers), implied: facts.implied ?? [] }, originOf(file));
  return server && statusById(facts, entityId(server));
}

const modelServers = new WeakMap<LanguageFacts['servers'], readonly ModelServer[]>();

function modelServersOf(statuses: LanguageFacts['servers']): readonly ModelServer[] {
  let servers = modelServers.get(statuses);
  if (!servers) modelServers.set(statuses, (servers = statuses.map(({ server }) => server)));
  return servers;
}

/** Name of the server that a delegator runs on: the one it names, else its tool's own. */
export function serverNameOf(scope: Scope, delegator: Entry): string | undefined {
  return textOf(delegator, 'model_server') ?? toolNamed(scope, textOf(delegator, 'llm_tool'))?.builtinServer;
}
