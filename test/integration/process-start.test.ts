import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProcess } from '../../src/platform/process-start.ts';
import { until } from '../support/cli.ts';
import { isAlive, kill, untilDead } from '../support/gateway-process.ts';

describe('a program that goes on running', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'operator-start-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const start = (script: string, options: Partial<Parameters<typeof startProcess>[1]> = {}): ReturnType<typeof startProcess> =>
    startProcess([process.execPath, '-e', script], { input: 'orders', env: { PATH: process.env['PATH'] ?? '' }, cwd: folder, detached: false, timeoutMs: 30_000, ...options });
  const failure = (message: RegExp): object => ({ name: 'OperatorError', code: 'process', message });

  it('gets one line, and answers with one', async () => {
    const { line, pid, end, ended } = await start('process.stdin.once("data", (text) => { console.log("heard " + text.toString().trim() + " " + process.pid); console.log("more"); })');
    assert.equal(line, `heard orders ${pid}`);
    end();
    assert.equal(await ended, process.platform === 'win32' ? 1 : null);
    end();
  });

  it('gets only the environment that it is meant to have', async () => {
    process.env['OPERATOR_TEST_LEAK'] = 'leaked';
    try {
      const { line, end, ended } = await start('console.log(JSON.stringify([process.env.OPERATOR_TEST_LEAK, process.env.GIVEN])); setInterval(() => {}, 1000)', { env: { GIVEN: 'yes' } });
      assert.equal(line, '[null,"yes"]');
      end();
      await ended;
    } finally {
      delete process.env['OPERATOR_TEST_LEAK'];
    }
  });

  it('sees our end when it belongs to us, and the end of its orders when it does not', async () => {
    const script = 'process.stdin.on("data", () => {}).on("end", () => require("node:fs").writeFileSync("ended", "")); console.log("up"); setInterval(() => {}, 1000)';
    const detached = await start(script, { detached: true });
    await until(() => existsSync(join(folder, 'ended')), () => 'the end of the orders');
    assert.ok(isAlive(detached.pid));
    kill(detached.pid, 'SIGKILL');
    await untilDead(detached.pid);
    rmSync(join(folder, 'ended'));
    // A process of its own that starts one and is killed.
    const module = JSON.stringify(join(import.meta.dirname, '..', '..', 'src', 'platform', 'process-start.ts'));
    writeFileSync(join(folder, 'parent.mjs'), `import { startProcess } from ${module}; const { pid } = await startProcess([process.execPath, '-e', ${JSON.stringify(script)}], { input: '', env: {}, cwd: '.', detached: false, timeoutMs: 30000 }); console.log(pid);`);
    const parent = await startProcess([process.execPath, join(folder, 'parent.mjs')], { input: '', env: {}, cwd: folder, detached: false, timeoutMs: 30_000 });
    assert.ok(!existsSync(join(folder, 'ended')));
    kill(parent.pid, 'SIGKILL');
    await until(() => existsSync(join(folder, 'ended')), () => 'the end of whoever started it');
    kill(Number(parent.line), 'SIGKILL');
  });

  it('is told apart from one that is not there', async () => {
    await assert.rejects(startProcess([join(folder, 'nothing')], { input: '', env: {}, cwd: folder, detached: false, timeoutMs: 10_000 }), failure(/nothing could not be started: .*ENOENT/));
    await assert.rejects(start('', { cwd: join(folder, 'nowhere') }), failure(/could not be started: .*ENOENT/));
    await assert.rejects(start('a\0b'), failure(/could not be started: /));
  });

  it('says what was its last word when it ends at once', async () => {
    await assert.rejects(start('console.error("first"); console.error("the reason"); process.exit(3)'), failure(/ended at once \(exit code 3\): the reason$/));
    await assert.rejects(start('process.stdout.write("no line"); process.exitCode = 4'), failure(/ended at once \(exit code 4\): no line$/));
    await assert.rejects(start('throw new TypeError("what really happened")'), failure(/ended at once \(exit code 1\): TypeError: what really happened$/));
    await assert.rejects(start(''), failure(/ended at once \(exit code 0\)$/));
    if (process.platform !== 'win32') await assert.rejects(start('process.kill(process.pid, "SIGKILL")'), failure(/ended at once \(SIGKILL\)$/));
  });

  it('is ended when it says nothing in time', async () => {
    const file = join(folder, 'pid');
    const script = `require("node:fs").writeFileSync(${JSON.stringify(file)}, String(process.pid)); console.error("still busy"); setInterval(() => {}, 1000)`;
    await assert.rejects(start(script, { timeoutMs: 3_000 }), failure(/said nothing within 3 s(: still busy)?$/));
    await untilDead(Number(readFileSync(file, 'utf8')));
  });

  it('may say its line in pieces, and anything after it', async () => {
    const { line, end, ended } = await start('process.stdout.write("in "); setTimeout(() => process.stdout.write("pieces\\nand more"), 20); setInterval(() => {}, 1000)');
    assert.equal(line, 'in pieces');
    end();
    await ended;
  });
});
