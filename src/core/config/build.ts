/** Parsed files → {@link Configuration}: layering and names. Pure. */
import type * as z from 'zod';
import { namedServers } from '../delegators/model-name.ts';
import { builtinServers, isBuiltinName } from '../servers/builtin.ts';
import { impliedServers } from '../servers/local-prefix.ts';
import { buildDelegator, delegatorKind } from './delegators.ts';
import { type Entry, type EntryKind, isTable, readEntries, reportUnknownKeys } from './entries.ts';
import type { ConfigLayer, ConfigProblem, Configuration, CustomTool, Delegator, Entity, ModelServer } from './model.ts';
import type { TomlDocument } from './parse.ts';
import { createFileContext, type FileContext, quote } from './problems.ts';
import type { Locator } from './ranges.ts';
import { type BuiltFile, checkReferences, type Entries } from './references.ts';
import { operatorTomlSchema } from './schema.ts';
import { buildServer, modelServerKind } from './servers.ts';
import { buildCustomTool, customToolKind, type LlmToolsTable, readLlmTools } from './tools.ts';

/** One file, as far as it could be read. */
export interface SourceLayer {
  readonly layer: ConfigLayer;
  /** What is in force: of the text, or of the last good text. Absent when nothing is. */
  readonly document?: TomlDocument;
  readonly locate: Locator;
}

export interface BuildInput {
  /** Workspace layers in the order of the roots, then the user's. */
  readonly sources: readonly SourceLayer[];
  /** Names of the catalogue. */
  readonly toolNames: readonly string[];
  /** Of the environment; undefined when unset. */
  variable(name: string): string | undefined;
  /** Absolute form of a path written in `file`. */
  resolvePath(file: string, path: string): string;
}

export function buildConfiguration(input: BuildInput): Configuration {
  const problems: ConfigProblem[] = [];
  const files = input.sources.map((source) => buildFile(source, input, problems));
  const delegators = layered(files, (file) => file.delegators.good, () => false);
  const modelServers = layered(files, (file) => file.servers.good, referencedBy(delegators));
  const customTools = firstOfEachName(files);
  const everything = [...modelServers, ...builtinServers()];
  checkReferences(files, everything, customTools, input.toolNames);
  const llmTools = files.map((file) => file.llmTools);
  const defaults = { defaultTool: llmTools.find(({ defaultTool }) => defaultTool !== undefined)?.defaultTool, defaultModel: defaultModelOf(llmTools) };
  const implied = impliedServers(input.variable);
  return {
    layers: input.sources.map(({ layer }) => layer),
    modelServers: [...everything, ...namedServers({ delegators, ...defaults }, { modelServers: everything, implied })],
    implied,
    delegators,
    customTools,
    ...defaults,
    problems: sorted(problems, input.sources),
  };
}

/** A model belongs to the tool it was written for, so it is not taken from another layer than a tool that beats it. */
function defaultModelOf(defaults: readonly LlmToolsTable[]): string | undefined {
  return defaults.find(({ defaultTool, defaultModel }) => defaultTool !== undefined || defaultModel !== undefined)?.defaultModel;
}

function buildFile({ layer, document = {}, locate }: SourceLayer, input: BuildInput, problems: ConfigProblem[]): BuiltFile {
  const { file: path, root, state } = layer;
  if (state.type === 'broken') problems.push(state.problem);
  const file = createFileContext({
    origin: layer.layer === 'workspace' ? { layer: 'workspace', root: root ?? '', file: path } : { layer: 'user', file: path },
    locate,
    quiet: state.type === 'broken',
    problems,
    resolvePath: (text) => input.resolvePath(path, text),
    variable: input.variable,
  });
  reportUnknownKeys(document, Object.keys(operatorTomlSchema.shape), [], 'operator.toml', { type: 'file' }, file);
  if (document.model_list !== undefined) {
    file.report({ code: 'not-used-yet', severity: 'information', message: 'model_list is not used yet', hint: 'It is kept as it is; pools of models belong to a later version of Operator', path: ['model_list'], part: 'key', subject: { type: 'file' } });
  }
  const llmTools = readLlmTools(document.llm_tools, file);
  const toolNames = new Set(input.toolNames);
  return {
    file,
    llmTools,
    tools: collect(llmTools.tools, customToolKind, file, (name) => toolNames.has(name), (entry) => buildCustomTool(entry, file)),
    servers: collect(readEntries(document.model_servers, ['model_servers'], modelServerKind, file), modelServerKind, file, isBuiltinName, (entry) => buildServer(entry, file)),
    delegators: collect(readEntries(document.delegators, ['delegators'], delegatorKind, file), delegatorKind, file, () => false, (entry) => buildDelegator(entry, rawEntry(document, entry.path), file)),
  };
}

