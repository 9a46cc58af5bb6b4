/** What is wrong with the texts as they are in memory, judged as the files would be, and what only an editor tells. */
import { closest } from '../../base/text.ts';
import { buildConfiguration } from '../config/build.ts';
import { type ConfigProblem, type Configuration, type Delegator, entityId, isOfUser, lookup, type ModelServer } from '../config/model.ts';
import { quote } from '../config/problems.ts';
import { layerOfText } from '../config/text-layer.ts';
import { readModelName } from '../delegators/model-name.ts';
import { findModel } from '../delegators/models.ts';
import { chooseProtocol, noCommonProtocol, serverProtocols } from '../delegators/protocol.ts';
import type { ServerStatus } from '../operator.ts';
import { isBuiltinName } from '../servers/builtin.ts';
import { serverKind } from '../servers/kinds.ts';
import { serverOfPrefix } from '../servers/local-prefix.ts';
import type { ToolRecord } from '../tools/model.ts';
import { readDocument } from './document.ts';
import type { Diagnosis, Diagnostic, DiagnosticCode, LanguageFacts, LanguageFile, LanguageFiles } from './model.ts';
import { documentationOf } from './problem-pages.ts';

export interface DiagnoseInput {
  readonly files: LanguageFiles;
  /** Names of the catalogue's tools. */
  readonly toolNames: readonly string[];
  /** Of the environment; undefined when unset. */
  variable(name: string): string | undefined;
  /** Absolute form of a path written in `file`. */
  resolvePath(file: string, path: string): string;
  /** What is known of tools and servers. Without it, pairings and models are not judged. */
  readonly facts?: Pick<LanguageFacts, 'tools' | 'servers'>;
}

/** Pure and at once: nothing is read, and a text that is broken falls back to its last good one. */
export function diagnose(input: DiagnoseInput): Diagnosis {
  const configuration = buildConfiguration({
    sources: input.files.map(({ text, lastGood, ...layer }) => layerOfText({ layer: layer.layer, ...(layer.root !== undefined && { root: layer.root }), file: layer.file }, { text, hash: '' }, lastGood)),
    toolNames: input.toolNames,
    variable: (name) => input.variable(name),
    resolvePath: (file, path) => input.resolvePath(file, path),
  });
  const diagnostics = [...configuration.problems.map(toDiagnostic), ...ofEntries(input, configuration)];
  const order = new Map(input.files.map(({ file }, index) => [file, index]));
  return { configuration, diagnostics: diagnostics.sort((a, b) => (order.get(a.file) ?? 0) - (order.get(b.file) ?? 0) || placeOf(a) - placeOf(b)) };
}

function placeOf({ range }: Diagnostic): number {
  return range ? range.start.line * 100_000 + range.start.column : -1;
}

function toDiagnostic({ code, severity, message, hint, suggestion, where, subject, related = [] }: ConfigProblem): Diagnostic {
  const shadowed = code === 'shadows-builtin' && subject.type === 'model_server' ? builtinText(subject.name) : undefined;
  return {
    code,
    severity,
    message,
    ...(hint !== undefined && { hint }),
    ...(suggestion !== undefined && { suggestion }),
    file: where.file,
    ...(where.range && { range: where.range }),
    related: shadowed === undefined ? related : [...related, { message: shadowed, where }],
    tags: [],
    subject,
    documentation: documentationOf(code),
  };
}

function builtinText(name: string): string | undefined {
  if (!isBuiltinName(name)) return undefined;
  const kind = serverKind(name as ModelServer['kind']);
  return `${name} is builtin: ${kind.displayName} at ${kind.defaultBaseUrl}`;
}

/** Beyond this many, models are not compared with what the server lists to find out what was meant. */
const maxComparisons = 50;

/** What is no fault of the file: servers that nobody uses, pairings and models that will not work as things are. */
function ofEntries({ files, facts }: DiagnoseInput, configuration: Configuration): readonly Diagnostic[] {
  const used = new Set<ModelServer>();
  const isSound = new Map(configuration.layers.map(({ file, state }) => [file, state.type === 'loaded']));
  const servers = new Map(facts?.servers.map((status) => [entityId(status.server), status]));
  const tools = new Map(facts?.tools.map(({ record }) => [record.name, record]));
  const found: Diagnostic[] = [];
  let comparisons = 0;
  const placed = placer(files);
  for (const delegator of configuration.delegators) {
    const server = serverOf(delegator, tools, configuration);
    if (!server) continue;
    used.add(server);
    const tool = tools.get(delegator.llmTool);
    if (!facts || !tool || delegator.unusable || server.unusable || delegator.origin.layer === 'builtin' || !isSound.get(delegator.origin.file)) continue;
    const status = servers.get(entityId(server));
    const pairing = judgePairing(delegator, tool, server, status);
    if (pairing) found.push(placed(delegator, delegator.route === 'direct' ? 'route' : 'model_server', 'unserved-pairing', pairing));
    const model = judgeModel(delegator, server, status, () => comparisons++ < maxComparisons);
    if (model) found.push(placed(delegator, 'model', 'unlisted-model', model));
  }
  if (configuration.delegators.length === 0) return found; // who has none launches without them
  for (const server of configuration.modelServers) {
    if (used.has(server) || server.origin.layer === 'builtin' || !isSound.get(server.origin.file)) continue;
    found.push({ ...placed(server, 'name', 'unused-server', { severity: 'hint', message: `Model server ${quote(server.name)} is not used by any delegator` }), tags: ['unnecessary'] });
  }
  return found;
}

