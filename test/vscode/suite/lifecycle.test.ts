/** Starting and ending: quick, and without anything left behind. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Host } from '../../../src/vscode/host.ts';
import { activate, seenRows, showView, start, until, waitForRow } from './support.ts';

/** Handles that keep a process alive, by kind: file watchers, timers, sockets, child processes. */
function resources(): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

const counted = ['FSEventWrap', 'FSEvent', 'StatWatcher', 'ProcessWrap'];

function watchers(): number {
  const now = resources();
  return counted.reduce((sum, kind) => sum + (now[kind] ?? 0), 0);
}

async function counts({ context }: Host): Promise<Readonly<Record<string, number>> & { readonly watchers: number }> {
  return {
    watchers: watchers(),
    subscriptions: context.subscriptions.length,
    commands: (await vscode.commands.getCommands(true)).length,
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
    await host.restart();
    await waitForRow(host, 'delegator', 'codex-local-qwen');
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on('warning', onWarning);
    const before = await counts(host);
    assert.ok(before.watchers > 0, 'operator.toml is not watched');
    let last = await host.scope();
    for (let round = 0; round < 10; round++) {
      const next = await host.restart();
      assert.notEqual(next, last);
      // What was ended stays silent: an old scope that still redraws would overwrite the new one's rows.
      await last.operator.reload();
      last = next;
      await waitForRow(host, 'delegator', 'codex-local-qwen');
    }
    await until(`${before.watchers} watchers, not ${watchers()}`, () => watchers() <= before.watchers);
    const after = await counts(host);
    process.off('warning', onWarning);
    assert.deepEqual(after, before);
    assert.deepEqual(warnings.filter(({ name }) => name === 'MaxListenersExceededWarning'), []);
  });

  it('draws each change once after that', async () => {
    const { operator } = await host.scope();
    let redraws = 0;
    const listener = host.view.provider.onDidChangeTreeData(() => redraws++);
    const [server] = operator.snapshot.servers;
    assert.ok(server);
    await operator.probe([server.id]);
    await waitForRow(host, 'model_server', server.server.displayName, ({ contextValue }) => contextValue.includes('offline;'));
    listener.dispose();
    // The row changes when the probe starts and when it ends; eleven scopes would draw it twenty times.
    assert.ok(redraws <= 6, `${redraws} redraws for one probe`);
  });

  it('answers with the same host to whoever asks', async () => {
    assert.equal(await activate(), host);
    assert.equal(await host.scope(), await host.scope());
  });

  it('waits for the first rows instead of showing an empty view', async () => {
    const pending = host.restart();
    const rows = await seenRows(host);
    await pending;
    assert.ok(rows.length > 0);
  });
});
