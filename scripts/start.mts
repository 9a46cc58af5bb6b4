/**
 * `npm start`: Operator in a real VS Code on the sample workspace, with a demo model server behind it.
 *
 *     npm start                          the desktop `code` where there is one, else VS Code in your browser
 *     npm start -- --browser             VS Code in your browser in any case
 *     npm start -- --port 8000           at this port of 127.0.0.1
 *     npm start -- --screenshot out.png  a picture of the window, then the end
 *
 * Everything it needs is in a scratch folder: your own VS Code, its extensions and settings, and your operator.toml are not touched.
 * Ctrl+C ends all of it.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type DemoServer, startDemoServer } from '../test/support/demo-server.ts';
import { launchBrowser, openWorkbench } from '../test/vscode/harness/browser.mts';
import { packageExtension } from '../test/vscode/harness/build.mts';
import { createScratchFolder, onExit } from '../test/vscode/harness/cleanup.mts';
import { startServer, userEnvironment } from '../test/vscode/harness/server.mts';
import { folderWindow } from '../test/vscode/harness/windows.mts';
import { openOperatorView, waitForRow } from '../test/vscode/harness/workbench/tree.mts';
import { findDesktopCode, openDesktop } from './start/desktop.mts';
import { sampleFiles, samplePort } from './start/sample.mts';

/** The README of the sample says what to try first. */
const sampleSettings = { 'workbench.startupEditor': 'readme' };

const { browser, port, screenshot } = readArguments();

console.log('Building and packaging the extension …');
const vsix = [packageExtension(), packageExtension(join(import.meta.dirname, 'start', 'opener'), 'opener')];
const demo = await startDemo();
const files = sampleFiles(demo.url);
console.log(`Demo model server (Ollama and OpenAI chat, answers are canned): ${demo.url}`);

const code = browser || screenshot ? undefined : await findDesktopCode();
if (code) await showOnDesktop(code);
else await showInBrowser();
await demo.stop();
process.exit(0);

async function showOnDesktop(path: string): Promise<void> {
  const scratch = createScratchFolder();
  const folder = join(scratch.path, 'sample-workspace');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  console.log(`Opening ${folder} with ${path} …\nClose the window or press Ctrl+C to end. (npm start -- --browser opens it in your browser instead.)`);
  await openDesktop({ code: path, dir: scratch.path, folder, vsix, settings: sampleSettings, env: { ...userEnvironment(), OPERATOR_HOME: join(scratch.path, 'operator-home') } });
  scratch.remove();
}

async function showInBrowser(): Promise<void> {
  const server = await startServer({ window: folderWindow(files, 'off', 'sample-workspace'), vsix, environment: 'user', settings: sampleSettings, port });
  if (screenshot) {
    const chromium = await launchBrowser();
    const page = await openWorkbench(chromium, server);
    await openOperatorView(page);
    await waitForRow(page, 'LLM Tools', (row) => /found/.test(row.description));
    await waitForRow(page, 'Demo (Ollama)', (row) => /models/.test(row.description));
    await page.screenshot({ path: resolve(screenshot), animations: 'disabled' });
    console.log(`Wrote ${resolve(screenshot)}`);
    await chromium.close();
  } else {
    console.log(`
VS Code with Operator runs at

    ${server.url}

Open it in your browser. Keep the address to yourself: its token gives whoever has it a shell on this machine.
Ctrl+C ends it.
`);
    await new Promise(() => {}); // a signal ends the process, and what it started with it
  }
  await server.stop();
}

/** At the sample's own port, so that the sample also works as it stands; at another one where that is taken. */
async function startDemo(): Promise<DemoServer> {
  const started = await startDemoServer({ port: samplePort }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    return startDemoServer({ port: 0 });
  });
  onExit(() => void started.stop());
  return started;
}

function readArguments(): { browser: boolean; port: number; screenshot: string | undefined } {
  try {
    const { values } = parseArgs({ options: { browser: { type: 'boolean', default: false }, port: { type: 'string', default: '0' }, screenshot: { type: 'string' } } });
    const number = Number(values.port);
    if (!Number.isInteger(number) || number < 0 || number > 65_535) throw new Error(`--port ${values.port} is not a port`);
    return { browser: values.browser, port: number, screenshot: values.screenshot };
  } catch (error) {
    console.error(`${(error as Error).message}\nusage: npm start -- [--browser] [--port N] [--screenshot FILE]`);
    process.exit(2);
  }
}
