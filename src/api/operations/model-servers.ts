/** `/model-servers`: declared and builtin servers, the kinds there are, and asking a server for its state. */
import * as z from 'zod';
import type { ModelServer } from '../../core/config/model.ts';
import { maskText } from '../../core/launch/mask.ts';
import { protocols } from '../../core/protocol.ts';
import { openaiBaseUrl } from '../../core/servers/address.ts';
import { formatAuth, formatCredentialRef } from '../../core/servers/auth.ts';
import { allServerKinds } from '../../core/servers/kinds.ts';
import { reportServer } from '../../core/status/report.ts';
import { entryOperations } from '../entries/crud.ts';
import { findTarget, layerOf, openFor } from '../entries/target.ts';
import type { Call, Operation, Reply } from '../operation.ts';
import { layerParameter, nameParameter, workspaceParameters } from '../parameters.ts';
import { problemSchema } from '../problem.ts';
import { modelServerEntrySchema, modelServerSchemaOut, modelServersSchema, modelServerUpdateSchema } from '../schemas/entries.ts';
import { named } from '../schemas/named.ts';
import { serverStatusExample, serverStatusSchema } from '../schemas/status.ts';

const kindSchema = named(
  'ModelServerKind',
  z.strictObject({
    kind: z.string(),
    display_name: z.string(),
    description: z.string(),
    default_base_url: z.string().nullable(),
    protocols: z.array(z.enum(protocols)),
    auth: z.string(),
    api_key_env: z.string().nullable().describe('The variable that the vendor’s own tools read'),
    key_required: z.boolean(),
    usual_port: z.int().nullable().describe('Where it usually listens on this machine'),
    url: z.string(),
  }),
);
const kindsSchema = named('ModelServerKindList', z.strictObject({ kinds: z.array(kindSchema) }));

const kindExample = {
  kind: 'vllm',
  display_name: 'vLLM',
  description: 'A vLLM server',
  default_base_url: 'http://localhost:8000',
  protocols: ['openai-chat'],
  auth: 'none',
  api_key_env: null,
  key_required: false,
  usual_port: 8000,
  url: 'https://docs.vllm.ai',
};

const entry = { name: 'lab', kind: 'vllm', base_url: 'http://10.0.0.7:8000', api_key: 'env:LAB_KEY' };
const crud = entryOperations<ModelServer>({
  table: 'model_servers',
  path: '/model-servers',
  tag: 'Model servers',
  id: 'ModelServer',
  entitiesOf: ({ modelServers }) => modelServers,
  effectiveOf,
  reserved: ['kinds'],
  schemas: { one: modelServerSchemaOut, list: modelServersSchema, entry: modelServerEntrySchema, update: modelServerUpdateSchema },
  examples: {
    entry,
    one: {
      name: 'lab',
      layer: 'user',
      file: '/home/me/.operator/operator.toml',
      problem: null,
      entry,
      effective: { display_name: 'lab', kind: 'vllm', base_url: 'http://10.0.0.7:8000', protocols: ['openai-chat'], placement: 'self-hosted', auth: 'bearer', credential: 'env:LAB_KEY', request_timeout: 120, models: [] },
    },
  },
});

/** `kinds` before `{name}`, so that it is found first. */
export const modelServerOperations: readonly Operation[] = [
  {
    method: 'get',
    path: '/model-servers/kinds',
    id: 'listModelServerKinds',
    tag: 'Model servers',
    summary: 'The kinds of model servers',
    answers: { 200: { description: 'All of them', schema: kindsSchema, headers: ['ETag'], example: { kinds: [kindExample] } } },
    handle: () => Promise.resolve({ status: 200, body: { kinds: kinds() } }),
  },
  ...crud,
  {
    method: 'post',
    path: '/model-servers/{name}/probe',
    id: 'probeModelServer',
    tag: 'Model servers',
    summary: 'Asks a model server for its state and its models',
    description: 'One attempt of two seconds at most. A server that is off is an answer too.',
    parameters: [nameParameter('model server', 'lab'), layerParameter, ...workspaceParameters],
    answers: { 200: { description: 'What it is like now', schema: serverStatusSchema, example: serverStatusExample }, 404: { description: 'There is no model server of this name', schema: problemSchema } },
    handle: probe,
  },
];

function effectiveOf({ displayName, kind, baseUrl, openaiPath, protocols: spoken, placement, auth, credential, requestTimeoutMs, models, ...server }: ModelServer): object {
  return {
    display_name: displayName,
    kind,
    base_url: maskText(openaiPath === '/v1' ? baseUrl : openaiBaseUrl({ baseUrl, openaiPath, ...server })),
    protocols: spoken,
    placement,
    auth: formatAuth(auth),
    credential: credential ? formatCredentialRef(credential) : null,
    request_timeout: requestTimeoutMs / 1000,
    models,
  };
}

function kinds(): readonly z.output<typeof kindSchema>[] {
  return allServerKinds().map((kind) => ({
    kind: kind.id,
    display_name: kind.displayName,
    description: kind.description,
    default_base_url: kind.defaultBaseUrl ?? null,
    protocols: [...kind.protocols],
    auth: formatAuth(kind.auth),
    api_key_env: kind.defaultApiKeyEnv ?? null,
    key_required: kind.keyRequired,
    usual_port: kind.usualPort ?? null,
    url: kind.url,
  }));
}

async function probe(call: Call): Promise<Reply> {
  const operator = await openFor(call);
  const { configuration } = operator.snapshot;
  const { entity } = findTarget(configuration.modelServers, 'model_servers', call.path.name ?? '', configuration, layerOf(call));
  const idOf = (): string | undefined => operator.snapshot.servers.find(({ server }) => server === entity || (server.name === entity.name && server.origin.layer === entity.origin.layer))?.id;
  const id = idOf();
  if (id !== undefined) await operator.probe([id], call.signal);
  const status = operator.snapshot.servers.find((each) => each.id === id);
  return status ? { status: 200, body: reportServer(status) } : { status: 404 };
}