type Judgement = Pick<Diagnostic, 'severity' | 'message' | 'hint' | 'suggestion'>;

/** The server that the delegator runs on, when a file, Operator itself or the prefix of its model declares it. */
function serverOf(delegator: Delegator, tools: ReadonlyMap<string, ToolRecord>, configuration: Configuration): ModelServer | undefined {
  const { modelServer, llmTool, origin } = delegator;
  const named = readModelName(delegator);
  if (named.ok && named.value) return serverOfPrefix(named.value.prefix, configuration, origin);
  const name = modelServer ?? tools.get(llmTool)?.builtinServer;
  return name === undefined ? undefined : lookup(configuration.modelServers, name, origin);
}

function judgePairing(delegator: Delegator, tool: ToolRecord, server: ModelServer, status: ServerStatus | undefined): Judgement | undefined {
  if (delegator.modelServer === undefined || (server.origin.layer === 'builtin' && server.name === tool.builtinServer && delegator.route !== 'gateway')) return undefined;
  if (tool.protocols.length === 0) {
    return { severity: 'warning', message: `${tool.name} works only with its vendor's own service and cannot be pointed at ${server.name}`, hint: 'Leave model_server out, or use another tool' };
  }
  if (delegator.route !== 'direct') return undefined;
  const protocols = serverProtocols(server, status?.health);
  if (chooseProtocol(tool, protocols) !== undefined) return undefined;
  const { message } = noCommonProtocol(tool, server, protocols, 'direct');
  return { severity: 'warning', message, hint: 'Set route = "gateway", or use another tool or server' };
}

function judgeModel(delegator: Delegator, server: ModelServer, status: ServerStatus | undefined, mayCompare: () => boolean): Judgement | undefined {
  const named = readModelName(delegator);
  const model = (named.ok ? named.value?.model : undefined) ?? delegator.model;
  // Vendors' own servers take names that they do not list, such as those of the tools.
  if (!status || status.health.models.length === 0 || !isOfUser(server) || model === '' || server.models.includes(model) || findModel(status.health, model)) return undefined;
  const near = mayCompare() ? closest(model, status.health.models.map(({ id }) => id)) : undefined;
  return { severity: 'information', message: `${server.name} does not list the model ${quote(model)}`, ...(near === undefined ? { hint: 'Download or load it there, or name one that is listed' } : { hint: `Did you mean ${quote(near)}?`, suggestion: delegator.model.slice(0, delegator.model.length - model.length) + near }) };
}

/** Points at a key of an entry, or at its name where the key is not written. */
function placer(files: LanguageFiles): (entity: Delegator | ModelServer, key: string, code: DiagnosticCode, judgement: Judgement) => Diagnostic {
  const byFile = new Map<string, ReturnType<typeof entriesByName>>();
  return (entity, key, code, judgement) => {
    const file = entity.origin.layer === 'builtin' ? '' : entity.origin.file;
    const type = 'llmTool' in entity ? 'delegator' : 'model_server';
    let entries = byFile.get(file);
    if (!entries) byFile.set(file, (entries = entriesByName(files.find((candidate) => candidate.file === file))));
    const found = entries.get(`${type}:${entity.name}`);
    const range = found?.(key) ?? entity.where?.range;
    return { ...judgement, code, file, ...(range && { range }), related: [], tags: [], subject: { type, name: entity.name, key }, documentation: documentationOf(code) };
  };
}

function entriesByName(file: LanguageFile | undefined) {
  const places = new Map<string, (key: string) => Diagnostic['range']>();
  if (!file) return places;
  const { entries, lines } = readDocument(file.text);
  for (const { list, node, name } of entries) {
    const id = `${list === 'delegators' ? 'delegator' : 'model_server'}:${name}`;
    if (list === 'llm_tools.custom' || places.has(id)) continue;
    places.set(id, (key) => {
      const value = node.literalAt(key);
      return value && lines.rangeOf(value);
    });
  }
  return places;
}

