/**
 * Chooses tool, server, model and route of a launch from what is known, or says everything that stands in the way.
 * Pure: looks at nothing but its arguments.
 */
import { fail, ok, type Result } from '../../base/result.ts';
import { closest, listOf } from '../../base/text.ts';
import { type ConfigProblem, type Configuration, type Delegator, type Entity, findById, lookup, type ModelServer, type ProblemCode, type ProblemSubject, type Unusable } from '../config/model.ts';
import type { PlanNote, Refusal, Route } from '../launch/model.ts';
import type { LaunchTarget, ResolvedDelegator, ServerStatus, ToolStatus } from '../operator.ts';
import type { RoutePreference } from '../protocol.ts';
import { formatCredentialRef } from '../servers/auth.ts';
import { type LocalPrefix, prefixText, serverOfPrefix } from '../servers/local-prefix.ts';
import { needsAttention } from '../servers/health.ts';
import { serverKind } from '../servers/kinds.ts';
import { describeGatewayRoute } from './gateway-route.ts';
import { chooseProtocol, noCommonProtocol, serverProtocols } from './protocol.ts';
import type { ToolRecord } from '../tools/model.ts';
import { readModelName } from './model-name.ts';
import { contextNotes, contextOf, findModel, modelNotes, onlyModel, plannedContext } from './models.ts';
import { ownServiceOf } from './own-service.ts';

/** What resolving may know; a `Snapshot` is one. */
export interface ResolveFacts {
  readonly configuration: Configuration;
  readonly tools: readonly ToolStatus[];
  readonly servers: readonly ServerStatus[];
  readonly trusted: boolean;
  /** Whether Operator's gateway can stand between; absent where this process could not start one. */
  readonly gateway?: { readonly available: boolean };
}

/** What a target asks for, before anything is looked up. */
interface Request {
  readonly delegator?: Delegator;
  readonly llmTool: string;
  readonly model?: string;
  readonly modelServer?: string;
  readonly route: RoutePreference;
}

/** The model that is meant, and the prefix that says on which server. */
interface Named {
  readonly model: string | undefined;
  readonly prefix?: LocalPrefix;
}

/** @param target a delegator by name or entity id, or the parts of an ad hoc launch */
export function resolveDelegator(target: LaunchTarget, facts: ResolveFacts): Result<ResolvedDelegator, readonly Refusal[]> {
  const found = findRequest(target, facts.configuration);
  if (!found.ok) return fail([found.error]);
  return resolveRequest(found.value, facts);
}

function findRequest(target: LaunchTarget, configuration: Configuration): Result<Request, Refusal> {
  if (target.type === 'ad-hoc') {
    const { llmTool, model, modelServer } = target;
    return ok({ llmTool, model: model?.trim() || undefined, modelServer, route: 'auto' });
  }
  const { delegators } = configuration;
  const delegator = findById(delegators, target.delegator) ?? lookup(delegators, target.delegator);
  if (delegator) {
    const { llmTool, modelServer, route } = delegator;
    return ok({ delegator, llmTool, model: delegator.model.trim() || undefined, modelServer, route });
  }
  const broken = problemsOf(configuration, { type: 'delegator', name: target.delegator })[0];
  if (broken) return fail(configRefusal(broken));
  return fail({ code: 'unknown-delegator', message: `No delegator is named ${quote(target.delegator)}`, hint: suggest(target.delegator, delegators.map(({ name }) => name), 'delegators') });
}

