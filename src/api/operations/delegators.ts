/** `/delegators`: pairings of a tool, a model and a server, and what launching one would do. */
import * as z from 'zod';
import { type Delegator, entityId } from '../../core/config/model.ts';
import { reportPlan } from '../../core/launch/render.ts';
import type { Refusal } from '../../core/launch/model.ts';
import { entryOperations } from '../entries/crud.ts';
import { findTarget, layerOf, openFor } from '../entries/target.ts';
import type { Call, Operation, Reply } from '../operation.ts';
import { layerParameter, nameParameter, workspaceParameters } from '../parameters.ts';
import { ApiProblem, type Issue, problemSchema } from '../problem.ts';
import { delegatorEntrySchema, delegatorSchemaOut, delegatorsSchema, delegatorUpdateSchema } from '../schemas/entries.ts';
import { named } from '../schemas/named.ts';

const planSchema = named(
  'LaunchPlan',
  z.strictObject({
    delegator: z.string().nullable(),
    llm_tool: z.string(),
    model: z.string(),
    model_server: z.string(),
    route: z.enum(['direct', 'gateway']),
    protocol: z.string().nullable().describe('null: the tool as the user has it, on its vendor’s own service'),
    base_url: z.string().nullable(),
    argv: z.array(z.string()),
    env: z.record(z.string(), z.string()).describe('Keys are shown by where they are'),
    unset: z.array(z.string()).describe('Inherited variables of the gateway’s own environment that would fight the plan'),
    cwd: z.string(),
    files: z.array(z.strictObject({ path: z.string(), content: z.string(), base: z.string().nullable() })),
    notes: z.array(z.strictObject({ severity: z.string(), message: z.string() })),
  }),
);

const planExample = {
  delegator: 'coder',
  llm_tool: 'codex',
  model: 'qwen2.5-coder',
  model_server: 'lab',
  route: 'gateway',
  protocol: 'openai-responses',
  base_url: null,
  argv: ['/usr/local/bin/codex', '--model', 'qwen2.5-coder'],
  env: { OPERATOR_KEY: '‹token of this session›' },
  unset: ['OPENAI_API_KEY'],
  cwd: '/home/me/project',
  files: [],
  notes: [],
};

const entry = { name: 'coder', llm_tool: 'codex', model: 'qwen2.5-coder', model_server: 'lab' };

export const delegatorOperations: readonly Operation[] = [
  ...entryOperations<Delegator>({
    table: 'delegators',
    path: '/delegators',
    tag: 'Delegators',
    id: 'Delegator',
    entitiesOf: ({ delegators }) => delegators,
    effectiveOf: ({ displayName, llmTool, model, modelServer, route }) => ({ display_name: displayName, llm_tool: llmTool, model, model_server: modelServer ?? null, route }),
    reserved: [],
    schemas: { one: delegatorSchemaOut, list: delegatorsSchema, entry: delegatorEntrySchema, update: delegatorUpdateSchema },
    examples: {
      entry,
      one: { name: 'coder', layer: 'workspace', file: '/home/me/project/operator.toml', problem: null, entry, effective: { display_name: 'coder', llm_tool: 'codex', model: 'qwen2.5-coder', model_server: 'lab', route: 'auto' } },
    },
  }),
  {
    method: 'get',
    path: '/delegators/{name}/plan',
    id: 'planDelegator',
    tag: 'Delegators',
    summary: 'What launching a delegator would do',
    description: 'Starts nothing. The same as `operator launch --dry-run --json`, for the environment of the gateway.',
    parameters: [nameParameter('delegator', 'coder'), layerParameter, ...workspaceParameters],
    answers: {
      200: { description: 'The plan', schema: planSchema, example: planExample },
      404: { description: 'There is no delegator of this name', schema: problemSchema },
      409: { description: 'It cannot be launched; `errors` says why', schema: problemSchema },
    },
    handle: plan,
  },
];

async function plan(call: Call): Promise<Reply> {
  const operator = await openFor(call);
  const { configuration } = operator.snapshot;
  const { entity } = findTarget(configuration.delegators, 'delegators', call.path.name ?? '', configuration, layerOf(call));
  await operator.locate(entity.llmTool);
  const planned = operator.plan({ type: 'delegator', delegator: entityId(entity) });
  if (!planned.ok) throw refused(entity.name, planned.error);
  return { status: 200, body: reportPlan(planned.value) };
}

/** @param done what cannot be done with it */
export function refused(name: string, refusals: readonly Refusal[], done = 'launched'): ApiProblem {
  const errors = refusals.map(({ code, message, hint }): Issue => ({ code, message, ...(hint !== undefined && { hint }) }));
  const [first] = errors;
  return new ApiProblem(409, first?.code ?? 'refused', errors.length === 1 && first ? first.message : `${name} cannot be ${done}, for ${errors.length} reasons`, { hint: errors.length === 1 ? first?.hint : undefined, errors });
}
