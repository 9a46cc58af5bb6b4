/** Real child processes: their end, their limits, and what becomes of what they started. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createEnv } from '../../src/platform/env.ts';
import { createProcessRunner } from '../../src/platform/processes.ts';
import { catalogueTools } from '../../src/core/tools/catalogue/index.ts';
import { detectTool } from '../../src/core/tools/detect.ts';
import { until } from '../support/cli.ts';

const node = process.execPath;

describe('child processes', () => {
  let folder: string;
  const runner = createProcessRunner(createEnv());

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'operator-processes-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** A program of that name which runs JavaScript. */
  function program(name: string, script: string, where = folder): string {
    mkdirSync(where, { recursive: true });
    const path = join(where, name);
    writeFileSync(path, `#!${node}\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  function isAlive(pid: number): boolean {
    try {
      process.kill(pid, 0);
      // A zombie that nobody waits for is as dead as can be asked for.
      return process.platform !== 'linux' || !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    } catch {
      return false;
    }
  }

  it('run by argv: nothing is a shell\'s to expand', async () => {
    const { code, stdout } = await runner.run([node, '-e', 'console.log(JSON.stringify(process.argv.slice(1)))', '--', '$HOME; echo x', '"quoted"', '', '*'], { timeoutMs: 10_000 });
    assert.deepEqual([code, JSON.parse(stdout)], [0, ['$HOME; echo x', '"quoted"', '', '*']]);
  });

  it('tell their exit code, both outputs, and a signal as null', async () => {
    assert.deepEqual(await runner.run([node, '-e', 'console.error("e"); process.exitCode = 3'], { timeoutMs: 10_000 }), { code: 3, stdout: '', stderr: 'e\n' });
    assert.equal((await runner.run([node, '-e', 'process.kill(process.pid, "SIGKILL")'], { timeoutMs: 10_000 })).code, null);
  });

  it('find their standard input closed', async () => {
    assert.equal((await runner.run([node, '-e', 'process.stdin.on("end", () => console.log("end")).resume()'], { timeoutMs: 10_000 })).stdout, 'end\n');
  });

  it('say why they could not start', async () => {
    await assert.rejects(runner.run([join(folder, 'nothing')], { timeoutMs: 1000 }), { code: 'process', message: /could not be started: it is not there/ });
    writeFileSync(join(folder, 'plain'), 'x');
    await assert.rejects(runner.run([join(folder, 'plain')], { timeoutMs: 1000 }), { code: 'process', message: /could not be started: it may not be run/ });
  });

  it('are cut off after so many bytes and drained all the same', async () => {
    const { code, stdout } = await runner.run([node, '-e', 'process.stdout.write("x".repeat(5_000_000))'], { timeoutMs: 10_000, maxBytes: 1000 });
    assert.deepEqual([code, stdout.length], [0, 1000]);
  });

  it('end with all they started when the time is over', async () => {
    const script = `const c = require('node:child_process').spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); require("node:fs").writeFileSync(process.argv[1], String(process.pid))', ${JSON.stringify(join(folder, 'pid'))}], { stdio: 'inherit' }); process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);`;
    const ran = runner.run([node, '-e', script], { timeoutMs: 1500 });
    await assert.rejects(ran, { code: 'process', message: /did not answer within 1.5 s/ });
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
    await until(() => !isAlive(pid), () => `the grandchild ${pid} still runs`);
  });

  it('end when they are aborted, and do not start when they were before', async () => {
    const controller = new AbortController();
    const ran = runner.run([node, '-e', 'setInterval(() => {}, 1000)'], { timeoutMs: 10_000, signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    await assert.rejects(ran, { code: 'cancelled' });
    await assert.rejects(runner.run([node, '-e', ''], { timeoutMs: 1000, signal: AbortSignal.abort() }), { code: 'cancelled' });
  });

  it('are not waited for through a daemon that keeps their pipes', async () => {
    const started = performance.now();
    const script = `const daemon = require('node:child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 8000)'], { stdio: 'inherit', detached: true }); daemon.unref(); console.log(daemon.pid)`;
    const { code, stdout } = await runner.run([node, '-e', script], { timeoutMs: 10_000 });
    process.kill(Number(stdout), 'SIGKILL');
    assert.ok(code === 0 && performance.now() - started < 5000);
  });

  it('leave no listener on a signal that lives longer', async () => {
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = ((...args: Parameters<typeof add>) => (listeners++, add(...args))) as typeof add;
    signal.removeEventListener = ((...args: Parameters<typeof remove>) => (listeners--, remove(...args))) as typeof remove;
    for (let count = 0; count < 3; count++) await runner.run([node, '-e', ''], { timeoutMs: 10_000, signal });
    assert.equal(listeners, 0);
  });

  describe('found on the PATH', () => {
    it('are absolute, and only where they may be run', async () => {
      const path = program('mytool', '');
      writeFileSync(join(folder, 'mytext'), '');
      const here = createProcessRunner(createEnv({ variables: { PATH: folder, TERM: 'xterm' } }));
      assert.deepEqual([await here.which('mytool'), await here.which('mytext'), await here.which('nothing')], [path, undefined, undefined]);
      assert.equal(await here.which(path), path);
      assert.equal(await createProcessRunner(createEnv({ variables: { PATH: '', TERM: 'xterm' }, homeDir: folder })).which('~/mytool'), path);
    });

    it('of the login shell when there is no terminal, asked once, and agents inherit it then', async () => {
      if (process.platform === 'win32') return; // Windows has no login shells; the PATH is the user's everywhere
      const bin = join(folder, 'bin');
      const path = program('mytool', '', bin);
      const shell = program('shell', `require('node:fs').appendFileSync(${JSON.stringify(join(folder, 'asked'))}, 'x'); console.log('hello'); console.log('PATH=${bin}:/usr/bin')`);
      const variables = { PATH: '/usr/bin', SHELL: shell };
      const env = createEnv({ variables });
      const outside = createProcessRunner(env);
      assert.deepEqual(await Promise.all([outside.which('mytool'), outside.which('mytool'), outside.which('nothing-such')]), [path, path, undefined]);
      assert.equal(readFileSync(join(folder, 'asked'), 'utf8'), 'x');
      assert.equal(env.all()['PATH'], `/usr/bin:${bin}`);
      assert.equal(await createProcessRunner(createEnv({ variables: { ...variables, TERM: 'xterm' } })).which('mytool'), undefined);
    });
  });

  it('tell the tools of the catalogue apart, all at once', async () => {
    program('claude', 'console.log("2.1.329 (Claude Code)")');
    program('codex', 'console.log("codex-cli 0.1.0")');
    program('gemini', 'console.error("broken"); process.exit(1)');
    program('qwen', 'setInterval(() => {}, 1000)');
    const processes = createProcessRunner(createEnv({ variables: { PATH: [folder].join(delimiter), TERM: 'xterm' } }));
    const states = await Promise.all(['claude', 'codex', 'gemini', 'qwen', 'copilot'].map(async (name) => {
      const tool = catalogueTools().find(({ record }) => record.name === name);
      assert.ok(tool);
      const found = await detectTool(tool, { processes, timeoutMs: 1500 });
      return found.state === 'found' ? [name, found.version, found.outdated, /broken|did not answer|older/.exec(found.problem ?? '')?.[0]] : [name, found.state];
    }));
    assert.deepEqual(states, [['claude', '2.1.329', false, undefined], ['codex', '0.1.0', true, 'older'], ['gemini', undefined, false, 'broken'], ['qwen', undefined, false, 'did not answer'], ['copilot', 'missing']]);
  });
});