function resolveRequest(request: Request, facts: ResolveFacts): Result<ResolvedDelegator, readonly Refusal[]> {
  const { delegator } = request;
  const refusals: Refusal[] = [];
  const notes: PlanNote[] = [];
  if (delegator) {
    if (!isTrusted(delegator, facts)) refusals.push(untrusted(`the delegator ${delegator.name}`));
    refusals.push(...faultsOf(facts.configuration, { type: 'delegator', name: delegator.name }, delegator));
  }

  const tool = facts.tools.find(({ record }) => record.name === request.llmTool);
  if (!tool) refusals.push(unknownTool(request.llmTool, facts));
  else refusals.push(...toolRefusals(tool, facts));

  const named = readName(request, facts);
  // Of a delegator the file says it already.
  if (!named.ok && refusals.every(({ code }) => code !== 'config')) refusals.push(named.error);
  const server: Result<ModelServer, readonly Refusal[]> = named.ok ? findServer(request, named.value, tool, facts) : fail([]);
  if (!server.ok) refusals.push(...server.error);

  const status = server.ok ? statusOf(facts.servers, server.value) : undefined;
  const model = named.ok ? (named.value.model ?? onlyModel(status?.health)) : '';
  if (model === undefined && tool) refusals.push(missingModel(tool, status));

  if (!tool || !server.ok) return fail(refusals);
  const route = chooseRoute(tool, server.value, status, request, facts, notes);
  if (!route.ok) refusals.push(...route.error);
  else if (!(route.value.type === 'direct' && route.value.vendor)) refusals.push(...keyRefusals(server.value, status));
  if (!route.ok || refusals.length > 0 || model === undefined) return fail(refusals);

  if (tool.detection.state === 'found' && tool.detection.problem !== undefined) notes.push({ severity: 'warning', message: tool.detection.problem });
  const through = describeGatewayRoute({ route: route.value, tool, server: server.value, ...(delegator && { delegator }) }, status?.health);
  if (through) notes.push({ severity: 'information', message: through.reason });
  const info = status && findModel(status.health, model);
  if (route.value.type === 'gateway' || !route.value.vendor) {
    notes.push(...serverNotes(server.value, status), ...modelNotes(server.value, status?.health, model));
    if (tool.record.name !== 'chat') notes.push(...contextNotes(server.value, status?.health, model));
  }
  const contextWindow = route.value.type === 'gateway' ? plannedContext(server.value, info) : contextOf(info);
  return ok({
    ...(delegator && { delegator }),
    tool,
    server: server.value,
    model,
    route: route.value,
    ...(named.ok && named.value.prefix && { prefix: prefixText(named.value.prefix) }),
    ...(contextWindow !== undefined && { contextWindow }),
    ...(notes.length > 0 && { notes }),
  });
}

/** Which status belongs to which server, kept with the list: every delegator asks. */
const statuses = new WeakMap<readonly ServerStatus[], ReadonlyMap<ModelServer, ServerStatus>>();

function statusOf(servers: readonly ServerStatus[], server: ModelServer): ServerStatus | undefined {
  let byServer = statuses.get(servers);
  if (!byServer) statuses.set(servers, (byServer = new Map(servers.map((status) => [status.server, status]))));
  return byServer.get(server);
}

function toolRefusals({ record, custom, detection }: ToolStatus, facts: ResolveFacts): readonly Refusal[] {
  const refusals: Refusal[] = [];
  if (custom) {
    if (!isTrusted(custom, facts)) refusals.push(untrusted(`the tool ${custom.name}`));
    refusals.push(...faultsOf(facts.configuration, { type: 'llm_tool', name: custom.name }, custom));
  }
  if (detection.state === 'missing') {
    refusals.push({
      code: 'tool-missing',
      message: `${record.command} is not on the PATH`,
      hint: installHint(record),
    });
  }
  return refusals;
}

function installHint({ command, install }: ToolRecord): string {
  if (install.command === '') return `Install it, or correct command = "${command}" of the tool`;
  return `Install it with: ${install.command}${install.windowsCommand === undefined ? '' : ` (on Windows: ${install.windowsCommand})`}`;
}

function unknownTool(name: string, { tools, configuration }: ResolveFacts): Refusal {
  const broken = problemsOf(configuration, { type: 'llm_tool', name })[0];
  if (broken) return configRefusal(broken);
  return { code: 'unknown-tool', message: `No LLM tool is named ${quote(name)}`, hint: suggest(name, tools.map(({ record }) => record.name), 'LLM tools') };
}

function readName(request: Request, facts: ResolveFacts): Result<Named, Refusal> {
  const model = request.model ?? defaultModel(request, facts);
  if (!facts.configuration.implied) return ok({ model });
  const read = readModelName({ ...request, model: model ?? '' });
  if (!read.ok) return fail({ code: 'invalid', ...read.error });
  return ok(read.value ?? { model });
}

