/** Commands inside the chat: `/model qwen`. */
import { closest } from '../../base/text.ts';

export const slashCommands = [
  { name: 'model', argument: '[NAME]', description: 'show the models of the server, or switch to another one' },
  { name: 'clear', argument: '', description: 'forget the conversation' },
  { name: 'help', argument: '', description: 'show this help' },
  { name: 'exit', argument: '', description: 'leave (also Ctrl+D)' },
] as const;
export type SlashName = (typeof slashCommands)[number]['name'];

export type Line =
  | { readonly type: 'empty' }
  | { readonly type: 'message'; readonly text: string }
  | { readonly type: 'command'; readonly name: SlashName; readonly argument: string }
  | { readonly type: 'unknown-command'; readonly typed: string; readonly near?: string };

const aliases: Readonly<Record<string, SlashName>> = { quit: 'exit', q: 'exit', bye: 'exit', models: 'model', '?': 'help' };

/** A path such as `/usr/bin/env` at the start of a message is no command. */
export function parseLine(line: string): Line {
  const text = line.trim();
  if (text === '') return { type: 'empty' };
  const [, word, argument = ''] = /^\/([a-z]+|\?)(?:\s+(.*))?$/is.exec(text) ?? [];
  if (word === undefined) return { type: 'message', text: line };
  const typed = word.toLowerCase();
  const name = slashCommands.find((command) => command.name === typed)?.name ?? aliases[typed];
  if (name !== undefined) return { type: 'command', name, argument: argument.trim() };
  const near = closest(typed, slashCommands.map((command) => command.name));
  return { type: 'unknown-command', typed, ...(near === undefined ? {} : { near }) };
}

export type ModelChoice =
  | { readonly type: 'found'; readonly model: string }
  | { readonly type: 'several'; readonly models: readonly string[] }
  | { readonly type: 'none'; readonly near?: string };

/** Ollama lists `name:latest` for what people and files call `name`. */
export function isSameModel(a: string, b: string): boolean {
  return a === b || `${a}:latest` === b || a === `${b}:latest`;
}

/** The model that `typed` means: its exact name, Ollama's name without `:latest`, or the only one that contains it. */
export function chooseModel(typed: string, models: readonly string[]): ModelChoice {
  const exact = models.find((model) => model === typed) ?? models.find((model) => isSameModel(model, typed));
  if (exact !== undefined) return { type: 'found', model: exact };
  const containing = models.filter((model) => model.toLowerCase().includes(typed.toLowerCase()));
  if (containing.length === 1 && containing[0] !== undefined) return { type: 'found', model: containing[0] };
  if (containing.length > 1) return { type: 'several', models: containing };
  const near = closest(typed, models);
  return { type: 'none', ...(near === undefined ? {} : { near }) };
}

/** Endings of a command or of a model's name, for the Tab key. */
export function completeLine(line: string, models: readonly string[]): readonly string[] {
  const [, argument] = /^\/models?\s+(.*)$/i.exec(line) ?? [];
  if (argument !== undefined) return models.filter((model) => model.startsWith(argument)).map((model) => `/model ${model}`);
  if (!line.startsWith('/') || line.includes(' ')) return [];
  return slashCommands.map(({ name, argument }) => `/${name}${argument === '' ? '' : ' '}`).filter((command) => command.startsWith(line.toLowerCase()));
}
