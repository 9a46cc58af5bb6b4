/**
 * Entry point that VS Code loads inside the extension host (`extensionTestsPath`): runs the suite beside it and writes what came out.
 * The same file runs in the npm-only host and in a desktop VS Code.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'node:util';
import Mocha from 'mocha';

export interface SuiteReport {
  readonly failures: number;
  readonly tests: readonly { readonly title: string; readonly state: 'passed' | 'failed' | 'skipped'; readonly ms?: number; readonly error?: string }[];
}

/** @throws Error when a test failed, which VS Code turns into its exit code */
export async function run(): Promise<void> {
  // VS Code forwards this console among its own log, and console.log cannot be replaced here: the mark tells the report from the rest.
  Mocha.reporters.Base.consoleLog = (...args: unknown[]) => console.log('%s', format(...args).replaceAll(/^/gm, '[test] '));

  const grep = process.env['OPERATOR_TEST_GREP'];
  const mocha = new Mocha({ ui: 'bdd', timeout: 30_000, color: false, forbidOnly: true, forbidPending: true, ...(grep ? { grep } : {}) });
  mocha.addFile(join(__dirname, 'suite.cjs'));

  const tests: SuiteReport['tests'][number][] = [];
  const failures = await new Promise<number>((resolve) => {
    const runner = mocha.run(resolve);
    runner.on('pass', (test) => tests.push({ title: test.fullTitle(), state: 'passed', ms: test.duration ?? 0 }));
    runner.on('pending', (test) => tests.push({ title: test.fullTitle(), state: 'skipped' }));
    runner.on('fail', (test, error: Error) => tests.push({ title: test.fullTitle(), state: 'failed', error: error.stack ?? String(error) }));
  });

  const file = process.env['OPERATOR_TEST_REPORT'];
  const report: SuiteReport = { failures, tests };
  if (file) writeFileSync(file, JSON.stringify(report, null, 2));
  if (failures > 0) throw new Error(`${failures} of ${tests.length} tests failed`);
}
