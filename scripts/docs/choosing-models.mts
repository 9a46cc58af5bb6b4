/** The rules of shortlists as tables. The types make this file fail to compile when a reason or a tier is missing. */
import { freshMs, keptMs } from '../../src/core/servers/models/freshness.ts';
import { type HiddenReason, modelTiers } from '../../src/core/servers/models/model.ts';
import { dateSuffix, deprecated, nonChat, preview, recencyMs, tiers } from '../../src/core/servers/models/rules.ts';
import { code, table } from './markdown.mts';

const hour = 60 * 60 * 1000;
const day = 24 * hour;

const reasons: Readonly<Record<HiddenReason, { readonly when: string; readonly own: string }>> = {
  'not-chat': { when: `The server says that it is no model for chat, or its name has one of ${listed(nonChat)}`, own: 'the same, unless the server says that it chats and calls tools' },
  deprecated: { when: `The vendor says that it goes, or its name has one of ${listed(deprecated)}`, own: 'no' },
  preview: { when: `Its id has one of ${listed(preview)}; \`--preview\` shows it`, own: 'no' },
  old: { when: `It was published more than ${recencyMs / day} days ago`, own: 'no' },
  'no-tools': { when: 'The vendor says that it does not call tools, which every agent needs', own: 'no' },
  dated: { when: `What is left of its id without ${code(dateSuffix.source)} is on the shortlist itself`, own: 'no' },
};

export function choosingModelsParts(): Readonly<Record<string, string>> {
  return {
    times: table(['A list that is', 'is'], [[`up to ${freshMs / hour} hours old`, 'taken as it is'], [`up to ${keptMs / day} days old`, 'shown at once and asked for again behind it; when that fails it stays, with the reason'], ['older', 'not shown']]),
    hidden: table(['Left out as', 'When', 'On a server of your own'], Object.entries(reasons).map(([reason, { when, own }]) => [code(reason), when, own])),
    tiers: table(['Matches', 'Tier'], tiers.map(([tier, patterns]) => [listed(patterns), tier])),
    order: modelTiers.join(', '),
  };
}

function listed(patterns: readonly RegExp[]): string {
  return patterns.map(({ source }) => code(source)).join(' ');
}
