/**
 * `npm test`: every test there is, stage after stage, with a summary at the end.
 * A failed stage does not stop the others. A stage that ran no test, or that ended badly without a failed test, counts as a failure.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ensureInstalled } from '../test/support/ensure-installed.ts';

const root = resolve(import.meta.dirname, '..');

interface Stage {
  /** An npm script, so that a stage can be run alone. */
  readonly script: string;
  readonly title: string;
  /** Counts its tests through test/support/reporter.mjs; the others pass or fail as a whole and count nothing. */
  readonly counts: boolean;
}

const stages: readonly Stage[] = [
  { script: 'typecheck', title: 'types', counts: false },
  { script: 'test:unit', title: 'unit, architecture, manifest', counts: true },
  { script: 'test:integration', title: 'integration', counts: true },
  { script: 'test:clis', title: 'real command lines of vendors', counts: true },
  { script: 'test:interop', title: 'any agent on any server', counts: true },
  { script: 'test:vscode', title: 'suites in real extension hosts', counts: true },
  { script: 'test:journeys', title: 'journeys in a real workbench', counts: true },
];

interface Outcome {
  readonly stage: Stage;
  readonly passed: number;
  readonly failed: number;
  readonly problem?: string;
  readonly seconds: number;
}

let running: ChildProcess | undefined;
for (const [signal, number] of [['SIGINT', 2], ['SIGTERM', 15], ['SIGHUP', 1]] as const) {
  process.once(signal, () => {
    // The stage ends what it started; then this ends too.
    if (running?.pid === undefined) process.exit(128 + number);
    running.once('close', () => process.exit(128 + number));
    process.kill(-running.pid, 'SIGTERM');
  });
}

const started = performance.now();
const folder = mkdtempSync(join(tmpdir(), 'operator-totals-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

// The two folders with their own lock install while the quick stages run. Each later stage asks for its folder again, and reports what went wrong.
const installs = Promise.allSettled(['test/vscode/host', 'test/clis'].map((path) => ensureInstalled(join(root, path), (line) => console.log(`  ${line}`))));

const outcomes: Outcome[] = [];
for (const stage of stages) {
  if (stage.script === 'test:integration') await installs; // nothing else keeps the machine busy while sockets and processes are timed
  console.log(`\n=== ${stage.title} (npm run ${stage.script})`);
  outcomes.push(await run(stage));
}

console.log('\n=== summary');
for (const { stage, passed, failed, problem, seconds } of outcomes) {
  const counted = stage.counts ? `${passed} passed, ${failed} failed` : problem ? 'failed' : 'passed';
  console.log(`  ${stage.title.padEnd(34)} ${counted}${problem ? ` (${problem})` : ''}, ${seconds.toFixed(1)} s`);
}
const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0);
console.log(`  in ${((performance.now() - started) / 1000).toFixed(0)} s`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function run(stage: Stage): Promise<Outcome> {
  const from = performance.now();
  const totals = join(folder, stage.script.replaceAll(':', '-'));
  const npm = process.env['npm_execpath'];
  const [command, ...prefix] = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm'];
  const child = spawn(command ?? 'npm', [...prefix, 'run', '--silent', stage.script], {
    cwd: root,
    env: { ...process.env, OPERATOR_TEST_TOTALS: totals },
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: process.platform !== 'win32', // its own process group, so that a signal reaches all of it
    shell: process.platform === 'win32' && prefix.length === 0,
  });
  running = child;
  const code = await new Promise<number | null>((done, failed) => child.once('error', failed).once('close', done));
  running = undefined;
  return judge(stage, code, existsSync(totals) ? readFileSync(totals, 'utf8') : '', (performance.now() - from) / 1000);
}

function judge(stage: Stage, code: number | null, totals: string, seconds: number): Outcome {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const line of totals.split('\n').filter((text) => text !== '')) {
    const part = JSON.parse(line) as typeof counts;
    counts.passed += part.passed;
    counts.failed += part.failed;
    counts.skipped += part.skipped;
  }
  const problem = stage.counts && counts.passed + counts.failed === 0 ? 'no test ran' : code !== 0 && counts.failed === 0 ? `exit code ${code}` : undefined;
  return { stage, passed: counts.passed, failed: counts.failed + (problem ? 1 : 0), ...(problem ? { problem } : {}), seconds };
}
