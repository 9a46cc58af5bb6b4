/** Launch Ad Hoc: an LLM tool, then a model from the live lists, then the server where several serve it. */
import * as vscode from 'vscode';
import type { ToolStatus } from '../../core/operator.ts';
import type { ModelInfo } from '../../core/servers/health.ts';
import type { Host, Scope } from '../host.ts';
import { runFlow } from '../ui/flow.ts';
import { pickTool, probeUnknown, serversFor } from './tool-steps.ts';
import { modelDetails } from '../../core/status/servers.ts';
import type { ChoiceRow } from '../ui/ui.ts';

export interface AdHoc {
  readonly llmTool: string;
  readonly model?: string;
  /** Entity id. */
  readonly modelServer?: string;
}

/** 'default': the tool with the model that `[llm_tools]` names; 'own': what the tool runs on without a `model_server`. */
interface Draft {
  readonly tool?: ToolStatus;
  readonly model?: 'default' | { readonly name: string; readonly listedBy: readonly ServerId[] };
  readonly server?: ServerId;
}

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
          const answer = await host.ui.pick<NonNullable<Draft['model']>>(frame, {
            placeholder: vscode.l10n.t('Choose a model for {0}, or type its name', tool.record.name),
            rows: modelRows(scope, tool),
            load: (update, signal) => probeUnknown(scope, serversFor(scope, tool).usable, signal).then(() => update(modelRows(scope, tool))),
            typed: (text) => ({ label: text, description: vscode.l10n.t('as typed'), icon: 'edit', value: { name: text, listedBy: [] } }),
          });
          return answer.type === 'value' ? { type: 'value', value: { ...state, model: answer.value } } : answer;
        },
      },
      {
        // Asked where it is not clear: a typed name, or a model that several servers list.
        applies: ({ model }) => model !== 'default' && model !== undefined && model.listedBy.length !== 1,
        ask: async (state, frame) => {
          const { tool, model } = state;
          if (!tool || model === undefined || model === 'default') return { type: 'cancel' };
          const places = placesOf(scope, tool);
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

/** Where the tool can run. */
function placesOf(scope: Scope, tool: ToolStatus): readonly { readonly id: ServerId; readonly name: string; readonly description: string; readonly models: readonly ModelInfo[] }[] {
  const { own, usable } = serversFor(scope, tool);
  const aliases = tool.record.modelAliases.map((id): ModelInfo => ({ id }));
  return [
    ...(own ? [{ id: ownId, name: own.displayName, description: vscode.l10n.t("{0}'s own login", tool.record.name), models: [...aliases, ...(own.status?.health.models ?? [])] }] : []),
    ...usable.map(({ id, server, health }) => ({ id, name: server.displayName, description: server.baseUrl, models: health.models })),
  ];
}

/** The tool as it is, then every model with the servers that list it. */
function modelRows(scope: Scope, tool: ToolStatus): readonly ChoiceRow<NonNullable<Draft['model']>>[] {
  const { record } = tool;
  const models = new Map<string, { readonly info: ModelInfo; readonly places: { readonly id: ServerId; readonly name: string }[] }>();
  for (const { id, name, models: listed } of placesOf(scope, tool)) {
    for (const info of listed) {
      if (info.type !== undefined && info.type !== 'chat') continue;
      const known = models.get(info.id);
      if (!known) models.set(info.id, { info, places: [{ id, name }] });
      else if (!known.places.some((place) => place.id === id)) known.places.push({ id, name });
    }
  }
  const plain = scope.operator.resolve({ type: 'ad-hoc', llmTool: record.name });
  return [
    ...(plain.ok ? [{ label: plain.value.model, description: vscode.l10n.t('the default model'), icon: record.icon, value: 'default' as const }] : []),
    ...[...models].map(([name, { info, places }]) => ({
      label: name,
      description: [places.map((place) => place.name).join(', '), ...modelDetails(info)].join(' · '),
      icon: info.loaded ? 'circle-filled' : 'symbol-misc',
      value: { name, listedBy: places.map(({ id }) => id) },
    })),
  ];
}
