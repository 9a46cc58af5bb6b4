/** Asks for a model of a server: the shortlist by tier, the rest on demand, and the list anew on demand. */
import * as vscode from 'vscode';
import { isOperatorError } from '../../core/errors.ts';
import type { Operator, ServerStatus } from '../../core/operator.ts';
import type { CatalogueModel, ModelTier } from '../../core/servers/models/model.ts';
import { curatedModels } from '../../core/servers/models/known.ts';
import { modelLine, sourceWords } from '../../core/status/catalogue.ts';
import { modelDetails } from '../../core/status/servers.ts';
import type { Host, Scope } from '../host.ts';
import type { Answer, Choice, ChoiceRow, Frame } from '../ui/ui.ts';

export interface ModelQuestion {
  readonly placeholder: string;
  /** Entity id; without one only what stands first, or is typed, can be chosen. */
  readonly serverId?: string;
  /** Before the list, such as names that a tool understands itself. */
  readonly first?: readonly Choice<string>[];
  /** Selected at first. */
  readonly active?: string;
}

/** What a row of the list stands for. */
export type ModelRow<T> = { readonly type: 'model'; readonly model: T } | { readonly type: 'show-all' } | { readonly type: 'refresh' };

export async function askModel(host: Host, { operator, ports }: Scope, frame: Frame, { placeholder, serverId, first = [], active }: ModelQuestion): Promise<Answer<string>> {
  const now = ports.clock.now();
  const status = (): ServerStatus | undefined => (serverId === undefined ? undefined : operator.findServer(serverId));
  const listed = (): readonly CatalogueModel[] => {
    const { shown, hidden } = curationOf(status(), now);
    return [...shown, ...hidden];
  };
  let all = false;
  let refresh = false;
  const rows = (): readonly ChoiceRow<ModelRow<string>>[] => [
    ...first.map((choice): Choice<ModelRow<string>> => ({ ...choice, value: { type: 'model', model: choice.value } })),
    ...modelRows(curationOf(status(), now), { all, toRow: (model): Choice<ModelRow<string>> => ({ ...toChoice(model), value: { type: 'model', model: model.id } }) }),
    ...(serverId === undefined ? [] : listActions<string>(curationOf(status(), now).hidden.length, { all, status: status(), now })),
  ];
  for (;;) {
    const answer = await host.ui.pick<ModelRow<string>>(frame, {
      placeholder,
      rows: rows(),
      load: async (update, signal) => {
        if (serverId === undefined) return;
        await bringModels(operator, serverId, { refresh, signal, onChange: () => update(rows()) });
        update(rows());
      },
      typed: (text) => {
        if (first.some(({ value }) => value === text) || listed().some(({ id }) => id === text)) return undefined;
        return { label: text, description: listed().length > 0 ? vscode.l10n.t('as typed; the server does not list it') : vscode.l10n.t('as typed'), icon: 'edit', value: { type: 'model', model: text } };
      },
      active: (row) => row.type === 'model' && row.model === active,
    });
    if (answer.type !== 'value') return answer;
    if (answer.value.type === 'model') return { type: 'value', value: answer.value.model };
    all ||= answer.value.type === 'show-all';
    refresh = answer.value.type === 'refresh';
  }
}

function curationOf(status: ServerStatus | undefined, now: number): ReturnType<typeof curatedModels> {
  return status ? curatedModels(status, now) : { shown: [], hidden: [] };
}

/** From memory, the cache or the server, whichever has them; what the background brings later changes the rows again. */
export async function bringModels(operator: Operator, serverId: string, { refresh, signal, onChange }: { readonly refresh: boolean; readonly signal: AbortSignal; readonly onChange: () => void }): Promise<void> {
  const listening = operator.models.onDidChange((id) => {
    if (id === serverId) onChange();
  });
  try {
    const isUnprobed = operator.findServer(serverId)?.health.checkedAt === undefined;
    await Promise.all([operator.models.list(serverId, { refresh, signal }), isUnprobed ? operator.probe([serverId], signal) : undefined]);
    while (!signal.aborted && operator.models.peek(serverId)?.refreshing) await nextChange(operator, serverId, signal);
  } catch (error) {
    if (!isOperatorError(error) || error.code !== 'cancelled') throw error;
  } finally {
    listening.dispose();
  }
}

function nextChange(operator: Operator, serverId: string, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const listening = operator.models.onDidChange((id) => {
    if (id === serverId) resolve();
  });
  const leave = (): void => resolve();
  signal.addEventListener('abort', leave, { once: true });
  if (!operator.models.peek(serverId)?.refreshing) resolve();
  return promise.finally(() => {
    listening.dispose();
    signal.removeEventListener('abort', leave);
  });
}

/** Under a heading for each tier, where there is more than one. */
export function modelRows<M extends CatalogueModel, T>({ shown, hidden }: { readonly shown: readonly M[]; readonly hidden: readonly M[] }, { all, toRow }: { readonly all: boolean; readonly toRow: (model: M) => Choice<T> }): readonly ChoiceRow<T>[] {
  const tiers = new Set(shown.map(({ tier }) => tier));
  const headed = shown.flatMap((model, index): readonly ChoiceRow<T>[] => [...(tiers.size > 1 && shown[index - 1]?.tier !== model.tier ? [{ heading: tierHeading(model.tier) }] : []), toRow(model)]);
  return all && hidden.length > 0 ? [...headed, { heading: vscode.l10n.t('not on the shortlist') }, ...hidden.map(toRow)] : headed;
}

export function toChoice(model: CatalogueModel): Omit<Choice<never>, 'value'> {
  const isChat = model.type === undefined || model.type === 'chat';
  // What lies on a disk is known by its size, what a vendor offers by its price.
  const description = model.sizeBytes === undefined && model.parameters === undefined ? modelLine(model) : [...modelDetails(model), ...(model.hidden ? [model.hidden.words] : [])].join(' · ');
  return { label: model.id, description, icon: model.loaded ? 'circle-filled' : 'symbol-misc', ...(!isChat && { refusal: vscode.l10n.t('{0} is not a model for chat', model.id) }) };
}

/** The last rows of a list of models. */
export function listActions<T>(hiddenCount: number, { all, status, now }: { readonly all: boolean; readonly status: ServerStatus | undefined; readonly now: number }): readonly ChoiceRow<ModelRow<T>>[] {
  const { catalogue } = status ?? {};
  return [
    { heading: '' },
    ...(hiddenCount > 0 && !all ? [{ label: vscode.l10n.t('Show all'), description: vscode.l10n.t('{0} more', hiddenCount), icon: 'list-unordered', value: { type: 'show-all' as const } }] : []),
    { label: vscode.l10n.t('Refresh'), description: catalogue ? [sourceWords(catalogue, now), ...(catalogue.error ? [catalogue.error.message] : [])].join(' · ') : '', icon: 'refresh', value: { type: 'refresh' as const } },
  ];
}

function tierHeading(tier: ModelTier): string {
  return { flagship: vscode.l10n.t('flagship'), balanced: vscode.l10n.t('balanced'), reasoning: vscode.l10n.t('reasoning'), cheap: vscode.l10n.t('cheap'), embedding: vscode.l10n.t('embedding'), other: vscode.l10n.t('other') }[tier];
}
