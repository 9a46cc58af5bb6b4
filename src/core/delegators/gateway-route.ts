/** Why a launch goes through Operator's gateway, and what happens to its requests there. Pure. */
import type { ModelServer } from '../config/model.ts';
import type { ResolvedDelegator } from '../operator.ts';
import type { Protocol } from '../protocol.ts';
import type { Health } from '../servers/health.ts';
import { serverProtocols } from './protocol.ts';

export interface GatewayRouteWords {
  /** `gemini → ollama`, or `anthropic-messages` where requests pass as they are. */
  readonly path: string;
  /** A sentence without its period. */
  readonly reason: string;
}

/** Undefined for direct routes. */
export function describeGatewayRoute({ route, tool, server, delegator }: Pick<ResolvedDelegator, 'route' | 'tool' | 'server' | 'delegator'>, health: Health | undefined): GatewayRouteWords | undefined {
  if (route.type !== 'gateway') return undefined;
  const { protocol } = route;
  const { all, unverified } = serverProtocols(server, health);
  const to = all.includes(protocol) ? undefined : upstreamProtocol(server, all);
  const path = to === undefined ? protocol : `${protocol} → ${to}`;
  const through = 'Goes through Operator’s gateway';
  if (to !== undefined) return { path, reason: `${through}, which translates between ${protocol} and ${to}: ${server.name} does not speak ${protocol}` };
  if (delegator?.route === 'gateway') return { path, reason: `${through} because of route = "gateway"` };
  if (server.extraBody) return { path, reason: `${through}, which adds extra_body of ${server.name} to each request` };
  if (server.proxy?.startsWith('socks') && !tool.record.socksProxy) return { path, reason: `${through} because ${tool.record.name} cannot use a SOCKS proxy` };
  if (server.auth.type === 'query') return { path, reason: `${through} because ${tool.record.name} cannot put a key into the query of an address` };
  if (unverified.includes(protocol)) return { path, reason: `${through} because ${server.name} did not say whether it speaks ${protocol}: the gateway finds out, and translates if need be` };
  return { path, reason: through };
}

/** What loses least, as the gateway itself chooses (`gateway/routing/target.ts`; a test compares both). */
export function upstreamProtocol({ placement, kind }: Pick<ModelServer, 'placement' | 'kind'>, speaks: readonly Protocol[]): Protocol | undefined {
  const fidelity: readonly Protocol[] = ['anthropic-messages', 'openai-responses', 'gemini', 'openai-chat', 'ollama'];
  const order: readonly Protocol[] = placement === 'third-party' ? fidelity : kind === 'ollama' ? ['ollama', 'openai-chat', ...fidelity] : ['openai-chat', ...fidelity];
  return order.find((protocol) => speaks.includes(protocol));
}
