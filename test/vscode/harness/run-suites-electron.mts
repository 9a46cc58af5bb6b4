/**
 * The same suites in a desktop VS Code, for machines that may download one (or with VSCODE_EXECUTABLE_PATH naming an installed one).
 * VSCODE_VERSION chooses it: `stable` (the default), `insiders`, `lowest` (the one in package.json's engines) or a number.
 * On Linux without a display: `xvfb-run -a npm run test:vscode:electron`.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { downloadAndUnzipVSCode } from '@vscode/test-electron';
import { buildExtension, bundleSuite } from './build.mts';
import { createScratchFolder, onExit } from './cleanup.mts';
import { artefactDir, root } from './paths.mts';
import { quietSettings, testSettings } from './settings.mts';
import { writeStandIns } from './stand-ins.mts';
import type { SuiteReport } from './suite-index.ts';
import { findSuites } from './suites.mts';
import { windows } from './windows.mts';

const totals = { passed: 0, failed: 0, skipped: 0 };
const stage = join(artefactDir, `suites-${process.pid}`);
const removeStage = onExit(() => rmSync(stage, { recursive: true, force: true }));
buildExtension(join(stage, 'extension'));
const executable = process.env['VSCODE_EXECUTABLE_PATH'] ?? (await downloadAndUnzipVSCode({ version: version(), cachePath: artefactDir }));

for (const { name, window, file } of findSuites()) {
  const { files, open, trust } = windows[window];
  const scratch = createScratchFolder();
  const filesDir = join(scratch.path, 'files');
  const bundle = join(stage, name);
  const index = await bundleSuite(file, bundle);
  const report = join(bundle, 'report.json');
  mkdirSync(join(bundle, 'scratch'));
  mkdirSync(join(scratch.path, 'home'));
  writeStandIns(join(scratch.path, 'bin'), ['claude', 'codex']);
  const settings = { ...quietSettings, ...testSettings, ...(trust === 'untrusted' ? { 'security.workspace.trust.enabled': true, 'security.workspace.trust.startupPrompt': 'never' } : {}) };
  for (const [path, text] of Object.entries({ ...prefixed('files', files), 'data/User/settings.json': JSON.stringify(settings) })) {
    mkdirSync(dirname(join(scratch.path, path)), { recursive: true });
    writeFileSync(join(scratch.path, path), text);
  }

  console.log(`\n  ${name} (window: ${window})`);
  const code = await runDesktop(
    [
      ...(open.type === 'empty' ? [] : [join(filesDir, open.path)]),
      '--user-data-dir', join(scratch.path, 'data'), '--extensions-dir', join(scratch.path, 'extensions'),
      ...(trust === 'off' ? ['--disable-workspace-trust'] : []),
      '--no-sandbox', '--disable-gpu-sandbox', '--disable-updates', '--skip-welcome', '--skip-release-notes', '--no-cached-data',
      `--extensionDevelopmentPath=${join(stage, 'extension')}`,
      `--extensionTestsPath=${index}`,
    ],
    {
      PATH: [join(scratch.path, 'bin'), process.env['PATH']].join(delimiter),
      OPERATOR_HOME: join(scratch.path, 'home', '.operator'),
      OPERATOR_TEST_REPORT: report,
      OPERATOR_TEST_WINDOW: window,
      OPERATOR_TEST_DIR: join(bundle, 'scratch'),
    },
  );
  scratch.remove();

  const tests = existsSync(report) ? (JSON.parse(readFileSync(report, 'utf8')) as SuiteReport).tests : [];
  for (const test of tests) totals[test.state] += 1;
  if (tests.length === 0 || (code !== 0 && !tests.some((test) => test.state === 'failed'))) {
    console.error(`  ${name}: ${tests.length === 0 ? 'no test ran' : `VS Code ended with ${code}`}`);
    totals.failed += 1;
  }
}

removeStage();
console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
const totalsFile = process.env['OPERATOR_TEST_TOTALS'];
if (totalsFile) appendFileSync(totalsFile, `${JSON.stringify(totals)}\n`);
process.exit(totals.failed > 0 ? 1 : 0);

/** Not `runTests` of @vscode/test-electron, which switches Workspace Trust off in every window. @returns the exit code */
async function runDesktop(argv: readonly string[], extra: Readonly<Record<string, string>>): Promise<number> {
  // A key in the environment would change what the suites see; an outer VS Code's variables would send them there.
  const inherited = Object.entries(process.env).filter(([name]) => !/_API_KEY$|_AUTH_TOKEN$|^VSCODE_|^ELECTRON_/.test(name));
  const child = spawn(executable, argv, { env: { ...Object.fromEntries(inherited), ...extra }, stdio: ['ignore', 'inherit', 'inherit'] });
  const kill = onExit(() => void child.kill());
  const code = await new Promise<number>((done) => child.once('error', (error) => (console.error(error.message), done(1))).once('close', (status) => done(status ?? 1)));
  kill();
  return code;
}

function version(): string {
  const wanted = process.env['VSCODE_VERSION'] ?? 'stable';
  if (wanted !== 'lowest') return wanted;
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { engines: { vscode: string } };
  return manifest.engines.vscode.replace('^', '');
}

function prefixed(folder: string, files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]));
}
