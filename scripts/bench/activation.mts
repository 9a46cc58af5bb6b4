/** How long the packaged extension keeps a real extension host busy when it activates, as VS Code itself accounts for it. */
import { launchBrowser, openWorkbench } from '../../test/vscode/harness/browser.mts';
import { packageExtension } from '../../test/vscode/harness/build.mts';
import { startServer } from '../../test/vscode/harness/server.mts';
import { windows } from '../../test/vscode/harness/windows.mts';
import { runCommand } from '../../test/vscode/harness/workbench/quick-input.mts';
import { openOperatorView, waitForRow } from '../../test/vscode/harness/workbench/tree.mts';
import { until } from '../../test/vscode/harness/workbench/wait.mts';
import { type Measurement, median, timing } from './measurement.mts';

const windowsOpened = 3;

export async function measureActivation(): Promise<readonly Measurement[]> {
  const vsix = packageExtension();
  const browser = await launchBrowser();
  const load: number[] = [];
  const call: number[] = [];
  try {
    for (let round = 0; round < windowsOpened; round++) {
      const server = await startServer({ window: windows.single, vsix: [vsix] });
      const page = await openWorkbench(browser, server);
      await openOperatorView(page);
      await waitForRow(page, 'Delegators');
      // VS Code's own table, in an editor: | extension | eager | load code | call activate | finish activate | …
      await runCommand(page, 'Developer: Startup Performance');
      const row = await until('the activation of the extension in "Startup Performance"', async () => {
        await page.locator('.editor-group-container.active .monaco-editor .view-lines').first().click();
        await page.keyboard.press('Control+A');
        await page.keyboard.press('Control+C');
        const text = await page.evaluate(() => navigator.clipboard.readText());
        return /^\| operator-dev\.operator\s+\|.*$/m.exec(text)?.[0];
      });
      const cells = row.split('|').map((cell) => cell.trim());
      load.push(Number(cells[3]));
      call.push(Number(cells[4]));
      await page.close();
      await server.stop();
    }
  } finally {
    await browser.close();
  }
  return [timing(`\`activate\`, synchronous part in a real extension host (median of ${windowsOpened})`, median(call), 30), { what: 'Loading its code before that', value: `${Math.round(median(load))} ms` }];
}