/** The named server, or the one of the model's prefix, or the tool's builtin, or the tool's own service. */
function findServer({ delegator, modelServer }: Request, { prefix }: Named, tool: ToolStatus | undefined, facts: ResolveFacts): Result<ModelServer, readonly Refusal[]> {
  const { configuration } = facts;
  const meant = prefix && serverOfPrefix(prefix, configuration, delegator?.origin);
  if (meant) return usable(meant, facts);
  const name = modelServer ?? tool?.record.builtinServer;
  if (name === undefined) {
    if (!tool) return fail([]); // the unknown tool is reported already
    const own = ownServiceOf(tool.record);
    if (own) return ok(own);
    const names = configuration.modelServers.filter(({ origin }) => origin.layer !== 'builtin').map((server) => server.name);
    return fail([{ code: 'missing-server', message: `${tool.record.name} needs a model server and none is named`, hint: names.length > 0 ? `Name one: ${listOf([...new Set(names)].slice(0, 5), 'or')}` : 'Add a model server and name it' }]);
  }
  const declared = lookup(configuration.modelServers, name, delegator?.origin);
  // What a prefix implies is there or not as other entries name it, so its name alone means nothing.
  const server = declared && (declared.origin.layer !== 'builtin' || declared.origin.impliedBy === undefined) ? declared : delegator === undefined ? findById(configuration.modelServers, name) : undefined;
  if (!server) {
    const broken = problemsOf(configuration, { type: 'model_server', name })[0];
    const hint = suggest(name, configuration.modelServers.map((candidate) => candidate.name), 'model servers');
    return fail([broken ? configRefusal(broken) : { code: 'unknown-server', message: `No model server is named ${quote(name)}`, hint }]);
  }
  return usable(server, facts);
}

function usable(server: ModelServer, facts: ResolveFacts): Result<ModelServer, readonly Refusal[]> {
  const refusals = [...faultsOf(facts.configuration, { type: 'model_server', name: server.name }, server)];
  if (!isTrusted(server, facts)) refusals.unshift(untrusted(`the model server ${server.name}`));
  return refusals.length > 0 ? fail(refusals) : ok(server);
}

function chooseRoute({ record }: ToolStatus, server: ModelServer, status: ServerStatus | undefined, request: Request, facts: ResolveFacts, notes: PlanNote[]): Result<Route, readonly Refusal[]> {
  const gateway = facts.gateway?.available === true;
  const isVendor = server.origin.layer === 'builtin' && (server.name === record.builtinServer || server.name === record.ownService?.name);
  if (isVendor && request.route !== 'gateway') return ok({ type: 'direct', vendor: true });
  const toGateway = record.protocols[0];
  if (toGateway === undefined) {
    return fail([{ code: 'not-repointable', message: `${record.name} works only with its vendor's own service and cannot be pointed at ${server.name}`, hint: record.builtinServer || record.ownService ? 'Leave model_server out, or use another tool' : 'Use another tool' }]);
  }
  const protocols = serverProtocols(server, status?.health);
  const protocol = chooseProtocol(record, protocols);
  // What both speak passes the gateway untouched.
  const throughGateway: Route = { type: 'gateway', protocol: protocol ?? toGateway };
  if (request.route === 'gateway') {
    if (gateway) return ok(throughGateway);
    return fail([{ code: 'needs-gateway', message: 'route = "gateway" is asked for, and there is no gateway here', hint: 'Set route = "auto" or "direct"' }]);
  }
  const mayBridge = gateway && request.route === 'auto' && record.name !== 'chat';
  if (protocol === undefined) {
    if (gateway && request.route === 'auto' && protocols.all.length > 0) return ok(throughGateway);
    const refusal = noCommonProtocol(record, server, protocols, request.route);
    return fail([gateway && protocols.all.length > 0 ? { ...refusal, hint: 'Set route = "auto", so that Operator’s gateway translates' } : refusal]);
  }
  if (server.extraBody && gateway && request.route === 'auto') return ok(throughGateway);
  if (server.extraBody) notes.push({ severity: 'warning', message: `extra_body of ${server.name} is not sent: only the gateway adds it, and ${request.route === 'direct' ? 'route = "direct" goes around it' : 'there is none here'}` });
  if (mayBridge && isOutOfReach(record, server)) return ok(throughGateway);
  if (protocols.unverified.includes(protocol)) {
    // It was asked and did not say, being off for instance: the gateway finds out when it is there, and translates if need be.
    if (mayBridge && status?.health.checkedAt !== undefined) return ok(throughGateway);
    notes.push({ severity: 'information', message: `Whether ${server.name} speaks ${protocol} depends on its version and is not verified yet; probe it to know` });
  }
  return ok({ type: 'direct', vendor: false, protocol, baseUrl: server.baseUrl });
}

/** What the tool itself cannot do and the gateway can: go through a SOCKS proxy, put a key into a query. */
function isOutOfReach(record: ToolRecord, { proxy, auth, credential }: ModelServer): boolean {
  return (proxy?.startsWith('socks') === true && !record.socksProxy) || (auth.type === 'query' && credential !== undefined);
}

