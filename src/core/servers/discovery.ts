/** Looks for model servers on their usual loopback ports, told apart by fingerprint and not by port alone. */
import * as z from 'zod';
import { parseJson } from '../../base/json.ts';
import type { ModelServer } from '../config/model.ts';
import type { Clock, Http } from '../ports.ts';
import { parseServerAddress } from './address.ts';
import { type Answer, ask, type Asker } from './ask.ts';
import { startDeadline } from './deadline.ts';
import { allServerKinds, type ServerKindId } from './kinds.ts';
import { parseLlamacppProps } from './listing/llamacpp.ts';
import { isUnknownEndpoint, parseLmstudioModels } from './listing/lmstudio.ts';
import { parseOllamaTags } from './listing/ollama.ts';
import { filled } from './listing/page.ts';
import { parseOpenaiModels } from './listing/openai.ts';
import { anyBaseUrlVariable, localPrefixes, type ReadVariable } from './local-prefix.ts';

/** A server found running that nobody declared. */
export interface FoundServer {
  readonly kind: ServerKindId;
  readonly baseUrl: string;
  readonly version?: string;
  readonly modelCount: number;
}

export interface DiscoveryRequest {
  readonly http: Http;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Not looked at again, however their address is spelled. */
  readonly declared: readonly ModelServer[];
  /** Beside the usual ports of all kinds. */
  readonly otherPorts?: readonly number[];
  /** Instead of all these. */
  readonly ports?: readonly number[];
}

/** For everything together: loopback answers at once or not at all. */
const limitMs = 1000;
const maxBytes = 4 * 1024 * 1024;

/** Sends no key. In the order of the ports. @throws OperatorError 'cancelled' when `signal` is aborted */
export async function discoverServers(request: DiscoveryRequest): Promise<readonly FoundServer[]> {
  const { http, clock, signal, declared } = request;
  const taken = new Set(declared.flatMap(loopbackPort));
  const usual = allServerKinds().flatMap(({ usualPort }) => (usualPort === undefined ? [] : [usualPort]));
  const ports = [...new Set(request.ports ?? [...usual, ...(request.otherPorts ?? [])])].filter((port) => !taken.has(port));
  const asker: Asker = { server: { kind: 'openai-compat', auth: { type: 'none' }, headers: {} }, key: undefined, http, clock, deadline: startDeadline(clock, limitMs), signal };
  const found = await Promise.all(ports.map((port) => identify(asker, port)));
  return found.filter((server) => server !== undefined);
}

/** Where Ollama itself is told to listen. docs.ollama.com/faq */
const ollamaHost = 'OLLAMA_HOST';

/** Ports of this machine at which variables say that there is a server. */
export function portsOfVariables(variable: ReadVariable): readonly number[] {
  const addresses = [...localPrefixes().map(({ kind, baseUrlVariable }) => ({ kind, name: baseUrlVariable })), { kind: 'openai-compat' as const, name: anyBaseUrlVariable }, { kind: 'ollama' as const, name: ollamaHost }].flatMap(({ kind, name }) => {
    const text = variable(name)?.trim() ?? '';
    const address = text === '' ? undefined : parseServerAddress(text, kind);
    return address?.ok ? [address.value] : [];
  });
  return addresses.flatMap(loopbackPort);
}

/** What listens on the port, if it is one of the servers that can be told for sure. */
async function identify(asker: Asker, port: number): Promise<FoundServer | undefined> {
  const origin = `http://127.0.0.1:${port}`;
  const get = async (path: string): Promise<Answer | undefined> => {
    const reply = await ask(asker, { url: origin + path, maxBytes });
    return reply.type === 'answer' ? reply : undefined;
  };
  // All four have this list. One question is all that a closed port or another program on it gets to see.
  const models = await get('/v1/models');
  if (!models) return undefined;
  const isList = jsonOf(models) !== undefined;
  const found = (await identifyLlamacpp(models, get)) ?? (isList ? ((await identifyVllm(models, get)) ?? (await identifyOllama(get)) ?? (await identifyLmstudio(models, get))) : undefined);
  return found && { ...found, baseUrl: `http://localhost:${port}` };
}

type Get = (path: string) => Promise<Answer | undefined>;
type Identity = Omit<FoundServer, 'baseUrl'>;

/** It says so in every answer: `Server: llama.cpp`. */
async function identifyLlamacpp(models: Answer, get: Get): Promise<Identity | undefined> {
  if (models.headers['server'] !== 'llama.cpp') return undefined;
  const props = parseLlamacppProps(jsonOf(await get('/props')));
  return { kind: 'llamacpp', ...(props?.version !== undefined && { version: props.version }), modelCount: countOpenai(models) };
}

/** Its greeting at `/` and its own list. Others (LocalAI, say) have the paths below /api as well, but greet differently. */
async function identifyOllama(get: Get): Promise<Identity | undefined> {
  const greeting = await get('/');
  if (greeting?.text.trim() !== 'Ollama is running') return undefined;
  const [tags, version] = await Promise.all([get('/api/tags'), get('/api/version')]);
  const page = parseOllamaTags(jsonOf(tags));
  if (!page) return undefined;
  const text = filled(z.looseObject({ version: z.string() }).safeParse(jsonOf(version)).data?.version);
  return { kind: 'ollama', ...(text !== undefined && { version: text }), modelCount: page.models.length };
}

/** Its own list; where that is empty or does not exist yet (before 0.4.0), its way to answer 200 to what it does not know. */
async function identifyLmstudio(models: Answer, get: Get): Promise<Identity | undefined> {
  const native = jsonOf(await get('/api/v1/models'));
  if (isUnknownEndpoint(native)) return { kind: 'lmstudio', modelCount: countOpenai(models) };
  const page = parseLmstudioModels(native);
  if (!page) return undefined;
  const isItsOwn = page.models.length > 0 ? hasInstances(native) : isUnknownEndpoint(jsonOf(await get('/operator-asks-for-nothing')));
  return isItsOwn ? { kind: 'lmstudio', modelCount: page.models.length } : undefined;
}

function hasInstances(value: unknown): boolean {
  return z.looseObject({ models: z.array(z.looseObject({ key: z.string(), loaded_instances: z.array(z.unknown()) })) }).safeParse(value).success;
}

/** Its models are owned by "vllm", and it has its version at /version. */
async function identifyVllm(models: Answer, get: Get): Promise<Identity | undefined> {
  const listed = z.looseObject({ data: z.array(z.looseObject({ owned_by: z.literal('vllm') })).min(1) }).safeParse(jsonOf(models));
  if (!listed.success) return undefined;
  const version = filled(z.looseObject({ version: z.string() }).safeParse(jsonOf(await get('/version'))).data?.version);
  return version === undefined ? undefined : { kind: 'vllm', version, modelCount: listed.data.data.length };
}

function countOpenai(models: Answer): number {
  return parseOpenaiModels(jsonOf(models))?.models.length ?? 0;
}

function jsonOf(answer: Answer | undefined): unknown {
  return answer?.status === 200 ? parseJson(answer.text) : undefined;
}

/** The port of an address on this machine: localhost, 127.x.x.x, ::1, 0.0.0.0. */
function loopbackPort({ baseUrl }: Pick<ModelServer, 'baseUrl'>): readonly number[] {
  const { hostname, port, protocol } = new URL(baseUrl);
  const isLoopback = /^(?:localhost|.*\.localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1?\])$/.test(hostname.replace(/\.$/, ''));
  return isLoopback ? [Number(port) || (protocol === 'https:' ? 443 : 80)] : [];
}
