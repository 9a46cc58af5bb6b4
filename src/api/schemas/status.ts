/** What is the case now, in the shapes of `core/status/report.ts`. */
import * as z from 'zod';
import { healthStates } from '../../core/servers/health.ts';
import { named } from './named.ts';

const time = (): z.ZodType<string | null> => z.iso.datetime().nullable();

export const toolSchema = named(
  'LlmTool',
  z.strictObject({
    name: z.string(),
    display_name: z.string(),
    detected: z.boolean(),
    version: z.string().nullable(),
    path: z.string().nullable(),
    outdated: z.boolean(),
    problem: z.string().nullable(),
    protocols: z.array(z.string()),
    builtin_server: z.string().nullable(),
    custom: z.boolean(),
    default: z.boolean(),
    install: z.looseObject({ command: z.string(), url: z.string() }).nullable(),
    notice: z.string().nullable(),
  }),
);

export const toolExample = {
  name: 'codex',
  display_name: 'Codex',
  detected: true,
  version: '0.61.0',
  path: '/usr/local/bin/codex',
  outdated: false,
  problem: null,
  protocols: ['openai-responses'],
  builtin_server: 'openai-api',
  custom: false,
  default: false,
  install: { command: 'npm install -g @openai/codex', url: 'https://developers.openai.com/codex/cli' },
  notice: null,
};

export const modelSchema = named(
  'Model',
  z.strictObject({
    name: z.string(),
    display_name: z.string().nullable(),
    type: z.string(),
    size_bytes: z.number().nullable(),
    parameters: z.string().nullable(),
    quantization: z.string().nullable(),
    context_window: z.number().nullable().describe('Tokens'),
    loaded: z.boolean().nullable(),
    loaded_context: z.number().nullable().describe('Tokens'),
    capabilities: z.array(z.string()),
  }),
);

export const healthSchema = named(
  'Health',
  z.strictObject({
    state: z.enum(healthStates),
    cause: z.string(),
    message: z.string(),
    hint: z.string().nullable(),
    since: z.iso.datetime(),
    checked_at: time(),
    next_probe_at: time(),
    latency_ms: z.int().nullable(),
    http_status: z.int().nullable(),
    version: z.string().nullable(),
    warnings: z.array(z.string()),
  }),
);

export const serverStatusSchema = named(
  'ModelServerStatus',
  z.strictObject({
    name: z.string(),
    display_name: z.string(),
    kind: z.string(),
    base_url: z.string(),
    placement: z.string(),
    protocols: z.array(z.string()),
    origin: z.string(),
    location: z.string().nullable(),
    key: z.enum(['set', 'unset', 'none-needed', 'unknown']),
    health: healthSchema,
    models: z.array(modelSchema),
  }),
);

export const serverStatusExample = {
  name: 'lab',
  display_name: 'lab',
  kind: 'vllm',
  base_url: 'http://10.0.0.7:8000',
  placement: 'self-hosted',
  protocols: ['openai-chat'],
  origin: 'user',
  location: '/home/me/.operator/operator.toml:3:8',
  key: 'set',
  health: { state: 'healthy', cause: 'listed', message: '1 model', hint: null, since: '2026-11-21T09:00:00.000Z', checked_at: '2026-11-21T09:00:00.000Z', next_probe_at: null, latency_ms: 12, http_status: 200, version: null, warnings: [] },
  models: [{ name: 'qwen2.5-coder', display_name: null, type: 'chat', size_bytes: null, parameters: null, quantization: null, context_window: 32768, loaded: null, loaded_context: null, capabilities: [] }],
};

const reasonSchema = z.strictObject({ code: z.string(), message: z.string(), hint: z.string().nullable() });

export const delegatorStatusSchema = named(
  'DelegatorStatus',
  z.strictObject({
    name: z.string(),
    display_name: z.string(),
    llm_tool: z.string(),
    model: z.string(),
    model_server: z.string().nullable(),
    ready: z.boolean(),
    route: z.enum(['direct', 'gateway']).nullable(),
    protocol: z.string().nullable(),
    reasons: z.array(reasonSchema).describe('Why it cannot be launched'),
    origin: z.string(),
    location: z.string().nullable(),
  }),
);

export const sessionSchema = named(
  'Session',
  z.strictObject({
    id: z.string(),
    delegator: z.string().nullable(),
    display_name: z.string(),
    llm_tool: z.string(),
    model: z.string(),
    model_server: z.string(),
    since: z.iso.datetime(),
    waiting: z.boolean().describe('It lacks its keys since the gateway was restarted'),
    requests: z.int(),
    failures: z.int(),
    input_tokens: z.number().nullable(),
    output_tokens: z.number().nullable(),
    last_request_at: time(),
    last_error: z.strictObject({ message: z.string(), at: z.iso.datetime() }).nullable(),
    warnings: z.array(z.string()),
  }),
);

export const sessionExample = { id: '0190f7d2', delegator: null, display_name: 'qwen2.5-coder on lab', llm_tool: 'api', model: 'qwen2.5-coder', model_server: 'lab', since: '2026-11-21T09:00:00.000Z', waiting: false, requests: 0, failures: 0, input_tokens: null, output_tokens: null, last_request_at: null, last_error: null, warnings: [] };

const gatewaySchema = named(
  'Gateway',
  z.strictObject({
    available: z.boolean(),
    state: z.enum(['stopped', 'starting', 'running', 'failed']),
    address: z.string().nullable(),
    version: z.string().nullable(),
    pid: z.int().nullable(),
    since: time(),
    message: z.string().nullable(),
    hint: z.string().nullable(),
    sessions: z.array(sessionSchema),
  }),
);

export const configProblemSchema = named(
  'ConfigProblem',
  z.strictObject({
    code: z.string(),
    severity: z.enum(['error', 'warning', 'information']),
    message: z.string(),
    hint: z.string().nullable(),
    file: z.string(),
    line: z.int().nullable(),
    column: z.int().nullable(),
  }),
);

export const statusSchema = named(
  'Status',
  z.strictObject({ llm_tools: z.array(toolSchema), model_servers: z.array(serverStatusSchema), delegators: z.array(delegatorStatusSchema), gateway: gatewaySchema, problems: z.array(configProblemSchema) }),
);

export const statusExample = {
  llm_tools: [toolExample],
  model_servers: [serverStatusExample],
  delegators: [{ name: 'coder', display_name: 'coder', llm_tool: 'codex', model: 'qwen2.5-coder', model_server: 'lab', ready: true, route: 'gateway', protocol: 'openai-responses', reasons: [], origin: 'workspace', location: '/home/me/project/operator.toml:2:8' }],
  gateway: { available: true, state: 'running', address: 'http://127.0.0.1:41873', version: '0.1.0', pid: 4711, since: '2026-11-21T09:00:00.000Z', message: null, hint: null, sessions: [sessionExample] },
  problems: [],
};
