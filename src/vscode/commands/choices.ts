/** How tools, servers, models, delegators and sessions look in a quick pick. */
import * as vscode from 'vscode';
import { plural } from '../../base/text.ts';
import { isOfUser } from '../../core/config/model.ts';
import type { DelegatorStatus, ServerStatus, SessionStatus, ToolStatus } from '../../core/operator.ts';
import type { ModelInfo } from '../../core/servers/health.ts';
import { serverKind } from '../../core/servers/kinds.ts';
import { formatTime } from '../../core/status/format.ts';
import { modelDetails } from '../../core/status/servers.ts';
import { healthWords, originWords } from '../../core/status/words.ts';
import type { Answer, Choice, ChoiceRow } from '../ui/ui.ts';

export function valueOf<T>(answer: Answer<T>): T | undefined {
  return answer.type === 'value' ? answer.value : undefined;
}

/** Ready ones first. With `readyOnly` the others say why they cannot be chosen; without, they can (to edit or delete them). */
export function delegatorRows(delegators: readonly DelegatorStatus[], { readyOnly }: { readonly readyOnly: boolean }): readonly ChoiceRow<DelegatorStatus>[] {
  return grouped(
    delegators,
    ({ resolution }) => resolution.ok,
    vscode.l10n.t('not ready'),
    (status): Choice<DelegatorStatus> => {
      const { delegator, resolution } = status;
      const reason = resolution.ok ? undefined : resolution.error[0];
      const why = reason ? `${reason.message}${reason.hint ? `. ${reason.hint}` : ''}` : undefined;
      return {
        label: delegator.displayName,
        description: [delegator.llmTool, delegator.model, ...(delegator.modelServer ? [delegator.modelServer] : [])].join(' · '),
        icon: resolution.ok ? 'rocket' : 'warning',
        value: status,
        ...(readyOnly && why !== undefined ? { refusal: why } : { detail: why }),
      };
    },
  );
}

export function serverRows(servers: readonly ServerStatus[]): readonly ChoiceRow<ServerStatus>[] {
  return grouped(servers, ({ server }) => isOfUser(server), vscode.l10n.t('builtin'), serverChoice);
}

export function serverChoice(status: ServerStatus): Choice<ServerStatus> {
  const { server, health } = status;
  const known = health.state !== 'unknown';
  return {
    label: server.displayName,
    description: [...(known ? [healthWords(health.state).words] : []), ...(health.models.length > 0 ? [plural(health.models.length, 'model')] : []), server.baseUrl].join(' · '),
    detail: server.origin.layer === 'user' ? originWords(server.origin) : undefined,
    icon: known ? healthWords(health.state).icon.replace('~spin', '') : serverKind(server.kind).icon,
    value: status,
  };
}

export function modelChoice(model: ModelInfo): Choice<string> {
  return { label: model.id, description: modelDetails(model).join(' · '), icon: model.loaded ? 'circle-filled' : 'symbol-misc', value: model.id };
}

export function toolRows(tools: readonly ToolStatus[]): readonly ChoiceRow<ToolStatus>[] {
  return grouped(tools, ({ detection }) => detection.state !== 'missing', vscode.l10n.t('not installed'), (tool): Choice<ToolStatus> => {
    const { record, detection } = tool;
    const version = detection.state === 'found' || detection.state === 'builtin' ? detection.version : undefined;
    return { label: record.name, description: [record.displayName, ...(version ? [version] : [])].join(' · '), icon: record.icon, value: tool };
  });
}

export function sessionChoice(session: SessionStatus): Choice<SessionStatus> {
  return {
    label: session.displayName,
    description: `${session.llmTool} · ${session.model}`,
    detail: vscode.l10n.t('since {0}', formatTime(session.since, Date.now())),
    icon: 'terminal',
    value: session,
  };
}

/** The items that pass `first`, then the others under a heading. */
export function grouped<T, C>(items: readonly T[], first: (item: T) => boolean, heading: string, toChoice: (item: T) => Choice<C>): readonly ChoiceRow<C>[] {
  const [front, back] = [items.filter(first), items.filter((item) => !first(item))];
  return [...front.map(toChoice), ...(back.length > 0 ? [{ heading }, ...back.map(toChoice)] : [])];
}
