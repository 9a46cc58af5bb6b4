/** `/sessions`: who uses the gateway, and tokens for programs that want to. */
import * as z from 'zod';
import { lookup, type ModelServer } from '../../core/config/model.ts';
import { meantByPrefix } from '../../core/delegators/model-name.ts';
import { sessionSpec } from '../../core/gateway/session-spec.ts';
import type { Operator } from '../../core/operator.ts';
import { reportGateway } from '../../core/status/report.ts';
import { findTarget } from '../entries/target.ts';
import type { ApiBackend } from '../backend.ts';
import type { Call, Operation, Parameter, Reply } from '../operation.ts';
import { workspaceParameters } from '../parameters.ts';
import { ApiProblem, problemSchema } from '../problem.ts';
import { named } from '../schemas/named.ts';
import { sessionExample, sessionSchema } from '../schemas/status.ts';

const sessionsSchema = named('SessionList', z.strictObject({ sessions: z.array(sessionSchema) }));
const text = (): z.ZodType<string> => z.string().min(1).max(500);
const requestSchema = named(
  'SessionRequest',
  z.union([
    z.strictObject({ delegator: text(), display_name: text().optional() }).describe('The model of a delegator'),
    z.strictObject({ model_server: text(), model: text(), display_name: text().optional() }).describe('A model of a model server'),
  ]),
);
const createdSchema = named(
  'NewSession',
  z.strictObject({
    id: z.string(),
    model: z.string(),
    model_server: z.string(),
    base_url: z.url().describe('Of the gateway: what clients of Anthropic, Gemini and Ollama take'),
    openai_base_url: z.url().describe('What clients of OpenAI take'),
    token: z.string().describe('The API key for these clients. Shown this once'),
  }),
);
const idParameter: Parameter = { name: 'id', in: 'path', description: 'Id of the session', schema: z.string(), example: sessionExample.id };
const notFound = { description: 'There is no session of this id', schema: problemSchema };

export const sessionOperations: readonly Operation[] = [
  {
    method: 'get',
    path: '/sessions',
    id: 'listSessions',
    tag: 'Sessions',
    summary: 'The sessions of the gateway: agents, and programs that were given a token',
    answers: { 200: { description: 'All of them', schema: sessionsSchema, headers: ['ETag'], example: { sessions: [sessionExample] } } },
    handle: ({ backend }) => Promise.resolve({ status: 200, body: { sessions: sessionsOf(backend) } }),
  },
  {
    method: 'post',
    path: '/sessions',
    id: 'createSession',
    tag: 'Sessions',
    summary: 'Makes a session: a base URL and a token with which any client of OpenAI, Anthropic, Gemini or Ollama can use a model',
    description: 'It ends when it is deleted, or a day after its last request. The key of the model server stays with the gateway.',
    parameters: [...workspaceParameters],
    body: { schema: requestSchema, example: { model_server: 'lab', model: 'qwen2.5-coder' } },
    answers: {
      201: { description: 'The session', schema: createdSchema, headers: ['Location'], example: { id: sessionExample.id, model: 'qwen2.5-coder', model_server: 'lab', base_url: 'http://127.0.0.1:41873', openai_base_url: 'http://127.0.0.1:41873/v1', token: '…' } },
      404: { description: 'There is no such delegator or model server', schema: problemSchema },
      409: { description: 'The entry is broken, or its key is not there', schema: problemSchema },
    },
    handle: create,
  },
  { method: 'get', path: '/sessions/{id}', id: 'getSession', tag: 'Sessions', summary: 'One session', parameters: [idParameter], answers: { 200: { description: 'The session', schema: sessionSchema, headers: ['ETag'], example: sessionExample }, 404: notFound }, handle: read },
  {
    method: 'delete',
    path: '/sessions/{id}',
    id: 'deleteSession',
    tag: 'Sessions',
    summary: 'Ends a session: its token is worth nothing from then on',
    parameters: [idParameter],
    answers: { 204: { description: 'It has ended' }, 404: notFound, 409: { description: 'It is that of `operator serve` itself', schema: problemSchema } },
    handle: end,
  },
];

type SessionReport = ReturnType<typeof reportGateway>['sessions'][number];

