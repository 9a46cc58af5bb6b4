/** What the first operator.toml could hold: entries for what is on this machine. Pure. */
import { plural } from '../../base/text.ts';
import type { EditChange } from '../../core/config/edit.ts';
import type { Snapshot, ToolStatus } from '../../core/operator.ts';
import type { FoundServer } from '../../core/servers/discovery.ts';
import { serverKind } from '../../core/servers/kinds.ts';
import { toName, uniqueName } from '../names.ts';

export type Entry = Pick<Extract<EditChange, { type: 'add' }>, 'table' | 'entry'>;

export interface Proposal {
  readonly label: string;
  readonly description: string;
  /** Codicon id. */
  readonly icon: string;
  readonly entries: readonly Entry[];
}

/** One proposal per found server (with a chat to try it) and per installed tool that has a login of its own. */
export function propose({ found, tools }: Pick<Snapshot, 'found' | 'tools'>, models: ReadonlyMap<FoundServer, string>): readonly Proposal[] {
  const servers = new Set<string>();
  const proposals: Proposal[] = [];
  for (const server of found) {
    const name = uniqueName(server.kind, servers);
    servers.add(name);
    const model = models.get(server);
    proposals.push({
      label: serverKind(server.kind).displayName,
      description: [server.baseUrl, plural(server.modelCount, 'model'), ...(model ? [`chat with ${model}`] : [])].join(' · '),
      icon: 'server',
      entries: [
        { table: 'model_servers', entry: { name, kind: server.kind, base_url: server.baseUrl } },
        ...(model ? [{ table: 'delegators' as const, entry: { name: toName(`chat-${name}`), llm_tool: 'chat', model, model_server: name } }] : []),
      ],
    });
  }
  for (const { record, detection } of tools.filter(hasOwnLogin)) {
    const [model] = record.modelAliases;
    if (model === undefined) continue;
    proposals.push({
      label: record.displayName,
      description: `${record.name} · ${model}${detection.state === 'found' && detection.version ? ` · ${detection.version}` : ''}`,
      icon: record.icon,
      entries: [{ table: 'delegators', entry: { name: toName(`${record.name}-${model}`), llm_tool: record.name, model } }],
    });
  }
  return proposals;
}

function hasOwnLogin({ record, detection }: ToolStatus): boolean {
  return detection.state === 'found' && record.builtinServer !== undefined;
}
