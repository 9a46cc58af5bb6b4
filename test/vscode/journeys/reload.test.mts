/** Ten reloads of the window: one set of rows, one extension host, the session still there, nothing piling up. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readLogs } from '../harness/server.mts';
import { folderWindow } from '../harness/windows.mts';
import { pick, runCommand } from '../harness/workbench/quick-input.mts';
import { typeInTerminal, waitForTerminalText } from '../harness/workbench/terminal.mts';
import { openOperatorView, renderRows, type Row, rows, waitForRow } from '../harness/workbench/tree.mts';
import { eventually } from '../harness/workbench/wait.mts';
import { reloadWindow } from '../harness/workbench/window.mts';
import { useDemoServer, useWindow } from './journey.mts';

const reloads = 10;

describe('journey: ten window reloads', () => {
  const demo = useDemoServer();

  const window = useWindow(() => ({
    window: folderWindow({
      'operator.toml': `[[model_servers]]\nname = "demo"\nkind = "ollama"\nbase_url = "${demo.url}"\n\n[[delegators]]\nname = "try-demo"\nllm_tool = "chat"\nmodel = "demo-echo"\nmodel_server = "demo"\n`,
    }),
  }));

  it('keep the rows, the session and its terminal, and leave nothing behind', async function () {
    this.timeout(180_000);
    const { page, server } = window;
    await openOperatorView(page);
    await waitForRow(page, 'demo', ({ description }) => /^healthy/.test(description));
    await runCommand(page, 'Operator: Launch Delegator');
    await pick(page, 'try-demo');
    await waitForTerminalText(page, /demo/i);
    await typeInTerminal(page, 'Remember me\n');
    await waitForTerminalText(page, /Remember me/);
    await waitForRow(page, 'try-demo', ({ description }) => /^running/.test(description));
    const before = entriesOf(await rows(page));

    for (let round = 1; round <= reloads; round++) {
      await reloadWindow(page);
      await openOperatorView(page);
      await waitForRow(page, 'demo', ({ description }) => /^healthy/.test(description));
      await waitForRow(page, 'try-demo', ({ description }) => /^running/.test(description));
      await eventually(async () => assert.equal(entriesOf(await rows(page)), before, `after reload ${round}`));
    }

    await waitForTerminalText(page, /Remember me/);
    await typeInTerminal(page, 'Still there\n');
    await waitForTerminalText(page, /Still there/);
    await eventually(() => assert.equal(extensionHosts(server.pid).length, 1, 'extension hosts are left over'));
    assert.deepEqual(window.console.filter((line) => /LEAK/.test(line)), []);
    const logs = Object.entries(readLogs(server)).filter(([name]) => /operator-dev\.operator/.test(name));
    assert.equal(logs.length, reloads + 1, 'one log per extension host');
    assert.deepEqual(logs.flatMap(([, text]) => text.split('\n').filter((line) => /\[error\]/.test(line))), []);
  });
});

/** Sections and entries; what is below an entry depends on what is expanded. */
function entriesOf(list: readonly Row[]): string {
  return renderRows(list.filter(({ level }) => level <= 2));
}

/** Process ids of the extension hosts below the server. */
function extensionHosts(serverPid: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const parent = Number(/\) \S (\d+)/.exec(readFileSync(join('/proc', String(pid), 'stat'), 'utf8'))?.[1]);
        return parent === serverPid && readFileSync(join('/proc', String(pid), 'cmdline'), 'utf8').includes('--type=extensionHost');
      } catch {
        return false; // it ended meanwhile
      }
    });
}
