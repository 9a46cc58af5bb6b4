/**
 * What an open operator.toml wants to know and nobody has found out yet: the tools that are installed, the health and models of
 * its servers. Asked for in the background, as the view does when it opens; whoever asked is answered from memory.
 */
import * as vscode from 'vscode';
import { toDisposable } from '../../base/disposable.ts';
import type { Disposable } from '../../base/disposable.ts';
import { isOfUser } from '../../core/config/model.ts';
import type { LanguageParts } from './parts.ts';

/** Every keystroke wants to know; a server that has nothing to tell is not asked for each. */
const againAfterMs = 2_000;

export interface Knowing extends Disposable {
  /** Returns at once; changes are announced by the operator. */
  wanted(): void;
}

export function createKnowing({ host, operator, ports, detected }: LanguageParts): Knowing {
  const ended = new AbortController();
  /** When each server was asked last, by its id. */
  const asked = new Map<string, number>();
  const peeked = new Set<string>();

  return {
    wanted() {
      // An untrusted workspace names addresses and programs: nothing of it is contacted or run.
      if (!vscode.workspace.isTrusted || !host.settings.probeWhenViewOpens) return;
      void detected();
      const now = ports.clock.now();
      // What is kept of a server that is off, or not probed yet, is good enough to complete from.
      for (const { id, health, catalogue } of operator.snapshot.servers) {
        if (catalogue || health.models.length > 0 || peeked.has(id)) continue;
        peeked.add(id);
        operator.models.peek(id);
      }
      const fresh = operator.snapshot.servers.filter(({ id, server, health, probing }) => isOfUser(server) && !server.unusable && health.state === 'unknown' && !probing && now - (asked.get(id) ?? 0) >= againAfterMs);
      if (fresh.length === 0) return;
      for (const { id } of fresh) asked.set(id, now);
      operator.probe(fresh.map(({ id }) => id), ended.signal).catch((error: unknown) => {
        if (!ended.signal.aborted) host.log.error('probing failed', error);
      });
    },
    ...toDisposable(() => ended.abort()),
  };
}
