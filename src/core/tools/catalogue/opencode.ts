/**
 * opencode. Measured with 1.18.33.
 *
 * The whole configuration goes through `OPENCODE_CONFIG_CONTENT`, which beats user and project files; the key is in it as a
 * reference to a variable (`{env:NAME}`), so that it stands in the environment once.
 */
import type { Protocol } from '../../protocol.ts';
import { openaiBaseUrl } from '../../servers/address.ts';
import type { Recipe, RecipeInput, RecipeRefusal, ToolRecord } from '../model.ts';
import { keyPlace, keyVariable, literal, noKeyNeeded, property, providerId, queryRefusal, when } from './support.ts';

export const opencode: ToolRecord = {
  name: 'opencode',
  displayName: 'opencode',
  command: 'opencode',
  versionArgs: ['--version'],
  minVersion: '1.2.27',
  install: { command: 'npm install -g opencode-ai', url: 'https://opencode.ai/docs/' },
  icon: 'code',
  ownService: { name: 'opencode', displayName: "opencode's own configuration", url: 'https://opencode.ai' },
  ownModelNames: 'provider/model',
  protocols: ['openai-chat', 'anthropic-messages', 'openai-responses', 'gemini'],
  modelAliases: [],
  permissionModes: ['build', 'plan'],
  yolo: true,
  worktrees: false,
  socksProxy: false,
  modelProperties: ['reasoning_effort', 'context_window'],
  sources: ['https://opencode.ai/docs/config/', 'https://opencode.ai/docs/providers/', 'https://opencode.ai/docs/cli/'],
  vendor: (input) => ({ ...commonArgs(input, input.model), env: {} }),
  custom,
};

function custom(input: RecipeInput): Recipe | RecipeRefusal {
  const { server, model, key, contextWindow } = input;
  const place = keyPlace(input);
  if (place.type === 'query') return queryRefusal('opencode', place.name);
  const reference = `{env:${keyVariable}}`;
  const { npm, baseURL, sendsKeyAs } = sdk(input.protocol, input);
  const header = place.type === 'none' ? undefined : place.type === 'bearer' ? 'Authorization' : place.type === 'x-api-key' ? 'x-api-key' : place.name;
  const isOwnHeader = header !== undefined && header.toLowerCase() === sendsKeyAs;
  const headers = {
    ...server.headers,
    ...(header !== undefined && !isOwnHeader && { [header]: place.type === 'bearer' ? `Bearer ${reference}` : reference }),
  };
  const effort = property(input, 'reasoning_effort');
  const provider = providerId(server);
  const qualified = `${provider}/${model}`;
  const configuration = {
    model: qualified,
    small_model: qualified,
    // A user's list may leave ours out, and agents with a model of their own must not reach past this server.
    enabled_providers: [provider],
    disabled_providers: [],
    autoupdate: false,
    share: 'disabled',
    provider: {
      [provider]: {
        name: server.displayName,
        npm,
        options: { baseURL, apiKey: isOwnHeader ? reference : noKeyNeeded, ...(Object.keys(headers).length > 0 && { headers }) },
        models: {
          [model]: {
            name: model,
            ...(contextWindow !== undefined && { limit: { context: contextWindow, output: Math.min(8192, Math.floor(contextWindow / 4)) } }),
            ...(effort !== undefined && { options: { reasoningEffort: effort } }),
          },
        },
      },
    },
  };
  return {
    ...commonArgs(input, qualified),
    env: {
      OPENCODE_CONFIG_CONTENT: literal(JSON.stringify(configuration)),
      ...(key && { [keyVariable]: key }),
      OPENCODE_DISABLE_AUTOUPDATE: literal('1'),
      OPENCODE_DISABLE_MODELS_FETCH: literal('1'),
    },
  };
}

function commonArgs(input: RecipeInput, model: string): Pick<Recipe, 'args' | 'promptArgs'> {
  const { prompt, headless, yolo, permissionMode } = input;
  return {
    args: [...when(headless, 'run'), '--model', model, ...when(yolo, '--auto'), ...(permissionMode === undefined ? [] : ['--agent', permissionMode])],
    promptArgs: prompt === undefined ? [] : headless ? ['--', prompt] : [`--prompt=${prompt}`],
  };
}

/** The bundled AI SDK package per protocol, the base that it appends to, and the header in which it sends its key. */
function sdk(protocol: Protocol, { server }: RecipeInput): { readonly npm: string; readonly baseURL: string; readonly sendsKeyAs: string } {
  switch (protocol) {
    case 'anthropic-messages':
      return { npm: '@ai-sdk/anthropic', baseURL: `${server.baseUrl}/v1`, sendsKeyAs: 'x-api-key' };
    case 'openai-responses':
      return { npm: '@ai-sdk/openai', baseURL: openaiBaseUrl(server), sendsKeyAs: 'authorization' };
    case 'gemini':
      return { npm: '@ai-sdk/google', baseURL: `${server.baseUrl}/v1beta`, sendsKeyAs: 'x-goog-api-key' };
    case 'openai-chat':
    case 'ollama':
      return { npm: '@ai-sdk/openai-compatible', baseURL: openaiBaseUrl(server), sendsKeyAs: 'authorization' };
  }
}
