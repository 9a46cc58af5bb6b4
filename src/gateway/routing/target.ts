/** Which model and server a request means, and in which protocol the server is asked. Pure. */
import type { SessionSpec, UpstreamTarget } from '../../core/gateway/model.ts';
import type { Protocol } from '../../core/protocol.ts';
import { claudeAliasPrefix, claudeNames } from './claude-names.ts';

/**
 * The target that a client's model name means. Agents ask for side models of their own (titles, sub-agents), so outside a
 * strict session an unknown name means the default target. `SERVER/MODEL` and the alias in claude's list are understood too.
 */
export function findTarget(spec: Pick<SessionSpec, 'targets' | 'strictNames'>, name: string | undefined): UpstreamTarget | undefined {
  const fallback = spec.strictNames ? undefined : spec.targets[0];
  if (name === undefined || name === '') return fallback;
  return (
    spec.targets.find(({ names }) => names.includes(name)) ??
    spec.targets.find(({ server, model }) => name === `${server.name}/${model}`) ??
    (name.startsWith(claudeAliasPrefix) ? spec.targets[claudeNames(spec.targets).indexOf(name)] : undefined) ??
    // claude marks long-context variants of any name with a suffix of its own.
    (/\[\d+m\]$/i.test(name) ? findTarget({ ...spec, strictNames: true }, name.replace(/\[\d+m\]$/i, '')) : undefined) ??
    fallback
  );
}

/** How the server is asked: `pass` when it speaks the client's protocol itself. */
export type Bridge = { readonly type: 'pass'; readonly protocol: Protocol } | { readonly type: 'translate'; readonly from: Protocol; readonly to: Protocol };

/**
 * What loses least, per server kind: Ollama's own protocol carries the context size that its OpenAI one cannot; Responses
 * and Messages carry thoughts that chat cannot; chat is what everybody speaks.
 */
const fidelity: readonly Protocol[] = ['anthropic-messages', 'openai-responses', 'gemini', 'openai-chat', 'ollama'];

export interface BridgeOptions {
  /** What the server turned out not to speak. */
  readonly absent?: ReadonlySet<Protocol>;
  /** The body cannot pass as it is. */
  readonly throughHub?: boolean;
}

export function chooseBridge(client: Protocol, target: Pick<UpstreamTarget, 'speaks' | 'server'>, { absent, throughHub = false }: BridgeOptions = {}): Bridge | undefined {
  const { server } = target;
  const speaks = absent === undefined ? target.speaks : target.speaks.filter((protocol) => !absent.has(protocol));
  if (speaks.includes(client)) {
    if (!throughHub) return { type: 'pass', protocol: client };
    // A vendor's own protocol brings its own thoughts and proofs back to it.
    if (server.placement === 'third-party') return { type: 'translate', from: client, to: client };
  }
  // Local servers' extra endpoints are conversions of their own chat format: two conversions are worse than one.
  const order: readonly Protocol[] = server.placement === 'third-party' ? fidelity : server.kind === 'ollama' ? ['ollama', 'openai-chat', ...fidelity] : ['openai-chat', ...fidelity];
  const to = order.find((protocol) => speaks.includes(protocol));
  return to && { type: 'translate', from: client, to };
}
