/** The wizards: add a model server by right-click, create a delegator on it, start from nothing. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ScriptedServer, startServer } from '../../support/scripted-server.ts';
import { ollama } from '../../support/scripted-server-kinds.ts';
import { folderWindow } from '../harness/windows.mts';
import { clickDialogButton, dialogText, dismissNotifications, waitForNotification } from '../harness/workbench/notifications.mts';
import { back, enterInput, fillInput, inputValue, items, pick, runCommand, waitForInputMessage, waitForStep } from '../harness/workbench/quick-input.mts';
import { clickWelcomeButton, openOperatorView, pickFromContextMenu, rows, waitForRow, welcomeText } from '../harness/workbench/tree.mts';
import { eventually, until } from '../harness/workbench/wait.mts';
import { screenshot } from '../harness/workbench/window.mts';
import { useWindow } from './journey.mts';

const original = `# Our servers. Keep this comment.
[[model_servers]]   # aligned by hand
name       = "lab"
kind       = "vllm"
base_url   = "http://127.0.0.1:61111"

# Nothing else yet.
`;

describe('journey: adding a model server and a delegator', () => {
  let ollamaServer: ScriptedServer;
  before(async () => {
    ollamaServer = await startServer(ollama({ models: ['qwen2.5-coder:7b', 'llama3.2:3b'] }));
  });
  after(() => ollamaServer.close());

  const window = useWindow(() => ({ window: folderWindow({ 'operator.toml': original }), standIns: ['codex'] }));
  const file = (): string => join(window.server.filesDir, 'project', 'operator.toml');

  it('opens the wizard by a right-click on Model Servers', async () => {
    const { page } = window;
    await openOperatorView(page);
    await waitForRow(page, 'lab');
    await pickFromContextMenu(page, 'Model Servers', 'Add Model Server');
    await waitForStep(page, 'Add Model Server');
    const kinds = (await items(page)).map(({ label }) => label);
    assert.ok(kinds.includes('Ollama') && kinds.includes('LM Studio'), kinds.join(', '));
    await screenshot(page, 'add-model-server-kind');
  });

  it('checks the address live and says what is wrong with it', async () => {
    const { page } = window;
    await pick(page, 'Ollama');
    await until('the address step', async () => (await inputValue(page)) === 'http://localhost:11434');
    await fillInput(page, 'not an address');
    await waitForInputMessage(page, /address/i);
    await fillInput(page, 'http://127.0.0.1:61111');
    await waitForInputMessage(page, /refused|nothing listens|offline/i);
    await fillInput(page, `${ollamaServer.url}/v1`);
    await waitForInputMessage(page, /2 models/);
    await screenshot(page, 'add-model-server-address');
  });

  it('goes back and forth without losing what was entered', async () => {
    const { page } = window;
    await enterInput(page, `${ollamaServer.url}/v1`);
    await until('the name step', async () => (await inputValue(page)) === 'ollama');
    await back(page);
    await until('the address step again', async () => (await inputValue(page)) === `${ollamaServer.url}/v1`);
    await waitForInputMessage(page, /2 models/);
    await enterInput(page, `${ollamaServer.url}/v1`);
  });

  it('writes the entry and leaves every other line as it was', async () => {
    const { page } = window;
    await until('the name step', async () => (await inputValue(page)) === 'ollama');
    await fillInput(page, 'lab');
    await waitForInputMessage(page, /lab/);
    await enterInput(page, 'ollama-local');
    await waitForRow(page, 'ollama-local', ({ description }) => /2 models/.test(description));
    const text = readFileSync(file(), 'utf8');
    const added = `[[model_servers]]\nname = "ollama-local"\nkind = "ollama"\nbase_url = "${ollamaServer.url}/v1"\n\n`;
    assert.ok(text.includes(added), text);
    assert.equal(text.replace(added, ''), original);
    await waitForNotification(page, 'Added the model server');
  });

  it('creates a delegator with a model from the live list', async () => {
    const { page } = window;
    await dismissNotifications(page);
    await runCommand(page, 'Operator: Create Delegator');
    await waitForStep(page, 'Create Delegator');
    await pick(page, 'codex');
    await until('the servers', async () => (await items(page)).some(({ label }) => label === 'ollama-local'));
    await screenshot(page, 'create-delegator-server');
    await pick(page, 'ollama-local');
    await until('the models of the server', async () => (await items(page)).some(({ label }) => label === 'qwen2.5-coder:7b'));
    await pick(page, 'qwen2.5-coder:7b');
    await until('the name step', async () => (await inputValue(page)).startsWith('codex-qwen2.5-coder'));
    await enterInput(page, 'codex-local-qwen');
    await waitForRow(page, 'codex-local-qwen', ({ description }) => /^ready/.test(description));
    assert.match(readFileSync(file(), 'utf8'), /\[\[delegators\]\]\nname = "codex-local-qwen"\nllm_tool = "codex"\nmodel = "qwen2\.5-coder:7b"\nmodel_server = "ollama-local"/);
  });

  it('tells which delegators would dangle before it deletes a server', async () => {
    const { page } = window;
    await dismissNotifications(page);
    await pickFromContextMenu(page, 'ollama-local', 'Delete Model Server');
    assert.match(await dialogText(page), /codex-local-qwen/);
    await screenshot(page, 'delete-model-server');
    await clickDialogButton(page, 'Delete');
    await waitForRow(page, 'codex-local-qwen', ({ description }) => /not ready/.test(description));
    await eventually(async () => assert.ok(!(await rows(page)).some(({ label }) => label === 'ollama-local')));
    const text = readFileSync(file(), 'utf8');
    assert.ok(text.startsWith(original.trimEnd().split('\n').slice(0, 5).join('\n')) && text.includes('# Nothing else yet.'), text);
  });
});

describe('journey: starting from nothing', () => {
  const window = useWindow(() => ({ window: folderWindow({ 'README.md': '# A project\n' }), standIns: ['claude'] }));

  it('welcomes, and creates operator.toml from what was detected', async () => {
    const { page, server } = window;
    await openOperatorView(page);
    await until('the welcome text', async () => (await welcomeText(page)) !== '');
    await screenshot(page, 'welcome');
    await clickWelcomeButton(page, 'Create operator.toml');
    await until('the proposals', async () => (await items(page)).some(({ label }) => label === 'Claude Code'));
    await page.keyboard.press('Enter');
    await waitForRow(page, 'claude-opus');
    const file = join(server.filesDir, 'project', 'operator.toml');
    await until('the file', () => existsSync(file));
    assert.match(readFileSync(file, 'utf8'), /llm_tool = "claude"/);
    await screenshot(page, 'created-configuration');
  });
});
