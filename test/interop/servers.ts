/** One server per protocol, of the kind and with the kind of model that people have behind it. */
import type { ModelServer } from '../../src/core/config/model.ts';
import type { UpstreamTarget } from '../../src/core/gateway/model.ts';
import type { Protocol } from '../../src/core/protocol.ts';
import type { AuthScheme } from '../../src/core/servers/auth.ts';
import type { ServerKindId } from '../../src/core/servers/kinds.ts';
import { serverAt } from '../support/model-server.ts';

export interface InteropServer {
  readonly protocol: Protocol;
  readonly kind: ServerKindId;
  readonly auth: AuthScheme;
  readonly model: string;
  readonly capabilities?: readonly string[];
  /** The header in which the key must come, with what stands before it. */
  readonly keyHeader: readonly [name: string, before: string];
}

export const servers: readonly InteropServer[] = [
  { protocol: 'anthropic-messages', kind: 'anthropic-api', auth: { type: 'x-api-key' }, model: 'claude-sonnet-4-6', keyHeader: ['x-api-key', ''] },
  { protocol: 'openai-chat', kind: 'vllm', auth: { type: 'bearer' }, model: 'Qwen/Qwen3-Coder-30B', keyHeader: ['authorization', 'Bearer '] },
  { protocol: 'openai-responses', kind: 'openai-api', auth: { type: 'bearer' }, model: 'gpt-5.5', keyHeader: ['authorization', 'Bearer '] },
  { protocol: 'gemini', kind: 'google-api', auth: { type: 'header', name: 'x-goog-api-key' }, model: 'gemini-3-pro-preview', keyHeader: ['x-goog-api-key', ''] },
  { protocol: 'ollama', kind: 'ollama', auth: { type: 'bearer' }, model: 'qwen3-vl:8b', capabilities: ['completion', 'tools', 'vision', 'thinking'], keyHeader: ['authorization', 'Bearer '] },
];

export function serverSpeaking(protocol: Protocol): InteropServer {
  const found = servers.find((server) => server.protocol === protocol);
  if (!found) throw new Error(`no server speaks ${protocol}`);
  return found;
}

export function targetOf({ protocol, kind, auth, model, capabilities }: InteropServer, url: string): UpstreamTarget {
  const server: ModelServer = serverAt(kind, url, { name: 'scripted', auth, protocols: [protocol], credential: { store: 'env', name: 'CANARY_SOURCE' } });
  return { server, model, names: [model], speaks: [protocol], ...(capabilities && { capabilities }) };
}
