/**
 * What an open operator.toml wants to know and nobody has found out yet: the tools that are installed, the health and models of
 * its servers. Asked for in the background, once each, as the view does when it opens; whoever asked is answered from memory.
 */
import * as vscode from 'vscode';
import { toDisposable } from '../../base/disposable.ts';
import type { Disposable } from '../../base/disposable.ts';
import type { LanguageParts } from './parts.ts';

export interface Knowing extends Disposable {
  /** Returns at once; changes are announced by the operator. */
  wanted(): void;
}

export function createKnowing({ host, operator, detected }: LanguageParts): Knowing {
  const ended = new AbortController();
  /** Servers by what a probe depends on: one that was changed is another one. */
  const asked = new Set<string>();

  return {
    wanted() {
      // An untrusted workspace names addresses and programs: nothing of it is contacted or run.
      if (!vscode.workspace.isTrusted || !host.settings.probeWhenViewOpens) return;
      void detected();
      const fresh = operator.snapshot.servers.filter(({ id, server, health }) => {
        const key = JSON.stringify([id, server.baseUrl, server.credential, server.auth]);
        const isNew = server.origin.layer !== 'builtin' && !server.unusable && health.state === 'unknown' && !asked.has(key);
        if (isNew) asked.add(key);
        return isNew;
      });
      if (fresh.length === 0) return;
      operator.probe(fresh.map(({ id }) => id), ended.signal).catch((error: unknown) => {
        if (!ended.signal.aborted) host.log.error('probing failed', error);
      });
    },
    ...toDisposable(() => ended.abort()),
  };
}
