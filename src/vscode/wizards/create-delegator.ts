/** Create Delegator: tool → server → model (from the live list) → name → (file). Writes one entry to operator.toml. */
import * as vscode from 'vscode';
import type { Origin } from '../../core/config/model.ts';
import { entriesFor } from '../../core/delegators/model-name.ts';
import type { ServerStatus, ToolStatus } from '../../core/operator.ts';
import type { TestTarget } from '../../core/proving/model.ts';
import { askModel } from '../commands/ask-model.ts';
import { serverChoice } from '../commands/choices.ts';
import { edit } from '../edits.ts';
import type { Host, Scope } from '../host.ts';
import { nameProblem, toName, uniqueName } from '../names.ts';
import { testFirst } from '../proving/test-first.ts';
import { requireTrust } from '../trust.ts';
import { runFlow, type Step } from '../ui/flow.ts';
import { rememberInput } from '../ui/remembered-input.ts';
import type { Choice, ChoiceRow } from '../ui/ui.ts';
import { defaultFile, saveStep } from './save-step.ts';
import { missingReason, pickTool, probeUnknown, serversFor } from './tool-steps.ts';

export interface DelegatorDraft {
  readonly tool?: ToolStatus;
  /** 'own': what the tool runs on without a `model_server`. */
  readonly server?: ServerStatus | 'own';
  readonly model?: string;
  readonly name?: string;
  readonly file?: string;
}

/** @returns the name of the new delegator, or undefined when the person left */
export async function createDelegatorWizard(host: Host, scope: Scope, initial: DelegatorDraft = {}): Promise<string | undefined> {
  requireTrust(vscode.l10n.t('Nothing is created'));
  const draft = await runFlow<DelegatorDraft>(
    vscode.l10n.t('Create Delegator'),
    [toolStep(host, scope, initial), serverStep(host, scope, initial), modelStep(host, scope, initial), nameStep(host, scope), saveStep(host, scope, ({ server }) => originOf(server))],
    initial,
  );
  if (!draft) return undefined;
  const { tool, server, model, name } = draft;
  if (!tool || !server || model === undefined || name === undefined) throw new Error('the draft of the delegator is not complete');
  const llmTool = tool.record.name;
  const own = { table: 'delegators', entry: { name, llm_tool: llmTool, model } } as const;
  const [first, ...more] = server === 'own' ? [own] : entriesFor(name, { llmTool, model, server: server.server });
  await edit(host, scope, more.length === 0 ? { type: 'add', ...first } : { type: 'add-all', entries: [first, ...more] }, draft.file ?? defaultFile(scope, originOf(server)));
  return name;
}

function originOf(server: DelegatorDraft['server']): Origin | undefined {
  return server === undefined || server === 'own' ? undefined : server.server.origin;
}

/** With a server given, only tools that work with it can be chosen. */
function toolStep(host: Host, scope: Scope, initial: DelegatorDraft): Step<DelegatorDraft> {
  return {
    applies: () => initial.tool === undefined,
    ask: async (state, frame) => {
      const given = initial.server;
      if (given === undefined || given === 'own') {
        const answer = await pickTool(host, scope, frame);
        return answer.type === 'value' ? { type: 'value', value: { ...state, tool: answer.value } } : answer;
      }
      const rows = (): readonly ChoiceRow<ToolStatus>[] => {
        const tools = scope.operator.snapshot.tools.map((tool) => ({ tool, reason: missingReason(tool) ?? serversFor(scope, tool).refused.find(({ status }) => status.id === given.id)?.reason }));
        const toRow = ({ tool, reason }: (typeof tools)[number]) => ({ label: tool.record.name, description: tool.record.displayName, icon: tool.record.icon, value: tool, refusal: reason });
        const unfit = tools.filter(({ reason }) => reason !== undefined);
        return [...tools.filter(({ reason }) => reason === undefined).map(toRow), ...(unfit.length > 0 ? [{ heading: vscode.l10n.t('cannot be used with {0}', given.server.displayName) }, ...unfit.map(toRow)] : [])];
      };
      const answer = await host.ui.pick<ToolStatus>(frame, {
        placeholder: vscode.l10n.t('Choose an LLM tool for {0}', given.server.displayName),
        rows: rows(),
        load: (update) => scope.detected().then(() => update(rows())),
      });
      return answer.type === 'value' ? { type: 'value', value: { ...state, tool: answer.value } } : answer;
    },
  };
}

