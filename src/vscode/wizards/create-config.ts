/** The first operator.toml: proposes entries for the tools and servers that are there, and lets the person choose. */
import * as vscode from 'vscode';
import type { FoundServer } from '../../core/servers/discovery.ts';
import type { Host, Scope } from '../host.ts';
import { type Entry, propose } from './proposals.ts';
import { defaultFile } from './save-step.ts';

export interface Start {
  readonly file: string;
  /** Comment at the top of the file. */
  readonly heading: string;
  readonly entries: readonly Entry[];
}

/** Undefined when the person left. Asks nothing where nothing was found. */
export async function askStart(host: Host, scope: Scope): Promise<Start | undefined> {
  const { operator } = scope;
  const file = defaultFile(scope);
  await host.view.whileBusy(Promise.all([scope.detected(), ...(host.settings.discovery ? [operator.discover()] : [])]));
  const models = await modelsOf(scope, operator.snapshot.found);
  const proposals = propose(operator.snapshot, models);
  if (proposals.length === 0) return { file, heading, entries: [] };
  const answer = await host.ui.pickMany(
    { title: vscode.l10n.t('Create operator.toml') },
    { placeholder: vscode.l10n.t('Choose what to start with'), rows: proposals.map((proposal) => ({ label: proposal.label, description: proposal.description, icon: proposal.icon, value: proposal, picked: true })) },
  );
  return answer.type === 'value' ? { file, heading, entries: answer.value.flatMap(({ entries }) => entries) } : undefined;
}

const heading = `# Operator: model servers and delegators of this workspace.
# A key never stands here: name it with api_key = "env:NAME" or "secret:NAME".

`;

/** First model for chat of each found server. */
async function modelsOf({ operator }: Scope, found: readonly FoundServer[]): Promise<ReadonlyMap<FoundServer, string>> {
  const models = new Map<FoundServer, string>();
  await Promise.all(
    found.map(async (server) => {
      const health = await operator.probeAddress(server.kind, server.baseUrl);
      const chat = health.models.filter(({ type }) => type === undefined || type === 'chat');
      const model = chat.find(({ loaded }) => loaded) ?? chat[0];
      if (model) models.set(server, model.id);
    }),
  );
  return models;
}
