/**
 * Runs the suites of test/vscode/suite inside real extension hosts of the npm-only VS Code, one window after the other.
 * A suite passes only when its exit code and the report that the host wrote agree, and at least one test ran.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser, openWorkbench } from './browser.mts';
import { buildExtension, bundleSuite } from './build.mts';
import { onExit } from './cleanup.mts';
import { artefactDir, screenshotDir } from './paths.mts';
import { readLogs, startServer } from './server.mts';
import type { SuiteReport } from './suite-index.ts';
import { findSuites, type Suite } from './suites.mts';
import { windows } from './windows.mts';

const limitMs = Number(process.env['OPERATOR_TEST_TIMEOUT'] ?? 180_000);
const grep = process.env['OPERATOR_TEST_GREP'];
const verbose = Boolean(process.env['OPERATOR_TEST_VERBOSE']);
const totals = { passed: 0, failed: 0, skipped: 0 };

const suites = findSuites();
// Inside the repository, so that the bundles find mocha; of this process alone, so that two runs do not meet.
const stage = join(artefactDir, `suites-${process.pid}`);
const removeStage = onExit(() => rmSync(stage, { recursive: true, force: true }));
buildExtension(join(stage, 'extension'));
const browser = await launchBrowser();

for (const suite of suites) {
  console.log(`\n  ${suite.name} (window: ${suite.window})`);
  const outcome = await runSuite(browser, suite);
  for (const test of outcome.report?.tests ?? []) totals[test.state] += 1;
  if (outcome.problem) {
    console.error(`  ${suite.name}: ${outcome.problem}`);
    if (!outcome.report || outcome.report.failures === 0) totals.failed += 1;
  }
}

await browser.close();
removeStage();
if (totals.passed + totals.failed === 0) {
  console.error(`  no test matches ${grep}`);
  totals.failed = 1;
}
console.log(`\n  ${totals.passed} passing in ${suites.length} windows${totals.failed ? `, ${totals.failed} failing` : ''}`);
const totalsFile = process.env['OPERATOR_TEST_TOTALS'];
if (totalsFile) appendFileSync(totalsFile, `${JSON.stringify(totals)}\n`);
process.exit(totals.failed > 0 ? 1 : 0);

async function runSuite(browser: Browser, { name, window, file }: Suite): Promise<{ report?: SuiteReport; problem?: string }> {
  const bundle = join(stage, name);
  const index = await bundleSuite(file, bundle);
  const reportFile = join(bundle, 'report.json');
  const scratch = join(bundle, 'scratch');
  mkdirSync(scratch);

  const server = await startServer({
    window: windows[window],
    standIns: ['claude', 'codex'],
    extensions: [join(stage, 'extension')],
    extensionTests: index,
    env: {
      OPERATOR_TEST_REPORT: reportFile,
      OPERATOR_TEST_WINDOW: window,
      OPERATOR_TEST_DIR: scratch,
      ...(grep ? { OPERATOR_TEST_GREP: grep } : {}),
    },
  });
  const log: string[] = [];
  const exit = Promise.withResolvers<number>();
  let page: Page | undefined;
  let failure: string | undefined;
  let code = 1;
  const timer = setTimeout(() => exit.reject(new Error(`no result after ${limitMs} ms`)), limitMs);
  try {
    const opening = openWorkbench(browser, server, {
      async beforeLoad(opened) {
        page = opened;
        // The two hooks that VS Code's own browser integration tests use.
        await opened.exposeFunction('codeAutomationExit', (exitCode: number) => exit.resolve(exitCode));
        await opened.exposeFunction('codeAutomationLog', (_type: string, args: unknown[]) => {
          const text = format(...args);
          log.push(text);
          if (text.startsWith('[test]')) console.log(text.replaceAll(/^\[test\] ?/gm, '  '));
          else if (verbose) console.log('[vscode]', text);
        });
        opened.on('crash', () => exit.reject(new Error('the page crashed')));
      },
    });
    // The host may end before the workbench counts as restored, and the page may never come up: whichever is first.
    opening.catch((error: unknown) => exit.reject(error));
    code = await exit.promise;
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
    mkdirSync(screenshotDir, { recursive: true });
    const picture = join(screenshotDir, `suite-${name}-FAILED.png`);
    await page?.screenshot({ path: picture, timeout: 5_000 }).then(() => (failure += `; see ${picture}`), () => undefined); // a crashed page has no picture
  } finally {
    clearTimeout(timer);
  }

  const report = existsSync(reportFile) ? (JSON.parse(readFileSync(reportFile, 'utf8')) as SuiteReport) : undefined;
  if (!report) {
    console.error(log.slice(-40).join('\n'));
    for (const [name, text] of Object.entries(readLogs(server))) if (name.endsWith('remoteexthost.log')) console.error(`--- ${name}\n${text.slice(-4_000)}`);
  }
  await page?.close();
  await server.stop();
  return { ...(report ? { report } : {}), ...problemOf(report, code, failure) };
}

/** Why the window did not pass, if it did not. */
function problemOf(report: SuiteReport | undefined, code: number, failure: string | undefined): { problem?: string } {
  if (failure) return { problem: failure };
  if (!report) return { problem: `the extension host ended with ${code} and left no report` };
  if (report.tests.length === 0 && !grep) return { problem: 'no test ran' };
  if (report.failures > 0) return { problem: `${report.failures} of ${report.tests.length} tests failed` };
  return code === 0 ? {} : { problem: `all tests passed but the extension host ended with ${code}` };
}
