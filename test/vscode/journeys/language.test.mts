/** A person edits operator.toml: squiggles and fixes, models from the live server, renaming in both files, launching from above an entry. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageExtension } from '../harness/build.mts';
import { folderWindow, windows } from '../harness/windows.mts';
import { activeEditor, clickLens, goTo, isDirty, lenses, offeredFixes, pressUntil, problems, suggestions, visibleLines } from '../harness/workbench/editor.mts';
import { dismissNotifications, waitForNotification } from '../harness/workbench/notifications.mts';
import { enterInput, pick, runCommand } from '../harness/workbench/quick-input.mts';
import { typeInTerminal, waitForTerminalText } from '../harness/workbench/terminal.mts';
import { openOperatorView, pickFromContextMenu, restMouse, waitForRow } from '../harness/workbench/tree.mts';
import { eventually, until } from '../harness/workbench/wait.mts';
import { screenshot, setSidebarWidth } from '../harness/workbench/window.mts';
import { useDemoServer, useWindow } from './journey.mts';

describe('journey: editing operator.toml', () => {
  const demo = useDemoServer();

  const window = useWindow(() => ({
    window: folderWindow({
      'operator.toml': `# What this project runs.
[[model_servers]]
name = "demo"
kind = "ollama"
base_url = "${demo.url}"

[[delegators]]
name = "try-demo"
llm_tool = "chat"
model = ""
model_server = "demp"

[[delegators]]
name = "on-mine"
llm_tool = "chat"
model = "demo-echo"
model_server = "mine"
`,
    }),
    homeFiles: {
      '.operator/operator.toml': `# What is mine on this machine.
[[model_servers]]
name = "mine"
kind = "ollama"
base_url = "${demo.url}"

[[delegators]]
name = "everywhere"
llm_tool = "chat"
model = "demo-echo"
model_server = "mine"
`,
    },
    settings: { 'files.autoSave': 'off' }, // as on a desktop; in a browser it is on
    page: { viewport: { width: 1280, height: 820 } },
  }));

  const file = (): string => join(window.server.filesDir, 'project', 'operator.toml');
  const userFile = (): string => join(window.server.homeDir, '.operator', 'operator.toml');

  /** One-based place of a text in the editor that is open. */
  async function goToText(text: string, offset = 0): Promise<void> {
    const { line, column } = await until(`the text ${text}`, async () => {
      const lines = await visibleLines(window.page);
      const index = lines.findIndex((candidate) => candidate.includes(text));
      return index >= 0 && { line: index + 1, column: (lines[index] ?? '').indexOf(text) + 1 + offset };
    });
    await goTo(window.page, line, column);
  }

  it('shows what is wrong where it stands, and mends it with a fix', async () => {
    const { page } = window;
    await openOperatorView(page);
    await setSidebarWidth(page, 380);
    await waitForRow(page, 'try-demo');
    await runCommand(page, 'Operator: Open operator.toml');
    await pick(page, 'project');
    await until('the editor', async () => (await activeEditor(page)) === 'operator.toml');
    await until('the lenses', async () => (await lenses(page)).some((title) => title === 'Probe: healthy'));
    await until('a squiggle', async () => (await page.locator('.squiggly-error').count()) > 0);
    assert.ok((await problems(page)).some((text) => /demp/.test(text)));
    await page.keyboard.press('Control+J'); // the panel has said its part
    await goToText('"demp"', 2);
    await pressUntil(page, 'Control+.', 'the fixes', async () => (await offeredFixes(page)).some((title) => title.includes('Change to "demo"')));
    await restMouse(page);
    await screenshot(page, 'editing', { docs: true });
    await page.keyboard.press('Enter');
    await eventually(async () => assert.ok((await visibleLines(page)).includes('model_server = "demo"'), (await visibleLines(page)).join('\n')));
    assert.equal(await isDirty(page), true);
  });

  it('completes the model from what the server lists', async () => {
    const { page } = window;
    await goToText('model = ""', 9);
    await pressUntil(page, 'Control+Space', 'the models', async () => (await suggestions(page)).includes('demo-echo:latest'));
    await restMouse(page);
    await screenshot(page, 'language-completion');
    await page.keyboard.type('echo');
    await until('the one model', async () => (await suggestions(page))[0] === 'demo-echo:latest');
    await page.keyboard.press('Enter');
    await eventually(async () => assert.ok((await visibleLines(page)).includes('model = "demo-echo:latest"'), (await visibleLines(page)).join('\n')));
  });

  it('takes a change from the sidebar beside what is not saved yet', async () => {
    const { page } = window;
    const saved = readFileSync(file(), 'utf8');
    assert.equal(await isDirty(page), true);
    await pickFromContextMenu(page, 'on-mine', 'Duplicate Delegator');
    await enterInput(page, 'on-mine-too');
    await waitForNotification(page, /unsaved changes/);
    await until('the copy in the editor', async () => (await visibleLines(page)).includes('name = "on-mine-too"'));
    assert.ok((await visibleLines(page)).includes('model_server = "demo"'), 'what was typed is gone');
    assert.equal(readFileSync(file(), 'utf8'), saved, 'saving is the person’s');
    await screenshot(page, 'language-dirty');
    await dismissNotifications(page);
    await page.locator('.editor-group-container.active .monaco-editor').first().click();
    await page.keyboard.press('Control+S');
    await waitForRow(page, 'on-mine-too');
    await waitForRow(page, 'try-demo', ({ description }) => /^ready/.test(description));
  });

  it('renames a server in both files at once', async () => {
    const { page } = window;
    await goToText('"mine"', 2);
    await page.keyboard.press('F2');
    const input = page.locator('.rename-box input');
    await input.waitFor();
    assert.equal(await input.inputValue(), 'mine');
    await screenshot(page, 'language-rename');
    await input.fill('workshop');
    await input.press('Enter');
    await eventually(async () => assert.ok((await visibleLines(page)).includes('model_server = "workshop"'), (await visibleLines(page)).join('\n')));
    await page.keyboard.press('Control+K');
    await page.keyboard.press('s'); // saves all
    await until('the user’s file', () => readFileSync(userFile(), 'utf8').match(/"workshop"/g)?.length === 2);
    assert.equal(readFileSync(file(), 'utf8').match(/"workshop"/g)?.length, 2);
    assert.match(readFileSync(userFile(), 'utf8'), /^# What is mine on this machine\.\n/);
    await waitForRow(page, 'workshop');
  });

  it('launches from above the entry', async () => {
    const { page } = window;
    await goTo(page, 1, 1);
    await until('the lenses of the new text', async () => (await lenses(page)).filter((title) => title === 'Launch').length === 3 && (await lenses(page)).includes('used by 1 delegator'));
    await restMouse(page);
    await screenshot(page, 'language-lenses');
    await clickLens(page, 'Launch');
    await waitForTerminalText(page, /demo-echo/);
    await typeInTerminal(page, 'How are you?\n');
    await waitForTerminalText(page, /You said: How are you\?/);
    await screenshot(page, 'language-launch');
  });

  it('has nothing left to complain about', async () => {
    const { page } = window;
    assert.deepEqual((await problems(page)).filter((text) => /operator/.test(text)), []);
  });
});