function sessionsOf(backend: ApiBackend): readonly SessionReport[] {
  return reportGateway({ available: true, state: { type: 'running', status: backend.gateway.status() } }).sessions;
}

function find({ backend, path }: Call): SessionReport {
  const session = sessionsOf(backend).find(({ id }) => id === path.id);
  if (!session) throw new ApiProblem(404, 'not-found', 'There is no session of this id', { hint: 'It may have ended: list them with GET /api/v1/sessions' });
  return session;
}

function read(call: Call): Promise<Reply> {
  return Promise.resolve().then(() => ({ status: 200, body: find(call) }));
}

async function create({ backend, scope, body, signal }: Call): Promise<Reply> {
  const operator = await backend.open(scope);
  const wanted = body as z.output<typeof requestSchema>;
  const { server, model, delegator } = 'delegator' in wanted ? ofDelegator(operator, wanted.delegator) : { server: findServer(operator, wanted.model_server), model: wanted.model, delegator: undefined };
  if (server.unusable) throw new ApiProblem(409, 'config', `${server.name} cannot be used: ${server.unusable.message}`, { hint: server.unusable.hint });
  const statusOf = (): Operator['snapshot']['servers'][number] | undefined => operator.snapshot.servers.find((status) => status.server.name === server.name && status.server.origin.layer === server.origin.layer);
  const id = statusOf()?.id;
  // What it speaks and lists; one that is off may be on when the first request comes.
  if (id !== undefined) await operator.probe([id], signal);
  const spec = sessionSpec({
    sessionId: backend.random.uuid(),
    ...(delegator !== undefined && { delegator }),
    displayName: wanted.display_name ?? delegator ?? `${model} on ${server.name}`,
    llmTool: 'api',
    model,
    server,
    health: statusOf()?.health,
  });
  const token = await backend.gateway.createSession(spec, await backend.keysOf(spec));
  const address = addressOf(backend);
  return {
    status: 201,
    headers: { location: `/api/v1/sessions/${spec.id}` },
    body: { id: spec.id, model, model_server: server.name, base_url: address, openai_base_url: `${address}/v1`, token },
  };
}

/** The caller is on this machine, whatever else the gateway listens at. */
function addressOf({ gateway }: ApiBackend): string {
  const url = new URL(gateway.status().address);
  if (url.hostname === '0.0.0.0' || url.hostname === '[::]') url.hostname = '127.0.0.1';
  return url.origin;
}

function findServer({ snapshot: { configuration } }: Operator, name: string): ModelServer {
  return findTarget(configuration.modelServers, 'model_servers', name, configuration, undefined).entity;
}

/** Whether its tool is installed is of no interest here. */
function ofDelegator(operator: Operator, name: string): { readonly server: ModelServer; readonly model: string; readonly delegator: string } {
  const { configuration } = operator.snapshot;
  const { entity } = findTarget(configuration.delegators, 'delegators', name, configuration, undefined);
  if (entity.unusable) throw new ApiProblem(409, 'config', `${name} cannot be used: ${entity.unusable.message}`, { hint: entity.unusable.hint });
  const resolved = operator.resolve({ type: 'delegator', delegator: name });
  if (resolved.ok) return { server: resolved.value.server, model: resolved.value.model, delegator: name };
  const prefixed = meantByPrefix(entity, configuration);
  if (prefixed && !prefixed.server.unusable) return { ...prefixed, delegator: name };
  const serverName = entity.modelServer ?? operator.findTool(entity.llmTool)?.record.builtinServer;
  const server = serverName === undefined ? undefined : lookup(configuration.modelServers, serverName, entity.origin);
  if (server) return { server, model: entity.model, delegator: name };
  const [reason] = resolved.error;
  throw new ApiProblem(409, reason?.code ?? 'refused', reason?.message ?? `${name} has no model server`, { hint: reason?.hint });
}

function end(call: Call): Promise<Reply> {
  return Promise.resolve().then(() => {
    const { id, llm_tool: tool } = find(call);
    if (tool === 'serve') throw new ApiProblem(409, 'refused', 'This is what `operator serve` serves with', { hint: 'End it with Ctrl+C where it runs' });
    call.backend.gateway.endSession(id);
    return { status: 204 };
  });
}
