/** What a launch may use at the gateway: its own model first, then the other chat models of the same server. Pure. */
import type { Configuration, ModelServer } from '../config/model.ts';
import { findModel, plannedContext } from '../delegators/models.ts';
import { serverProtocols } from '../delegators/protocol.ts';
import type { DelegatorStatus, ServerStatus } from '../operator.ts';
import type { Protocol } from '../protocol.ts';
import type { Health } from '../servers/health.ts';
import { localPrefixes, prefixText, serverOfPrefix } from '../servers/local-prefix.ts';
import type { SessionSpec, UpstreamTarget } from './model.ts';

/** More than anybody chooses from. */
const maxOtherModels = 200;

export interface LaunchFactsOfSession {
  readonly sessionId: string;
  readonly delegator?: string;
  readonly displayName: string;
  readonly llmTool: string;
  readonly model: string;
  /** Tokens, where known better than from the server's list. */
  readonly contextWindow?: number;
  readonly server: ModelServer;
  readonly health: Health | undefined;
}

export function sessionSpec({ sessionId, delegator, displayName, llmTool, model, contextWindow, server, health }: LaunchFactsOfSession): SessionSpec {
  const own = targetOf(server, model, [model], health, contextWindow);
  // Ollama lists `name:latest` for what people call `name`.
  const listed = health && findModel(health, model);
  const others = (health?.models ?? []).filter((info) => info !== listed && (info.type === undefined || info.type === 'chat')).slice(0, maxOtherModels);
  return {
    id: sessionId,
    ...(delegator !== undefined && { delegator }),
    displayName,
    llmTool,
    targets: [own, ...others.map(({ id }) => targetOf(server, id, [id], health))],
    strictNames: false,
  };
}

/**
 * Everything of a configuration that can be used without a vendor's own login, under its names: `DELEGATOR`, `SERVER/MODEL`,
 * the prefix that means the server (`ollama/MODEL`), and the plain model id.
 */
export function serveSpec(facts: { readonly configuration: Configuration; readonly delegators: readonly DelegatorStatus[]; readonly servers: readonly ServerStatus[] }, id: string): SessionSpec | undefined {
  const targets: UpstreamTarget[] = [];
  const byServer = new Map(facts.servers.map((status) => [status.server, status]));
  const prefixes = Map.groupBy(localPrefixes(), (prefix) => serverOfPrefix(prefix, facts.configuration));
  for (const { delegator, resolution } of facts.delegators) {
    if (!resolution.ok || !isUsable(byServer.get(resolution.value.server))) continue;
    const { server, model, contextWindow } = resolution.value;
    targets.push(targetOf(server, model, [delegator.name], byServer.get(server)?.health, contextWindow));
  }
  for (const status of facts.servers) {
    if (!isUsable(status)) continue;
    const before = new Set([`${status.server.name}/`, ...(prefixes.get(status.server) ?? []).map(prefixText)]);
    for (const { id: model, type } of status.health.models) {
      if (type === undefined || type === 'chat') targets.push(targetOf(status.server, model, [...[...before].map((prefix) => prefix + model), model], status.health));
    }
  }
  return targets.length === 0 ? undefined : { id, displayName: 'operator serve', llmTool: 'serve', targets, strictNames: true };
}

/** Not broken, and with the key that it needs. */
function isUsable(status: ServerStatus | undefined): status is ServerStatus {
  return status !== undefined && status.server.unusable === undefined && status.key !== 'unset';
}

function targetOf(server: ModelServer, model: string, names: readonly string[], health: Health | undefined, known?: number): UpstreamTarget {
  const info = health && findModel(health, model);
  const contextWindow = known ?? plannedContext(server, info);
  return {
    server,
    model,
    names,
    speaks: speaksOf(server, health),
    ...(contextWindow !== undefined && { contextWindow }),
    ...(info?.capabilities && { capabilities: info.capabilities }),
  };
}

/** What is certain first: the gateway tries in this order. */
function speaksOf(server: ModelServer, health: Health | undefined): readonly Protocol[] {
  const { all, unverified } = serverProtocols(server, health);
  return [...all.filter((protocol) => !unverified.includes(protocol)), ...unverified];
}
