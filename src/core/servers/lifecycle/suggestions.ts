/** Models that are worth a look where nobody knows yet what to pull. Sizes are those of the default quantisation. */
import type { PullSuggestion } from './model.ts';

/** Names of ollama.com/library. */
export const ollamaSuggestions: readonly PullSuggestion[] = [
  { model: 'gpt-oss:20b', about: '14 GB, tools, thinking' },
  { model: 'qwen3:8b', about: '5 GB, tools, thinking' },
  { model: 'qwen3-coder:30b', about: '19 GB, tools, for code' },
  { model: 'qwen2.5-coder:7b', about: '5 GB, tools, for code' },
  { model: 'devstral:24b', about: '14 GB, tools, for coding agents' },
  { model: 'gemma3:4b', about: '3 GB, sees images' },
  { model: 'llama3.2:3b', about: '2 GB, tools' },
  { model: 'deepseek-r1:8b', about: '5 GB, thinking' },
  { model: 'nomic-embed-text', about: '0.3 GB, embeddings' },
];

/** Names of lmstudio.ai/models. */
export const lmstudioSuggestions: readonly PullSuggestion[] = [
  { model: 'openai/gpt-oss-20b', about: '12 GB, tools, thinking' },
  { model: 'qwen/qwen3-4b-2507', about: '2.5 GB, tools' },
  { model: 'qwen/qwen3-coder-30b', about: '19 GB, tools, for code' },
  { model: 'mistralai/devstral-small-2507', about: '14 GB, tools, for coding agents' },
  { model: 'google/gemma-3-4b', about: '3 GB, sees images' },
  { model: 'ibm/granite-4-micro', about: '2 GB, tools' },
];
