/** Tools that the user described in `[[llm_tools.custom]]`: placeholders in their arguments and variables are filled in. */
import type { CustomTool } from '../../config/model.ts';
import type { EnvValue, PlanNote } from '../../launch/model.ts';
import { openaiBaseUrl } from '../../servers/address.ts';
import type { LlmTool, Recipe, RecipeInput, RecipeRefusal } from '../model.ts';
import { keyOrPlaceholder, literal } from './support.ts';

/** A tool from TOML in the form of the catalogue. */
export function customTool(tool: CustomTool): LlmTool {
  return {
    custom: tool,
    record: {
      name: tool.name,
      displayName: tool.displayName,
      command: tool.command,
      versionArgs: ['--version'],
      install: { command: '', url: '' },
      icon: 'tools',
      protocols: [tool.protocol],
      modelAliases: [],
      permissionModes: [],
      yolo: false,
      worktrees: false,
      socksProxy: false,
      modelProperties: [],
      sources: [],
      vendor: () => ({ code: 'invalid', refusal: `${tool.name} has no server of its own`, hint: 'Name a model_server' }),
      custom: (input) => fillIn(tool, input),
    },
  };
}

function fillIn(tool: CustomTool, input: RecipeInput): Recipe | RecipeRefusal {
  if (tool.args.some((arg) => arg.includes('{api_key}'))) {
    return { code: 'invalid', refusal: `${tool.name} has {api_key} in its arguments, which every process on this machine can read`, hint: 'Put {api_key} into the tool\'s env' };
  }
  const values: Readonly<Record<string, string>> = { model: input.model, base_url: input.server.baseUrl, openai_base_url: openaiBaseUrl(input.server), session_id: input.sessionId };
  const fill = (text: string): string => text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
  const takesPrompt = tool.args.some((arg) => arg.includes('{prompt}'));
  const { prompt } = input;
  const notes: PlanNote[] = [];
  if (input.headless && !takesPrompt) notes.push({ severity: 'information', message: `Whether ${tool.name} prints one answer and ends depends on its args` });
  return {
    args: withoutPrompt(tool.args, prompt).map((arg) => fill(arg).replaceAll('{prompt}', () => prompt ?? '')),
    promptArgs: prompt === undefined || takesPrompt ? [] : [prompt],
    env: Object.fromEntries(Object.entries(tool.env).map(([name, text]) => [name, withKey(fill(text), input)])),
    notes,
  };
}

/** Without a prompt, an argument that is only `{prompt}` goes, and with it the flag before it (`--prompt {prompt}`). */
function withoutPrompt(args: readonly string[], prompt: string | undefined): readonly string[] {
  if (prompt !== undefined) return args;
  return args.filter((arg, index) => {
    if (arg.includes('{prompt}')) return false;
    return !(args[index + 1] === '{prompt}' && arg.startsWith('-'));
  });
}

function withKey(text: string, input: RecipeInput): EnvValue {
  const [before = '', ...rest] = text.split('{api_key}');
  if (rest.length === 0) return literal(text);
  const key = keyOrPlaceholder(input.key);
  if (key.type === 'literal') return literal(text.replaceAll('{api_key}', () => key.value));
  // A variable holds the key once; what follows a second placeholder would be lost, so it stays as text.
  return { ...key, before, after: rest.join('{api_key}') };
}
