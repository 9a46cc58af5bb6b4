/** GitHub Copilot CLI with a provider of one's own. Measured with 1.0.102; `copilot help providers` documents all of it. */
import { openaiBaseUrl } from '../../servers/address.ts';
import type { Recipe, RecipeInput, RecipeRefusal, ToolRecord } from '../model.ts';
import { env, headerList, keyPlace, literal, property, queryRefusal, sessionArgs, unset, when } from './support.ts';

export const copilot: ToolRecord = {
  name: 'copilot',
  displayName: 'GitHub Copilot CLI',
  command: 'copilot',
  versionArgs: ['--version'],
  minVersion: '1.0.62',
  install: { command: 'npm install -g @github/copilot', url: 'https://docs.github.com/copilot/how-tos/copilot-cli' },
  icon: 'github',
  ownService: { name: 'github-copilot', displayName: 'GitHub Copilot', url: 'https://github.com/features/copilot' },
  protocols: ['openai-chat', 'openai-responses', 'anthropic-messages'],
  modelAliases: ['auto'],
  permissionModes: ['interactive', 'plan', 'autopilot'],
  yolo: true,
  worktrees: false,
  socksProxy: false,
  modelProperties: ['reasoning_effort', 'context_window'],
  sources: ['https://docs.github.com/copilot/how-tos/copilot-cli'],
  vendor: (input) => ({ ...commonArgs(input), env: {} }),
  custom,
};

function custom(input: RecipeInput): Recipe | RecipeRefusal {
  const { server, model, key, contextWindow } = input;
  const place = keyPlace(input);
  if (place.type === 'query') return queryRefusal('copilot', place.name);
  const isAnthropic = input.protocol === 'anthropic-messages';
  // The API key goes as x-api-key to the Anthropic type and as a bearer token to the others.
  const asApiKey = isAnthropic && place.type === 'x-api-key';
  const ownHeader = place.type === 'header' ? place.name : place.type === 'x-api-key' && !isAnthropic ? 'x-api-key' : undefined;
  const common = commonArgs(input);
  return {
    ...common,
    env: env({
      COPILOT_PROVIDER_BASE_URL: literal(isAnthropic ? server.baseUrl : openaiBaseUrl(server)),
      COPILOT_PROVIDER_TYPE: literal(isAnthropic ? 'anthropic' : 'openai'),
      COPILOT_PROVIDER_WIRE_API: isAnthropic ? undefined : literal(input.protocol === 'openai-responses' ? 'responses' : 'completions'),
      COPILOT_PROVIDER_API_KEY: asApiKey ? key : undefined,
      COPILOT_PROVIDER_BEARER_TOKEN: place.type === 'bearer' ? key : undefined,
      COPILOT_PROVIDER_HEADERS: headerList(server.headers, '\n', ownHeader !== undefined && key ? { name: ownHeader, key } : undefined),
      COPILOT_PROVIDER_MAX_PROMPT_TOKENS: contextWindow === undefined ? undefined : literal(String(contextWindow)),
      COPILOT_MODEL: literal(model),
      // Nothing else goes out from a launch on a server of one's own.
      COPILOT_OFFLINE: server.placement === 'third-party' ? undefined : literal('true'),
      COPILOT_AUTO_UPDATE: literal('false'),
    }),
    unset: [
      ...unset('another key for the same requests', 'COPILOT_PROVIDER_API_KEY', 'COPILOT_PROVIDER_BEARER_TOKEN', 'COPILOT_PROVIDER_API_KEY_COMMAND', 'COPILOT_PROVIDER_HEADERS'),
      ...unset('describes another server or model', 'COPILOT_PROVIDER_WIRE_API', 'COPILOT_PROVIDER_TRANSPORT', 'COPILOT_PROVIDER_AZURE_API_VERSION', 'COPILOT_PROVIDER_MODEL_ID', 'COPILOT_PROVIDER_WIRE_MODEL', 'COPILOT_PROVIDER_MAX_PROMPT_TOKENS', 'COPILOT_PROVIDER_MAX_OUTPUT_TOKENS', 'COPILOT_AUTO_TIER'),
      // It would not start, though a provider of one's own needs no GitHub.
      ...unset('a classic personal access token, with which copilot refuses to start', ...githubTokens.filter((name) => input.inherited(name)?.startsWith('ghp_'))),
    ],
  };
}

const githubTokens = ['COPILOT_GITHUB_TOKEN', 'GH_TOKEN', 'GITHUB_TOKEN'];

function commonArgs(input: RecipeInput): Pick<Recipe, 'args' | 'promptArgs'> {
  const { model, prompt, headless, yolo, permissionMode } = input;
  const effort = property(input, 'reasoning_effort');
  return {
    args: [
      '--model',
      model,
      ...sessionArgs(input, '--session-id'),
      ...(effort === undefined ? [] : ['--reasoning-effort', effort]),
      ...when(yolo, '--allow-all'),
      ...(permissionMode === undefined ? [] : ['--mode', permissionMode]),
    ],
    promptArgs: prompt === undefined ? [] : [`${headless ? '--prompt' : '--interactive'}=${prompt}`],
  };
}
