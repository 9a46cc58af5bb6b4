/** The kinds of model server, one record each. A new kind is a record here and a fixture. */
import type { Protocol } from '../protocol.ts';
import type { AuthScheme } from './auth.ts';

export const serverKindIds = [
  'anthropic-api',
  'openai-api',
  'google-api',
  'ollama',
  'lmstudio',
  'openai-compat',
  'openrouter',
  'llamacpp',
  'vllm',
  'localai',
  'huggingface',
  'litellm',
] as const;
export type ServerKindId = (typeof serverKindIds)[number];

/** How the models of a server are listed; each has its parser in `listing/`. */
export type ListingId = 'anthropic' | 'openai' | 'google' | 'ollama' | 'lmstudio';

export interface ServerKind {
  readonly id: ServerKindId;
  readonly displayName: string;
  /** One sentence for pickers. */
  readonly description: string;
  readonly defaultBaseUrl?: string;
  /** Protocols by the vendor's documentation, preferred first. */
  readonly protocols: readonly Protocol[];
  /** What a probe asks the server itself about (by an empty POST), because it depends on its version; empty for hosted vendors. */
  readonly versionDependent: readonly Protocol[];
  readonly listing: ListingId;
  readonly auth: AuthScheme;
  /** Variable that the vendor's own tools read. Used for builtins, proposed for new entries. */
  readonly defaultApiKeyEnv?: string;
  readonly keyRequired: boolean;
  /** Its list of models is open to those without a key too. */
  readonly listsToEverybody?: boolean;
  /** Name of its builtin server, if it has one. */
  readonly builtin?: string;
  /** How to start or get it, one sentence, for hints. */
  readonly startHint: string;
  /** Starts it on its usual port, typed into a shell; absent where a model or a file must be named. */
  readonly startCommand?: string;
  /** How to make it reachable from other machines, where it is not by itself. */
  readonly networkHint?: string;
  /** What to do when it lists no model. */
  readonly modelsHint: string;
  readonly url: string;
  /** Where it usually listens on this machine, for discovery. */
  readonly usualPort?: number;
  readonly icon: string;
}

