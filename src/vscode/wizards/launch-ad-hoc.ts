/** Launch Ad Hoc: an LLM tool, then a model from the live lists, then the server where several serve it. */
import * as vscode from 'vscode';
import type { ToolStatus } from '../../core/operator.ts';
import { type Curation, tierOf } from '../../core/servers/models/curate.ts';
import { curatedModels } from '../../core/servers/models/known.ts';
import { type CatalogueModel, modelTiers } from '../../core/servers/models/model.ts';
import { type ModelRow, modelRows, toChoice } from '../commands/ask-model.ts';
import type { Host, Scope } from '../host.ts';
import { runFlow } from '../ui/flow.ts';
import { type FittingServers, pickTool, probeUnknown, serversFor } from './tool-steps.ts';
import type { Choice, ChoiceRow } from '../ui/ui.ts';

export interface AdHoc {
  readonly llmTool: string;
  readonly model?: string;
  /** Entity id. */
  readonly modelServer?: string;
}

/** 'default': the tool with the model that `[llm_tools]` names; 'own': what the tool runs on without a `model_server`. */
interface Draft {
  readonly tool?: ToolStatus;
  readonly model?: ChosenModel;
  readonly server?: ServerId;
}

type ChosenModel = 'default' | { readonly name: string; readonly listedBy: readonly ServerId[] };

/** An entity id, or 'own'. */
type ServerId = string;
const ownId: ServerId = 'own';

export function askAdHoc(host: Host, scope: Scope): Promise<AdHoc | undefined> {
  return ask(host, scope, {});
}

export function askAdHocWith(host: Host, scope: Scope, tool: ToolStatus): Promise<AdHoc | undefined> {
  return ask(host, scope, { tool });
}

async function ask(host: Host, scope: Scope, initial: Draft): Promise<AdHoc | undefined> {
  const draft = await runFlow<Draft>(
    initial.tool ? vscode.l10n.t('Launch {0}', initial.tool.record.name) : vscode.l10n.t('Launch Ad Hoc'),
    [
      {
        applies: () => initial.tool === undefined,
        ask: async (state, frame) => {
          const answer = await pickTool(host, scope, frame);
          return answer.type === 'value' ? { type: 'value', value: { ...state, tool: answer.value } } : answer;
        },
      },
      {
        ask: async (state, frame) => {
          const tool = state.tool;
          if (!tool) return { type: 'cancel' };
          for (let all = false; ; all = true) {
            const answer = await host.ui.pick<ModelRow<ChosenModel>>(frame, {
              placeholder: vscode.l10n.t('Choose a model for {0}, or type its name', tool.record.name),
              rows: rowsFor(scope, tool, all),
              load: (update, signal) => probeUnknown(scope, serversFor(scope, tool).usable, signal).then(() => update(rowsFor(scope, tool, all))),
              typed: (text) => ({ label: text, description: vscode.l10n.t('as typed'), icon: 'edit', value: { type: 'model', model: { name: text, listedBy: [] } } }),
            });
            if (answer.type !== 'value') return answer;
            if (answer.value.type === 'model') return { type: 'value', value: { ...state, model: answer.value.model } };
          }
        },
      },
      {
        // Asked where it is not clear: a typed name, or a model that several servers list.
        applies: ({ model }) => model !== 'default' && model !== undefined && model.listedBy.length !== 1,
        ask: async (state, frame) => {
          const { tool, model } = state;
          if (!tool || model === undefined || model === 'default') return { type: 'cancel' };
          const places = placesOf(scope, tool, serversFor(scope, tool));
          const listed = places.filter(({ id }) => model.listedBy.includes(id));
          const answer = await host.ui.pick<string>(frame, {
            placeholder: vscode.l10n.t('Choose the model server that serves {0}', model.name),
            rows: (listed.length > 0 ? listed : places).map(({ id, name, description }) => ({ label: name, description, icon: id === ownId ? tool.record.icon : 'server', value: id })),
          });
          return answer.type === 'value' ? { type: 'value', value: { ...state, server: answer.value } } : answer;
        },
      },
    ],
    initial,
  );
  if (!draft?.tool || draft.model === undefined) return undefined;
  const llmTool = draft.tool.record.name;
  if (draft.model === 'default') return { llmTool };
  const server = draft.server ?? draft.model.listedBy[0];
  return { llmTool, model: draft.model.name, ...(server === undefined || server === ownId ? {} : { modelServer: server }) };
}

