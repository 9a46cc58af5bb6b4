/** Which model to talk to, and how: from operator.toml, or from the flags that a launch plan passes. */
import { parseJson } from '../../base/json.ts';
import { listOf } from '../../base/text.ts';
import type { ChatServer } from '../../core/chat/chat.ts';
import { type ChatProtocol, chatProtocols, isChatProtocol } from '../../core/chat/model.ts';
import type { ModelServer } from '../../core/config/model.ts';
import { readModelName } from '../../core/delegators/model-name.ts';
import { OperatorError } from '../../core/errors.ts';
import type { LaunchTarget, Operator } from '../../core/operator.ts';
import type { Clock, Http } from '../../core/ports.ts';
import { type Placement, placements } from '../../core/protocol.ts';
import { parseBaseUrl } from '../../core/servers/address.ts';
import { parseAuth } from '../../core/servers/auth.ts';
import type { ModelInfo } from '../../core/servers/health.ts';
import type { ServerKindId } from '../../core/servers/kinds.ts';
import { inferPlacement } from '../../core/servers/placement.ts';
import { probeServer } from '../../core/servers/probe.ts';

export interface ChatEndpoint {
  readonly server: ChatServer;
  readonly protocol: ChatProtocol;
  readonly key?: string;
  readonly model: string;
  /** Where the model runs, also where it is reached through the gateway of this machine. */
  readonly placement: Placement;
  /** The live list, without models that cannot chat. @throws OperatorError 'http' with the reason */
  listModels(signal?: AbortSignal): Promise<readonly ModelInfo[]>;
}

/** What a launch plan passes; the key comes in the environment and nowhere else. */
export interface EndpointFlags {
  readonly baseUrl: string;
  readonly openaiPath?: string;
  readonly protocol?: string;
  readonly serverName?: string;
  readonly model?: string;
}

interface EndpointPorts {
  readonly http: Http;
  readonly clock: Clock;
}

/** @throws OperatorError 'usage' */
export function endpointFromFlags(flags: EndpointFlags, env: (name: string) => string | undefined, ports: EndpointPorts): ChatEndpoint {
  const { protocol = 'openai-chat', model } = flags;
  if (!isChatProtocol(protocol)) throw usage(`--protocol must be ${listOf(chatProtocols, 'or')}`);
  if (model === undefined) throw usage('--base-url needs --model');
  const address = parseBaseUrl(flags.baseUrl);
  if (!address.ok) throw usage(`--base-url ${address.error.message}`, address.error.hint);
  const auth = parseAuth(env('OPERATOR_CHAT_AUTH') ?? 'bearer');
  if (!auth.ok) throw usage(`OPERATOR_CHAT_AUTH ${auth.error.message}`);
  const { baseUrl } = address.value;
  const key = env('OPERATOR_CHAT_API_KEY') || undefined;
  const server: ChatServer = {
    name: flags.serverName ?? new URL(baseUrl).host,
    kind: kindOf(protocol),
    baseUrl,
    openaiPath: flags.openaiPath ?? address.value.openaiPath,
    auth: auth.value,
    headers: parseHeaders(env('OPERATOR_CHAT_HEADERS')),
    proxy: env('OPERATOR_CHAT_PROXY') || undefined,
    requestTimeoutMs: parseTimeout(env('OPERATOR_CHAT_TIMEOUT')),
  };
  const placement = placements.find((known) => known === env('OPERATOR_CHAT_PLACEMENT')) ?? inferPlacement(baseUrl);
  return { server, protocol, key, model, placement, listModels: (signal) => listModels(toModelServer(server, protocol), key, ports, signal) };
}

function usage(message: string, hint?: string): OperatorError {
  return new OperatorError('usage', message, { hint });
}

/** Seconds, as in operator.toml. */
function parseTimeout(text: string | undefined): number {
  const seconds = Number(text ?? 120);
  if (!Number.isFinite(seconds) || seconds <= 0) throw usage('OPERATOR_CHAT_TIMEOUT must be a number of seconds above 0');
  return seconds * 1000;
}

function parseHeaders(text: string | undefined): Readonly<Record<string, string>> {
  if (text === undefined || text === '') return {};
  const value = parseJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.values(value).every((header) => typeof header === 'string')) {
    throw usage('OPERATOR_CHAT_HEADERS must be a JSON object of texts');
  }
  return value as Readonly<Record<string, string>>;
}

/** Which listing a server of this protocol surely has. */
function kindOf(protocol: ChatProtocol): ServerKindId {
  return ({ ollama: 'ollama', 'openai-chat': 'openai-compat', 'anthropic-messages': 'anthropic-api' } as const)[protocol];
}

/** Enough of a server for a probe to list its models. */
function toModelServer(server: ChatServer, protocol: ChatProtocol): ModelServer {
  return {
    ...server,
    displayName: server.name,
    origin: { layer: 'user', file: '' },
    protocols: [protocol],
    placement: inferPlacement(server.baseUrl),
    placementDeclared: false,
    extraEnv: {},
    models: [],
  };
}

