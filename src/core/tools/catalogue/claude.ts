/**
 * Claude Code. Measured with 2.1.329.
 *
 * A user's settings.json beats the process environment: its `env` could send the launch, with our key or with the user's own, to
 * another server. `CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST` makes claude ignore everything about endpoint, key and provider that
 * settings files say (also `apiKeyHelper` and Bedrock/Vertex switches); what it does not cover is repeated in a private settings
 * file given by `--settings`, which beats user and project settings and holds no key.
 */
import type { EnvValue, PlanNote } from '../../launch/model.ts';
import type { Recipe, RecipeInput, RecipeRefusal, ToolRecord } from '../model.ts';
import { env, headerList, keyOrPlaceholder, keyPlace, literal, property, queryRefusal, sessionArgs, unset, when } from './support.ts';

/** Below this, claude ends with "Prompt is too long" before it asks the server anything. */
const smallestContext = 32_768;

export const claude: ToolRecord = {
  name: 'claude',
  displayName: 'Claude Code',
  command: 'claude',
  versionArgs: ['--version'],
  minVersion: '2.1.200',
  install: { command: 'npm install -g @anthropic-ai/claude-code', url: 'https://code.claude.com/docs/en/setup' },
  icon: 'sparkle',
  builtinServer: 'anthropic-api',
  protocols: ['anthropic-messages'],
  modelAliases: ['opus', 'sonnet', 'haiku', 'fable'],
  permissionModes: ['manual', 'default', 'acceptEdits', 'plan', 'auto', 'dontAsk'],
  yolo: true,
  worktrees: true,
  socksProxy: false,
  modelProperties: ['reasoning_effort', 'max_output_tokens', 'max_thinking_tokens', 'context_window'],
  sources: ['https://code.claude.com/docs/en/env-vars', 'https://code.claude.com/docs/en/settings', 'https://code.claude.com/docs/en/llm-gateway'],
  vendor: (input) => ({ ...commonArgs(input, input.permissionMode), env: modelEnv(input) }),
  custom,
};

