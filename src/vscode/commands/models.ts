/** Models of servers that can be asked for it: pull, load, unload, delete, copy, describe. */
import * as vscode from 'vscode';
import { listOf, plural } from '../../base/text.ts';
import { lookup } from '../../core/config/model.ts';
import { isOperatorError, OperatorError } from '../../core/errors.ts';
import type { ServerStatus, Snapshot } from '../../core/operator.ts';
import type { ModelInfo } from '../../core/servers/health.ts';
import { inability } from '../../core/servers/lifecycle/kinds.ts';
import type { LifecycleAbility, PullProgress } from '../../core/servers/lifecycle/model.ts';
import { findModel } from '../../core/servers/lifecycle/names.ts';
import { percentOf } from '../../core/servers/lifecycle/progress.ts';
import { detailsMarkdown } from '../../core/servers/lifecycle/report.ts';
import { amountWords, remainingWords, speedWords } from '../../core/servers/lifecycle/words.ts';
import { formatBytes, formatTokens } from '../../core/status/format.ts';
import type { Host, Scope } from '../host.ts';
import { commandIds } from '../ids.ts';
import { requireTrust } from '../trust.ts';
import type { Choice, ChoiceRow } from '../ui/ui.ts';
import { modelChoice, serverRows, valueOf } from './choices.ts';
import { serverOf, subjectOf } from './target.ts';

/** Resolves when the model is there; several may be under way at once. */
export async function pullModel(host: Host, target: unknown): Promise<void> {
  requireTrust(vscode.l10n.t('Nothing is pulled'));
  const scope = await host.scope();
  const title = vscode.l10n.t('Pull Model');
  const status = await serverWith(host, scope, target, title, 'pull');
  if (!status) return;
  const model = await pickPull(host, scope, status, title);
  if (model === undefined) return;
  const name = status.server.displayName;
  try {
    const { already } = await host.ui.progress(vscode.l10n.t('Pulling {0} on {1}', model, name), (report, signal) => scope.operator.lifecycle.pull(status.id, model, { signal, onProgress: (progress) => report(stepOf(progress)) }));
    void offerUse(host, status, already ? vscode.l10n.t('{0} is there already on {1}', model, name) : vscode.l10n.t('Pulled {0} on {1}', model, name));
  } catch (error) {
    if (!isOperatorError(error) || error.code !== 'cancelled') throw error;
    void host.ui.notify('information', vscode.l10n.t('Stopped pulling {0}. {1}', model, error.hint ?? ''));
  }
}

function stepOf(progress: PullProgress): { readonly message: string; readonly percent?: number } {
  const percent = percentOf(progress);
  const words = progress.status === 'downloading' ? [amountWords(progress), speedWords(progress), remainingWords(progress)] : [progress.status];
  return { message: [...(percent === undefined ? [] : [`${percent} %`]), ...words].filter((text) => text !== '').join(' · '), ...(percent !== undefined && { percent }) };
}

/** Not awaited: the notification may stay for long. */
async function offerUse(host: Host, { id }: ServerStatus, message: string): Promise<void> {
  const create = vscode.l10n.t('Create Delegator');
  if ((await host.ui.notify('information', message, [create])) === create) await vscode.commands.executeCommand(commandIds.createDelegatorHere, id);
}

async function pickPull(host: Host, { operator }: Scope, { id, server }: ServerStatus, title: string): Promise<string | undefined> {
  const rows = operator.lifecycle.suggestions(id).map(({ model, about }): Choice<string> => ({ label: model, description: about, icon: 'cloud-download', value: model }));
  return valueOf(
    await host.ui.pick<string>(
      { title },
      {
        placeholder: vscode.l10n.t('Choose a model to pull on {0}, or type its name', server.displayName),
        rows,
        typed: (text) => (rows.some(({ value }) => value === text) ? undefined : { label: text, description: vscode.l10n.t('as typed'), icon: 'edit', value: text }),
      },
    ),
  );
}

