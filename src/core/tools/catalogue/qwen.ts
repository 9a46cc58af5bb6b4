/**
 * Qwen Code. Measured with 0.24.4.
 *
 * Saved settings beat the environment, and a model that the user's settings describe beats both. So the server is described as a
 * model provider in a system settings file of ours (`QWEN_CODE_SYSTEM_SETTINGS_PATH`, above all others), which names the variable
 * that holds the key, and protocol and model are named on the command line.
 */
import type { Protocol } from '../../protocol.ts';
import { openaiBaseUrl } from '../../servers/address.ts';
import type { Recipe, RecipeInput, RecipeRefusal, ToolRecord } from '../model.ts';
import { env, headerVariables, keyOrPlaceholder, keyPlace, keyVariable, literal, noKeyNeeded, property, queryRefusal, sessionArgs, when } from './support.ts';

export const qwen: ToolRecord = {
  name: 'qwen',
  displayName: 'Qwen Code',
  command: 'qwen',
  versionArgs: ['--version'],
  minVersion: '0.23.0',
  install: { command: 'npm install -g @qwen-code/qwen-code', url: 'https://qwenlm.github.io/qwen-code-docs/' },
  icon: 'comment-discussion',
  ownService: { name: 'qwen-code', displayName: "Qwen Code's own configuration", url: 'https://qwenlm.github.io/qwen-code-docs/' },
  protocols: ['openai-chat', 'anthropic-messages', 'openai-responses', 'gemini'],
  modelAliases: [],
  permissionModes: ['plan', 'default', 'auto-edit', 'auto'],
  yolo: true,
  worktrees: true,
  socksProxy: false,
  modelProperties: ['reasoning_effort', 'context_window'],
  sources: ['https://qwenlm.github.io/qwen-code-docs/en/users/configuration/settings/', 'https://qwenlm.github.io/qwen-code-docs/en/users/configuration/auth/'],
  vendor: (input) => ({ ...commonArgs(input), env: {} }),
  custom,
};

function custom(input: RecipeInput): Recipe | RecipeRefusal {
  const { server, model, key, contextWindow } = input;
  const place = keyPlace(input);
  if (place.type === 'query') return queryRefusal('qwen', place.name);
  const { authType, provider, wireApi, baseUrl, sendsKeyAs } = endpoint(input.protocol, input);
  const header = place.type === 'none' ? undefined : place.type === 'bearer' ? 'authorization' : place.type === 'x-api-key' ? 'x-api-key' : place.name.toLowerCase();
  const isOwnHeader = header === sendsKeyAs;
  // qwen fills in variables in its settings, so that neither the key nor what else is in a header stands in a file.
  const variables = headerVariables(server.headers);
  const headers = { ...Object.fromEntries(variables.map(({ name, variable }) => [name, `\${${variable}}`])), ...(header !== undefined && !isOwnHeader && { [header]: place.type === 'bearer' ? `Bearer \${${keyVariable}}` : `\${${keyVariable}}` }) };
  const effort = property(input, 'reasoning_effort');
  const generationConfig = {
    ...(Object.keys(headers).length > 0 && { customHeaders: headers }),
    ...(contextWindow !== undefined && { contextWindowSize: contextWindow }),
    ...(effort !== undefined && { reasoning: { effort } }),
    ...(server.requestTimeoutMs > 120_000 && { timeout: server.requestTimeoutMs }),
  };
  const settings = {
    modelProviders: { [provider]: [{ id: model, name: model, baseUrl, envKey: isOwnHeader || header === undefined ? keyVariable : placeholderVariable, ...(wireApi && { wireApi }), generationConfig }] },
    security: { auth: { selectedType: authType, enforcedType: authType } },
    model: { name: model },
    privacy: { usageStatisticsEnabled: false },
    general: { enableAutoUpdate: false },
  };
  const path = input.join(input.sessionDir, 'qwen-settings.json');
  const common = commonArgs(input);
  return {
    ...common,
    args: ['--auth-type', authType, ...common.args],
    env: env({
      QWEN_CODE_SYSTEM_SETTINGS_PATH: literal(path),
      [keyVariable]: keyOrPlaceholder(key),
      ...Object.fromEntries(variables.map(({ variable, value }) => [variable, literal(value)])),
      [placeholderVariable]: header === undefined || isOwnHeader ? undefined : literal(noKeyNeeded),
    }),
    files: [{ path, content: `${JSON.stringify(settings, undefined, 2)}\n` }],
  };
}

/** Where the key has a header of its own, qwen's own key is this one. */
const placeholderVariable = 'OPERATOR_NO_KEY';

function commonArgs(input: RecipeInput): Pick<Recipe, 'args' | 'promptArgs'> {
  const { model, prompt, headless, yolo, permissionMode, useWorktrees } = input;
  return {
    args: ['--model', model, ...sessionArgs(input, '--session-id'), ...when(yolo, '--yolo'), ...(yolo || permissionMode === undefined ? [] : ['--approval-mode', permissionMode]), ...when(useWorktrees, '--worktree')],
    promptArgs: prompt === undefined ? [] : [`${headless ? '--prompt' : '--prompt-interactive'}=${prompt}`],
  };
}

interface QwenEndpoint {
  readonly authType: string;
  /** Key of `modelProviders`. */
  readonly provider: string;
  readonly wireApi?: string;
  readonly baseUrl: string;
  /** Header in which qwen sends its key by itself. */
  readonly sendsKeyAs: string;
}

function endpoint(protocol: Protocol, { server }: RecipeInput): QwenEndpoint {
  switch (protocol) {
    case 'anthropic-messages':
      // Only Anthropic's own hosts get the key as Anthropic documents it.
      return { authType: 'anthropic', provider: 'anthropic', baseUrl: server.baseUrl, sendsKeyAs: isAnthropicHost(server.baseUrl) ? 'x-api-key' : 'authorization' };
    case 'gemini':
      return { authType: 'gemini', provider: 'gemini', baseUrl: server.baseUrl, sendsKeyAs: 'x-goog-api-key' };
    case 'openai-responses':
      return { authType: 'openai-responses', provider: 'openai', wireApi: 'responses', baseUrl: openaiBaseUrl(server), sendsKeyAs: 'authorization' };
    case 'openai-chat':
    case 'ollama':
      return { authType: 'openai', provider: 'openai', baseUrl: openaiBaseUrl(server), sendsKeyAs: 'authorization' };
  }
}

function isAnthropicHost(baseUrl: string): boolean {
  return /^https?:\/\/(?:[^/]*\.)?anthropic\.com(?=[:/]|$)/i.test(baseUrl);
}
