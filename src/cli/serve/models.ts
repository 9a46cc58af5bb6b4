/** What `operator serve` serves now: the configuration with what the servers say, and what they said before they fell silent. */
import { lookup } from '../../core/config/model.ts';
import type { SessionSpec } from '../../core/gateway/model.ts';
import { serveSpec } from '../../core/gateway/session-spec.ts';
import type { ServerStatus, Snapshot } from '../../core/operator.ts';

/** One session is all that there is. */
const sessionId = 'serve';

/** @returns what the snapshot allows to serve; undefined: nothing */
export function createServed(): (snapshot: Snapshot) => SessionSpec | undefined {
  const remembered = new Map<string, ServerStatus>();

  /** A server that is down for a moment keeps its models: who asks for one is told that the server is down, not that there is no such model. */
  function remember(status: ServerStatus): ServerStatus {
    const before = remembered.get(status.id);
    if (status.health.models.length > 0) remembered.set(status.id, status);
    else if (before && before.server.baseUrl === status.server.baseUrl && status.health.state !== 'no-models') return { ...status, health: { ...status.health, models: before.health.models, ...(before.health.speaks && { speaks: before.health.speaks }) } };
    return status;
  }

  return ({ configuration, delegators, servers }) =>
    serveSpec(
      {
        configuration,
        // An entry that another layer's of the same name hides has no name of its own to be asked for, and keys go by name.
        servers: servers.filter(({ server }) => lookup(configuration.modelServers, server.name) === server).map(remember),
        delegators: delegators.filter(({ delegator }) => lookup(configuration.delegators, delegator.name) === delegator),
      },
      sessionId,
    );
}