export async function loadModel(host: Host, target: unknown): Promise<void> {
  requireTrust(vscode.l10n.t('Nothing is loaded'));
  const scope = await host.scope();
  const title = vscode.l10n.t('Load Model');
  const chosen = await modelWith(host, scope, target, title, 'load');
  if (!chosen) return;
  const { server, model } = chosen;
  const context = await pickContext(host, title, model);
  if (!context) return;
  const outcome = await host.ui.progress(vscode.l10n.t('Loading {0} on {1}', model.id, server.server.displayName), (_report, signal) => scope.operator.lifecycle.load(server.id, model.id, { ...context, signal }));
  if (!host.view.visible) await host.ui.notify('information', vscode.l10n.t('{0} is loaded on {1}', outcome.model, server.server.displayName));
}

const contexts = [4096, 8192, 16_384, 32_768, 65_536, 131_072, 262_144];

/** Undefined when the question was left. */
async function pickContext(host: Host, title: string, { id, contextWindow }: ModelInfo): Promise<{ readonly contextLength?: number } | undefined> {
  const lengths = contexts.filter((length) => length < (contextWindow ?? 65_537));
  const rows: readonly Choice<{ readonly contextLength?: number }>[] = [
    { label: vscode.l10n.t('As the server chooses'), value: {} },
    ...lengths.map((contextLength) => ({ label: formatTokens(contextLength), value: { contextLength } })),
    ...(contextWindow === undefined ? [] : [{ label: formatTokens(contextWindow), description: vscode.l10n.t('all that the model can take'), value: { contextLength: contextWindow } }]),
  ];
  return valueOf(await host.ui.pick({ title }, { placeholder: vscode.l10n.t('How much context shall {0} take? More needs more memory', id), rows }));
}

export async function unloadModel(host: Host, target: unknown): Promise<void> {
  requireTrust(vscode.l10n.t('Nothing is unloaded'));
  const scope = await host.scope();
  const chosen = await modelWith(host, scope, target, vscode.l10n.t('Unload Model'), 'unload', ({ loaded }) => loaded === true);
  if (!chosen) return;
  const { server, model } = chosen;
  await host.view.whileBusy(scope.operator.lifecycle.unload(server.id, model.id));
  if (!host.view.visible) await host.ui.notify('information', vscode.l10n.t('{0} is unloaded on {1}', model.id, server.server.displayName));
}

export async function deleteModel(host: Host, target: unknown): Promise<void> {
  requireTrust(vscode.l10n.t('Nothing is deleted'));
  const scope = await host.scope();
  const chosen = await modelWith(host, scope, target, vscode.l10n.t('Delete Model'), 'remove');
  if (!chosen) return;
  const { server, model } = chosen;
  const users = usersOf(scope.operator.snapshot, server, model.id);
  const detail = [
    model.sizeBytes === undefined ? vscode.l10n.t('To have it again it must be downloaded again.') : vscode.l10n.t('Its files take {0}. To have it again it must be downloaded again.', formatBytes(model.sizeBytes)),
    ...(users.length === 0 ? [] : [users.length === 1 ? vscode.l10n.t('The delegator {0} uses it.', listOf(users)) : vscode.l10n.t('The delegators {0} use it.', listOf(users))]),
  ].join('\n');
  if (!(await host.ui.confirm(vscode.l10n.t('Delete the model {0} from {1}?', model.id, server.server.displayName), detail, vscode.l10n.t('Delete')))) return;
  await host.view.whileBusy(scope.operator.lifecycle.remove(server.id, model.id));
  if (!host.view.visible) await host.ui.notify('information', vscode.l10n.t('Deleted {0} from {1}', model.id, server.server.displayName));
}

/** Display names of the delegators that name this model on this server. */
function usersOf({ configuration }: Snapshot, { server }: ServerStatus, model: string): readonly string[] {
  return configuration.delegators
    .filter((delegator) => delegator.modelServer !== undefined && lookup(configuration.modelServers, delegator.modelServer, delegator.origin) === server && findModel([model], delegator.model) !== undefined)
    .map(({ displayName }) => displayName);
}

