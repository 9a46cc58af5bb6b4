/** The lifecycle of models as use cases: finds the server and its key, runs the call, and probes the server afterwards. */
import { type Disposable, toDisposable } from '../../base/disposable.ts';
import { closest, listOf } from '../../base/text.ts';
import { lookup, needsTrust } from '../../core/config/model.ts';
import { describeError, OperatorError } from '../../core/errors.ts';
import type { ServerStatus } from '../../core/operator.ts';
import type { Ports } from '../../core/ports.ts';
import { resolveCredential } from '../../core/servers/credentials.ts';
import type { LifecycleActions, LifecycleCall } from '../../core/servers/lifecycle/kind.ts';
import { hasAbility, inability, lifecycleOf } from '../../core/servers/lifecycle/kinds.ts';
import { type LifecycleAbility, lifecycleAbilities, type ModelLifecycle, type PullSuggestion } from '../../core/servers/lifecycle/model.ts';
import { findModel } from '../../core/servers/lifecycle/names.ts';
import { percentOf } from '../../core/servers/lifecycle/progress.ts';
import type { Facts } from '../facts.ts';

export interface LifecycleUse {
  readonly facts: Facts;
  readonly ports: Ports;
  /** What a name or id means. */
  findServer(nameOrId: string): ServerStatus | undefined;
  probe(ids: readonly string[], signal?: AbortSignal): Promise<void>;
}

export function createModelLifecycle({ facts, ports, findServer, probe }: LifecycleUse): ModelLifecycle & Disposable {
  const ended = new AbortController();

  function usable(status: ServerStatus | undefined): status is ServerStatus {
    return status !== undefined && status.server.unusable === undefined;
  }

  /** Runs one call of one server and brings what is known of that server up to date. */
  async function run<T>(name: string, ability: LifecycleAbility, signal: AbortSignal | undefined, act: (actions: LifecycleActions, call: LifecycleCall, status: ServerStatus) => Promise<T> | undefined): Promise<T> {
    const status = requireServer(name);
    const { server } = status;
    const kind = lifecycleOf(server.kind);
    if (!kind || !hasAbility(server.kind, ability)) {
      const { message, hint } = inability(server.kind, ability, server.name);
      throw new OperatorError('refused', message, { hint });
    }
    const either = signal ? AbortSignal.any([signal, ended.signal]) : ended.signal;
    const call = { server, key: await keyOf(status), http: ports.http, clock: ports.clock, signal: either };
    const actions = await kind.actions();
    try {
      either.throwIfAborted();
      const result = act(actions, call, status);
      if (!result) throw new OperatorError('internal', `${server.kind} promises to ${ability} and does not`);
      return await result;
    } catch (error) {
      if (!either.aborted) throw error;
      throw new OperatorError('cancelled', 'Cancelled', { ...(ability === 'pull' && { hint: kind.afterCancel }), cause: error });
    } finally {
      if (ability !== 'show' && !either.aborted) await probeAfter(status.id, either);
    }
  }

  function requireServer(name: string): ServerStatus {
    const status = findServer(name);
    if (!status) {
      const names = facts.snapshot.servers.map(({ server }) => server.name);
      const near = closest(name, names);
      throw new OperatorError('not-found', `There is no model server named ${JSON.stringify(name)}`, { hint: near ? `Did you mean ${near}?` : `There are ${listOf(names)}` });
    }
    const { server } = status;
    if (server.unusable) throw new OperatorError('refused', `${server.name} cannot be used: ${server.unusable.message}`, { hint: server.unusable.hint, where: server.where });
    if (!facts.trusted && needsTrust(server)) throw new OperatorError('refused', `${server.name} is not contacted in an untrusted workspace`, { hint: 'Trust the workspace first' });
    return status;
  }

  /** @throws OperatorError 'credential' */
  async function keyOf({ server: { credential } }: ServerStatus): Promise<string | undefined> {
    if (!credential) return undefined;
    const resolved = await resolveCredential(credential, ports);
    if (!resolved.ok) throw new OperatorError('credential', resolved.error.message, { hint: resolved.error.hint });
    return resolved.value;
  }

  /** One that is under way may have asked before the change. */
  async function probeAfter(id: string, signal: AbortSignal): Promise<void> {
    try {
      if (facts.snapshot.servers.some((status) => status.id === id && status.probing)) await probe([id], signal);
      await probe([id], signal);
    } catch (error) {
      ports.log.warn(`probing after a change failed: ${describeError(error)}`);
    }
  }

  return {
    abilities(name) {
      const status = findServer(name);
      return new Set(usable(status) ? lifecycleAbilities.filter((ability) => hasAbility(status.server.kind, ability)) : []);
    },

    suggestions(name) {
      const status = findServer(name);
      if (!usable(status)) return [];
      const there = status.health.models.map(({ id }) => id);
      const { configuration } = facts;
      const named = configuration.delegators
        .filter(({ modelServer, origin }) => modelServer !== undefined && lookup(configuration.modelServers, modelServer, origin) === status.server)
        .map(({ model, displayName }): PullSuggestion => ({ model, about: `named by ${displayName}` }));
      const seen = new Set<string>();
      return [...named, ...(lifecycleOf(status.server.kind)?.suggestions ?? [])].filter(({ model }) => {
        if (seen.has(model) || findModel(there, model) !== undefined) return false;
        seen.add(model);
        return true;
      });
    },

    pull(name, model, { onProgress, signal } = {}) {
      return run(name, 'pull', signal, async (actions, call, { id, server }) => {
        if (!facts.startPull(id, model)) throw new OperatorError('refused', `${model} is being pulled on ${server.name} already`, { hint: 'Wait until that is done' });
        try {
          let shown: string | undefined;
          const outcome = await actions.pull?.(call, model, (progress) => {
            onProgress?.(progress);
            // Rows show whole percents; redrawing them for less would be work for nothing.
            const next = `${percentOf(progress)} ${progress.status}`;
            if (next !== shown) facts.setPull(id, { model, progress });
            shown = next;
          });
          if (!outcome) throw new OperatorError('internal', `${server.kind} promises to pull and does not`);
          return outcome;
        } finally {
          facts.endPull(id, model);
        }
      });
    },

    load: (name, model, { contextLength, keepAlive, signal } = {}) => run(name, 'load', signal, (actions, call) => actions.load?.(call, model, { contextLength, keepAlive })),
    unload: (name, model, { signal } = {}) => run(name, 'unload', signal, (actions, call) => actions.unload?.(call, model)),
    remove: (name, model, { signal } = {}) => run(name, 'remove', signal, (actions, call) => actions.remove?.(call, model)),
    copy: (name, from, to, { signal } = {}) => run(name, 'copy', signal, (actions, call) => actions.copy?.(call, from, to)),
    show: (name, model, { signal } = {}) => run(name, 'show', signal, (actions, call) => actions.show?.(call, model)),

    ...toDisposable(() => ended.abort()),
  };
}
