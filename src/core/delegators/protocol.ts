/** Which protocol a tool and a server would talk, and what to say when there is none. */
import { listOf } from '../../base/text.ts';
import type { ModelServer } from '../config/model.ts';
import type { Refusal } from '../launch/model.ts';
import type { Protocol, RoutePreference } from '../protocol.ts';
import type { Health } from '../servers/health.ts';
import { serverKind } from '../servers/kinds.ts';
import type { ToolRecord } from '../tools/model.ts';
import { catalogueTools } from '../tools/catalogue/index.ts';

export interface ServerProtocols {
  /** Preferred first. */
  readonly all: readonly Protocol[];
  /** Those of `all` that depend on the server's version and that no probe has confirmed yet. */
  readonly unverified: readonly Protocol[];
}

/** What the server speaks: by its own word where a probe asked, else as declared or known from its kind. */
export function serverProtocols(server: ModelServer, health: Health | undefined): ServerProtocols {
  const { versionDependent } = serverKind(server.kind);
  const speaks = health?.speaks;
  if (!speaks) return { all: server.protocols, unverified: server.protocols.filter((protocol) => versionDependent.includes(protocol)) };
  const confirmed = server.protocols.filter((protocol) => speaks.includes(protocol) || !versionDependent.includes(protocol));
  return { all: [...confirmed, ...speaks.filter((protocol) => !confirmed.includes(protocol))], unverified: [] };
}

/** The tool's first choice among what the server speaks; what is certain goes before what is not. */
export function chooseProtocol(tool: ToolRecord, { all, unverified }: ServerProtocols): Protocol | undefined {
  const common = tool.protocols.filter((protocol) => all.includes(protocol));
  return common.find((protocol) => !unverified.includes(protocol)) ?? common[0];
}

/** Why the pairing would need the gateway, and what works without it. */
export function noCommonProtocol(tool: ToolRecord, server: ModelServer, protocols: ServerProtocols, route: RoutePreference): Refusal {
  const speaks = protocols.all.length > 0 ? listOf(protocols.all) : 'no protocol that Operator knows';
  const translation = route === 'direct' ? 'and route = "direct" rules out a translation' : 'and there is no gateway here that would translate';
  return {
    code: 'needs-gateway',
    message: `${tool.name} speaks ${listOf(tool.protocols)}, ${server.name} speaks ${speaks}, ${translation}`,
    hint: hintFor(tool, server, protocols),
  };
}

function hintFor(tool: ToolRecord, server: ModelServer, { all, unverified }: ServerProtocols): string {
  const kind = serverKind(server.kind);
  const newer = tool.protocols.filter((protocol) => kind.versionDependent.includes(protocol) && !all.includes(protocol));
  const able = catalogueTools().filter(({ record }) => record.name !== tool.name && record.protocols.some((protocol) => all.includes(protocol) && !unverified.includes(protocol))).map(({ record }) => record.name);
  const useAnother = able.length > 0 ? `Use ${listOf(able, 'or')} with this server, or a server that speaks ${listOf(tool.protocols, 'or')}` : `Use a server that speaks ${listOf(tool.protocols, 'or')}`;
  return newer.length > 0 ? `A newer version of ${kind.displayName} may speak ${listOf(newer, 'or')}: update it and probe again. ${useAnother}` : useAnother;
}
