/** `[llm_tools]` → defaults and {@link CustomTool}s. */
import { type Entry, type EntryKind, isTable, readEntries, reportUnknownKeys } from './entries.ts';
import { looksLikeKey } from './literal-keys.ts';
import type { CustomTool } from './model.ts';
import { type FileContext, quote } from './problems.ts';
import { customToolSchema, describeValue, llmToolsSchema } from './schema.ts';

export const customToolKind: EntryKind<typeof customToolSchema> = {
  header: '[[llm_tools.custom]]',
  noun: 'LLM tool',
  subject: 'llm_tool',
  schema: customToolSchema,
  harmless: new Set(['display_name']),
};

type ToolEntry = Entry<typeof customToolSchema>;

export interface LlmToolsTable {
  readonly defaultTool?: string;
  readonly defaultModel?: string;
  readonly tools: readonly ToolEntry[];
}

const path = ['llm_tools'];

export function readLlmTools(value: unknown, file: FileContext): LlmToolsTable {
  if (value === undefined) return { tools: [] };
  if (!isTable(value)) {
    file.report({ code: 'invalid-value', severity: 'error', message: `llm_tools must be a table, not ${describeValue(value)}`, hint: 'Write [llm_tools] with one bracket', path, part: 'key', subject: { type: 'file' } });
    return { tools: [] };
  }
  reportUnknownKeys(value, Object.keys(llmToolsSchema.shape), path, 'llm_tools', { type: 'file' }, file);
  const defaultTool = readText(value, 'default_tool', file);
  const defaultModel = readText(value, 'default_model', file);
  return {
    ...(defaultTool !== undefined && { defaultTool }),
    ...(defaultModel !== undefined && { defaultModel }),
    tools: readEntries(value.custom, [...path, 'custom'], customToolKind, file),
  };
}

function readText(table: Record<string, unknown>, key: 'default_tool' | 'default_model', file: FileContext): string | undefined {
  const parsed = llmToolsSchema.shape[key].safeParse(table[key]);
  if (parsed.success) return parsed.data;
  file.report({ code: 'invalid-value', severity: 'warning', message: `llm_tools: ${key} ${parsed.error.issues[0]?.message}`, hint: 'The value is ignored until it is right', path: [...path, key], subject: { type: 'file' } });
  return undefined;
}

/** A tool that is not completely described is left out: half of a command line is worse than none. */
export function buildCustomTool(entry: ToolEntry, file: FileContext): CustomTool | undefined {
  const { command, protocol, args = [], env = {}, display_name: displayName } = entry.values;
  const withKey = args.findIndex((arg) => arg.includes('{api_key}') || looksLikeKey(arg));
  if (withKey >= 0) {
    const literal = !args[withKey]?.includes('{api_key}');
    file.report({
      code: literal ? 'literal-key' : 'invalid-value',
      severity: 'error',
      message: literal ? `${entry.label}: args hold a key itself` : `${entry.label}: {api_key} must not stand in args, where every user of this machine could read it`,
      hint: 'Hand the key over in env, such as env = { OPENAI_API_KEY = "{api_key}" }',
      path: [...entry.path, 'args', withKey],
      subject: { ...entry.subject, key: 'args' },
    });
    return undefined;
  }
  const keptEnv: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (!looksLikeKey(value)) keptEnv[name] = value;
    else file.report({ code: 'literal-key', severity: 'warning', message: `${entry.label}: env.${quote(name)} holds a key itself and is ignored`, hint: `Write ${name} = "{api_key}" and name the key on the model server`, path: [...entry.path, 'env', name], subject: { ...entry.subject, key: 'env' } });
  }
  if (entry.unusable || command === undefined || protocol === undefined) return undefined;
  return { name: entry.name, displayName: displayName ?? entry.name, origin: file.origin, where: file.where(entry.path), command, protocol, args, env: keptEnv };
}
