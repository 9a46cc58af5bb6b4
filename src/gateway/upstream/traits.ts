/** What is known of a server's habits, for the encoders. One place, keyed by kind; probes and listings add what they learn. */
import type { UpstreamTarget } from '../../core/gateway/model.ts';
import type { Protocol } from '../../core/protocol.ts';
import type { UpstreamTraits } from '../protocol/codec.ts';
import type { IrEffort } from '../protocol/ir.ts';
import { openAiEfforts } from './openai-models.ts';

type Target = Pick<UpstreamTarget, 'server' | 'model' | 'contextWindow' | 'capabilities'>;

/** Targets are what they are for as long as their session has them. */
const known = new WeakMap<Target, Map<Protocol, UpstreamTraits>>();

/** @param protocol in which the server is asked */
export function traitsOf(target: Target, protocol: Protocol): UpstreamTraits {
  const ofTarget = known.get(target) ?? new Map<Protocol, UpstreamTraits>();
  const traits = ofTarget.get(protocol) ?? findTraits(target, protocol);
  known.set(target, ofTarget.set(protocol, traits));
  return traits;
}

function findTraits(target: Target, protocol: Protocol): UpstreamTraits {
  const { contextWindow } = target;
  const { efforts, ...traits } = { ...kindTraits(target), ...(contextWindow === undefined ? {} : { contextWindow }) };
  // Messages has levels of its own, which follow from the names of its models.
  return efforts === undefined || protocol === 'anthropic-messages' ? traits : { ...traits, efforts };
}

function kindTraits(target: Target): UpstreamTraits {
  const { server, model } = target;
  // Only OpenAI itself takes tools with free text: vLLM and llama.cpp refuse or skip them (github.com/vllm-project/vllm/issues/42475,
  // github.com/ggml-org/llama.cpp/issues/20156).
  const open: UpstreamTraits = { customTools: false, streamUsage: true, images: readsImages(target) };
  /** Servers of open models: they take thoughts back, and thoughts need no signature. Files they do not read. */
  const local: UpstreamTraits = { ...open, reasoningField: 'reasoning_content', unsignedThinking: true, documents: false };
  switch (server.kind) {
    case 'openai-api':
      return { maxTokensField: 'max_completion_tokens', systemRole: 'developer', streamUsage: true, images: true, documents: true, systemAnywhere: true, promptCacheKey: true, efforts: openAiEfforts(model), thinker: openAiEfforts(model).length > 0 };
    case 'anthropic-api':
      return { customTools: false, images: true, documents: true, unsignedThinking: !isClaude(model) };
    case 'google-api':
      return { customTools: false, images: true, documents: true };
    case 'openrouter':
      // Every level for every model: https://openrouter.ai/docs/guides/best-practices/reasoning-tokens; PDF files for every model: https://openrouter.ai/docs/features/multimodal/pdfs.
      return { ...open, documents: true, reasoningField: 'reasoning', unsignedThinking: !isClaude(model), systemAnywhere: true, efforts: ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] };
    case 'ollama':
      return { ...local, ...ollamaThinking(target) };
    case 'lmstudio':
      // No more levels than these: github.com/yoy123/lmstudio-copilot-provider/issues/35. Its engine makes llama.cpp's grammars of schemas.
      return { ...local, plainSchemas: true, efforts: ['none', 'low', 'medium', 'high'] };
    case 'llamacpp':
    case 'localai':
      // Grammars take no `\d`, and no pattern without anchors; one such tool fails the whole request
      // (github.com/ggml-org/llama.cpp/issues/27580 and 26930).
      return { ...local, plainSchemas: true };
    case 'vllm':
      return local;
    case 'openai-compat':
      return { ...local, ...hostTraits(server.baseUrl), unsignedThinking: !isClaude(model), efforts: unknownEfforts(model) };
    case 'huggingface':
    case 'litellm':
      // Whoever is behind them may refuse a setting that they do not know.
      return { ...local, documents: undefined, unsignedThinking: !isClaude(model), efforts: unknownEfforts(model) };
  }
}

/** Anthropic checks what it signed; the other models that vendors offer under its API have nobody to ask. */
function isClaude(model: string): boolean {
  return /claude/i.test(model);
}

/** The one open model that every server of it takes a level for. */
function unknownEfforts(model: string): readonly IrEffort[] {
  return /gpt-oss/i.test(model) ? ['low', 'medium', 'high'] : [];
}

/** Vendors behind the OpenAI-shaped API that refuse a request for a field that they do not know. */
function hostTraits(baseUrl: string): UpstreamTraits {
  const host = new URL(baseUrl).hostname;
  // "Extra inputs are not permitted": github.com/charmbracelet/crush/issues/1590 (thoughts), docs.mistral.ai/api (its seed is `random_seed`).
  if (host.endsWith('.mistral.ai')) return { reasoningField: undefined, streamUsage: false, refusedFields: ['seed', 'user', 'top_k'] };
  // "property 'reasoning_content' is unsupported": github.com/janhq/jan/issues/8136, github.com/Kilo-Org/kilocode/issues/10375.
  if (host === 'api.groq.com' || host === 'api.cerebras.ai') return { reasoningField: undefined, refusedFields: ['top_k'] };
  return {};
}

/**
 * A model that cannot think answers a wish to think with status 400, and so does a level that Ollama does not know (`minimal`);
 * gpt-oss knows levels and cannot stop (https://docs.ollama.com/capabilities/thinking).
 */
function ollamaThinking({ model, capabilities }: Target): UpstreamTraits {
  if (/gpt-oss/i.test(model)) return { thinkValues: 'levels', efforts: ['low', 'medium', 'high'] };
  if (capabilities === undefined) return { efforts: [] };
  return capabilities.includes('thinking') ? { thinkValues: 'switch', efforts: ['none', 'low', 'medium', 'high'] } : { thinkValues: 'none', efforts: [] };
}

/** Kinds whose list of models says which of them see; of the others silence means nothing. */
const tellVision: ReadonlySet<string> = new Set(['ollama', 'lmstudio', 'llamacpp']);

function readsImages({ server, capabilities }: Target): boolean {
  return capabilities === undefined || !tellVision.has(server.kind) || capabilities.includes('vision');
}