interface Place {
  readonly id: ServerId;
  readonly name: string;
  readonly description: string;
  readonly models: Curation;
}

/** Where the tool can run. */
function placesOf({ operator, ports }: Scope, tool: ToolStatus, { own, usable }: FittingServers): readonly Place[] {
  const now = ports.clock.now();
  const aliases = tool.record.modelAliases.map((id): CatalogueModel => ({ id, tier: tierOf({ id }) }));
  const ofOwn = own?.status ? curatedModels(own.status, now) : { shown: [], hidden: [] };
  return [
    ...(own ? [{ id: ownId, name: own.displayName, description: vscode.l10n.t("{0}'s own login", tool.record.name), models: { shown: [...aliases, ...ofOwn.shown], hidden: ofOwn.hidden } }] : []),
    ...usable.map((status) => ({ id: status.id, name: status.server.displayName, description: status.server.baseUrl, models: curatedModels(operator.findServer(status.id) ?? status, now) })),
  ];
}

interface Offer extends CatalogueModel {
  readonly places: readonly { readonly id: ServerId; readonly name: string }[];
}

/** The tool as it is, then every model with the servers that list it. */
function rowsFor(scope: Scope, tool: ToolStatus, all: boolean): readonly ChoiceRow<ModelRow<ChosenModel>>[] {
  const { record } = tool;
  const places = placesOf(scope, tool, serversFor(scope, tool));
  const shown = offersOf(places, ({ models }) => models.shown);
  const names = new Set(shown.map(({ id }) => id));
  const hidden = offersOf(places, ({ models }) => models.hidden).filter(({ id }) => !names.has(id));
  const plain = scope.operator.resolve({ type: 'ad-hoc', llmTool: record.name });
  const toRow = (offer: Offer): Choice<ModelRow<ChosenModel>> => {
    const choice = toChoice(offer);
    return { ...choice, description: [offer.places.map(({ name }) => name).join(', '), choice.description].filter(Boolean).join(' · '), value: { type: 'model', model: { name: offer.id, listedBy: offer.places.map(({ id }) => id) } } };
  };
  return [
    ...(plain.ok ? [{ label: plain.value.model, description: vscode.l10n.t('the default model'), icon: record.icon, value: { type: 'model' as const, model: 'default' as const } }] : []),
    ...modelRows({ shown, hidden }, { all, toRow }),
    ...(hidden.length > 0 && !all ? [{ heading: '' }, { label: vscode.l10n.t('Show all'), description: vscode.l10n.t('{0} more', hidden.length), icon: 'list-unordered', value: { type: 'show-all' as const } }] : []),
  ];
}

/** Each id once, in the order of shortlists. What cannot chat launches no agent. */
function offersOf(places: readonly Place[], of: (place: Place) => readonly CatalogueModel[]): readonly Offer[] {
  const offers = new Map<string, Offer>();
  for (const place of places) {
    for (const model of of(place)) {
      if (model.type !== undefined && model.type !== 'chat') continue;
      const known = offers.get(model.id);
      if (known?.places.some(({ id }) => id === place.id)) continue;
      offers.set(model.id, { ...(known ?? model), places: [...(known?.places ?? []), { id: place.id, name: place.name }] });
    }
  }
  return [...offers.values()].sort((a, b) => modelTiers.indexOf(a.tier) - modelTiers.indexOf(b.tier));
}
