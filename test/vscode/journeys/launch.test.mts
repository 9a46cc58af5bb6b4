/** Launching: from the palette and from a row, in a real terminal, with the agent's answer read back. */
import assert from 'node:assert/strict';
import { folderWindow } from '../harness/windows.mts';
import { dismissNotifications, notifications } from '../harness/workbench/notifications.mts';
import { enterInput, items, pick, runCommand, waitForStep } from '../harness/workbench/quick-input.mts';
import { terminalNames, terminalText, typeInTerminal, waitForTerminalText } from '../harness/workbench/terminal.mts';
import { activeEditor } from '../harness/workbench/editor.mts';
import { clickInlineAction, expand, openOperatorView, pickFromContextMenu, restMouse, rows, rowsBelow, waitForRow } from '../harness/workbench/tree.mts';
import { until } from '../harness/workbench/wait.mts';
import { screenshot, setSidebarWidth } from '../harness/workbench/window.mts';
import { useDemoServer, useWindow } from './journey.mts';

const canary = 'canary-key-that-must-not-be-seen';

describe('journey: launching', () => {
  const demo = useDemoServer();

  const window = useWindow(() => ({
    window: folderWindow({
      'operator.toml': `[[model_servers]]
name = "demo"
kind = "ollama"
base_url = "${demo.url}"
display_name = "Demo (Ollama)"

[[model_servers]]
name = "team-proxy"
kind = "anthropic-api"
base_url = "${demo.url}"
api_key_env = "TEAM_KEY"

[[delegators]]
name = "try-demo"
llm_tool = "chat"
model = "demo-echo"
model_server = "demo"
display_name = "Try the demo model"

[[delegators]]
name = "claude-team"
llm_tool = "claude"
model = "big-model"
model_server = "team-proxy"
[delegators.launch_config]
permission_mode = "plan"
`,
    }),
    standIns: ['claude'],
    env: { TEAM_KEY: canary },
  }));

  it('launches a delegator from the palette, and the model answers in the terminal', async () => {
    const { page } = window;
    await openOperatorView(page);
    await setSidebarWidth(page, 420);
    await waitForRow(page, 'Try the demo model', ({ description }) => /^ready/.test(description));
    await runCommand(page, 'Operator: Launch Delegator');
    await until('the delegators', async () => (await items(page)).some(({ label }) => label === 'Try the demo model'));
    await pick(page, 'Try the demo model');
    await waitForTerminalText(page, /Demo \(Ollama\)|demo/);
    await typeInTerminal(page, 'Hello there\n');
    await waitForTerminalText(page, /\[demo\] You said: Hello there/);
    assert.deepEqual((await terminalNames(page)).map((name) => name.trim()), ['Try the demo model']);
  });

  it('shows the session under its delegator while it runs', async () => {
    const { page } = window;
    await waitForRow(page, 'Try the demo model', ({ description }) => /^running/.test(description));
    const session = (await rowsBelow(page, 'Try the demo model')).find(({ description }) => /^running since \d\d:\d\d/.test(description));
    assert.ok(session, 'no session row');
    await restMouse(page);
    await screenshot(page, 'launch', { docs: true });
  });

  it('asks before it starts a second one', async () => {
    const { page } = window;
    await clickInlineAction(page, 'Try the demo model', 'Launch Delegator');
    await until('the question', async () => (await items(page)).length > 0 || (await notifications(page)).length > 0);
    await screenshot(page, 'launch-again');
    await page.keyboard.press('Escape');
    assert.equal((await rowsBelow(page, 'Try the demo model')).filter(({ description }) => /^running since/.test(description)).length, 1);
  });

  it('ends with /exit, and shows the exit code', async () => {
    const { page } = window;
    await typeInTerminal(page, '/exit\n');
    await waitForRow(page, 'Try the demo model', ({ description }) => /^ready/.test(description));
    await expand(page, 'Try the demo model');
    await until('the ended session', async () => (await rowsBelow(page, 'Try the demo model')).some(({ description }) => /^ended with exit code 0/.test(description)));
  });

  it('gives a vendor tool exactly its plan, the key in its environment and nowhere else', async () => {
    const { page } = window;
    await clickInlineAction(page, 'claude-team', 'Launch Delegator');
    const text = await waitForTerminalText(page, /claude stand-in in [\s\S]*argument: plan/);
    assert.match(text, /argument: --model\nargument: big-model/);
    assert.match(text, /argument: --permission-mode\nargument: plan/);
    assert.ok(!text.includes(canary));
    await typeInTerminal(page, 'env ANTHROPIC_BASE_URL\n');
    await waitForTerminalText(page, new RegExp(`ANTHROPIC_BASE_URL=${demo.url}`));
    await typeInTerminal(page, 'env ANTHROPIC_CUSTOM_HEADERS\n');
    await waitForTerminalText(page, new RegExp(`ANTHROPIC_CUSTOM_HEADERS=x-api-key: ${canary}`));
    await typeInTerminal(page, 'exit 3\n');
    await expand(page, 'claude-team');
    await until('the exit code', async () => (await rowsBelow(page, 'claude-team')).some(({ description }) => /exit code 3/.test(description)));
  });

  it('shows the plan with the key masked', async () => {
    const { page } = window;
    await dismissNotifications(page);
    await pickFromContextMenu(page, 'claude-team', 'Show Launch Plan');
    await until('the plan', async () => (await activeEditor(page)) !== '');
    const plan = page.locator('.editor-group-container.active .view-lines');
    await until('its text', async () => ((await plan.innerText()).includes('claude')));
    await screenshot(page, 'launch-plan');
    assert.ok(!(await plan.innerText()).includes(canary));
  });

  it('launches with a prompt, extra flags and another folder when asked', async () => {
    const { page } = window;
    await pickFromContextMenu(page, 'claude-team', 'Launch With Options');
    await waitForStep(page, /With Options \(1\/3\)/);
    await enterInput(page, 'Fix the tests');
    await waitForStep(page, /\(2\/3\)/);
    await enterInput(page, '--verbose');
    await waitForStep(page, /\(3\/3\)/);
    await page.keyboard.press('Enter'); // the delegator's own folder
    const text = await waitForTerminalText(page, /argument: Fix the tests/);
    assert.match(text, /argument: --verbose/);
    await typeInTerminal(page, 'exit 0\n');
    await waitForRow(page, 'claude-team', ({ description }) => /^ready/.test(description));
  });

  it('chats with a model of the live list', async () => {
    const { page } = window;
    await expand(page, 'Demo (Ollama)');
    await until('the models', async () => (await rows(page)).some(({ label }) => label === 'demo-echo:latest'));
    await pickFromContextMenu(page, 'demo-echo:latest', 'Chat With Model');
    await waitForTerminalText(page, /demo/i);
    await typeInTerminal(page, '/exit\n');
    await until('the end', async () => !(await terminalText(page)).includes('/exit') || (await page.locator('.terminal-wrapper.active').count()) === 0);
  });
});
