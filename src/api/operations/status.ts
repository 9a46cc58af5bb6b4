/** `/health`, `/status` and `/config/problems`: what is the case now. */
import * as z from 'zod';
import { buildReport, reportGateway, reportProblem } from '../../core/status/report.ts';
import type { Call, Operation, Reply } from '../operation.ts';
import { workspaceParameters } from '../parameters.ts';
import { named } from '../schemas/named.ts';
import { configProblemSchema, statusExample, statusSchema } from '../schemas/status.ts';

const aliveSchema = named('Alive', z.strictObject({ status: z.literal('ok'), version: z.string(), pid: z.int(), since: z.iso.datetime() }));
const problemsSchema = named('ConfigProblemList', z.strictObject({ problems: z.array(configProblemSchema) }));

export const statusOperations: readonly Operation[] = [
  {
    method: 'get',
    path: '/health',
    id: 'getHealth',
    tag: 'Status',
    summary: 'Whether Operator answers, and which version of it',
    answers: { 200: { description: 'It does', schema: aliveSchema, headers: ['ETag'], example: { status: 'ok', version: '0.1.0', pid: 4711, since: '2026-11-21T09:00:00.000Z' } } },
    handle: ({ backend }) => {
      const { version, pid, since } = backend.gateway.status();
      return Promise.resolve({ status: 200, body: { status: 'ok', version, pid, since: new Date(since).toISOString() } });
    },
  },
  {
    method: 'get',
    path: '/status',
    id: 'getStatus',
    tag: 'Status',
    summary: 'LLM tools, model servers, delegators, the gateway and problems: what `operator status --json` prints',
    parameters: [{ name: 'probe', in: 'query', description: 'Ask every model server for its state first', schema: z.enum(['true', 'false']) }, ...workspaceParameters],
    answers: { 200: { description: 'Everything', schema: statusSchema, headers: ['ETag'], example: statusExample } },
    handle: status,
  },
  {
    method: 'get',
    path: '/config/problems',
    id: 'listConfigProblems',
    tag: 'Configuration',
    summary: 'What is wrong in operator.toml, each with its line',
    parameters: [...workspaceParameters],
    answers: {
      200: {
        description: 'All problems, none in the best case',
        schema: problemsSchema,
        headers: ['ETag'],
        example: { problems: [{ code: 'unknown-server', severity: 'error', message: 'Delegator "coder": there is no model server "lap"', hint: 'Did you mean "lab"?', file: '/home/me/project/operator.toml', line: 9, column: 16 }] },
      },
    },
    handle: async ({ backend, scope }) => ({ status: 200, body: { problems: (await backend.open(scope)).snapshot.configuration.problems.map(reportProblem) } }),
  },
];

async function status({ backend, scope, query, signal }: Call): Promise<Reply> {
  const operator = await backend.open(scope);
  await Promise.all([operator.detect(signal), query.probe === 'true' ? operator.probe(undefined, signal) : undefined]);
  return { status: 200, body: { ...buildReport(operator.snapshot), gateway: reportGateway({ available: true, state: { type: 'running', status: backend.gateway.status() } }) } };
}
