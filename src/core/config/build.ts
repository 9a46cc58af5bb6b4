/** Parsed files → {@link Configuration}: layering, names, references. Pure. */
import { closest } from '../../base/text.ts';
import { builtinServers, isBuiltinName } from '../servers/builtin.ts';
import { buildDelegator, delegatorKind } from './delegators.ts';
import { type Entry, type EntryKind, isTable, readEntries, reportUnknownKeys } from './entries.ts';
import { type ConfigLayer, type ConfigProblem, type Configuration, type CustomTool, type Delegator, type Entity, lookup, type ModelServer } from './model.ts';
import type { TomlDocument } from './parse.ts';
import { createFileContext, type FileContext, quote } from './problems.ts';
import type { Locator } from './ranges.ts';
import { operatorTomlSchema } from './schema.ts';
import { buildServer, modelServerKind } from './servers.ts';
import { buildCustomTool, customToolKind, type LlmToolsTable, readLlmTools } from './tools.ts';
import type * as z from 'zod';

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
  const customTools = layered(files, (file) => file.tools.good, (tool) => delegators.some(({ llmTool }) => llmTool === tool.name));
  const everything = [...modelServers, ...builtinServers()];
  checkReferences(files, everything, customTools, input.toolNames);
  const defaults = files.map(({ llmTools }) => llmTools);
  return {
    layers: input.sources.map(({ layer }) => layer),
    modelServers: everything,
    delegators,
    customTools,
    defaultTool: defaults.find(({ defaultTool }) => defaultTool !== undefined)?.defaultTool,
    defaultModel: defaultModelOf(defaults),
    problems: sorted(problems, input.sources),
  };
}

/** A model belongs to the tool it was written for, so it is not taken from another layer than a tool that beats it. */
function defaultModelOf(defaults: readonly LlmToolsTable[]): string | undefined {
  return defaults.find(({ defaultTool, defaultModel }) => defaultTool !== undefined || defaultModel !== undefined)?.defaultModel;
}

interface BuiltFile {
  readonly file: FileContext;
  readonly llmTools: LlmToolsTable;
  readonly servers: Entries<ModelServer>;
  readonly delegators: Entries<Delegator>;
  readonly tools: Entries<CustomTool>;
}

interface Entries<T> {
  readonly good: readonly T[];
  /** Where each good one is in the document, by name. */
  readonly paths: ReadonlyMap<string, Entry<z.ZodObject>>;
  /** Names of entries that are there and were left out. */
  readonly left: ReadonlySet<string>;
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

/** A user's delegator keeps the user's server, also where the workspace has another one of that name. */
function referencedBy(delegators: readonly Delegator[]): (server: ModelServer) => boolean {
  const needed = new Set(delegators.filter(({ origin }) => origin.layer === 'user').map(({ modelServer }) => modelServer));
  return (server) => needed.has(server.name);
}

function checkReferences(files: readonly BuiltFile[], servers: readonly ModelServer[], customTools: readonly CustomTool[], catalogue: readonly string[]): void {
  const serversByName = Map.groupBy(servers, ({ name }) => name);
  const tools = new Set([...catalogue, ...customTools.map(({ name }) => name)]);
  const leftTools = new Set(files.flatMap((file) => [...file.tools.left]));
  for (const { file, delegators, llmTools } of files) {
    const known = { servers: serversByName, reachable: servers.filter((server) => lookup([server], server.name, file.origin)).map(({ name }) => name), tools, leftTools };
    for (const delegator of delegators.good) {
      const entry = delegators.paths.get(delegator.name);
      if (entry) checkDelegator(delegator, entry, file, known);
    }
    if (llmTools.defaultTool !== undefined && !tools.has(llmTools.defaultTool)) {
      const message = `llm_tools: default_tool ${quote(llmTools.defaultTool)} is not an LLM tool that Operator knows`;
      file.report({ code: 'unknown-tool', severity: 'warning', message, hint: toolHint(llmTools.defaultTool, tools), path: ['llm_tools', 'default_tool'], subject: { type: 'file' } });
    }
  }
}

interface Known {
  readonly servers: ReadonlyMap<string, readonly ModelServer[]>;
  /** Names of the servers that entries of this file may refer to. */
  readonly reachable: readonly string[];
  readonly tools: ReadonlySet<string>;
  readonly leftTools: ReadonlySet<string>;
}

function checkDelegator(delegator: Delegator, entry: Entry<z.ZodObject>, file: FileContext, known: Known): void {
  const { llmTool, modelServer, origin } = delegator;
  if (llmTool !== '' && !known.tools.has(llmTool)) {
    const isLeft = known.leftTools.has(llmTool);
    file.report({
      code: 'unknown-tool',
      severity: 'error',
      message: isLeft ? `${entry.label}: the LLM tool ${quote(llmTool)} is declared, but not completely` : `${entry.label}: there is no LLM tool ${quote(llmTool)}`,
      hint: isLeft ? 'Mend its entry in [[llm_tools.custom]]' : toolHint(llmTool, known.tools),
      path: [...entry.path, 'llm_tool'],
      subject: { ...entry.subject, key: 'llm_tool' },
    });
  }
  if (modelServer === undefined || lookup(known.servers.get(modelServer) ?? [], modelServer, origin)) return;
  const elsewhere = known.servers.get(modelServer)?.[0];
  // Comparing with everything is for files that a person can oversee.
  const near = known.reachable.length <= 300 ? closest(modelServer, known.reachable) : undefined;
  file.report({
    code: 'unknown-server',
    severity: 'error',
    message: elsewhere ? `${entry.label}: the model server ${quote(modelServer)} is declared in another place, which this file cannot refer to` : `${entry.label}: there is no model server ${quote(modelServer)}`,
    hint: elsewhere ? `Declare it in this file too; the other one is in ${elsewhere.where?.file ?? 'another file'}` : near === undefined ? `Declare it in [[model_servers]], or leave model_server out for the tool's own vendor` : `Did you mean ${quote(near)}?`,
    path: [...entry.path, 'model_server'],
    subject: { ...entry.subject, key: 'model_server' },
  });
}

function toolHint(name: string, tools: ReadonlySet<string>): string {
  const near = closest(name, tools);
  return near === undefined ? 'Describe it in [[llm_tools.custom]], or name one that `operator tools` lists' : `Did you mean ${quote(near)}?`;
}

/** By file in the order of the layers, then by place. */
function sorted(problems: readonly ConfigProblem[], sources: readonly SourceLayer[]): readonly ConfigProblem[] {
  const order = new Map(sources.map(({ layer }, index) => [layer.file, index]));
  const place = ({ where: { range } }: ConfigProblem): number => (range ? range.start.line * 100_000 + range.start.column : -1);
  return problems.toSorted((a, b) => (order.get(a.where.file) ?? 0) - (order.get(b.where.file) ?? 0) || place(a) - place(b));
}