async function listModels(server: ModelServer, key: string | undefined, { http, clock }: EndpointPorts, signal = new AbortController().signal): Promise<readonly ModelInfo[]> {
  const health = await probeServer({ server, key: key === undefined ? { state: 'none' } : { state: 'set', value: key }, http, clock, signal });
  if (health.models.length === 0) throw new OperatorError('http', health.message, { hint: health.hint });
  return health.models.filter(({ type }) => type === undefined || type === 'chat');
}

/** Either a delegator, whose tool may be any, or a server with or without a model, or a model whose prefix says where it is. */
export type ChatTarget = { readonly type: 'delegator'; readonly delegator: string } | { readonly type: 'server'; readonly modelServer: string; readonly model?: string } | { readonly type: 'model'; readonly model: string };

/** @throws OperatorError 'not-found' | 'refused' | 'usage' | 'credential' | 'http' */
export async function endpointFromOperator(operator: Operator, target: ChatTarget, ports: EndpointPorts): Promise<ChatEndpoint> {
  const asked = await partsOf(operator, target);
  const resolved = operator.resolve(asked);
  if (!resolved.ok) {
    const [first] = resolved.error;
    throw new OperatorError('refused', first?.message ?? `${asked.modelServer ?? asked.model} cannot be talked to`, { hint: first?.hint });
  }
  const { server, route } = resolved.value;
  if (route.type === 'gateway') return endpointOfGateway(operator, asked, ports);
  if (!('protocol' in route) || !isChatProtocol(route.protocol)) throw new OperatorError('refused', `chat does not speak a protocol of ${server.name}`);
  const key = await readKey(operator, server);
  return {
    server,
    protocol: route.protocol,
    key,
    model: resolved.value.model,
    placement: server.placement,
    listModels: (signal) => listModels(server, key, ports, signal),
  };
}

type Parts = Extract<LaunchTarget, { type: 'ad-hoc' }>;

async function partsOf(operator: Operator, target: ChatTarget): Promise<Parts> {
  const { modelServer, model } = target.type === 'delegator' ? pairingOf(operator, target.delegator) : { modelServer: undefined, ...target };
  return { type: 'ad-hoc', llmTool: 'chat', model: model ?? (modelServer === undefined ? undefined : await onlyModel(operator, modelServer)), modelServer };
}

/** As a chat that is launched through the gateway would get it; the session ends with this process. */
async function endpointOfGateway(operator: Operator, target: LaunchTarget, ports: EndpointPorts): Promise<ChatEndpoint> {
  const plan = operator.plan(target);
  if (!plan.ok) throw new OperatorError('refused', plan.error[0]?.message ?? 'The gateway cannot be used', { hint: plan.error[0]?.hint });
  const { argv, env } = await operator.prepare(plan.value);
  operator.sessionStarted(plan.value);
  operator.sessionProcess(plan.value.sessionId, process.pid);
  const valueOf = (flag: string): string | undefined => (argv.includes(flag) ? argv[argv.indexOf(flag) + 1] : undefined);
  return endpointFromFlags({ baseUrl: valueOf('--base-url') ?? '', openaiPath: valueOf('--openai-path'), protocol: valueOf('--protocol'), serverName: valueOf('--server-name'), model: plan.value.model }, (name) => env[name], ports);
}

/** A delegator of any tool says which model is meant; its server is the tool's own when it names none. */
function pairingOf(operator: Operator, name: string): { readonly modelServer: string | undefined; readonly model: string } {
  const status = operator.findDelegator(name);
  if (!status) throw new OperatorError('not-found', `There is no delegator named ${JSON.stringify(name)}`, { hint: "See them with 'operator delegators'" });
  const { delegator } = status;
  const named = readModelName(delegator);
  if (!named.ok || named.value) return { modelServer: undefined, model: delegator.model };
  const modelServer = delegator.modelServer ?? operator.findTool(delegator.llmTool)?.record.builtinServer;
  if (modelServer === undefined) throw new OperatorError('refused', `${name} names no model server`, { hint: 'Add model_server to it in operator.toml' });
  return { modelServer, model: delegator.model };
}

/** Somebody who names no model means the only one there is. */
async function onlyModel(operator: Operator, name: string): Promise<string> {
  const status = operator.findServer(name);
  if (!status) return ''; // resolving refuses it with its own words
  await operator.probe([status.id]);
  const health = operator.findServer(name)?.health;
  const models = (health?.models ?? []).filter(({ type }) => type === undefined || type === 'chat').map(({ id }) => id);
  const [only] = models;
  if (only === undefined) throw new OperatorError('http', health?.message ?? `${name} lists no models`, { hint: health?.hint });
  if (models.length > 1) throw usage(`${name} has ${models.length} models`, `Add --model with one of them: ${listOf(models.slice(0, 12), 'or')}${models.length > 12 ? ' …' : ''}`);
  return only;
}

async function readKey(operator: Operator, server: ModelServer): Promise<string | undefined> {
  if (!server.credential) return undefined;
  const key = await operator.readCredential(server.credential);
  if (key === undefined) throw new OperatorError('credential', `The key of ${server.name} (${server.credential.store}:${server.credential.name}) is not set`, { hint: 'Set it, or correct api_key in operator.toml' });
  return key;
}
