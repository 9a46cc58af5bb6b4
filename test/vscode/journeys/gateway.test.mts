/** A tool on a server that does not speak its protocol: the gateway between them, its section, and an agent that nothing disturbs. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startDemoServer } from '../../support/demo-server.ts';
import { folderWindow } from '../harness/windows.mts';
import { clickDialogButton, dialogText } from '../harness/workbench/notifications.mts';
import { runCommand } from '../harness/workbench/quick-input.mts';
import { typeInTerminal, waitForTerminalText } from '../harness/workbench/terminal.mts';
import { clickInlineAction, collapse, contextMenuEntries, expand, inlineActions, openOperatorView, restMouse, row, rowsBelow, rowsOf, type Row, waitForRow } from '../harness/workbench/tree.mts';
import { eventually, until } from '../harness/workbench/wait.mts';
import { reloadWindow, screenshot, setSidebarWidth } from '../harness/workbench/window.mts';
import { useDemoServer, useWindow } from './journey.mts';

describe('journey: the gateway', () => {
  const demo = useDemoServer();

  const window = useWindow(() => ({
    window: folderWindow({
      'operator.toml': `[[model_servers]]
name = "ollama-local"
kind = "ollama"
base_url = "${demo.url}"

[[delegators]]
name = "gemini-local"
llm_tool = "gemini"
model = "demo-echo"
model_server = "ollama-local"

[[delegators]]
name = "claude-local"
llm_tool = "claude"
model = "demo-echo"
model_server = "ollama-local"
`,
    }),
    standIns: ['claude', 'gemini'],
    settings: { 'remote.autoForwardPorts': true },
    page: { viewport: { width: 1280, height: 820 } },
  }));

  /** The session's row in the Gateway section. */
  async function session(matches: (row: Row) => boolean = () => true, name = 'gemini-local'): Promise<Row> {
    return until(`the session of ${name}`, async () => (await rowsBelow(window.page, 'Gateway')).find((entry) => entry.label === name && matches(entry)));
  }

  function gatewayPid(): number {
    const lock = readFileSync(join(window.server.homeDir, '.operator', 'state', 'gateway.json'), 'utf8');
    return (JSON.parse(lock) as { readonly pid: number }).pid;
  }

  it('is named by the delegator that needs it, and does not run yet', async () => {
    const { page } = window;
    await openOperatorView(page);
    await setSidebarWidth(page, 620);
    await waitForRow(page, 'gemini-local', ({ description }) => /^ready/.test(description));
    assert.equal((await waitForRow(page, 'Gateway')).description, 'not running');
    assert.deepEqual(await inlineActions(page, 'Gateway'), ['Start Gateway']);
    await expand(page, 'gemini-local');
    await waitForRow(page, 'through the gateway: gemini → ollama');
  });

  it('starts with the launch, and the model answers', async () => {
    const { page } = window;
    await clickInlineAction(page, 'gemini-local', 'Launch Delegator');
    await waitForTerminalText(page, /gemini stand-in in/);
    await runCommand(page, 'Terminal: Clear');
    await typeInTerminal(page, 'ask How are you?\n');
    await waitForTerminalText(page, /You said: How are you\?/);
  });

  it('shows the session with its requests and tokens', async () => {
    const { page } = window;
    assert.match((await waitForRow(page, 'Gateway', ({ description }) => /1 session/.test(description))).description, /^running · 127\.0\.0\.1:\d+ · 1 session$/);
    const { description, aria } = await session(({ description: text }) => /1 request · .* tokens/.test(text));
    assert.match(description, /^gemini · demo-echo on ollama-local · 1 request · \d+ tokens · since \d\d:\d\d$/);
    assert.match(aria, /^Gateway session of gemini-local, gemini/);
  });

  it('shows another agent beside it, with what its server could not take, until it ends', async () => {
    const { page } = window;
    await clickInlineAction(page, 'claude-local', 'Launch Delegator');
    await waitForTerminalText(page, /claude stand-in in/);
    await runCommand(page, 'Terminal: Clear');
    await typeInTerminal(page, 'ask What is new?\n');
    await waitForTerminalText(page, /You said: What is new\?/);
    await session(({ description }) => /1 request · .* tokens/.test(description), 'claude-local');
    await collapse(page, 'LLM Tools');
    await collapse(page, 'Model Servers');
    await rowsOf(page, 'claude-local').last().locator('.monaco-tl-twistie').click();
    await until('what was left out', async () => (await rowsBelow(page, 'Gateway')).some(({ label }) => /^a tool of the type web_search/.test(label)));
    await restMouse(page);
    await screenshot(page, 'gateway', { docs: true });
    await expand(page, 'LLM Tools');
    await expand(page, 'Model Servers');
    await typeInTerminal(page, 'exit 0\n');
    await waitForRow(page, 'Gateway', ({ description }) => /1 session$/.test(description));
    assert.ok(!(await rowsBelow(page, 'Gateway')).some(({ label }) => label === 'claude-local'));
  });

  it('offers what can be done with it', async () => {
    const { page } = window;
    assert.deepEqual(await inlineActions(page, 'Gateway'), ['Restart Gateway', 'Stop Gateway']);
    assert.deepEqual(await contextMenuEntries(page, 'Gateway'), ['Restart Gateway', 'Stop Gateway', 'Copy Gateway Address', 'Show Gateway Log']);
    const address = (await rowsBelow(page, 'Gateway')).find(({ label }) => label.startsWith('http://'));
    assert.ok(address);
    assert.deepEqual(await inlineActions(page, address.label), ['Copy Gateway Address']);
  });

  it('is not forwarded to other machines, as VS Code does with ports in remote windows', async () => {
    const { page } = window;
    await runCommand(page, 'Ports: Focus on Ports View');
    const panel = page.locator('.part.panel');
    const { port } = new URL((await rowsBelow(page, 'Gateway')).find(({ label }) => label.startsWith('http://'))?.label ?? '');
    // Once a port that is younger than the gateway's is there, the gateway's would be.
    await using other = await startDemoServer();
    await until('the other port', async () => (await panel.innerText()).includes(String(other.port)));
    assert.ok(!(await panel.innerText()).includes(port), await panel.innerText());
    await runCommand(page, 'Terminal: Focus on Terminal View');
  });

  it('lets the agent go on after a reload of the window, below its open row', async () => {
    const { page } = window;
    const pid = gatewayPid();
    await reloadWindow(page);
    await openOperatorView(page);
    await waitForRow(page, 'gemini-local', ({ description }) => /^running/.test(description));
    await eventually(async () => assert.ok((await rowsBelow(page, 'Delegators')).some(({ description }) => /^running since/.test(description)), 'the row of the delegator is closed'));
    assert.equal(gatewayPid(), pid);
    await waitForTerminalText(page, /You said: How are you\?/);
    await typeInTerminal(page, 'ask Still there?\n');
    await waitForTerminalText(page, /You said: Still there\?/);
    await session(({ description }) => description.includes('2 requests'));
  });

  it('comes back when it is killed, and the agent notices nothing', async () => {
    const { page } = window;
    const pid = gatewayPid();
    process.kill(pid, 'SIGKILL');
    await eventually(() => assert.notEqual(gatewayPid(), pid));
    await session();
    await typeInTerminal(page, 'ask And now?\n');
    await waitForTerminalText(page, /You said: And now\?/);
  });

  it('asks before it stops under a running agent', async () => {
    const { page } = window;
    await session(({ description }) => description.includes('1 request'));
    await clickInlineAction(page, 'Gateway', 'Stop Gateway');
    assert.equal(await dialogText(page), 'Stop the gateway?\ngemini-local uses it and cannot reach its model then.\nRestart the gateway instead to keep the agents going.');
    await screenshot(page, 'gateway-stop');
    await clickDialogButton(page, 'Stop');
    await waitForRow(page, 'Gateway', ({ description }) => description === 'not running');
    await typeInTerminal(page, 'ask Anybody?\n');
    await waitForTerminalText(page, /no answer: .*ECONNREFUSED/);
    assert.equal(await row(page, 'Gateway').count(), 1);
  });
});
