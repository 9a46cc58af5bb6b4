/**
 * What the prefixes of a `model_list` mean: `groq/llama-3.3-70b` is Groq's. The names, their other spellings and the addresses
 * are those of github.com/sipeed/picoclaw (pkg/providers/provider_metadata.go), whose lists are imported. What the local ones
 * are called stands with the prefixes that are understood without an import.
 */
import { type ServerKindId, serverKind } from '../../servers/kinds.ts';
import { localPrefixes } from '../../servers/local-prefix.ts';

export interface Vendor {
  readonly id: string;
  readonly aliases: readonly string[];
  readonly reach:
    | { readonly type: 'server'; readonly kind: ServerKindId; readonly baseUrl: string | undefined; readonly keyRequired: boolean; readonly keyEnv: string }
    /** A command line with a login of its own; Operator launches it. */
    | { readonly type: 'llm-tool'; readonly llmTool: string }
    | { readonly type: 'unsupported'; readonly reason: string };
}

interface ServerOptions {
  readonly aliases?: readonly string[];
  readonly kind?: ServerKindId;
  readonly keyRequired?: boolean;
  readonly keyEnv?: string;
}

function server(id: string, baseUrl: string | undefined, { aliases = [], kind = 'openai-compat', keyRequired = true, keyEnv }: ServerOptions = {}): Vendor {
  return { id, aliases, reach: { type: 'server', kind, baseUrl, keyRequired, keyEnv: keyEnv ?? serverKind(kind).defaultApiKeyEnv ?? variableFor(id) } };
}

function tool(id: string, llmTool: string, ...aliases: readonly string[]): Vendor {
  return { id, aliases, reach: { type: 'llm-tool', llmTool } };
}

/** A model is OpenAI's where nothing says otherwise. */
export const openai: Vendor = server('openai', 'https://api.openai.com/v1', { kind: 'openai-api', aliases: ['gpt'] });

const vendors: readonly Vendor[] = [
  openai,
  server('anthropic', 'https://api.anthropic.com/v1', { kind: 'anthropic-api', aliases: ['claude'] }),
  server('anthropic-messages', 'https://api.anthropic.com/v1', { kind: 'anthropic-api' }),
  server('gemini', 'https://generativelanguage.googleapis.com/v1beta', { kind: 'google-api', aliases: ['google'] }),
  server('deepseek', 'https://api.deepseek.com/v1'),
  server('openrouter', 'https://openrouter.ai/api/v1', { kind: 'openrouter' }),
  server('qwen-portal', 'https://dashscope.aliyuncs.com/compatible-mode/v1', { aliases: ['qwen', 'tongyi'], keyEnv: 'DASHSCOPE_API_KEY' }),
  server('qwen-intl', 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1', { aliases: ['qwen-international', 'dashscope-intl'], keyEnv: 'DASHSCOPE_INTL_API_KEY' }),
  server('qwen-us', 'https://dashscope-us.aliyuncs.com/compatible-mode/v1', { aliases: ['dashscope-us'], keyEnv: 'DASHSCOPE_US_API_KEY' }),
  server('moonshot', 'https://api.moonshot.cn/v1', { aliases: ['kimi'] }),
  server('volcengine', 'https://ark.cn-beijing.volces.com/api/v3', { aliases: ['doubao'], keyEnv: 'ARK_API_KEY' }),
  server('zhipu', 'https://open.bigmodel.cn/api/paas/v4', { aliases: ['glm'] }),
  server('groq', 'https://api.groq.com/openai/v1'),
  server('mistral', 'https://api.mistral.ai/v1'),
  server('nvidia', 'https://integrate.api.nvidia.com/v1'),
  server('cerebras', 'https://api.cerebras.ai/v1'),
  server('azure', undefined, { aliases: ['azure-openai'], keyEnv: 'AZURE_OPENAI_API_KEY' }),
  ...localPrefixes().map(({ names, kind, apiKeyVariable }) => server(kind, serverKind(kind).defaultBaseUrl, { kind, aliases: names.filter((name) => name !== kind), keyRequired: false, keyEnv: apiKeyVariable })),
  server('litellm', 'http://localhost:4000/v1', { kind: 'litellm', keyRequired: false }),
  server('gpt4free', 'http://localhost:1337/v1', { aliases: ['g4f'], keyRequired: false }),
  server('venice', 'https://api.venice.ai/api/v1'),
  server('nearai', 'https://cloud-api.near.ai/v1', { aliases: ['near-ai', 'near-ai-cloud'] }),
  server('shengsuanyun', 'https://router.shengsuanyun.com/api/v1'),
  server('orcarouter', 'https://api.orcarouter.ai/v1'),
  server('siliconflow', 'https://api.siliconflow.cn/v1'),
  server('vivgrid', 'https://api.vivgrid.com/v1'),
  server('minimax', 'https://api.minimaxi.com/v1'),
  server('longcat', 'https://api.longcat.chat/openai'),
  server('modelscope', 'https://api-inference.modelscope.cn/v1'),
  server('mimo', 'https://api.xiaomimimo.com/v1'),
  server('avian', 'https://api.avian.io/v1'),
  server('zai', 'https://api.z.ai/api/coding/paas/v4', { aliases: ['z.ai', 'z-ai'] }),
  server('alibaba-coding', 'https://coding-intl.dashscope.aliyuncs.com/v1', { aliases: ['coding-plan', 'qwen-coding'] }),
  server('alibaba-coding-anthropic', 'https://coding-intl.dashscope.aliyuncs.com/apps/anthropic', { kind: 'anthropic-api', aliases: ['coding-plan-anthropic'], keyEnv: 'ALIBABA_CODING_API_KEY' }),
  server('novita', 'https://api.novita.ai/openai'),
  tool('claude-cli', 'claude', 'claudecli'),
  tool('codex-cli', 'codex', 'codexcli'),
  tool('github-copilot', 'copilot', 'copilot', 'github_copilot'),
  tool('antigravity', 'agy', 'google-antigravity'),
  { id: 'bedrock', aliases: [], reach: { type: 'unsupported', reason: 'AWS Bedrock signs its requests with AWS credentials, which Operator does not' } },
  { id: 'elevenlabs', aliases: [], reach: { type: 'unsupported', reason: 'ElevenLabs turns speech into text; it serves no models for agents' } },
];

const byName = new Map(vendors.flatMap((vendor) => [vendor.id, ...vendor.aliases].map((name) => [name, vendor])));

export function findVendor(name: string): Vendor | undefined {
  return byName.get(name.trim().toLowerCase());
}

/** `groq` → `GROQ_API_KEY`. */
export function variableFor(text: string): string {
  const name = text
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
  return `${/^[0-9]/.test(name) ? '_' : ''}${name}_API_KEY`;
}

/** Names that are taken off the front of a model where its vendor is told apart from it, once, as the list's own program does. */
export function stripVendor(model: string, host: string | undefined): string {
  const [prefix = '', ...rest] = model.split('/');
  return rest.length > 0 && strippable.has(prefix.toLowerCase()) && host !== 'openrouter.ai' ? rest.join('/') : model;
}

const strippable = new Set(['litellm', 'venice', 'moonshot', 'nvidia', 'groq', 'ollama', 'deepseek', 'google', 'openrouter', 'siliconflow', 'zhipu', 'mistral', 'vivgrid', 'minimax', 'novita', 'lmstudio']);