describe('journey: operator.toml beside an extension for TOML', () => {
  /** Stands in for Even Better TOML: its name, its language, and a start of its own. */
  function standIn(): string {
    const folder = mkdtempSync(join(tmpdir(), 'toml-extension-'));
    try {
      const manifest = { name: 'even-better-toml', publisher: 'tamasfe', version: '0.0.1', engines: { vscode: '^1.100.0' }, main: './extension.js', activationEvents: ['onLanguage:toml'], contributes: { languages: [{ id: 'toml', extensions: ['.toml'] }] } };
      writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
      writeFileSync(join(folder, 'extension.js'), 'exports.activate = () => undefined;\n');
      writeFileSync(join(folder, 'README.md'), 'A stand-in.\n');
      return packageExtension(folder, `toml-stand-in-${process.pid}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  let vsix: string;
  before(() => {
    vsix = standIn();
  });
  after(() => rmSync(vsix, { force: true }));

  const window = useWindow(() => ({ window: windows.broken, otherVsix: [vsix] }));

  it('tells of broken syntax while nobody else looks at the file, and leaves it to that extension in the editor', async () => {
    const { page } = window;
    await openOperatorView(page);
    await waitForRow(page, 'operator.toml cannot be used');
    await until('the problem', async () => (await problems(page)).some((text) => /Not valid TOML/.test(text)));
    await runCommand(page, 'Operator: Open operator.toml');
    await until('the editor', async () => (await activeEditor(page)) === 'operator.toml');
    await until('the problem to go', async () => !(await problems(page)).some((text) => /Not valid TOML/.test(text)));
    await waitForRow(page, 'operator.toml cannot be used');
  });
});