function rawEntry(document: TomlDocument, path: Entry<z.ZodObject>['path']): unknown {
  let value: unknown = document;
  for (const part of path) value = Array.isArray(value) ? value[Number(part)] : isTable(value) ? value[String(part)] : undefined;
  return value;
}

/** Builds what has a name of its own; the first of several entries of one name counts. */
function collect<S extends z.ZodObject, T>(entries: readonly Entry<S>[], kind: EntryKind<S>, file: FileContext, isBuiltin: (name: string) => boolean, build: (entry: Entry<S>) => T | undefined): Entries<T> {
  const good: T[] = [];
  const paths = new Map<string, Entry<S>>();
  const left = new Set<string>();
  for (const entry of entries) {
    const first = paths.get(entry.name);
    const path = [...entry.path, 'name'];
    if (isBuiltin(entry.name)) {
      file.report({
        code: 'shadows-builtin',
        severity: 'error',
        message: `${entry.label}: this name is builtin and cannot be declared`,
        hint: `Give it another name, such as ${quote(`my-${entry.name}`)}`,
        suggestion: `my-${entry.name}`,
        path,
        subject: { ...entry.subject, key: 'name' },
      });
      continue;
    }
    if (first) {
      file.report({
        code: 'duplicate-name',
        severity: 'error',
        message: `${entry.label} is declared more than once in this file; the first one counts`,
        hint: 'Rename or remove one of them',
        path,
        subject: { ...entry.subject, key: 'name' },
        related: [{ message: `${kind.noun} ${quote(entry.name)} is declared here first`, where: file.where([...first.path, 'name']) }],
      });
      continue;
    }
    paths.set(entry.name, entry);
    const built = build(entry);
    if (built === undefined) left.add(entry.name);
    else good.push(built);
  }
  return { good, paths, left };
}

/** Workspace entries of every root, then the user's but for those that every root shadows and no user entry needs. */
function layered<T extends Entity>(files: readonly BuiltFile[], entriesOf: (file: BuiltFile) => readonly T[], isNeeded: (entity: T) => boolean): readonly T[] {
  const workspaces = files.filter(({ file }) => file.origin.layer === 'workspace').map(entriesOf);
  const names = workspaces.map((entities) => new Set(entities.map(({ name }) => name)));
  const user = files.filter(({ file }) => file.origin.layer === 'user').flatMap(entriesOf);
  const isShadowed = (name: string): boolean => names.length > 0 && names.every((root) => root.has(name));
  return [...workspaces.flat(), ...user.filter((entity) => !isShadowed(entity.name) || isNeeded(entity))];
}

/** There is one list of LLM tools for all folders, so a name is taken once: by the first folder that declares it, then by the user. */
function firstOfEachName(files: readonly BuiltFile[]): readonly CustomTool[] {
  const kept = new Map<string, CustomTool>();
  for (const { file, tools } of files) {
    for (const tool of tools.good) {
      const first = kept.get(tool.name);
      if (!first) kept.set(tool.name, tool);
      else if (file.origin.layer === 'workspace') reportOtherFolder(tool, first, tools.paths.get(tool.name), file);
    }
  }
  return [...kept.values()];
}

function reportOtherFolder(tool: CustomTool, first: CustomTool, entry: Entry<z.ZodObject> | undefined, file: FileContext): void {
  if (!entry) return;
  file.report({
    code: 'duplicate-name',
    severity: 'warning',
    message: `${entry.label} is declared in another folder of the workspace too; that one counts`,
    hint: 'Rename one of them where they differ',
    path: [...entry.path, 'name'],
    subject: { ...entry.subject, key: 'name' },
    ...(first.where && { related: [{ message: `LLM tool ${quote(tool.name)} is declared here`, where: first.where }] }),
  });
}

/** A user's delegator keeps the user's server, also where the workspace has another one of that name. */
function referencedBy(delegators: readonly Delegator[]): (server: ModelServer) => boolean {
  const needed = new Set(delegators.filter(({ origin }) => origin.layer === 'user').map(({ modelServer }) => modelServer));
  return (server) => needed.has(server.name);
}

/** By file in the order of the layers, then by place. */
function sorted(problems: readonly ConfigProblem[], sources: readonly SourceLayer[]): readonly ConfigProblem[] {
  const order = new Map(sources.map(({ layer }, index) => [layer.file, index]));
  const place = ({ where: { range } }: ConfigProblem): number => (range ? range.start.line * 100_000 + range.start.column : -1);
  return problems.toSorted((a, b) => (order.get(a.where.file) ?? 0) - (order.get(b.where.file) ?? 0) || place(a) - place(b));
}
