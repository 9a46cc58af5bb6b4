/** From nothing to an agent at work: an Ollama is found, added, given a model, the model is tested, and an agent launched on it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DemoServer, startDemoServer } from '../../support/demo-server.ts';
import { folderWindow } from '../harness/windows.mts';
import { dismissNotifications, waitForNotification } from '../harness/workbench/notifications.mts';
import { enterInput, inputValue, items, pick, runCommand, waitForStep } from '../harness/workbench/quick-input.mts';
import { typeInTerminal, waitForTerminalText } from '../harness/workbench/terminal.mts';
import { clickInlineAction, expand, openOperatorView, pickFromContextMenu, restMouse, row, rowsBelow, waitForRow } from '../harness/workbench/tree.mts';
import { until } from '../harness/workbench/wait.mts';
import { webview } from '../harness/workbench/webview.mts';
import { reloadWindow, screenshot, setSidebarWidth } from '../harness/workbench/window.mts';
import { useWindow } from './journey.mts';

describe('journey: from a found server to an agent on a tested model', () => {
  let demo: DemoServer;
  before(async () => {
    demo = await startDemoServer({ models: ['demo-echo'], pullMs: 6_000, wordDelayMs: 2, isOllama: true });
  });
  after(() => demo.stop());

  const window = useWindow(() => ({
    window: folderWindow({ 'operator.toml': '# Mine. Stays.\n' }),
    standIns: ['claude'],
    env: { OLLAMA_HOST: `127.0.0.1:${demo.port}` },
    settings: { 'operator.discovery.enabled': true },
    page: { viewport: { width: 1280, height: 820 } },
  }));
  const file = (): string => readFileSync(join(window.server.filesDir, 'project', 'operator.toml'), 'utf8');

  it('finds the Ollama that runs', async () => {
    const { page } = window;
    await openOperatorView(page);
    await setSidebarWidth(page, 560);
    await waitForRow(page, `Found Ollama on ${demo.port}: add?`, ({ description }) => /1 model$/.test(description));
    await screenshot(page, 'found-ollama');
  });

  it('adds it', async () => {
    const { page } = window;
    await row(page, `Found Ollama on ${demo.port}: add?`).click();
    await until('the name step', async () => (await inputValue(page)) === 'ollama');
    await enterInput(page, 'ollama');
    await waitForRow(page, 'ollama', ({ description }) => /1 model/.test(description));
    assert.equal(file(), `# Mine. Stays.\n\n[[model_servers]]\nname = "ollama"\nkind = "ollama"\nbase_url = "http://localhost:${demo.port}"\n`);
    await dismissNotifications(page);
  });

  it('pulls a model onto it, with progress', async () => {
    const { page } = window;
    await pickFromContextMenu(page, 'ollama', 'Pull Model');
    await enterInput(page, 'demo-novelist');
    await expand(page, 'ollama');
    await waitForRow(page, 'demo-novelist', ({ description }) => /pulling [2-9]\d %/.test(description));
    await waitForNotification(page, /Pulling demo-novelist on ollama: [2-9]\d %/);
    await screenshot(page, 'pulling-a-model', { docs: true });
    await waitForNotification(page, 'Pulled demo-novelist on ollama');
    await waitForRow(page, 'demo-novelist:latest');
    await dismissNotifications(page);
  });

  it('tests it, level by level', async () => {
    const { page } = window;
    await pickFromContextMenu(page, 'demo-novelist:latest', 'Test Model');
    const report = webview(page);
    await report.locator('#status', { hasText: /passed|failed/ }).waitFor({ timeout: 60_000 });
    const table = await report.locator('table').innerText();
    for (const level of ['reachable', 'lists the model', 'answers', 'streams', 'calls a tool', "uses the tool's result", 'keeps up a conversation', 'sees an image', 'keeps to a JSON schema']) assert.match(table, new RegExp(`^${level}\\t✔pass`, 'm'));
    assert.match(await report.locator('#status').innerText(), /All levels that apply passed/);
    await screenshot(page, 'model-tested');
    await waitForRow(page, 'demo-novelist:latest', ({ description }) => /tested|passed/.test(description));
  });

  it('shows what was found after a reload of the window, and runs nothing by itself', async () => {
    const { page } = window;
    await reloadWindow(page);
    await openOperatorView(page);
    await webview(page).locator('td.passed').first().waitFor({ timeout: 30_000 });
    await until('the buttons', async () => webview(page).locator('#again').isEnabled());
    await waitForRow(page, 'ollama', ({ description }) => /2 models/.test(description));
    await expand(page, 'ollama');
    await waitForRow(page, 'demo-novelist:latest', ({ description }) => /tested|passed/.test(description));
  });

  it('puts two models side by side', async () => {
    const { page } = window;
    await runCommand(page, 'Operator: Test Model');
    await until('the models', async () => (await items(page)).some(({ label }) => label.includes('demo-echo')));
    for (const name of ['demo-echo', 'demo-novelist:latest']) await page.locator('.quick-input-list .monaco-list-row', { hasText: name }).first().locator('.quick-input-list-checkbox, .monaco-checkbox, input[type="checkbox"]').first().click();
    await page.locator('.quick-input-action a, .quick-input-action .monaco-button').first().click();
    await webview(page).locator('th[scope="col"]', { hasText: 'demo-echo' }).waitFor({ timeout: 30_000 });
    await webview(page).locator('#status', { hasText: /passed|failed/ }).waitFor({ timeout: 60_000 });
    assert.equal(await webview(page).locator('thead th[scope="col"]').count(), 3);
    await restMouse(page);
    await screenshot(page, 'model-test', { docs: true });
  });

  it('launches an agent on it', async () => {
    const { page } = window;
    await runCommand(page, 'Operator: Create Delegator');
    await waitForStep(page, 'Create Delegator');
    await pick(page, 'claude');
    await until('the servers', async () => (await items(page)).some(({ label }) => label === 'ollama'));
    await pick(page, 'ollama');
    await until('the models', async () => (await items(page)).some(({ label }) => label === 'demo-novelist:latest'));
    await pick(page, 'demo-novelist:latest');
    await until('the name step', async () => (await inputValue(page)).startsWith('claude-demo-novelist'));
    await enterInput(page, 'claude-local');
    await waitForRow(page, 'claude-local', ({ description }) => /^ready/.test(description));
    await waitForNotification(page, 'Created the delegator');
    await dismissNotifications(page);
    await clickInlineAction(page, 'claude-local', 'Launch Delegator');
    await waitForTerminalText(page, /claude stand-in in/);
    await typeInTerminal(page, 'ask Is anybody there?\n');
    await until('the request at the gateway', async () => (await rowsBelow(page, 'Gateway')).some(({ label, description }) => label === 'claude-local' && /1 request · .* tokens/.test(description)));
    await screenshot(page, 'agent-on-a-tested-model');
    await typeInTerminal(page, 'exit 0\n');
  });
});
