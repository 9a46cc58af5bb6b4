/** `operator model pull|load|unload|rm|cp|show`: the models of servers that have a way to be asked for it. */
import { plural } from '../../base/text.ts';
import { isOperatorError, OperatorError } from '../../core/errors.ts';
import type { Operator, ServerStatus } from '../../core/operator.ts';
import type { LifecycleAbility } from '../../core/servers/lifecycle/model.ts';
import { reportModelDetails } from '../../core/servers/lifecycle/report.ts';
import { formatTokens } from '../../core/status/format.ts';
import { exitCodes } from '../exit-codes.ts';
import { confirm } from '../input/confirm.ts';
import { printDetails } from '../output/model-details.ts';
import { createPullDisplay } from '../output/pull.ts';
import { harmless } from '../output/terminal.ts';
import { whileWaiting } from '../output/waiting.ts';
import type { GlobalOptions, Session } from '../session.ts';
import { findServer } from './probe.ts';

export type ModelOptions = GlobalOptions & { readonly server?: string; readonly json?: boolean };
export type ModelLoadOptions = ModelOptions & { readonly context?: string; readonly keepAlive?: string };
export type ModelRemoveOptions = ModelOptions & { readonly yes?: boolean };

interface Chosen {
  readonly operator: Operator;
  readonly server: ServerStatus;
  readonly model: string;
}

export async function modelPull(session: Session, name: string, options: ModelOptions): Promise<number> {
  const { operator, server, model } = await choose(session, name, 'pull', options);
  const display = createPullDisplay(session, { model, server: server.server.name, json: options.json === true });
  const cancel = new AbortController();
  const onInterrupt = (): void => cancel.abort();
  process.once('SIGINT', onInterrupt);
  try {
    const { already } = await operator.lifecycle.pull(server.id, model, { onProgress: display.show, signal: cancel.signal });
    display.done(already);
    return exitCodes.done;
  } catch (error) {
    display.clear();
    if (!isOperatorError(error) || error.code !== 'cancelled') throw error;
    session.stderr.line(`Stopped. ${error.hint ?? ''}`.trimEnd());
    return exitCodes.cancelled;
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

export async function modelLoad(session: Session, name: string, options: ModelLoadOptions): Promise<number> {
  const contextLength = options.context === undefined ? undefined : parseTokens(options.context);
  const { operator, server, model } = await choose(session, name, 'load', options);
  const outcome = await whileWaiting(session, `Loading ${model} on ${server.server.name}…`, operator.lifecycle.load(server.id, model, { contextLength, keepAlive: options.keepAlive }));
  if (options.json) print(session, { model: outcome.model, model_server: server.server.name, already_loaded: outcome.already, loaded_context: outcome.contextLength ?? null });
  else session.stdout.line(`${harmless(outcome.model)} is ${outcome.already ? 'loaded already' : 'loaded'} on ${harmless(server.server.name)}${outcome.contextLength === undefined ? '' : `, with ${formatTokens(outcome.contextLength)} context`}`);
  return exitCodes.done;
}

export async function modelUnload(session: Session, name: string, options: ModelOptions): Promise<number> {
  const { operator, server, model } = await choose(session, name, 'unload', options);
  const outcome = await whileWaiting(session, `Unloading ${model} on ${server.server.name}…`, operator.lifecycle.unload(server.id, model));
  const { name: serverName } = server.server;
  if (options.json) print(session, { model: outcome.model, model_server: serverName, instances: outcome.instances });
  else if (outcome.instances === 0) session.stdout.line(`${harmless(outcome.model)} was not loaded on ${harmless(serverName)}`);
  else session.stdout.line(`${harmless(outcome.model)} is unloaded on ${harmless(serverName)}${outcome.instances > 1 ? `, ${plural(outcome.instances, 'instance')}` : ''}`);
  return exitCodes.done;
}

export async function modelRemove(session: Session, name: string, options: ModelRemoveOptions): Promise<number> {
  const { operator, server, model } = await choose(session, name, 'remove', options);
  const serverName = server.server.name;
  if (!options.yes) {
    if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) throw new OperatorError('usage', `Nobody can be asked whether ${model} shall be deleted`, { hint: 'Add --yes to delete it' });
    if (!(await confirm(process.stdin, process.stderr, session.stderr, `Delete ${harmless(model)} from ${harmless(serverName)}? To have it again it must be downloaded again.`))) {
      session.stderr.line('Nothing was deleted');
      return exitCodes.cancelled;
    }
  }
  const removed = await operator.lifecycle.remove(server.id, model);
  if (options.json) print(session, { model: removed, model_server: serverName });
  else session.stdout.line(`Deleted ${harmless(removed)} from ${harmless(serverName)}`);
  return exitCodes.done;
}

export async function modelCopy(session: Session, name: string, to: string, options: ModelOptions): Promise<number> {
  const { operator, server, model } = await choose(session, name, 'copy', options);
  const copied = await operator.lifecycle.copy(server.id, model, to);
  if (options.json) print(session, { model: copied.from, copy: copied.to, model_server: server.server.name });
  else session.stdout.line(`Copied ${harmless(copied.from)} to ${harmless(copied.to)} on ${harmless(server.server.name)}`);
  return exitCodes.done;
}

export async function modelShow(session: Session, name: string, options: ModelOptions): Promise<number> {
  const { operator, server, model } = await choose(session, name, 'show', options);
  const details = await operator.lifecycle.show(server.id, model);
  if (options.json) print(session, reportModelDetails(details, server.server.name));
  else printDetails(session.stdout, details, server.server);
  return exitCodes.done;
}

/** The server that is named, in the option or before the model, else the only one that can do it. @throws OperatorError */
async function choose(session: Session, name: string, ability: LifecycleAbility, options: ModelOptions): Promise<Chosen> {
  const { operator } = await session.open(options);
  if (options.server !== undefined) return { operator, server: findServer(operator, options.server), model: name };
  const slash = name.indexOf('/');
  const before = slash > 0 && slash < name.length - 1 ? operator.resolveServer(name.slice(0, slash)) : undefined;
  if (before) return { operator, server: before, model: name.slice(slash + 1) };
  const able = operator.snapshot.servers.filter(({ id }) => operator.lifecycle.abilities(id).has(ability));
  const [only, ...others] = able;
  if (only && others.length === 0) return { operator, server: only, model: name };
  if (!only) throw new OperatorError('not-found', `There is no model server that can ${verbs[ability]} models`, { hint: `Write ollama/${name} for the Ollama of this machine, or add one with 'operator server add'` });
  throw new OperatorError('usage', `More than one model server can ${verbs[ability]} models`, { hint: `Name one: ${able.map(({ server }) => `--server ${server.name}`).join(' or ')}` });
}

const verbs: Readonly<Record<LifecycleAbility, string>> = { pull: 'pull', load: 'load', unload: 'unload', remove: 'delete', copy: 'copy', show: 'describe' };

/** 16384, 16k (binary thousands, as contexts are) or 1M. @throws OperatorError 'usage' */
function parseTokens(text: string): number {
  const [, digits, unit] = /^(\d{1,9})([kKmM]?)$/.exec(text.trim()) ?? [];
  const tokens = Number(digits) * (unit === undefined || unit === '' ? 1 : unit.toLowerCase() === 'k' ? 1024 : 1024 * 1024);
  if (!(tokens > 0)) throw new OperatorError('usage', `${JSON.stringify(text)} is no number of tokens`, { hint: 'Write it like --context 16384 or --context 16k' });
  return tokens;
}

function print({ stdout }: Session, value: unknown): void {
  stdout.line(JSON.stringify(value, null, 2));
}