export async function copyModel(host: Host, target: unknown): Promise<void> {
  requireTrust(vscode.l10n.t('Nothing is copied'));
  const scope = await host.scope();
  const title = vscode.l10n.t('Copy Model');
  const chosen = await modelWith(host, scope, target, title, 'copy');
  if (!chosen) return;
  const { server, model } = chosen;
  const names = server.health.models.map(({ id }) => id);
  const to = valueOf(
    await host.ui.input(
      { title },
      {
        prompt: vscode.l10n.t('Name of the copy of {0}. It shares the files and takes no room', model.id),
        validate(text) {
          if (text.trim() === '' || /\s/.test(text.trim())) return vscode.l10n.t('A name without spaces is needed');
          return findModel(names, text.trim()) === undefined ? undefined : vscode.l10n.t('There is a model of that name');
        },
      },
    ),
  );
  if (to === undefined) return;
  const copied = await host.view.whileBusy(scope.operator.lifecycle.copy(server.id, model.id, to.trim()));
  if (!host.view.visible) await host.ui.notify('information', vscode.l10n.t('Copied {0} to {1}', copied.from, copied.to));
}

export async function showModelDetails(host: Host, target: unknown): Promise<void> {
  requireTrust(vscode.l10n.t('Nothing is asked'));
  const scope = await host.scope();
  const chosen = await modelWith(host, scope, target, vscode.l10n.t('Show Model Details'), 'show');
  if (!chosen) return;
  const { server, model } = chosen;
  const details = await host.view.whileBusy(scope.operator.lifecycle.show(server.id, model.id));
  await host.plans.show(`${details.model} on ${server.server.name}`, detailsMarkdown(details, server.server.displayName));
}

/** The server of the row or name, else the only one that can do it, else one that is picked. */
async function serverWith(host: Host, scope: Scope, target: unknown, title: string, ability: LifecycleAbility): Promise<ServerStatus | undefined> {
  const { operator } = scope;
  const can = ({ id }: ServerStatus): boolean => operator.lifecycle.abilities(id).has(ability);
  if (isNamed(host, target)) {
    const status = await serverOf(host, scope, target, title);
    if (!status || can(status)) return status;
    const { message, hint } = inability(status.server.kind, ability, status.server.name);
    throw new OperatorError('refused', message, { hint });
  }
  const able = operator.snapshot.servers.filter(can);
  const [only, ...others] = able;
  if (only && others.length === 0) return only;
  if (only) return valueOf(await host.ui.pick({ title }, { placeholder: vscode.l10n.t('Choose a model server'), rows: serverRows(able) }));
  const add = vscode.l10n.t('Add Model Server');
  if ((await host.ui.notify('information', vscode.l10n.t('No model server here can be asked for that: Ollama and LM Studio can'), [add])) === add) await vscode.commands.executeCommand(commandIds.addModelServer);
  return undefined;
}

function isNamed(host: Host, target: unknown): boolean {
  return (typeof target === 'string' && target !== '') || subjectOf(host, target, 'model_server') !== undefined || subjectOf(host, target, 'model') !== undefined;
}

interface ChosenModel {
  readonly server: ServerStatus;
  readonly model: ModelInfo;
}

async function modelWith(host: Host, scope: Scope, target: unknown, title: string, ability: LifecycleAbility, only: (model: ModelInfo) => boolean = () => true): Promise<ChosenModel | undefined> {
  const server = await serverWith(host, scope, target, title, ability);
  if (!server) return undefined;
  const named = subjectOf(host, target, 'model')?.model;
  const models = (): readonly ModelInfo[] => scope.operator.findServer(server.id)?.health.models ?? [];
  if (named !== undefined) return { server, model: models().find(({ id }) => id === named) ?? { id: named } };
  const rows = (): readonly ChoiceRow<ModelInfo>[] => models().filter(only).map((model) => ({ ...modelChoice(model), value: model }));
  if (models().length === 0) await host.view.whileBusy(scope.operator.probe([server.id]));
  if (rows().length === 0) {
    const { length } = models();
    await host.ui.notify('information', length === 0 ? vscode.l10n.t('{0} lists no models', server.server.displayName) : vscode.l10n.t('None of the {0} of {1} is loaded', plural(length, 'model'), server.server.displayName));
    return undefined;
  }
  const model = valueOf(await host.ui.pick<ModelInfo>({ title }, { placeholder: vscode.l10n.t('Choose a model on {0}', server.server.displayName), rows: rows() }));
  return model && { server: scope.operator.findServer(server.id) ?? server, model };
}