/** A key that is named and cannot be found would make the agent fail with a riddle; so would none where the vendor insists. */
function keyRefusals(server: ModelServer, status: ServerStatus | undefined): readonly Refusal[] {
  const kind = serverKind(server.kind);
  const { credential } = server;
  if (credential) {
    if (status?.key !== 'unset') return [];
    const set = credential.store === 'env' ? `Set the environment variable ${credential.name}` : credential.store === 'secret' ? 'Store it with Set API Key' : `Write it into ${credential.name}`;
    return [{ code: 'credential', message: `The key of ${server.name} is not set (${formatCredentialRef(credential)})`, hint: set }];
  }
  if (server.auth.type === 'none' || !kind.keyRequired || server.placement !== 'third-party') return [];
  if (server.origin.layer === 'builtin' && kind.defaultApiKeyEnv !== undefined) {
    return status?.key === 'unset' ? [{ code: 'credential', message: `${server.name} needs a key and ${kind.defaultApiKeyEnv} is not set`, hint: `Set the environment variable ${kind.defaultApiKeyEnv}` }] : [];
  }
  return [{ code: 'credential', message: `${server.name} needs a key and names none`, hint: kind.defaultApiKeyEnv === undefined ? 'Set api_key to env:NAME or secret:NAME' : `Set api_key_env = "${kind.defaultApiKeyEnv}", or api_key` }];
}

/** A server that does not answer may be started meanwhile, so that its state is told and does not stop a launch. */
function serverNotes(server: ModelServer, status: ServerStatus | undefined): readonly PlanNote[] {
  if (!status || status.health.cause === 'not-trusted' || !needsAttention(status.health.state)) return [];
  const { message, hint } = status.health;
  return [{ severity: 'warning', message: `${server.name}: ${message}${hint === undefined ? '' : `. ${hint}`}` }];
}

function defaultModel({ delegator, llmTool, modelServer }: Request, { configuration }: ResolveFacts): string | undefined {
  return delegator === undefined && modelServer === undefined && configuration.defaultTool === llmTool ? configuration.defaultModel : undefined;
}

function missingModel({ record }: ToolStatus, status: ServerStatus | undefined): Refusal {
  const listed = status?.health.models.filter(({ type }) => type === undefined || type === 'chat').map(({ id }) => id) ?? [];
  const names = (listed.length > 0 ? listed : record.modelAliases).slice(0, 4);
  return { code: 'missing-model', message: 'No model is named', hint: names.length > 0 ? `Name one, such as ${listOf(names, 'or')}` : 'Name the model that the server shall run' };
}

function isTrusted({ origin }: Entity, { trusted }: ResolveFacts): boolean {
  return trusted || origin.layer !== 'workspace';
}

function untrusted(what: string): Refusal {
  return { code: 'untrusted', message: `Nothing is run from an untrusted workspace, and ${what} comes from it`, hint: 'Trust the workspace to launch it' };
}

/** Problems that leave an entry in doubt. Names that lead nowhere are found again by looking them up. */
const breaking: ReadonlySet<ProblemCode> = new Set(['invalid-value', 'missing-key', 'invalid-name', 'unknown-kind', 'bad-url', 'url-credentials', 'bad-reference', 'conflicting-keys']);

function problemsOf({ problems }: Configuration, subject: Exclude<ProblemSubject, { type: 'file' }>, entity?: Entity): readonly ConfigProblem[] {
  if (problems.length === 0) return problems;
  const file = entity && entity.origin.layer !== 'builtin' ? entity.origin.file : undefined;
  return problems.filter(
    ({ severity, code, subject: about, where }) =>
      severity === 'error' && breaking.has(code) && about.type === subject.type && about.name === subject.name && (file === undefined || where.file === file),
  );
}

/** What the file says wrongly about an entry. An entry of a last good file knows itself that it is unusable; its problems are not told any more. */
function faultsOf(configuration: Configuration, subject: Exclude<ProblemSubject, { type: 'file' }>, entity: Entity): readonly Refusal[] {
  const problems = problemsOf(configuration, subject, entity);
  return problems.length === 0 && entity.unusable ? [configRefusal(entity.unusable)] : problems.map(configRefusal);
}

function configRefusal({ message, hint }: Unusable): Refusal {
  return { code: 'config', message, hint: hint ?? 'Correct the entry in operator.toml' };
}

function suggest(word: string, names: readonly string[], what: string): string {
  const near = closest(word, names);
  if (near !== undefined) return `Did you mean ${quote(near)}?`;
  const known = [...new Set(names)];
  if (known.length === 0) return `There are no ${what} yet`;
  return `Known ${what}: ${known.slice(0, 8).join(', ')}${known.length > 8 ? ', …' : ''}`;
}

function quote(name: string): string {
  return JSON.stringify(name);
}
