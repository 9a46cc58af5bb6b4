/**
 * Qwen Code. Measured with 0.24.4. Saved settings beat environment variables, so the kind of server and the model are always named
 * on the command line.
 */
import type { EnvValue } from '../../launch/model.ts';
import type { Protocol } from '../../protocol.ts';
import { openaiBaseUrl } from '../../servers/address.ts';
import type { Recipe, RecipeInput, RecipeRefusal, ToolRecord } from '../model.ts';
import { keyOrPlaceholder, keyPlace, literal, queryRefusal, unset, when } from './support.ts';

export const qwen: ToolRecord = {
  name: 'qwen',
  displayName: 'Qwen Code',
  command: 'qwen',
  versionArgs: ['--version'],
  minVersion: '0.20.0',
  install: { command: 'npm install -g @qwen-code/qwen-code', url: 'https://qwenlm.github.io/qwen-code-docs/' },
  icon: 'comment-discussion',
  ownService: { name: 'qwen-code', displayName: "Qwen Code's own configuration", url: 'https://qwenlm.github.io/qwen-code-docs/' },
  protocols: ['openai-chat', 'anthropic-messages', 'openai-responses', 'gemini'],
  modelAliases: [],
  permissionModes: ['plan', 'default', 'auto-edit', 'auto'],
  yolo: true,
  worktrees: true,
  modelProperties: [],
  sources: ['https://qwenlm.github.io/qwen-code-docs/en/users/configuration/settings/', 'https://qwenlm.github.io/qwen-code-docs/en/users/configuration/auth/'],
  vendor: (input) => ({ ...commonArgs(input), env: {} }),
  custom,
};

function custom(input: RecipeInput): Recipe | RecipeRefusal {
  const place = keyPlace(input);
  if (place.type === 'query') return queryRefusal('qwen', place.name);
  const { authType, variables } = endpoint(input.protocol, input);
  const common = commonArgs(input);
  const settings = input.join(input.sessionDir, 'qwen-settings.json');
  return {
    ...common,
    args: ['--auth-type', authType, ...common.args],
    env: { ...variables, QWEN_CODE_SYSTEM_SETTINGS_PATH: literal(settings) },
    unset: unset('names a server, key or model beside the plan\'s', 'OPENAI_MODEL', 'QWEN_MODEL'),
    files: [{ path: settings, content: `${JSON.stringify({ privacy: { usageStatisticsEnabled: false }, general: { enableAutoUpdate: false } }, undefined, 2)}\n` }],
  };
}

function commonArgs(input: RecipeInput): Pick<Recipe, 'args' | 'promptArgs'> {
  const { model, prompt, headless, yolo, permissionMode, useWorktrees, sessionId } = input;
  return {
    args: ['--model', model, '--session-id', sessionId, ...when(yolo, '--yolo'), ...(yolo || permissionMode === undefined ? [] : ['--approval-mode', permissionMode]), ...when(useWorktrees, '--worktree')],
    promptArgs: prompt === undefined ? [] : headless ? ['--', prompt] : [`--prompt-interactive=${prompt}`],
  };
}

function endpoint(protocol: Protocol, { server, key, model }: RecipeInput): { readonly authType: string; readonly variables: Readonly<Record<string, EnvValue>> } {
  const secret = keyOrPlaceholder(key);
  switch (protocol) {
    case 'anthropic-messages':
      return { authType: 'anthropic', variables: { ANTHROPIC_BASE_URL: literal(server.baseUrl), ANTHROPIC_API_KEY: secret, ANTHROPIC_MODEL: literal(model) } };
    case 'gemini':
      return { authType: 'gemini', variables: { GEMINI_BASE_URL: literal(server.baseUrl), GOOGLE_GEMINI_BASE_URL: literal(server.baseUrl), GEMINI_API_KEY: secret, GEMINI_MODEL: literal(model) } };
    case 'openai-responses':
      return { authType: 'openai-responses', variables: { OPENAI_BASE_URL: literal(openaiBaseUrl(server)), OPENAI_API_KEY: secret } };
    case 'openai-chat':
    case 'ollama':
      return { authType: 'openai', variables: { OPENAI_BASE_URL: literal(openaiBaseUrl(server)), OPENAI_API_KEY: secret } };
  }
}
