/** A model server without a model: pull one and watch it come, stop and go on, load it, look at it, delete it. */
import assert from 'node:assert/strict';
import { type DemoServer, startDemoServer } from '../../support/demo-server.ts';
import { folderWindow } from '../harness/windows.mts';
import { activeEditor, visibleLines } from '../harness/workbench/editor.mts';
import { clickDialogButton, clickNotificationButton, dialogText, dismissNotifications, notifications, waitForNotification } from '../harness/workbench/notifications.mts';
import { enterInput, items, pick, runCommand, waitForStep } from '../harness/workbench/quick-input.mts';
import { contextMenuEntries, expand, openOperatorView, pickFromContextMenu, row, rowsBelow, waitForRow } from '../harness/workbench/tree.mts';
import { until } from '../harness/workbench/wait.mts';
import { screenshot } from '../harness/workbench/window.mts';
import { useWindow } from './journey.mts';

describe('journey: pulling a model', () => {
  let demo: DemoServer;
  before(async () => {
    demo = await startDemoServer({ models: [], pullMs: 12_000 });
  });
  after(() => demo.stop());

  const window = useWindow(() => ({ window: folderWindow({ 'operator.toml': `[[model_servers]]\nname = "demo"\nkind = "ollama"\nbase_url = "${demo.url}"\n` }) }));

  it('offers to pull one where a server has none', async () => {
    const { page } = window;
    await openOperatorView(page);
    await waitForRow(page, 'demo', ({ description }) => /no models/.test(description));
    await expand(page, 'demo');
    await row(page, 'It runs, and has no model').click();
    await waitForStep(page, 'Pull Model');
    assert.ok((await items(page)).some(({ label }) => label === 'qwen3:8b'));
    await screenshot(page, 'pull-model-proposals');
    await enterInput(page, 'demo-novelist');
  });

  it('shows how far it is, in a notification and on the rows of its server', async () => {
    const { page } = window;
    await waitForRow(page, 'demo', ({ description }) => /^pulling \d+ %/.test(description));
    await waitForRow(page, 'demo-novelist', ({ description }) => /pulling \d+ % · .* of 2\.4 GB · [\d.]+ [kMG]B\/s · \d+ s left/.test(description));
    await waitForNotification(page, /Pulling demo-novelist on demo: \d+ % · .* of 2\.4 GB/);
    await screenshot(page, 'pull-model-progress');
  });

  it('stops when it is told to, and goes on from there', async () => {
    const { page } = window;
    await waitForRow(page, 'demo', ({ description }) => Number(/ (\d+) %/.exec(description)?.[1]) >= 20);
    await clickNotificationButton(page, 'Pulling demo-novelist', 'Cancel');
    await waitForNotification(page, /Stopped pulling demo-novelist\. What came is kept/);
    await waitForRow(page, 'demo', ({ description }) => !/pulling/.test(description));
    await dismissNotifications(page);
    await pickFromContextMenu(page, 'demo', 'Pull Model');
    await enterInput(page, 'demo-novelist');
    const { description } = await waitForRow(page, 'demo', ({ description: text }) => /^pulling \d+ %/.test(text));
    assert.ok(Number(/ (\d+) %/.exec(description)?.[1]) >= 20, description);
    await waitForNotification(page, 'Pulled demo-novelist on demo');
    await waitForRow(page, 'demo-novelist:latest');
    assert.deepEqual((await rowsBelow(page, 'demo')).map(({ label }) => label), ['demo-novelist:latest']);
    await dismissNotifications(page);
  });

  it('loads it with a context, and offers what can be done then', async () => {
    const { page } = window;
    await pickFromContextMenu(page, 'demo-novelist:latest', 'Load Model');
    await pick(page, '8k');
    await waitForRow(page, 'demo-novelist:latest', ({ description }) => /loaded with 8k/.test(description));
    const entries = await contextMenuEntries(page, 'demo-novelist:latest');
    for (const entry of ['Unload Model', 'Show Model Details', 'Copy Model', 'Delete Model']) assert.ok(entries.includes(entry), entries.join(', '));
    assert.ok(!entries.includes('Load Model'));
    await screenshot(page, 'model-loaded');
  });

  it('shows its details', async () => {
    const { page } = window;
    await pickFromContextMenu(page, 'demo-novelist:latest', 'Show Model Details');
    await until('the document', async () => (await activeEditor(page)).includes('demo-novelist'));
    await until('its text', async () => (await visibleLines(page)).some((line) => /licence\s+MIT License/.test(line.replaceAll('\u00a0', ' '))));
    await screenshot(page, 'model-details');
  });

  it('deletes it after a question', async () => {
    const { page } = window;
    await runCommand(page, 'Operator: Delete Model');
    await pick(page, 'demo-novelist:latest');
    assert.match(await dialogText(page), /Delete the model demo-novelist:latest from demo\?[\s\S]*2\.4 GB/);
    await clickDialogButton(page, 'Delete');
    await waitForRow(page, 'demo', ({ description }) => /no models/.test(description));
    assert.deepEqual(await notifications(page), []);
  });
});
