/**
 * The tables of operator.toml as they stand in the file: snake_case keys, nothing resolved. The one source of validation,
 * of the JSON schema for editors (`media/operator.schema.json`), of completion and of hover texts.
 *
 * A message follows the key's name ("request_timeout must be a number of seconds above 0, not text"), so it starts with a verb.
 * Unknown keys are allowed everywhere: a file written for a sibling tool loads here; the loader reports them as information.
 */
import * as z from 'zod';
import { listOf } from '../../base/text.ts';
import { placements, protocols, routePreferences } from '../protocol.ts';
import { serverKindIds } from '../servers/kinds.ts';

/** Names of entries. They appear in ids, on command lines and in file names. */
export const namePattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/;

const isOneLine = (value: string): boolean => !/[\u0000-\u001f\u007f\u2028\u2029]/.test(value);
const isFilled = (value: string): boolean => value.trim() !== '';

/** Any text, line breaks included. */
const text = z.string({ error: ({ input }) => `must be text in quotes, not ${describeValue(input)}` });

/** One check with two messages: every text of every entry comes through here. */
const line = text.refine((value) => isFilled(value) && isOneLine(value), { error: ({ input }) => (isFilled(String(input)) ? 'must be a single line without control characters' : 'must not be empty') });

const flag = z.boolean({ error: ({ input }) => `must be true or false without quotes, not ${describeValue(input)}` });

function oneOf<const T extends readonly [string, ...string[]]>(values: T) {
  const expected = `must be ${listOf(values.map((value) => `"${value}"`), 'or')}`;
  return z.enum(values, { error: ({ input }) => (typeof input === 'string' ? expected : `${expected}, not ${describeValue(input)}`) });
}

function list<T extends z.ZodType>(item: T, what: string) {
  return z.array(item, { error: ({ input }) => `must be a list of ${what}, such as ["a", "b"], not ${describeValue(input)}` });
}

/** A table whose keys the user chooses. */
function mapOf<K extends z.ZodType<string, string>, T extends z.ZodType>(key: K, value: T, example: string) {
  return z.record(key, value, { error: (issue) => (issue.code === 'invalid_key' ? issue.issues?.[0]?.message : undefined) ?? `must be a table, such as ${example}, not ${describeValue(issue.input)}` });
}

/** A key that may be left out. Described as it is made: `describe` makes another one, and every start of Operator makes them all. */
function optional<T extends z.ZodType>(value: T, description: string) {
  const schema = value.optional();
  z.globalRegistry.add(schema, { description });
  return schema;
}

/** What a wrong value is, in words that show nothing of it: it may be a key. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return 'text';
  if (typeof value === 'number' || typeof value === 'bigint') return 'a number';
  if (typeof value === 'boolean') return 'true or false';
  if (Array.isArray(value)) return 'a list';
  return value instanceof Date ? 'a date' : 'a table';
}

/** What a request is about: the agent says it, and the gateway finds its way by it. */
export const routedMembers: readonly string[] = ['model', 'stream', 'messages', 'input', 'contents'];

const bodyMember = text.refine((value) => !routedMembers.includes(value), { error: 'is what every request says itself; take it out' });

/** What JSON has a form for. TOML's dates, inf and nan are not among it. */
function isJsonValue(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value !== 'object' || value === null || value instanceof Date) return false;
  return Object.values(value).every(isJsonValue);
}

const jsonValue = z.unknown().refine(isJsonValue, { error: 'must hold only text, finite numbers, true, false, lists and tables' });

/** A time span in seconds. */
const seconds = z
  .number({ error: ({ input }) => `must be a number of seconds without quotes, not ${describeValue(input)}` })
  .gt(0, { error: 'must be a number of seconds above 0' })
  .max(86_400, { error: 'must be at most 86400 seconds (one day)' });

const variableName = text.refine((value) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(value), { error: 'must be the name of an environment variable: letters, digits and _' });
const headerName = text.refine((value) => /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(value), { error: 'must be the name of an HTTP header' });
const variables = mapOf(variableName, text.refine((value) => !value.includes('\0'), { error: 'must not contain a NUL character' }), '{ NAME = "value" }');

