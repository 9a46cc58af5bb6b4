/**
 * Antigravity CLI, Google's successor of Gemini CLI. It signs in with Google and has no documented way to another server (its
 * issue 514 asks for one). Not measured: it comes from an installer of its own and needs a Google account.
 */
import type { RecipeInput, Recipe, ToolRecord } from '../model.ts';
import { when } from './support.ts';

export const agy: ToolRecord = {
  name: 'agy',
  displayName: 'Antigravity CLI',
  command: 'agy',
  versionArgs: ['--version'],
  // The first with --model.
  minVersion: '1.0.6',
  install: { command: 'curl -fsSL https://antigravity.google/cli/install.sh | bash', windowsCommand: 'irm https://antigravity.google/cli/install.ps1 | iex', url: 'https://antigravity.google/docs/cli' },
  icon: 'rocket',
  ownService: { name: 'google-antigravity', displayName: 'Google Antigravity', url: 'https://antigravity.google' },
  protocols: [],
  modelAliases: [],
  permissionModes: [],
  yolo: true,
  worktrees: false,
  socksProxy: false,
  modelProperties: [],
  sources: ['https://antigravity.google/docs/cli', 'https://github.com/google-antigravity/antigravity-cli/issues/514', 'https://github.com/google-antigravity/antigravity-cli/issues/35'],
  vendor,
  custom: () => ({
    code: 'not-repointable',
    refusal: 'agy works only with Google\'s own service; it has no setting for another server',
    hint: 'Leave model_server out, or use gemini, which takes a server of your own',
  }),
};

function vendor({ model, prompt, headless, yolo }: RecipeInput): Recipe {
  return {
    args: ['--model', model, ...when(yolo, '--dangerously-skip-permissions')],
    promptArgs: prompt === undefined ? [] : [`${headless ? '--print' : '--prompt-interactive'}=${prompt}`],
    env: {},
  };
}
