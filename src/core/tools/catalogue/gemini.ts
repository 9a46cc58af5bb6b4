/**
 * Gemini CLI. Measured with 0.61.0.
 *
 * A custom base URL alone ends with "Invalid auth method selected": the choice of the API key must stand in a settings file, and
 * only the system settings file (`GEMINI_CLI_SYSTEM_SETTINGS_PATH`) beats a user who is signed in with Google. gemini skips that
 * file when a folder above it is writable by others, as /tmp is; the session's folder is below the user's home.
 */
import type { EnvValue } from '../../launch/model.ts';
import type { Recipe, RecipeInput, RecipeRefusal, ToolRecord } from '../model.ts';
import { env, headerList, keyOrPlaceholder, keyPlace, literal, queryRefusal, unset, when } from './support.ts';

export const gemini: ToolRecord = {
  name: 'gemini',
  displayName: 'Gemini CLI',
  command: 'gemini',
  versionArgs: ['--version'],
  minVersion: '0.30.0',
  install: { command: 'npm install -g @google/gemini-cli', url: 'https://geminicli.com/docs/get-started/installation/' },
  icon: 'star-empty',
  builtinServer: 'google-api',
  protocols: ['gemini'],
  modelAliases: ['auto', 'pro', 'flash', 'flash-lite'],
  permissionModes: ['default', 'auto_edit', 'plan'],
  yolo: true,
  worktrees: false,
  modelProperties: [],
  notice: 'Google ended Gemini CLI for personal accounts on 18 June 2026; it goes on with API keys and enterprise licences (successor: agy)',
  sources: ['https://geminicli.com/docs/reference/configuration/', 'https://github.com/google-gemini/gemini-cli/discussions/28017'],
  vendor: (input) => common(input),
  custom,
};

function custom(input: RecipeInput): Recipe | RecipeRefusal {
  const { server, key } = input;
  const place = keyPlace(input);
  if (place.type === 'query') return queryRefusal('gemini', place.name);
  if (Object.values(server.headers).some((value) => value.includes(','))) {
    return { code: 'invalid', refusal: 'gemini takes extra headers as a comma-separated list, and a header of this server has a comma in its value', hint: 'Take the comma out of the header, or use another tool' };
  }
  const basis = common(input);
  if ('refusal' in basis) return basis;
  const settings = input.join(input.sessionDir, 'gemini-settings.json');
  const isOwnHeader = place.type === 'header' && place.name.toLowerCase() === 'x-goog-api-key';
  const ownHeader = place.type === 'x-api-key' ? 'x-api-key' : place.type === 'header' && !isOwnHeader ? place.name : undefined;
  return {
    ...basis,
    env: {
      ...basis.env,
      ...env({
        GOOGLE_GEMINI_BASE_URL: literal(server.baseUrl),
        GEMINI_API_KEY: place.type === 'bearer' || isOwnHeader ? key : keyOrPlaceholder(undefined),
        GEMINI_API_KEY_AUTH_MECHANISM: place.type === 'bearer' ? literal('bearer') : undefined,
        GEMINI_CLI_CUSTOM_HEADERS: headerList(server.headers, ', ', ownHeader !== undefined && key ? { name: ownHeader, key } : undefined),
        GEMINI_CLI_SYSTEM_SETTINGS_PATH: literal(settings),
      }),
    },
    unset: [
      ...unset('another key for the same requests', 'GOOGLE_API_KEY', 'GEMINI_API_KEY_AUTH_MECHANISM', 'GEMINI_CLI_CUSTOM_HEADERS'),
      ...unset('sends requests to another service', 'GOOGLE_GENAI_USE_VERTEXAI', 'GOOGLE_GENAI_USE_GCA', 'GOOGLE_VERTEX_BASE_URL', 'CODE_ASSIST_ENDPOINT', 'GEMINI_CLI_USE_COMPUTE_ADC'),
      ...unset('names a model of another server', 'GEMINI_MODEL'),
    ],
    files: [{ path: settings, content: `${JSON.stringify(systemSettings, undefined, 2)}\n` }],
  };
}

const systemSettings = {
  security: { auth: { selectedType: 'gemini-api-key', enforcedType: 'gemini-api-key' } },
  privacy: { usageStatisticsEnabled: false },
  general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
};

function common(input: RecipeInput): Recipe | RecipeRefusal {
  const { model, prompt, headless, yolo, permissionMode, sessionId, trusted } = input;
  if (headless && !trusted) {
    return { code: 'untrusted', refusal: 'gemini prints an answer only in a folder that is trusted', hint: 'Trust the workspace, or launch it interactively and answer its question' };
  }
  const variables: Readonly<Record<string, EnvValue>> = headless ? { GEMINI_CLI_TRUST_WORKSPACE: literal('true') } : {};
  return {
    args: ['--model', model, '--session-id', sessionId, ...when(yolo, '--yolo'), ...(yolo || permissionMode === undefined ? [] : ['--approval-mode', permissionMode])],
    promptArgs: prompt === undefined ? [] : [`${headless ? '--prompt' : '--prompt-interactive'}=${prompt}`],
    env: variables,
  };
}