function custom(input: RecipeInput): Recipe | RecipeRefusal {
  const { server, model, key, permissionMode, contextWindow } = input;
  const place = keyPlace(input);
  if (place.type === 'query') return queryRefusal('claude', place.name);
  if (permissionMode === 'auto') {
    return {
      code: 'invalid',
      refusal: 'permission_mode "auto" needs Anthropic\'s own servers, which check every action for it',
      hint: 'Set permission_mode to manual, acceptEdits, plan or dontAsk',
    };
  }
  const header = place.type === 'header' ? place.name : place.type === 'x-api-key' ? 'x-api-key' : undefined;
  const common = commonArgs(input, input.permissionMode ?? 'manual');
  const settings = input.join(input.sessionDir, 'claude-settings.json');
  // None of these is secret, so that they may stand in the settings file as well.
  const routing: Readonly<Record<string, EnvValue>> = {
    ANTHROPIC_BASE_URL: literal(server.baseUrl),
    ANTHROPIC_MODEL: literal(model),
    ...Object.fromEntries(tiers.map((name) => [name, literal(model)])),
    CLAUDE_CODE_ATTRIBUTION_HEADER: literal('0'),
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: literal('1'),
    CLAUDE_CODE_DISABLE_OFFICIAL_MARKETPLACE_AUTOINSTALL: literal('1'),
    ...(contextWindow !== undefined && { CLAUDE_CODE_MAX_CONTEXT_TOKENS: literal(String(Math.max(contextWindow, smallestContext))) }),
    ...(server.requestTimeoutMs > 600_000 && { API_TIMEOUT_MS: literal(String(server.requestTimeoutMs)) }),
    ...(isAnthropicModel(model) ? {} : plainRequests(input)),
    ...modelEnv(input),
  };
  return {
    ...common,
    args: ['--settings', settings, ...common.args],
    env: {
      ...routing,
      ...env({
        CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST: literal('1'),
        ANTHROPIC_AUTH_TOKEN: place.type === 'bearer' ? key : authenticates(header) ? undefined : keyOrPlaceholder(undefined),
        // Not ANTHROPIC_API_KEY: the interactive screen would ask whether to use it, and recommend not to.
        ANTHROPIC_CUSTOM_HEADERS: headerList(server.headers, '\n', header !== undefined && key ? { name: header, key } : undefined),
      }),
    },
    unset: [
      ...unset('another key for the same requests', 'ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'CLAUDE_CODE_OAUTH_TOKEN'),
      ...unset('headers for another server', 'ANTHROPIC_CUSTOM_HEADERS'),
      ...unset('sends requests to another vendor', ...otherProviders),
      ...unset('names a model of another server', 'ANTHROPIC_SMALL_FAST_MODEL'),
      // Set inside claude's own terminals; a claude started there takes itself for a part of that session.
      ...unset('belongs to the session that this one is started from', 'CLAUDECODE', 'CLAUDE_CODE_ENTRYPOINT', 'CLAUDE_CODE_SESSION_ID', 'CLAUDE_CODE_CHILD_SESSION'),
    ],
    // What the server or the delegator sets in place of ours must count here too, since the file beats the environment.
    files: (final) => [{ path: settings, content: settingsFile(Object.keys(routing), final) }],
    notes: contextNotes(input),
  };
}

function contextNotes({ model, contextWindow }: RecipeInput): readonly PlanNote[] {
  if (contextWindow === undefined) {
    if (isAnthropicModel(model)) return [];
    return [{ severity: 'information', message: `How many tokens "${model}" takes is not known, and claude will assume a million; say it with model_properties.context_window` }];
  }
  if (contextWindow >= smallestContext) return [];
  return [{ severity: 'warning', message: `The model takes ${contextWindow} tokens; claude needs about 33,000 for itself, so expect cut-off requests` }];
}

/** A model of Anthropic's, by whatever server it is reached: it understands everything that claude sends. */
function isAnthropicModel(model: string): boolean {
  return /claude|anthropic/i.test(model);
}

/**
 * Makes claude's requests plain for models and servers that only speak the protocol: no system messages amid the conversation,
 * no adaptive thinking (unless the gateway translates it), no beta features. What claude would send otherwise is refused or
 * misread by most of them.
 */
function plainRequests(input: RecipeInput): Readonly<Record<string, EnvValue>> {
  const without = ['mid_conv_system', 'mid_conv_tool_change', 'context_management', ...(input.translated ? [] : ['adaptive_thinking']), ...(property(input, 'reasoning_effort') === undefined ? ['effort'] : [])];
  return {
    CLAUDE_CODE_MODEL_CAPABILITIES: literal(without.map((name) => `-${name}`).join(',')),
    CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS: literal('1'),
    ENABLE_TOOL_SEARCH: literal('false'),
    // Models that think do so unasked; servers refuse the request for others. The gateway asks only who can think, and needs
    // the wish: without it claude takes earlier thoughts out of the conversation, which their server waits for.
    ...(input.translated ? {} : { MAX_THINKING_TOKENS: literal('0') }),
  };
}

/** With one of these among its headers claude asks for no login; with any other it needs a token too. */
function authenticates(header: string | undefined): boolean {
  return header !== undefined && ['x-api-key', 'authorization'].includes(header.toLowerCase());
}

function commonArgs(input: RecipeInput, permissionMode: string | undefined): Pick<Recipe, 'args' | 'promptArgs'> {
  const { model, prompt, headless, yolo, useWorktrees } = input;
  const effort = property(input, 'reasoning_effort');
  return {
    args: [
      ...when(headless, '--print'),
      '--model',
      model,
      ...sessionArgs(input, '--session-id'),
      ...(effort === undefined ? [] : ['--effort', effort]),
      ...when(yolo, '--dangerously-skip-permissions'),
      ...(yolo || permissionMode === undefined ? [] : ['--permission-mode', permissionMode]),
      ...when(useWorktrees, '--worktree'),
    ],
    // Some flags take any number of values; only `--` keeps them from swallowing the prompt.
    promptArgs: prompt === undefined ? [] : ['--', prompt],
  };
}

/** `model_properties` that claude reads from its environment, on any server. */
function modelEnv(input: RecipeInput): Readonly<Record<string, EnvValue>> {
  const text = (name: string): EnvValue | undefined => {
    const value = property(input, name);
    return value === undefined ? undefined : literal(value);
  };
  return env({
    CLAUDE_CODE_MAX_OUTPUT_TOKENS: text('max_output_tokens'),
    MAX_THINKING_TOKENS: text('max_thinking_tokens'),
  });
}

/** Without these, titles, summaries and subagents ask for Anthropic's model names. */
const tiers = ['ANTHROPIC_DEFAULT_OPUS_MODEL', 'ANTHROPIC_DEFAULT_SONNET_MODEL', 'ANTHROPIC_DEFAULT_HAIKU_MODEL', 'ANTHROPIC_DEFAULT_FABLE_MODEL', 'CLAUDE_CODE_SUBAGENT_MODEL'];

const otherProviders = [
  'CLAUDE_CODE_USE_BEDROCK',
  'CLAUDE_CODE_USE_VERTEX',
  'CLAUDE_CODE_USE_FOUNDRY',
  'CLAUDE_CODE_USE_MANTLE',
  'CLAUDE_CODE_USE_GATEWAY',
  'CLAUDE_CODE_USE_ANTHROPIC_AWS',
  'CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD',
  'ANTHROPIC_UNIX_SOCKET',
  'CLAUDE_CODE_HOST_AUTH_ENV_VAR',
  'CLAUDE_CODE_HOST_CREDS_FILE',
];

function settingsFile(names: readonly string[], final: Readonly<Record<string, EnvValue>>): string {
  const variables = Object.fromEntries(names.flatMap((name) => (final[name]?.type === 'literal' ? [[name, final[name].value]] : [])));
  return `${JSON.stringify({ env: variables }, undefined, 2)}\n`;
}
