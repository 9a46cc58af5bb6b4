/** `/models`, `/models/test` and `/model-servers/{name}/models`: what there is to choose from, and whether it works. */
import * as z from 'zod';
import { entityId } from '../../core/config/model.ts';
import type { TestTarget } from '../../core/proving/model.ts';
import { reportTest } from '../../core/proving/report.ts';
import type { ListModelsOptions } from '../../core/servers/models/model.ts';
import { reportCatalogue } from '../../core/servers/models/report.ts';
import { findTarget, layerOf, openFor } from '../entries/target.ts';
import type { Call, Operation, Parameter, Reply } from '../operation.ts';
import { layerParameter, nameParameter, workspaceParameters } from '../parameters.ts';
import { ApiProblem, problemSchema } from '../problem.ts';
import { catalogueExample, catalogueSchema, cataloguesSchema, testReportExample, testReportSchema, testReportsSchema, testRequestSchema } from '../schemas/models.ts';
import { refused } from './delegators.ts';

const flag = (name: string, description: string): Parameter => ({ name, in: 'query', description, schema: z.enum(['true', 'false']) });
const view: readonly Parameter[] = [flag('all', 'Also what the shortlist leaves out, each with its reason'), flag('preview', 'Also previews, experiments and dated snapshots'), flag('refresh', 'Ask the servers, however new the lists are')];

export const modelOperations: readonly Operation[] = [
  {
    method: 'get',
    path: '/model-servers/{name}/models',
    id: 'listModelsOfServer',
    tag: 'Models',
    summary: 'The models of one model server, the best first',
    description: 'Lists of other machines are kept for some hours; `source` and `fetched_at` tell how old this one is. A server that gives no list is an answer too.',
    parameters: [nameParameter('model server', 'lab'), layerParameter, ...view, ...workspaceParameters],
    answers: { 200: { description: 'The list', schema: catalogueSchema, headers: ['ETag'], example: catalogueExample }, 404: { description: 'There is no model server of this name', schema: problemSchema } },
    handle: ofServer,
  },
  {
    method: 'get',
    path: '/models',
    id: 'listModels',
    tag: 'Models',
    summary: 'The models of every model server',
    parameters: [...view, ...workspaceParameters],
    answers: { 200: { description: 'A list for each server', schema: cataloguesSchema, headers: ['ETag'], example: { model_servers: [catalogueExample] } } },
    handle: ofAll,
  },
  {
    method: 'get',
    path: '/models/test',
    id: 'listModelTests',
    tag: 'Models',
    summary: 'What tests of models came to, the newest first',
    description: 'Tests of all levels are kept, the last one of each model.',
    parameters: [...workspaceParameters],
    answers: { 200: { description: 'The last test of each model', schema: testReportsSchema, headers: ['ETag'], example: { reports: [testReportExample] } } },
    handle: reports,
  },
  {
    method: 'post',
    path: '/models/test',
    id: 'testModel',
    tag: 'Models',
    summary: 'Tests whether a model works: answers, streams, calls tools, keeps to a schema',
    description: 'Takes as long as the model does, which may be minutes where it has to be loaded. Leaving cancels it. Nothing is sent to a server that may charge for it unless `allow_paid` says so.',
    parameters: [...workspaceParameters],
    body: { schema: testRequestSchema, example: { model_server: 'lab', model: 'qwen2.5-coder', levels: ['answers', 'tool-call'] } },
    answers: {
      200: { description: 'What came of it, level by level; `outcome` says whether it passed', schema: testReportSchema, example: testReportExample },
      404: { description: 'There is no such delegator or model server', schema: problemSchema },
      409: { description: 'It cannot be tested, or may cost something and nobody has agreed', schema: problemSchema },
    },
    handle: test,
  },
];

function optionsOf({ query, signal }: Call): ListModelsOptions {
  return { all: query.all === 'true', preview: query.preview === 'true', refresh: query.refresh === 'true', signal };
}

async function ofServer(call: Call): Promise<Reply> {
  const operator = await openFor(call);
  const { configuration } = operator.snapshot;
  const { entity } = findTarget(configuration.modelServers, 'model_servers', call.path.name ?? '', configuration, layerOf(call));
  return { status: 200, body: reportCatalogue(await operator.models.list(entityId(entity), optionsOf(call))) };
}

async function ofAll(call: Call): Promise<Reply> {
  const operator = await call.backend.open(call.scope);
  const catalogues = await Promise.all(operator.snapshot.servers.map(({ id }) => operator.models.list(id, optionsOf(call))));
  return { status: 200, body: { model_servers: catalogues.map(reportCatalogue) } };
}

async function reports({ backend, scope }: Call): Promise<Reply> {
  const operator = await backend.open(scope);
  await operator.tests.load();
  return { status: 200, body: { reports: operator.tests.all().map(reportTest) } };
}

async function test(call: Call): Promise<Reply> {
  const operator = await call.backend.open(call.scope);
  const held = call.backend.hold(operator);
  try {
    const wanted = call.body as z.output<typeof testRequestSchema>;
    const { configuration } = operator.snapshot;
    const target: TestTarget =
      'delegator' in wanted
        ? { type: 'delegator', delegator: entityId(findTarget(configuration.delegators, 'delegators', wanted.delegator, configuration, undefined).entity) }
        : { type: 'model', model: wanted.model, ...(wanted.model_server !== undefined && { modelServer: entityId(findTarget(configuration.modelServers, 'model_servers', wanted.model_server, configuration, undefined).entity) }) };
    const levels = wanted.levels && { levels: wanted.levels };
    const plan = operator.tests.plan(target, levels);
    if (!plan.ok) throw refused('delegator' in wanted ? wanted.delegator : wanted.model, plan.error, 'tested');
    if (plan.value.paid && wanted.allow_paid !== true) throw new ApiProblem(409, 'paid', plan.value.words, { hint: 'Agree with "allow_paid": true' });
    return { status: 200, body: reportTest(await operator.tests.run(target, { ...levels, allowPaid: wanted.allow_paid === true, signal: call.signal })) };
  } finally {
    held.dispose();
  }
}