function serverStep(host: Host, scope: Scope, initial: DelegatorDraft): Step<DelegatorDraft> {
  return {
    applies: () => initial.server === undefined,
    ask: async (state, frame) => {
      const tool = required(state.tool);
      const rows = (): readonly ChoiceRow<ServerStatus | 'own'>[] => {
        const { own, usable, refused, bridged } = serversFor(scope, tool);
        return [
          ...(own ? [{ label: own.displayName, description: vscode.l10n.t("{0}'s own login", tool.record.name), icon: tool.record.icon, value: 'own' as const }] : []),
          ...usable.map((status) => withBridge(serverChoice(status), bridged.get(status.id))),
          ...(refused.length > 0 ? [{ heading: vscode.l10n.t('cannot be used with {0}', tool.record.name) }, ...refused.map(({ status, reason }) => ({ ...serverChoice(status), icon: 'circle-slash', refusal: reason }))] : []),
        ];
      };
      const answer = await host.ui.pick<ServerStatus | 'own'>(frame, {
        placeholder: vscode.l10n.t('Choose the model server for {0}', tool.record.name),
        rows: rows(),
        load: (update, signal) => probeUnknown(scope, serversFor(scope, tool).usable, signal).then(() => update(rows())),
        active: (server) => idOf(server) === idOf(state.server),
      });
      return answer.type === 'value' ? { type: 'value', value: { ...state, server: answer.value } } : answer;
    },
  };
}

function withBridge(choice: Choice<ServerStatus>, path: string | undefined): Choice<ServerStatus> {
  return path === undefined ? choice : { ...choice, description: [choice.description, vscode.l10n.t('through the gateway: {0}', path)].filter(Boolean).join(' · ') };
}

function idOf(server: DelegatorDraft['server']): string | undefined {
  return server === undefined || server === 'own' ? server : server.id;
}

function modelStep(host: Host, scope: Scope, initial: DelegatorDraft): Step<DelegatorDraft> {
  return {
    applies: () => initial.model === undefined,
    ask: async (state, frame) => {
      const tool = required(state.tool);
      const { record } = tool;
      const server = required(state.server);
      const own = server === 'own' ? serversFor(scope, tool).own : undefined;
      const name = server === 'own' ? (own?.displayName ?? record.name) : server.server.displayName;
      const id = server === 'own' ? own?.status?.id : server.id;
      const answer = await askModel(host, scope, frame, {
        placeholder: vscode.l10n.t('Choose a model on {0}, or type its name', name),
        serverId: id,
        first: own ? record.modelAliases.map((alias) => ({ label: alias, description: vscode.l10n.t('understood by {0}', record.name), icon: 'symbol-key', value: alias })) : [],
        active: state.model,
      });
      return answer.type === 'value' ? { type: 'value', value: { ...state, model: answer.value } } : answer;
    },
  };
}

function nameStep(host: Host, scope: Scope): Step<DelegatorDraft> {
  const input = rememberInput(host.ui);
  return {
    ask: async (state, frame) => {
      const taken = new Set(scope.operator.snapshot.configuration.delegators.map(({ name }) => name));
      const answer = await input(frame, 'name', {
        prompt: vscode.l10n.t('Name of the delegator; it also names its terminals'),
        value: uniqueName(toName(`${required(state.tool).record.name}-${required(state.model)}`), taken),
        validate: (text) => nameProblem(text.trim(), taken),
        button: testFirst(host, scope, targetOf(scope, state)),
      });
      return answer.type === 'value' ? { type: 'value', value: { ...state, name: answer.value.trim() } } : answer;
    },
  };
}

/** What would be asked through the entry that is about to be made. */
function targetOf(scope: Scope, { tool, server, model = '' }: DelegatorDraft): TestTarget {
  const serverId = server === 'own' ? serversFor(scope, required(tool)).own?.status?.id : server?.id;
  return { type: 'model', model, ...(serverId !== undefined && { modelServer: serverId }) };
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('an earlier step left no answer');
  return value;
}
