/** Starting and ending: quick, and without anything left behind. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import * as vscode from 'vscode';
import type { Host } from '../../../src/vscode/host.ts';
import { activate, seenRows, showView, start, until, waitForRow } from './support.ts';

/** Counts the file watchers that are open, from now on. Operator's modules see the replaced function, as they share Node's own modules. */
function countWatchers(): { open(): number; end(): void } {
  const real = fs.watch;
  let open = 0;
  const counting = (...args: Parameters<typeof real>): fs.FSWatcher => {
    const watcher = real(...args);
    open++;
    watcher.once('close', () => open--);
    return watcher;
  };
  Object.assign(fs, { watch: counting });
  syncBuiltinESMExports();
  return {
    open: () => open,
    end() {
      Object.assign(fs, { watch: real });
      syncBuiltinESMExports();
    },
  };
}

async function counts({ context }: Host): Promise<Readonly<Record<string, number>>> {
  return {
    subscriptions: context.subscriptions.length,
    commands: (await vscode.commands.getCommands(true)).filter((id) => id.startsWith('operator.')).length,
    processListeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
  };
}

describe('lifecycle', () => {
  let host: Host;

  before(async () => {
    ({ host } = await start());
    await showView(host);
    await waitForRow(host, 'delegator', 'codex-local-qwen');
  });

  it('ends and starts ten times without a leaked watcher, listener, channel or command', async function () {
    this.timeout(60_000);
    const watchers = countWatchers();
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on('warning', onWarning);
    try {
      let last = await host.restart();
      await waitForRow(host, 'delegator', 'codex-local-qwen');
      const before = await counts(host);
      const watched = watchers.open();
      assert.ok(watched > 0, 'operator.toml is not watched');
      for (let round = 0; round < 10; round++) {
        const next = await host.restart();
        assert.notEqual(next, last);
        // What was ended stays silent: an old scope that still redraws would overwrite the new one's rows.
        await last.operator.reload();
        last = next;
        await waitForRow(host, 'delegator', 'codex-local-qwen');
      }
      await until(`${watched} watchers and not ${watchers.open()}`, () => watchers.open() === watched);
      assert.deepEqual(await counts(host), before);
      assert.deepEqual(warnings.filter(({ name }) => name === 'MaxListenersExceededWarning'), []);
    } finally {
      process.off('warning', onWarning);
      watchers.end();
    }
  });

  it('draws each change once after that', async () => {
    const { operator } = await host.scope();
    let redraws = 0;
    const listener = host.view.provider.onDidChangeTreeData(() => redraws++);
    const [server] = operator.snapshot.servers;
    assert.ok(server);
    await operator.probe([server.id]);
    await waitForRow(host, 'model_server', server.server.displayName, ({ tags }) => tags.includes('offline'));
    listener.dispose();
    // The row changes when the probe starts and when it ends; eleven scopes would draw it twenty times.
    assert.ok(redraws <= 6, `${redraws} redraws for one probe`);
  });

  it('answers with the same host to whoever asks', async () => {
    assert.equal(await activate(), host);
    assert.equal(await host.scope(), await host.scope());
  });

  it('says why when it cannot start, and tries again with Refresh', async () => {
    const { workspaceState } = host.context;
    Object.assign(workspaceState, { get: () => { throw new Error('the storage is broken'); } });
    try {
      await assert.rejects(host.restart(), /the storage is broken/);
      assert.match(host.view.message ?? '', /could not start: the storage is broken/);
      assert.deepEqual(await seenRows(host), []);
    } finally {
      Reflect.deleteProperty(workspaceState, 'get');
    }
    await vscode.commands.executeCommand('operator.refresh');
    await waitForRow(host, 'delegator', 'codex-local-qwen');
    assert.equal(host.view.message, undefined);
  });

  it('waits for the first rows instead of showing an empty view', async () => {
    const pending = host.restart();
    const rows = await seenRows(host);
    await pending;
    assert.ok(rows.length > 0);
  });
});
