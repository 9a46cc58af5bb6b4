/** What a command was called for: the row it came from, a name, or what the person picks. */
import * as vscode from 'vscode';
import { OperatorError } from '../../core/errors.ts';
import type { DelegatorStatus, ServerStatus, SessionStatus, ToolStatus } from '../../core/operator.ts';
import type { NodeSubject } from '../../core/status/node.ts';
import type { Host, Scope } from '../host.ts';
import { commandIds } from '../ids.ts';
import { askModel } from './ask-model.ts';
import { delegatorRows, serverRows, sessionChoice, toolRows, valueOf } from './choices.ts';

type SubjectOf<T extends NodeSubject['type']> = Extract<NodeSubject, { readonly type: T }>;

/** The subject of a row, when it is of this type. */
export function subjectOf<T extends NodeSubject['type']>(host: Host, target: unknown, type: T): SubjectOf<T> | undefined {
  if (typeof target !== 'object' || target === null || !('id' in target) || typeof target.id !== 'string') return undefined;
  const subject = host.view.provider.subject({ id: target.id });
  return subject?.type === type ? (subject as SubjectOf<T>) : undefined;
}

/** A name or an id, as key bindings and links pass it. */
function textOf(target: unknown): string | undefined {
  return typeof target === 'string' && target !== '' ? target : undefined;
}

/** Undefined when the person left the question. */
export async function delegatorOf(host: Host, { operator }: Scope, target: unknown, title: string, options: { readonly readyOnly: boolean } = { readyOnly: false }): Promise<DelegatorStatus | undefined> {
  const named = subjectOf(host, target, 'delegator')?.id ?? textOf(target);
  if (named !== undefined) return operator.findDelegator(named) ?? gone(vscode.l10n.t('delegator'), named);
  const { delegators } = operator.snapshot;
  if (delegators.length === 0) return offer(host, vscode.l10n.t('There are no delegators yet'), vscode.l10n.t('Create Delegator'), commandIds.createDelegator);
  return valueOf(await host.ui.pick({ title }, { placeholder: vscode.l10n.t('Choose a delegator'), rows: delegatorRows(delegators, options) }));
}

export async function serverOf(host: Host, { operator }: Scope, target: unknown, title: string, only: (status: ServerStatus) => boolean = () => true): Promise<ServerStatus | undefined> {
  const named = subjectOf(host, target, 'model_server')?.id ?? subjectOf(host, target, 'model')?.serverId ?? textOf(target);
  if (named !== undefined) return operator.findServer(named) ?? gone(vscode.l10n.t('model server'), named);
  const servers = operator.snapshot.servers.filter(only);
  if (servers.length === 0) return offer(host, vscode.l10n.t('There are no model servers of your own yet'), vscode.l10n.t('Add Model Server'), commandIds.addModelServer);
  return valueOf(await host.ui.pick({ title }, { placeholder: vscode.l10n.t('Choose a model server'), rows: serverRows(servers) }));
}

export async function toolOf(host: Host, { operator, detected }: Scope, target: unknown, title: string): Promise<ToolStatus | undefined> {
  const named = subjectOf(host, target, 'llm_tool')?.name ?? textOf(target);
  if (named !== undefined) return operator.findTool(named) ?? gone(vscode.l10n.t('LLM tool'), named);
  return valueOf(
    await host.ui.pick({ title }, { placeholder: vscode.l10n.t('Choose an LLM tool'), rows: toolRows(operator.snapshot.tools), load: (update) => detected().then(() => update(toolRows(operator.snapshot.tools))) }),
  );
}

/** A model on a server: from its row, or asked for: first the server, then its live list or a typed name. */
export async function modelOf(host: Host, scope: Scope, target: unknown, title: string): Promise<{ readonly server: ServerStatus; readonly model: string } | undefined> {
  const subject = subjectOf(host, target, 'model');
  const server = await serverOf(host, scope, target, title);
  if (!server) return undefined;
  const model = subject?.model ?? (await pickModel(host, scope, server, title));
  return model === undefined ? undefined : { server, model };
}

export async function pickModel(host: Host, scope: Scope, { id, server }: ServerStatus, title: string): Promise<string | undefined> {
  return valueOf(await askModel(host, scope, { title }, { placeholder: vscode.l10n.t('Choose a model on {0}, or type its name', server.displayName), serverId: id }));
}

export async function sessionOf(host: Host, { operator }: Scope, target: unknown, title: string, state: SessionStatus['state']['type']): Promise<SessionStatus | undefined> {
  const id = subjectOf(host, target, 'session')?.sessionId ?? textOf(target);
  const sessions = operator.snapshot.sessions;
  if (id !== undefined) return sessions.find((session) => session.id === id) ?? gone(vscode.l10n.t('session'), id);
  const fitting = sessions.filter((session) => session.state.type === state);
  if (fitting.length === 0) {
    await host.ui.notify('information', state === 'running' ? vscode.l10n.t('No session is running') : vscode.l10n.t('No session has ended'));
    return undefined;
  }
  return valueOf(await host.ui.pick({ title }, { placeholder: vscode.l10n.t('Choose a session'), rows: fitting.map(sessionChoice) }));
}

function gone(what: string, name: string): never {
  throw new OperatorError('not-found', vscode.l10n.t('There is no {0} {1} any more', what, name), { hint: vscode.l10n.t('Refresh the view') });
}

async function offer(host: Host, message: string, action: string, command: string): Promise<undefined> {
  if ((await host.ui.notify('information', message, [action])) === action) await vscode.commands.executeCommand(command);
  return undefined;
}