const kinds: readonly ServerKind[] = [
  {
    id: 'anthropic-api',
    displayName: 'Anthropic API',
    description: 'Anthropic, or a proxy that speaks its Messages API',
    defaultBaseUrl: 'https://api.anthropic.com',
    protocols: ['anthropic-messages'],
    versionDependent: [],
    listing: 'anthropic',
    auth: { type: 'x-api-key' },
    defaultApiKeyEnv: 'ANTHROPIC_API_KEY',
    keyRequired: true,
    builtin: 'anthropic-api',
    startHint: 'Create a key in the Anthropic Console',
    modelsHint: 'Check on its website what this key may use',
    url: 'https://console.anthropic.com/settings/keys',
    icon: 'cloud',
  },
  {
    id: 'openai-api',
    displayName: 'OpenAI API',
    description: 'OpenAI, or a proxy that speaks its Responses API',
    defaultBaseUrl: 'https://api.openai.com',
    protocols: ['openai-responses', 'openai-chat'],
    versionDependent: [],
    listing: 'openai',
    auth: { type: 'bearer' },
    defaultApiKeyEnv: 'OPENAI_API_KEY',
    keyRequired: true,
    builtin: 'openai-api',
    startHint: 'Create a key on the OpenAI platform',
    modelsHint: 'Check on its website what this key may use',
    url: 'https://platform.openai.com/api-keys',
    icon: 'cloud',
  },
  {
    id: 'google-api',
    displayName: 'Google Gemini API',
    description: 'Google AI Studio, or a proxy that speaks the Gemini API',
    defaultBaseUrl: 'https://generativelanguage.googleapis.com',
    protocols: ['gemini'],
    versionDependent: [],
    listing: 'google',
    auth: { type: 'header', name: 'x-goog-api-key' },
    defaultApiKeyEnv: 'GEMINI_API_KEY',
    keyRequired: true,
    builtin: 'google-api',
    startHint: 'Create a key in Google AI Studio',
    modelsHint: 'Check on its website what this key may use',
    url: 'https://aistudio.google.com/apikey',
    icon: 'cloud',
  },
  {
    id: 'ollama',
    displayName: 'Ollama',
    description: 'Ollama on this machine or another one',
    defaultBaseUrl: 'http://localhost:11434',
    // Messages since 0.14.0, Responses since 0.13.3: docs.ollama.com/api/anthropic-compatibility, /api/openai-compatibility.
    protocols: ['ollama', 'openai-chat', 'openai-responses', 'anthropic-messages'],
    versionDependent: ['openai-responses', 'anthropic-messages'],
    listing: 'ollama',
    auth: { type: 'none' },
    keyRequired: false,
    startHint: 'Start it with `ollama serve`',
    startCommand: 'ollama serve',
    networkHint: 'It listens to its own machine only, unless it is started with OLLAMA_HOST=0.0.0.0',
    modelsHint: 'Download one with `ollama pull llama3.2`',
    url: 'https://ollama.com/download',
    usualPort: 11434,
    icon: 'server',
  },
  {
    id: 'lmstudio',
    displayName: 'LM Studio',
    description: "LM Studio's local server",
    defaultBaseUrl: 'http://localhost:1234',
    // Responses since 0.3.29, Messages since 0.4.1: lmstudio.ai/docs/developer.
    protocols: ['openai-chat', 'openai-responses', 'anthropic-messages'],
    versionDependent: ['openai-responses', 'anthropic-messages'],
    listing: 'lmstudio',
    auth: { type: 'none' },
    keyRequired: false,
    startHint: 'Start it with `lms server start`, or in LM Studio under Developer',
    startCommand: 'lms server start',
    networkHint: 'It listens to its own machine only, unless "Serve on Local Network" is on in LM Studio under Developer',
    modelsHint: 'Download one with `lms get`, or in LM Studio under Discover',
    url: 'https://lmstudio.ai',
    usualPort: 1234,
    icon: 'server',
  },
  {
    id: 'llamacpp',
    displayName: 'llama.cpp',
    description: "llama.cpp's llama-server",
    defaultBaseUrl: 'http://localhost:8080',
    protocols: ['openai-chat', 'openai-responses', 'anthropic-messages'],
    versionDependent: ['openai-responses', 'anthropic-messages'],
    listing: 'openai',
    auth: { type: 'none' },
    keyRequired: false,
    startHint: 'Start it with `llama-server -m MODEL.gguf --jinja`',
    networkHint: 'It listens to its own machine only, unless it is started with `--host 0.0.0.0`',
    modelsHint: 'Start it with a model: `llama-server -m MODEL.gguf --jinja`',
    url: 'https://github.com/ggml-org/llama.cpp/tree/master/tools/server',
    usualPort: 8080,
    icon: 'server',
  },
  {
    id: 'vllm',
    displayName: 'vLLM',
    description: 'A vLLM server on this machine or in the cluster',
    defaultBaseUrl: 'http://localhost:8000',
    protocols: ['openai-chat', 'openai-responses', 'anthropic-messages'],
    versionDependent: ['openai-responses', 'anthropic-messages'],
    listing: 'openai',
    auth: { type: 'none' },
    keyRequired: false,
    startHint: 'Start it with `vllm serve MODEL`',
    modelsHint: 'Start it with a model: `vllm serve MODEL`',
    url: 'https://docs.vllm.ai',
    usualPort: 8000,
    icon: 'server',
  },
  {
    id: 'localai',
    displayName: 'LocalAI',
    description: 'A LocalAI server',
    defaultBaseUrl: 'http://localhost:8080',
    // core/http/routes/openresponses.go and anthropic.go in github.com/mudler/LocalAI.
    protocols: ['openai-chat', 'openai-responses', 'anthropic-messages'],
    versionDependent: ['openai-responses', 'anthropic-messages'],
    listing: 'openai',
    auth: { type: 'none' },
    keyRequired: false,
    startHint: 'Start it with `local-ai run`',
    modelsHint: 'Install one with `local-ai models install MODEL`, or in its web interface',
    url: 'https://localai.io',
    icon: 'server',
  },
  {
    id: 'openai-compat',
    displayName: 'OpenAI-compatible',
    description: 'Any server with an OpenAI-shaped API: SGLang, Groq, Together, a proxy at work',
    protocols: ['openai-chat'],
    versionDependent: ['openai-responses', 'anthropic-messages'],
    listing: 'openai',
    auth: { type: 'bearer' },
    keyRequired: false,
    startHint: 'Check the address and that the server is running',
    modelsHint: 'Load a model there, or name them here with models = ["…"]',
    url: 'https://platform.openai.com/docs/api-reference/models',
    icon: 'server',
  },
  {
    id: 'openrouter',
    displayName: 'OpenRouter',
    description: 'Many vendors behind one key',
    defaultBaseUrl: 'https://openrouter.ai/api',
    // openrouter.ai/docs: chat, Responses (beta) and an Anthropic-compatible Messages endpoint under /api/v1.
    protocols: ['openai-chat', 'openai-responses', 'anthropic-messages'],
    versionDependent: [],
    listing: 'openai',
    auth: { type: 'bearer' },
    defaultApiKeyEnv: 'OPENROUTER_API_KEY',
    keyRequired: true,
    listsToEverybody: true,
    startHint: 'Create a key on OpenRouter',
    modelsHint: 'Check on its website what this key may use',
    url: 'https://openrouter.ai/settings/keys',
    icon: 'cloud',
  },
  {
    id: 'huggingface',
    displayName: 'Hugging Face',
    description: 'Hugging Face Inference Providers (router)',
    defaultBaseUrl: 'https://router.huggingface.co',
    // Responses is in beta: huggingface.co/docs/inference-providers/guides/responses-api.
    protocols: ['openai-chat', 'openai-responses'],
    versionDependent: [],
    listing: 'openai',
    auth: { type: 'bearer' },
    defaultApiKeyEnv: 'HF_TOKEN',
    keyRequired: true,
    listsToEverybody: true,
    startHint: 'Create a token with the permission to call Inference Providers',
    modelsHint: 'Check on its website what this key may use',
    url: 'https://huggingface.co/settings/tokens',
    icon: 'cloud',
  },
  {
    id: 'litellm',
    displayName: 'LiteLLM',
    description: 'A LiteLLM proxy',
    defaultBaseUrl: 'http://localhost:4000',
    protocols: ['openai-chat', 'openai-responses', 'anthropic-messages'],
    versionDependent: ['openai-responses', 'anthropic-messages'],
    listing: 'openai',
    auth: { type: 'bearer' },
    defaultApiKeyEnv: 'LITELLM_API_KEY',
    keyRequired: false,
    startHint: 'Start it with `litellm --config CONFIG`',
    modelsHint: 'Add models to model_list in its configuration, or check what this key may use',
    url: 'https://docs.litellm.ai',
    icon: 'server',
  },
];

const byId = new Map(kinds.map((kind) => [kind.id, kind]));

/** All kinds, in the order in which pickers show them. */
export function allServerKinds(): readonly ServerKind[] {
  return kinds;
}

export function serverKind(id: ServerKindId): ServerKind {
  const kind = byId.get(id);
  if (!kind) throw new Error(`no record for server kind ${id}`);
  return kind;
}

/** Other spellings that people write; understood on input, reported as information. */
export const kindAliases: Readonly<Record<string, ServerKindId>> = {
  anthropic: 'anthropic-api',
  openai: 'openai-api',
  google: 'google-api',
  gemini: 'google-api',
  lm_studio: 'lmstudio',
  'lm-studio': 'lmstudio',
  'llama.cpp': 'llamacpp',
  'llama-cpp': 'llamacpp',
  'openai-compatible': 'openai-compat',
  hf: 'huggingface',
};
