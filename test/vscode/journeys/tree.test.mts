/** The sidebar on a project's operator.toml: what is in the file at once, live state after a probe, and changes of the file. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { closedPort, html, type ScriptedServer, startServer } from '../../support/scripted-server.ts';
import { anthropic, ollama } from '../../support/scripted-server-kinds.ts';
import { folderWindow } from '../harness/windows.mts';
import { activeEditor } from '../harness/workbench/editor.mts';
import { runCommand } from '../harness/workbench/quick-input.mts';
import { badge, contextMenuEntries, expand, inlineActions, openOperatorView, renderRows, restMouse, rows, rowsBelow, waitForRow } from '../harness/workbench/tree.mts';
import { eventually, until } from '../harness/workbench/wait.mts';
import { makesDocsImages, screenshot, setSidebarWidth } from '../harness/workbench/window.mts';
import { useWindow } from './journey.mts';

describe('journey: the sidebar', () => {
  const servers: ScriptedServer[] = [];
  let toml = '';

  before(async () => {
    const models = [
      { name: 'qwen2.5-coder:7b', parameters: '7.6B', size: 4_683_087_332, contextLength: 32_768, loaded: true, loadedContext: 8_192 },
      { name: 'llama3.2:3b', parameters: '3.2B', contextLength: 131_072 },
    ];
    // In the documentation they stand at their usual ports.
    const at = (port: number): { port: number } => ({ port: makesDocsImages ? port : 0 });
    servers.push(await startServer(ollama({ version: '0.33.1', models }), at(11434)), await startServer(anthropic({ key: 'right' }), at(4000)), await startServer({ '*': html({ title: 'Sign in' }) }, at(8080)));
    const closed = makesDocsImages ? 8000 : await closedPort();
    toml = `[[model_servers]]
name = "ollama-local"
kind = "ollama"
base_url = "${servers[0]?.url}/v1/"
display_name = "Ollama (local)"

[[model_servers]]
name = "claude-proxy"
kind = "anthropic-api"
base_url = "${servers[1]?.url}"
api_key_env = "PROXY_KEY"

[[model_servers]]
name = "dashboard"
kind = "openai-compat"
base_url = "${servers[2]?.url}"

[[model_servers]]
name = "gpu-box"
kind = "vllm"
base_url = "http://127.0.0.1:${closed}"

[[delegators]]
name = "codex-local-qwen"
llm_tool = "codex"
model = "qwen2.5-coder:7b"
model_server = "ollama-local"

[[delegators]]
name = "try-local"
llm_tool = "chat"
model = "qwen2.5-coder:7b"
model_server = "ollama-local"

[[delegators]]
name = "gemini-local"
llm_tool = "gemini"
model = "llama3.2:3b"
model_server = "ollama-local"

[[delegators]]
name = "qwen-local"
llm_tool = "qwen"
model = "qwen2.5-coder:7b"
model_server = "ollama-local"
`;
  });
  after(async () => {
    await Promise.all(servers.map((server) => server.close()));
  });

  const window = useWindow(() => ({
    window: folderWindow({ 'operator.toml': toml }),
    standIns: ['claude', 'codex', 'gemini'],
    env: { PROXY_KEY: 'wrong' },
    page: { viewport: { width: 1280, height: 820 } },
  }));

  it('has four sections with the entries of the file', async () => {
    const { page } = window;
    await openOperatorView(page);
    for (const label of ['gpu-box', 'qwen-local']) await waitForRow(page, label);
    const list = await rows(page);
    assert.deepEqual(list.filter(({ level }) => level === 1).map(({ label }) => label), ['LLM Tools', 'Model Servers', 'Delegators', 'Gateway']);
    const labels = (await rowsBelow(page, 'Model Servers')).map(({ label }) => label);
    for (const name of ['Ollama (local)', 'claude-proxy', 'dashboard', 'gpu-box']) assert.ok(labels.includes(name), `${name} is not in ${labels.join(', ')}`);
    assert.deepEqual((await rowsBelow(page, 'Delegators')).filter(({ level }) => level === 2).map(({ label }) => label), ['codex-local-qwen', 'try-local', 'gemini-local', 'qwen-local']);
  });

  it('finds the tools on PATH and reads their versions', async () => {
    const { page } = window;
    assert.match((await waitForRow(page, 'claude', ({ description }) => /\d/.test(description))).description, /^2\.1\.329/);
    assert.match((await waitForRow(page, 'codex', ({ description }) => /\d/.test(description))).description, /^0\.169\.0/);
    assert.match((await waitForRow(page, 'Not installed')).description, /^4$/);
    assert.match((await waitForRow(page, 'chat')).description, /built in/);
  });

  it('shows the live state of every server, each in its own words', async () => {
    const { page } = window;
    assert.match((await waitForRow(page, 'Ollama (local)', ({ description }) => /2 models/.test(description))).description, /^healthy · 2 models · local/);
    assert.match((await waitForRow(page, 'claude-proxy', ({ description }) => !/probing|not probed/.test(description))).description, /^key refused|^unauthorized/);
    assert.match((await waitForRow(page, 'dashboard', ({ description }) => !/probing|not probed/.test(description))).description, /^unhealthy/);
    assert.match((await waitForRow(page, 'gpu-box', ({ description }) => !/probing|not probed/.test(description))).description, /^offline/);
    assert.equal(servers[1]?.requests.every(({ headers }) => headers['x-api-key'] === 'wrong'), true);
  });

  it('says the state in words to a screen reader, with the cause', async () => {
    const { page } = window;
    const { aria } = await waitForRow(page, 'gpu-box');
    assert.match(aria, /Model server gpu-box/);
    assert.match(aria, /offline/);
  });

  it('expands a server to its models, with size, context and what is loaded', async () => {
    const { page } = window;
    await expand(page, 'Ollama (local)');
    const model = await waitForRow(page, 'qwen2.5-coder:7b');
    assert.match(model.description, /7\.6B/);
    assert.match(model.description, /4\.7 GB/);
    assert.match(model.description, /32k context/);
    assert.match(model.description, /loaded with 8k/);
  });

  it('expands a delegator to what it resolves to, and a refused one to the reason', async () => {
    const { page } = window;
    await expand(page, 'codex-local-qwen');
    await until('the resolved server', async () => (await rowsBelow(page, 'codex-local-qwen')).some(({ label }) => label === 'Ollama (local)'));
    await expand(page, 'gemini-local');
    await until('the route', async () => (await rowsBelow(page, 'gemini-local')).some(({ label }) => label === 'through the gateway: gemini → ollama'));
    await expand(page, 'qwen-local');
    await until('the reason', async () => (await rowsBelow(page, 'qwen-local')).some(({ label }) => /qwen is not on the PATH/.test(label)));
  });

  it('counts what needs attention on the activity bar', async () => {
    const { page } = window;
    // Three servers (refused key, no model server, offline) and one delegator that cannot run.
    await until('the badge', async () => (await badge(page)) === '4');
    await runCommand(page, 'Operator: Open operator.toml');
    await until('the editor', async () => (await activeEditor(page)) === 'operator.toml');
    await setSidebarWidth(page, 470);
    await restMouse(page);
    await screenshot(page, 'sidebar', { docs: true });
  });

  it('offers on each row what can be done with it', async () => {
    const { page } = window;
    const server = await contextMenuEntries(page, 'Ollama (local)');
    for (const entry of ['Probe', 'Chat', 'Create Delegator Here', 'Copy Base URL', 'Edit', 'Delete']) assert.ok(server.some((label) => label.startsWith(entry)), `${entry} is not in ${server.join(', ')}`);
    const delegator = await contextMenuEntries(page, 'try-local');
    for (const entry of ['Launch', 'Launch With Options', 'Show Launch Plan', 'Edit', 'Duplicate', 'Delete']) assert.ok(delegator.some((label) => label.startsWith(entry)), `${entry} is not in ${delegator.join(', ')}`);
    assert.ok((await contextMenuEntries(page, 'Model Servers')).some((label) => label.startsWith('Add Model Server')));
    assert.ok((await inlineActions(page, 'try-local')).some((label) => label.startsWith('Launch')));
    assert.ok((await inlineActions(page, 'gpu-box')).some((label) => label.startsWith('Probe')));
  });

  it('notices a server that comes back when it is probed again', async () => {
    const { page } = window;
    servers[2]?.play(ollama());
    await runCommand(page, 'Operator: Probe Model Servers');
    await waitForRow(page, 'dashboard', ({ description }) => /^healthy/.test(description));
  });

  it('follows the file when another program changes it', async () => {
    const { page, server } = window;
    const file = join(server.filesDir, 'project', 'operator.toml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('name = "try-local"', 'name = "try-again"'));
    await waitForRow(page, 'try-again');
    await eventually(async () => assert.ok(!(await rows(page)).some(({ label }) => label === 'try-local'), renderRows(await rows(page))));
    // What was expanded stays expanded.
    assert.equal((await waitForRow(page, 'Ollama (local)')).expanded, true);
  });
});