const name = line.regex(namePattern, { error: 'may hold only letters (a-z), digits and . _ - and must start with a letter or digit' });

export const modelServerSchema = z
  .object({
    name: name.describe('Name of the model server, unique in this file: letters, digits and . _ -'),
    kind: z
      .string({ error: ({ input }) => `must be text in quotes, not ${describeValue(input)}` })
      .meta({ enum: [...serverKindIds] })
      .describe('What the server is. It decides the default address, the protocols, how models are listed and how the key is sent'),
    base_url: optional(line, "Address of the server, with or without /v1. Default: the usual address of the kind"),
    display_name: optional(line, 'What people see instead of the name'),
    api_key_env: optional(line, 'Name of the environment variable that holds the key. The same as api_key = "env:NAME"'),
    api_key: optional(text, 'Where the key is: env:NAME, secret:NAME (stored with Set API Key) or file:PATH. Never the key itself'),
    auth: optional(line, 'How the key is sent: bearer, x-api-key, header:NAME, query:NAME or none. Default: what is usual with the kind'),
    headers: optional(mapOf(headerName, line, '{ "X-Team" = "a" }'), 'HTTP headers that are added to every request'),
    extra_env: optional(variables, 'Variables exported as they stand to agents launched on this server. They beat derived ones'),
    extra_body: optional(mapOf(bodyMember, jsonValue, '{ top_k = 20 }'), 'Fields that the gateway puts into every request; they replace those of the agent. A server that has some is reached through the gateway'),
    proxy: optional(line, 'Proxy for this server: an http, https or socks5 URL. Without it none is used'),
    request_timeout: optional(seconds, 'Seconds until a request is given up. Default: 120'),
    connect_timeout: optional(seconds, 'Seconds until the gateway gives up connecting. Default: 10'),
    first_byte_timeout: optional(seconds, 'Seconds that the gateway waits for an answer to begin, while a model is loaded for instance. Default: 600, or request_timeout if that is more'),
    idle_timeout: optional(seconds, 'Seconds that the gateway waits between two pieces of an answer. Default: 300'),
    placement: optional(oneOf(placements), 'Where the server runs. Default: judged by the address'),
    protocols: optional(list(oneOf(protocols), 'protocols').min(1, { error: 'must name at least one protocol' }), 'What the server speaks, preferred first. Default: what the kind speaks'),
    models: optional(list(line, 'model names'), 'Models of a server that cannot list them'),
  })
  .meta({ description: 'A named endpoint that serves models', 'x-taplo': { initKeys: ['name', 'kind'] } });

export const launchConfigSchema = z
  .object({
    yolo: optional(flag, 'Let the agent act without asking. Default: false'),
    permission_mode: optional(line, "The tool's own permission mode, such as plan"),
    flags: optional(list(text, 'flags'), "More arguments for the tool's command line"),
    env: optional(variables, 'More environment variables for the agent'),
    prompt_prefix: optional(text, 'Put before every prompt'),
    prompt_suffix: optional(text, 'Put after every prompt'),
    cwd: optional(line, 'Folder to start in, relative to the workspace root'),
    use_worktrees: optional(flag, 'Start in a git worktree of its own. Default: false'),
  })
  .describe('How the agent is launched');

export const delegatorSchema = z
  .object({
    name: name.describe('Name of the delegator, unique in this file: letters, digits and . _ -'),
    llm_tool: line.describe('The coding agent: claude, codex, gemini, opencode, qwen, copilot, agy, chat, or one of [[llm_tools.custom]]'),
    model: line.describe('Model name as the server lists it; without model_server, ollama/, vllm/, lm_studio/ or llamacpp/ before it name a local server'),
    model_server: optional(line, "Name of a model server. Default: the tool's own vendor"),
    display_name: optional(line, 'What people see instead of the name'),
    model_properties: optional(mapOf(text, z.union([z.string(), z.number(), z.boolean()], { error: ({ input }) => `must be text, a number, true or false, not ${describeValue(input)}` }), '{ reasoning_effort = "high" }'), 'Settings of the model, such as reasoning_effort'),
    route: optional(oneOf(routePreferences), 'auto: direct where tool and server speak the same protocol, else through the gateway. Default: auto'),
    launch_config: optional(launchConfigSchema, 'How the agent is launched'),
  })
  .meta({ description: 'A named pairing of an LLM tool, a model and a model server', 'x-taplo': { initKeys: ['name', 'llm_tool', 'model'] } });

