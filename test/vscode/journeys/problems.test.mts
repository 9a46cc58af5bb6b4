/** Files that are broken, workspaces that are not trusted, several folders at once. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ScriptedServer, startServer } from '../../support/scripted-server.ts';
import { ollama } from '../../support/scripted-server-kinds.ts';
import { folderWindow, windows } from '../harness/windows.mts';
import { activeEditor, cursorLine, problems } from '../harness/workbench/editor.mts';
import { waitForNotification } from '../harness/workbench/notifications.mts';
import { paletteEntries, pick, runCommand } from '../harness/workbench/quick-input.mts';
import { badge, inlineActions, openOperatorView, renderRows, restMouse, row, rows, rowsBelow, waitForRow } from '../harness/workbench/tree.mts';
import { eventually, until } from '../harness/workbench/wait.mts';
import { screenshot, setSidebarWidth } from '../harness/workbench/window.mts';
import { useWindow } from './journey.mts';

describe('journey: a broken operator.toml', () => {
  const window = useWindow(() => ({ window: windows.broken }));
  const file = (): string => join(window.server.filesDir, 'project', 'operator.toml');

  it('says what is wrong and where, in the tree and in Problems', async () => {
    const { page } = window;
    await openOperatorView(page);
    const broken = await waitForRow(page, 'operator.toml cannot be used');
    assert.match(broken.description, /^line 4: /);
    await until('the badge', async () => (await badge(page)) === '1');
    await until('the problem', async () => (await problems(page)).length > 0);
    await setSidebarWidth(page, 420);
    await restMouse(page);
    await screenshot(page, 'broken-configuration', { docs: true });
  });

  it('opens the file at the line', async () => {
    const { page } = window;
    await row(page, 'operator.toml cannot be used').click();
    await until('the editor', async () => (await activeEditor(page)) === 'operator.toml');
    await until('the line', async () => (await cursorLine(page)) === 4);
  });

  it('shows the entries as soon as the file is mended, and keeps them when it breaks again', async () => {
    const { page } = window;
    const text = readFileSync(file(), 'utf8');
    writeFileSync(file(), `${text.replace('61111\n', '61111"\n')}llm_tool = "chat"\nmodel = "m"\nmodel_server = "ollama-local"\n`);
    await waitForRow(page, 'ollama-local');
    await eventually(async () => assert.ok(!(await rows(page)).some(({ label }) => label === 'operator.toml cannot be used')));
    writeFileSync(file(), text);
    await waitForRow(page, 'operator.toml cannot be used');
    assert.ok((await rows(page)).some(({ label }) => label === 'ollama-local'), 'the last good entries are gone');
  });

  it('never writes over it', async () => {
    const { page } = window;
    const text = readFileSync(file(), 'utf8');
    await runCommand(page, 'Operator: Add Model Server');
    await waitForNotification(page, /operator\.toml/);
    assert.equal(readFileSync(file(), 'utf8'), text);
  });
});

describe('journey: an untrusted workspace', () => {
  let server: ScriptedServer;
  before(async () => {
    server = await startServer(ollama());
  });
  after(() => server.close());

  const window = useWindow(() => ({
    window: folderWindow(
      {
        'operator.toml': `[[model_servers]]\nname = "theirs"\nkind = "ollama"\nbase_url = "${server.url}"\n\n[[delegators]]\nname = "their-agent"\nllm_tool = "chat"\nmodel = "llama3.2:latest"\nmodel_server = "theirs"\n`,
      },
      'untrusted',
    ),
  }));

  it('shows the file read-only, and says so', async () => {
    const { page } = window;
    await openOperatorView(page);
    await waitForRow(page, 'their-agent');
    const list = await rows(page);
    assert.ok(list.some(({ label }) => /Restricted Mode/.test(label)), renderRows(list));
    assert.match((await waitForRow(page, 'theirs')).description, /not trusted/);
    await screenshot(page, 'untrusted');
  });

  it('runs, probes and sends nothing of it, also when asked to', async () => {
    const { page } = window;
    const offered = await paletteEntries(page, 'Operator: ');
    assert.ok(offered.includes('Operator: Open operator.toml'), offered.join('\n'));
    for (const title of ['Launch Delegator', 'Launch Ad Hoc', 'Probe Model Servers', 'Chat With Model', 'Add Model Server']) assert.ok(!offered.includes(`Operator: ${title}`), `${title} is offered`);
    assert.deepEqual(await inlineActions(page, 'their-agent'), []);
    assert.equal(await page.locator('.terminal-wrapper').count(), 0);
    assert.deepEqual(server.requests, []);
  });

  it('comes to life when trust is granted', async () => {
    const { page } = window;
    await page.locator('.part.banner').waitFor(); // until VS Code has made up its mind, its command for trust is disabled
    await row(page, 'Restricted Mode').click();
    await page.locator('.workspace-trust-editor').getByRole('button', { name: 'Trust', exact: true }).click();
    await waitForRow(page, 'theirs', ({ description }) => /^healthy/.test(description));
    assert.ok(server.requests.length > 0);
  });
});

describe('journey: a workspace with two folders', () => {
  const window = useWindow(() => ({ window: windows['multi-root'] }));

  it('shows the entries of both, each with its folder', async () => {
    const { page } = window;
    await openOperatorView(page);
    await waitForRow(page, 'vllm-lab');
    const servers = await rowsBelow(page, 'Model Servers');
    assert.match(servers.find(({ label }) => label === 'Ollama (local)')?.description ?? '', /api/);
    assert.match(servers.find(({ label }) => label === 'vllm-lab')?.description ?? '', /web/);
    await screenshot(page, 'multi-root');
  });

  it('keeps delegators of the same name apart', async () => {
    const { page } = window;
    const list = (await rowsBelow(page, 'Delegators')).filter(({ level }) => level === 2).map(({ label, description }) => `${label} ${description}`);
    assert.ok(list.some((text) => /chat · qwen2\.5-coder · ollama-local/.test(text) && /api/.test(text)), list.join('\n'));
    assert.ok(list.some((text) => /chat · llama3 · vllm-lab/.test(text) && /web/.test(text)), list.join('\n'));
  });

  it('opens the operator.toml that was meant', async () => {
    const { page } = window;
    await runCommand(page, 'Operator: Open operator.toml');
    await pick(page, 'web');
    await until('the editor', async () => (await activeEditor(page)).startsWith('operator.toml'));
  });
});
