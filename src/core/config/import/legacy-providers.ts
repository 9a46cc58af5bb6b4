/**
 * `providers`, the form before `model_list`: an object of vendors. Each one that is configured becomes an entry, as the
 * program itself migrated it (github.com/sipeed/picoclaw, pkg/config/migration.go).
 */
import { isTable } from '../entries.ts';

/** In the order of that migration, with the model that it gave a vendor whose model nobody chose. */
const migrated: readonly (readonly [key: string, names: readonly string[], protocol: string, model: string])[] = [
  ['openai', ['openai', 'gpt'], 'openai', 'gpt-5.4'],
  ['anthropic', ['anthropic', 'claude'], 'anthropic', 'claude-sonnet-4.6'],
  ['litellm', ['litellm'], 'litellm', 'auto'],
  ['openrouter', ['openrouter'], 'openrouter', 'auto'],
  ['groq', ['groq'], 'groq', 'llama-3.1-70b-versatile'],
  ['zhipu', ['zhipu', 'glm'], 'zhipu', 'glm-4'],
  ['vllm', ['vllm'], 'vllm', 'auto'],
  ['gemini', ['gemini', 'google'], 'gemini', 'gemini-pro'],
  ['nvidia', ['nvidia'], 'nvidia', 'meta/llama-3.1-8b-instruct'],
  ['ollama', ['ollama'], 'ollama', 'llama3'],
  ['moonshot', ['moonshot', 'kimi'], 'moonshot', 'kimi'],
  ['shengsuanyun', ['shengsuanyun'], 'shengsuanyun', 'auto'],
  ['deepseek', ['deepseek'], 'deepseek', 'deepseek-chat'],
  ['cerebras', ['cerebras'], 'cerebras', 'llama-3.3-70b'],
  ['vivgrid', ['vivgrid'], 'vivgrid', 'auto'],
  ['volcengine', ['volcengine', 'doubao'], 'volcengine', 'doubao-pro'],
  ['github_copilot', ['github_copilot', 'copilot'], 'github-copilot', 'gpt-5.4'],
  ['antigravity', ['antigravity'], 'antigravity', 'gemini-2.0-flash'],
  ['qwen', ['qwen', 'tongyi'], 'qwen', 'qwen-max'],
  ['mistral', ['mistral'], 'mistral', 'mistral-small-latest'],
  ['avian', ['avian'], 'avian', 'deepseek/deepseek-v3.2'],
  ['longcat', ['longcat'], 'longcat', 'LongCat-Flash-Thinking'],
  ['modelscope', ['modelscope'], 'modelscope', 'Qwen/Qwen3-235B-A22B-Instruct-2507'],
];

export interface LegacyEntries {
  /** Entries of a `model_list`, with the place where each stands. */
  readonly entries: readonly { readonly label: string; readonly entry: Readonly<Record<string, unknown>> }[];
  /** Vendors that are configured and were never migrated. */
  readonly unknown: readonly string[];
}

export function entriesOfProviders(providers: Readonly<Record<string, unknown>>, defaults: Readonly<Record<string, unknown>>): LegacyEntries {
  const chosenProvider = textOf(defaults.provider).toLowerCase();
  const chosenModel = textOf(defaults.model_name) || textOf(defaults.model);
  let isFirst = true;
  const entries = migrated.flatMap(([key, names, protocol, usual]) => {
    const provider = providers[key];
    if (!isTable(provider) || !isConfigured(key, provider)) return [];
    // Where only a model is named it was the first vendor's, under its own name.
    const isImplied = chosenProvider === '' && chosenModel !== '' && isFirst;
    isFirst = false;
    const model = (names.includes(chosenProvider) && chosenModel !== '') || isImplied ? chosenModel : usual;
    const isWhole = model.includes('/') && model !== usual;
    return [{ label: `providers.${key}`, entry: { ...provider, model_name: isImplied ? chosenModel : protocol, model: isWhole ? model : `${protocol}/${model}` } }];
  });
  const known = new Set(migrated.map(([key]) => key));
  return { entries, unknown: Object.keys(providers).filter((key) => !known.has(key) && isTable(providers[key]) && isConfigured(key, providers[key])) };
}

export function isConfigured(key: string, provider: Readonly<Record<string, unknown>>): boolean {
  const needed = key === 'antigravity' ? ['api_key', 'auth_method'] : key === 'github_copilot' ? ['api_key', 'api_base', 'connect_mode'] : ['api_key', 'api_base'];
  return needed.some((field) => textOf(provider[field]) !== '');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}
