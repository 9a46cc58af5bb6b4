/**
 * Gemini CLI. Measured with 0.61.0.
 *
 * A base URL in the environment alone ends with "Invalid auth method selected": that an API key is used must stand in a settings
 * file. The system settings file would beat all others, but gemini reads it only where root owns it and every folder above it.
 * What is left is the user's own settings file, which is never written; so the launch gets a home of its own
 * (`GEMINI_CLI_HOME`), whose settings are the user's with ours on top.
 */
import type { EnvValue } from '../../launch/model.ts';
import type { Recipe, RecipeInput, RecipeRefusal, ToolRecord } from '../model.ts';
import { env, headerList, keyOrPlaceholder, keyPlace, literal, property, queryRefusal, sessionArgs, unset, when } from './support.ts';

export const gemini: ToolRecord = {
  name: 'gemini',
  displayName: 'Gemini CLI',
  command: 'gemini',
  versionArgs: ['--version'],
  minVersion: '0.52.0',
  install: { command: 'npm install -g @google/gemini-cli', url: 'https://geminicli.com/docs/get-started/installation/' },
  icon: 'star-empty',
  builtinServer: 'google-api',
  protocols: ['gemini'],
  modelAliases: ['auto', 'pro', 'flash', 'flash-lite'],
  permissionModes: ['default', 'auto_edit', 'plan'],
  yolo: true,
  worktrees: false,
  socksProxy: false,
  modelProperties: ['reasoning_effort'],
  notice: 'Google ended Gemini CLI for personal accounts on 18 June 2026; it goes on with API keys and enterprise licences (successor: agy)',
  sources: ['https://geminicli.com/docs/reference/configuration/', 'https://github.com/google-gemini/gemini-cli/discussions/28017'],
  vendor,
  custom,
};

function vendor(input: RecipeInput): Recipe | RecipeRefusal {
  const recipe = common(input);
  if ('refusal' in recipe || property(input, 'reasoning_effort') === undefined) return recipe;
  return { ...recipe, notes: [{ severity: 'warning', message: 'reasoning_effort is left out: gemini reads it from a settings file only, and on its own service it keeps yours' }] };
}

function custom(input: RecipeInput): Recipe | RecipeRefusal {
  const { server, key } = input;
  const place = keyPlace(input);
  if (place.type === 'query') return queryRefusal('gemini', place.name);
  if (Object.values(server.headers).some((value) => /,\s*[^,:]+:/.test(value))) {
    return { code: 'invalid', refusal: 'gemini takes extra headers as one list, and a header of this server has something like another header in its value', hint: 'Take the comma out of the header, or use another tool' };
  }
  const basis = common(input);
  if ('refusal' in basis) return basis;
  const home = input.join(input.stateDir, 'gemini-home');
  const userFolder = userGeminiFolder(input);
  const isOwnHeader = place.type === 'header' && place.name.toLowerCase() === 'x-goog-api-key';
  const ownHeader = place.type === 'x-api-key' ? 'x-api-key' : place.type === 'header' && !isOwnHeader ? place.name : undefined;
  return {
    ...basis,
    env: {
      ...basis.env,
      ...env({
        GOOGLE_GEMINI_BASE_URL: literal(server.baseUrl),
        GEMINI_API_KEY: place.type === 'bearer' || isOwnHeader ? key : keyOrPlaceholder(undefined),
        GEMINI_API_KEY_AUTH_MECHANISM: literal(place.type === 'bearer' ? 'bearer' : 'x-goog-api-key'),
        GEMINI_CLI_CUSTOM_HEADERS: headerList(server.headers, ', ', ownHeader !== undefined && key ? { name: ownHeader, key } : undefined) ?? literal(''),
        GEMINI_CLI_HOME: literal(home),
        // Which folders are trusted is the user's own decision, wherever it is made.
        GEMINI_CLI_TRUSTED_FOLDERS_PATH: userFolder === undefined ? undefined : literal(input.inherited('GEMINI_CLI_TRUSTED_FOLDERS_PATH') ?? input.join(userFolder, 'trustedFolders.json')),
        // gemini reads .env files of the project for what is not set, so these are set to nothing instead of being unset.
        ...Object.fromEntries(fightsFromEnvFiles.map((name) => [name, literal('')])),
      }),
    },
    unset: unset('names a model of another server', 'GEMINI_MODEL'),
    files: [{ path: input.join(home, '.gemini', 'settings.json'), content: `${JSON.stringify({ ...settings, ...thinking(input) }, undefined, 2)}\n`, ...(userFolder !== undefined && { base: input.join(userFolder, 'settings.json') }) }],
    notes: [{ severity: 'information', message: `gemini runs with a copy of your settings; its history, extensions and global GEMINI.md are those of ${home}` }],
  };
}

/** Where another key, service or API version would come from. */
const fightsFromEnvFiles = ['GOOGLE_API_KEY', 'GOOGLE_GENAI_USE_VERTEXAI', 'GOOGLE_GENAI_USE_GCA', 'GOOGLE_GENAI_API_VERSION', 'GEMINI_CLI_USE_COMPUTE_ADC'];

const settings = {
  security: { auth: { selectedType: 'gemini-api-key', enforcedType: 'gemini-api-key', useExternal: false } },
  privacy: { usageStatisticsEnabled: false },
  general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
};

/**
 * Of models that are not Google's, gemini asks only to see thoughts; how much to think stands in a preset of the model's name.
 * Before Gemini 3 it was a number of tokens: https://ai.google.dev/gemini-api/docs/thinking
 */
function thinking(input: RecipeInput): object {
  const effort = property(input, 'reasoning_effort');
  if (effort === undefined) return {};
  const thinkingConfig = effort === 'none' || /^gemini-[12]/.test(input.model) ? { thinkingBudget: budgets[effort] ?? -1 } : { thinkingLevel: (effort in budgets ? effort : 'high').toUpperCase() };
  return { modelConfigs: { customAliases: { [input.model]: { extends: 'chat-base', modelConfig: { model: input.model, generateContentConfig: { thinkingConfig } } } } } };
}

/** Tokens per level; of more than the highest, as many as the model likes. */
const budgets: Readonly<Record<string, number>> = { none: 0, minimal: 1024, low: 4096, medium: 10_240, high: 24_576 };

/** `.gemini` in the home that gemini would take without us. */
function userGeminiFolder({ platform, inherited, join }: RecipeInput): string | undefined {
  const home = inherited('GEMINI_CLI_HOME') ?? inherited(platform === 'win32' ? 'USERPROFILE' : 'HOME');
  return home === undefined || home === '' ? undefined : join(home, '.gemini');
}

function common(input: RecipeInput): Recipe | RecipeRefusal {
  const { model, prompt, headless, yolo, permissionMode, trusted } = input;
  if (headless && !trusted) {
    return { code: 'untrusted', refusal: 'gemini prints an answer only in a folder that is trusted', hint: 'Trust the workspace, or launch it interactively and answer its question' };
  }
  const variables: Readonly<Record<string, EnvValue>> = headless ? { GEMINI_CLI_TRUST_WORKSPACE: literal('true') } : {};
  return {
    args: ['--model', model, ...sessionArgs(input, '--session-id'), ...when(yolo, '--yolo'), ...(yolo || permissionMode === undefined ? [] : ['--approval-mode', permissionMode])],
    promptArgs: prompt === undefined ? [] : [`${headless ? '--prompt' : '--prompt-interactive'}=${prompt}`],
    env: variables,
  };
}
