/**
 * OpenAI Codex CLI. Measured with 0.169.0.
 *
 * Codex ignores `OPENAI_BASE_URL`; a custom provider given by `-c` works in every mode, skips the login screen, and takes the key
 * by the name of a variable. It speaks Responses only (`wire_api = "chat"` is an error).
 */
import type { EnvValue, PlanNote } from '../../launch/model.ts';
import { openaiBaseUrl } from '../../servers/address.ts';
import type { Recipe, RecipeInput, RecipeRefusal, ToolRecord } from '../model.ts';
import { headerVariables, keyPlace, keyVariable, literal, property, providerId, queryRefusal, when } from './support.ts';

export const codex: ToolRecord = {
  name: 'codex',
  displayName: 'Codex',
  command: 'codex',
  versionArgs: ['--version'],
  minVersion: '0.96.0',
  install: { command: 'npm install -g @openai/codex', url: 'https://developers.openai.com/codex/cli' },
  icon: 'terminal',
  builtinServer: 'openai-api',
  protocols: ['openai-responses'],
  modelAliases: [],
  permissionModes: ['read-only', 'workspace-write', 'danger-full-access'],
  yolo: true,
  worktrees: true,
  socksProxy: false,
  modelProperties: ['reasoning_effort', 'reasoning_summary', 'verbosity', 'context_window'],
  sources: ['https://developers.openai.com/codex/config-reference', 'https://developers.openai.com/codex/config-advanced'],
  vendor: (input) => withCommon(input, [], {}),
  custom,
};

function custom(input: RecipeInput): Recipe | RecipeRefusal {
  const { server, key, contextWindow } = input;
  const place = keyPlace(input);
  if (place.type === 'query') return queryRefusal('codex', place.name);
  const variables: Record<string, EnvValue> = {};
  const headers: Record<string, string> = {};
  // Values of headers go through variables too: some are secret, and argv is visible to every process.
  for (const { name, value, variable } of headerVariables(server.headers)) {
    headers[name] = variable;
    variables[variable] = literal(value);
  }
  if (key) variables[keyVariable] = key;
  if (place.type === 'header') headers[place.name] = keyVariable;
  if (place.type === 'x-api-key') headers['x-api-key'] = keyVariable;
  const settings: Record<string, TomlValue> = {
    name: server.displayName,
    base_url: openaiBaseUrl(server),
    wire_api: 'responses',
    ...(place.type === 'bearer' && { env_key: keyVariable }),
    ...(Object.keys(headers).length > 0 && { env_http_headers: headers }),
    ...(server.requestTimeoutMs > 300_000 && { stream_idle_timeout_ms: server.requestTimeoutMs }),
  };
  // codex lists sessions by provider, hence an id that stays the same from launch to launch.
  const provider = providerId(server);
  const isOpenai = server.kind === 'openai-api';
  // Plugins are fetched from GitHub and ChatGPT at every start.
  const isQuiet = server.placement !== 'third-party';
  return withCommon(
    input,
    [
      ...config('model_provider', provider),
      ...config(`model_providers.${provider}`, settings),
      ...(contextWindow === undefined ? [] : config('model_context_window', contextWindow)),
      // Neither reports nor update checks go out from a launch on a server of one's own.
      ...config('analytics.enabled', false),
      ...config('check_for_update_on_startup', false),
      // Tools that only OpenAI's servers run, or whose form other servers refuse.
      ...(isOpenai ? [] : [...config('web_search', 'disabled'), ...config('features.multi_agent', false)]),
      ...(isQuiet ? config('features.plugins', false) : []),
      // What the agent runs does not need the key. Keys of `set` join the user's own, which a list of exclusions would replace.
      ...Object.keys(variables).flatMap((name) => config(`shell_environment_policy.set.${name}`, '')),
    ],
    variables,
    isQuiet ? [{ severity: 'information', message: "codex's plugins are off, since it would fetch them from GitHub and ChatGPT; flags can switch them on again" }] : [],
  );
}

function withCommon(input: RecipeInput, args: readonly string[], variables: Readonly<Record<string, EnvValue>>, notes: readonly PlanNote[] = []): Recipe {
  const { model, prompt, headless, yolo, permissionMode, useWorktrees, trusted } = input;
  const effort = property(input, 'reasoning_effort');
  const summary = property(input, 'reasoning_summary');
  const verbosity = property(input, 'verbosity');
  return {
    args: [
      ...when(headless, 'exec'),
      // Outside a repository exec refuses to run unless told that the folder is meant.
      ...when(headless && trusted, '--skip-git-repo-check'),
      ...args,
      '--model',
      model,
      ...(effort === undefined ? [] : config('model_reasoning_effort', effort)),
      ...(summary === undefined ? [] : config('model_reasoning_summary', summary)),
      ...(verbosity === undefined ? [] : config('model_verbosity', verbosity)),
      ...(yolo ? ['--dangerously-bypass-approvals-and-sandbox'] : permissionMode === undefined ? [] : ['--sandbox', permissionMode]),
      ...when(useWorktrees, '--worktree'),
    ],
    promptArgs: prompt === undefined ? [] : ['--', prompt],
    env: variables,
    notes,
  };
}

type TomlValue = string | number | boolean | { readonly [key: string]: TomlValue };

/** `-c key=value`, the value as TOML. */
function config(key: string, value: TomlValue): readonly string[] {
  return ['-c', `${key}=${toml(value)}`];
}

function toml(value: TomlValue): string {
  if (typeof value === 'string') return tomlString(value);
  if (typeof value !== 'object') return String(value);
  return `{${Object.entries(value).map(([key, item]) => `${/^[A-Za-z0-9_-]+$/.test(key) ? key : tomlString(key)}=${toml(item)}`).join(',')}}`;
}

/** A TOML basic string: JSON's escapes are a subset of TOML's, DEL excepted. */
function tomlString(text: string): string {
  return JSON.stringify(text).replaceAll('\u007f', '\\u007f');
}