export const customToolSchema = z
  .object({
    name: name.describe('Name of the tool: letters, digits and . _ -'),
    command: line.describe('What to start: a name on PATH or an absolute path'),
    protocol: oneOf(protocols).describe('What the tool speaks'),
    args: optional(list(text, 'arguments'), 'Arguments; {model}, {base_url} and {prompt} are filled in. Never {api_key}'),
    env: optional(variables, 'Environment; {model}, {base_url}, {api_key} and {prompt} are filled in'),
    display_name: optional(line, 'What people see instead of the name'),
  })
  .meta({ description: 'A tool that the catalogue lacks', 'x-taplo': { initKeys: ['name', 'command', 'protocol'] } });

export const llmToolsSchema = z
  .object({
    default_tool: optional(line, 'The LLM tool of a launch that names none'),
    default_model: optional(line, 'The model of a launch that names none; may name a local server with a prefix such as ollama/'),
    custom: optional(z.array(customToolSchema), 'Tools that the catalogue lacks'),
  })
  .describe('Coding agents on this machine');

const anything = z.record(z.string(), z.unknown());

/** Kept and described, not read yet: a pool is for the gateway to balance. The keys are those that other tools' lists have. */
export const modelListEntrySchema = z
  .object({
    model_name: line.describe('What the model is asked for as. Entries of the same name are a pool'),
    model: line.describe('Model name as the server lists it'),
    model_server: optional(line, 'Name of a model server'),
    enabled: optional(flag, 'false leaves the entry out. Default: true'),
    rpm: optional(z.number(), 'Requests per minute at most'),
    tpm: optional(z.number(), 'Tokens per minute at most'),
    request_timeout: optional(z.number(), 'Seconds until a request is given up'),
    proxy: optional(text, 'Proxy for this entry: an http, https or socks5 URL'),
    fallbacks: optional(list(text, 'model names'), 'What is asked instead when it fails, in this order'),
    max_tokens_field: optional(text, 'Name of the field that limits the length of an answer'),
    thinking_level: optional(text, 'off, low, medium, high, xhigh or adaptive'),
    tool_schema_transform: optional(text, 'How tool definitions are simplified for the model'),
    streaming: optional(anything, 'Settings of streamed answers'),
    extra_body: optional(anything, 'Fields that are added to every request'),
    custom_headers: optional(anything, 'HTTP headers that are added to every request'),
    user_agent: optional(text, 'What requests call themselves'),
    auth_method: optional(text, 'How a login is made where no key is used, such as oauth'),
    connect_mode: optional(text, 'How a command line is connected to: stdio or grpc'),
    workspace: optional(text, 'Folder in which a command line works'),
  })
  .meta({ description: 'A way to reach a model; not used yet', 'x-taplo': { initKeys: ['model_name', 'model', 'model_server'] } });

/** The whole file. */
export const operatorTomlSchema = z
  .object({
    model_servers: optional(z.array(modelServerSchema), 'Endpoints that serve models'),
    delegators: optional(z.array(delegatorSchema), 'Named pairings of an LLM tool, a model and a model server'),
    llm_tools: llmToolsSchema.optional(),
    model_list: optional(z.array(modelListEntrySchema), 'Ways to reach models; kept, and not used yet'),
  })
  .meta({ title: 'operator.toml', description: 'Configuration of Operator: which models there are and which coding agents use them' });

export type RawModelServer = z.output<typeof modelServerSchema>;
export type RawDelegator = z.output<typeof delegatorSchema>;
export type RawLaunchConfig = z.output<typeof launchConfigSchema>;
export type RawCustomTool = z.output<typeof customToolSchema>;
