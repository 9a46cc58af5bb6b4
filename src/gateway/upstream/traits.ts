/** What is known of a server's habits, for the encoders. One place, keyed by kind; probes add what they learn. */
import type { UpstreamTarget } from '../../core/gateway/model.ts';
import type { UpstreamTraits } from '../protocol/codec.ts';

export function traitsOf({ server, contextWindow }: UpstreamTarget): UpstreamTraits {
  const common: UpstreamTraits = contextWindow === undefined ? {} : { contextWindow };
  switch (server.kind) {
    case 'openai-api':
      return { ...common, maxTokensField: 'max_completion_tokens', systemRole: 'developer', streamUsage: true, images: true, documents: true, systemAnywhere: true, promptCacheKey: true };
    case 'anthropic-api':
      return { ...common, images: true, documents: true };
    case 'google-api':
      return { ...common, images: true, documents: true };
    case 'openrouter':
      return { ...common, streamUsage: true, images: true, reasoningField: 'reasoning', systemAnywhere: true };
    case 'ollama':
    case 'lmstudio':
    case 'llamacpp':
    case 'vllm':
    case 'localai':
    case 'openai-compat':
    case 'huggingface':
    case 'litellm':
      return { ...common, streamUsage: true, images: true, reasoningField: 'reasoning_content', unsignedThinking: true };
  }
}
