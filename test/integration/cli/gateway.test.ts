import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createGatewayClient, type GatewayClient } from '../../../src/app/gateway/client.ts';
import type { GatewayLock } from '../../../src/core/gateway/model.ts';
import type { GatewayReport, StatusReport } from '../../../src/core/status/report.ts';
import { createHttp } from '../../../src/platform/http.ts';
import { createPlace, type Place, until } from '../../support/cli.ts';
import { chat, isAlive, sessionOn, untilDead } from '../../support/gateway-process.ts';
import { startServer } from '../../support/scripted-server.ts';
import { openai } from '../../support/scripted-server-kinds.ts';
import { openTerminal } from '../../support/terminal.ts';

describe('operator gateway', function () {
  this.timeout(60_000);
  let place: Place;
  const http = createHttp();
  beforeEach(() => {
    place = createPlace();
  });
  afterEach(() => place[Symbol.dispose]());
  after(() => http.dispose());

  const lock = (): GatewayLock => JSON.parse(readFileSync(join(place.operatorHome, 'state', 'gateway.json'), 'utf8')) as GatewayLock;
  const client = (): GatewayClient => {
    const { port, adminToken } = lock();
    return createGatewayClient(http, { address: `http://127.0.0.1:${port}`, adminToken });
  };
  const log = (): string => join(place.operatorHome, 'state', 'gateway.log');
  const report = async (): Promise<GatewayReport> => JSON.parse((await place.run(['gateway', 'status', '--json'])).stdout) as GatewayReport;

  it('is started once, shown and stopped', async () => {
    const before = await place.run(['gateway', 'status']);
    assert.deepEqual(before, { code: 0, signal: null, stdout: 'Gateway  not running; a launch that needs it starts it\n', stderr: '' });
    assert.ok(!existsSync(place.operatorHome), 'looking leaves nothing behind');
    assert.equal((await report()).state, 'stopped');

    const started = await place.run(['gateway', 'start']);
    assert.match(started.stdout, /^The gateway runs at http:\/\/127\.0\.0\.1:\d+\n$/);
    assert.deepEqual([started.code, started.stderr], [0, '']);
    const { pid, port } = lock();
    assert.ok(isAlive(pid));
    assert.equal((await place.run(['gateway', 'start'])).stdout, `The gateway already runs at http://127.0.0.1:${port}\n`);
    const running = await report();
    assert.deepEqual([running.state, running.pid, running.address, running.sessions], ['running', pid, `http://127.0.0.1:${port}`, []]);
    assert.match((await place.run(['gateway', 'status'])).stdout, new RegExp(`^Gateway {2}running at http://127\\.0\\.0\\.1:${port}, no sessions\n {2}process ${pid}, since \\d\\d:\\d\\d, version \\d+\\.\\d+\\.\\d+\n$`));

    assert.deepEqual(await place.run(['gateway', 'stop']), { code: 0, signal: null, stdout: 'The gateway is stopped\n', stderr: '' });
    await untilDead(pid);
    assert.deepEqual(await place.run(['gateway', 'stop']), { code: 0, signal: null, stdout: 'The gateway is not running\n', stderr: '' });
  });

  it('shows sessions with what they used, and what went wrong', async () => {
    await using upstream = await startServer(openai({ models: ['real-model'], answer: 'hello' }));
    await place.run(['gateway', 'start']);
    const { spec, keys } = sessionOn(upstream.url);
    const token = await client().createSession({ spec: { ...spec, delegator: 'codex-lab' }, keys });
    const { address } = await report();
    const failing = await client().createSession(sessionOn('http://127.0.0.1:9', { id: 's2', server: { name: 'l\u001b[31mab' } }));
    for (const each of [token, token, failing]) await chat(address ?? '', each).then((response) => response.text());
    const { stdout } = await place.run(['gateway', 'status']);
    assert.match(stdout, /^Gateway {2}running at \S+, 2 sessions\n/);
    assert.match(stdout, /\n +session +LLM tool +model +model server +since +requests +tokens\n/);
    assert.match(stdout, /\n {2}✔ {2}codex-lab +test +real-model +lab +\d\d:\d\d +2 +14 in, 6 out\n/);
    assert.match(stdout, /\n {2}▲ {2}test +test +real-model +l\ufffd\[31mab +\d\d:\d\d +1, 1 failed\n {6}last error, \d\d:\d\d: .*Nothing listens at.*\n/);
    assert.ok(!stdout.includes('\u001b'));
    assert.deepEqual((await report()).sessions.map(({ id, delegator, requests, failures }) => [id, delegator, requests, failures]), [['s1', 'codex-lab', 2, 0], ['s2', null, 1, 1]]);
    assert.match((await place.run(['status'])).stdout, /\n\nGateway {2}running at \S+, 2 sessions\n[\s\S]*codex-lab/);
    assert.equal((JSON.parse((await place.run(['status', '--json'])).stdout) as StatusReport).gateway.sessions.length, 2);
  });

  it('says how many sessions end, and keeps them through a restart', async () => {
    await place.run(['gateway', 'start']);
    await client().createSession(sessionOn('http://127.0.0.1:9'));
    const { pid, port } = lock();
    const restarted = await place.run(['gateway', 'restart']);
    assert.deepEqual([restarted.code, restarted.stdout], [0, `The gateway runs again at http://127.0.0.1:${port}, 1 session kept\n`]);
    assert.notEqual(lock().pid, pid);
    const stopped = await place.run(['gateway', 'stop']);
    assert.deepEqual([stopped.code, stopped.stderr, stopped.stdout], [0, '1 session ends with it: its agent cannot reach a model any more\n', 'The gateway is stopped\n']);
    assert.match((await place.run(['gateway', 'restart'])).stdout, /^The gateway runs again at/, 'one that does not run is started');
  });

  if (process.platform !== 'win32') {
    it('asks on a terminal before agents lose their sessions', async () => {
      await place.run(['gateway', 'start']);
      await client().createSession(sessionOn('http://127.0.0.1:9'));
      for (const keys of ['n\r', '\r', '\u0003', '\u0004']) {
        using terminal = await openTerminal(place, ['gateway', 'stop']);
        await terminal.waitFor(/1 session ends with it.*\[y\/N\]/s);
        terminal.write(keys);
        assert.deepEqual(await terminal.ended, { code: 130, signal: 0 }, JSON.stringify(keys));
        assert.match(terminal.text, /Nothing was stopped/);
      }
      assert.equal((await report()).sessions.length, 1);
      using terminal = await openTerminal(place, ['gateway', 'stop']);
      await terminal.waitFor(/\[y\/N\]/);
      terminal.write('y\r');
      assert.equal((await terminal.ended).code, 0);
      assert.equal((await report()).state, 'stopped');
    });

    it('does not ask with --yes, or when no agent is concerned', async () => {
      for (const args of [['gateway', 'stop', '--yes'], ['gateway', 'stop']]) {
        await place.run(['gateway', 'start']);
        if (args.includes('--yes')) await client().createSession(sessionOn('http://127.0.0.1:9'));
        using terminal = await openTerminal(place, args);
        assert.equal((await terminal.ended).code, 0);
        assert.ok(!terminal.text.includes('[y/N]'));
      }
    });
  }

  it('says why it cannot be started', async () => {
    mkdirSync(place.operatorHome);
    writeFileSync(join(place.operatorHome, 'state'), 'a file where the folder should be');
    const { code, stdout, stderr } = await place.run(['gateway', 'start']);
    assert.deepEqual([code, stdout], [4, '']);
    assert.match(stderr, /^error: The lock .* cannot be written: .*\n {2}→ Check that the folder can be written to\n$/);
  });

  it('does not keep status waiting for a port that is silent', async () => {
    await place.run(['gateway', 'start']);
    const { pid } = lock();
    process.kill(pid, 'SIGSTOP');
    try {
      const began = performance.now();
      const { code, stdout } = await place.run(['status']);
      assert.ok(performance.now() - began < 2_000);
      assert.deepEqual([code, stdout.includes('Gateway')], [0, false]);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });

  it('reads no variable with a key: neither environment nor arguments of the process hold one', async () => {
    if (process.platform !== 'linux') return;
    const canary = 'sk-canary-77aa1b2c3d4e5f60';
    await place.run(['gateway', 'start'], { env: { LAB_KEY: canary, MY_TOKEN: canary, HARMLESS: 'yes' } });
    const { pid, adminToken } = lock();
    const [environment, argv] = ['environ', 'cmdline'].map((name) => readFileSync(`/proc/${pid}/${name}`, 'utf8')) as [string, string];
    assert.ok(environment.includes('HARMLESS=yes'));
    for (const secret of [canary, adminToken]) assert.ok(!(environment + argv).includes(secret));
  });

  describe('logs', () => {
    it('says where there will be some', async () => {
      assert.deepEqual(await place.run(['gateway', 'logs']), { code: 0, signal: null, stdout: '', stderr: `There is no log yet; it will be ${log()}\n` });
    });

    it('prints the end, made harmless', async () => {
      place.write(log(), `${Array.from({ length: 300 }, (_, index) => `line ${index}`).join('\n')}\n\u001b[2Jodd\nhalf`);
      assert.equal((await place.run(['gateway', 'logs', '--lines', '2'])).stdout, 'line 299\n\ufffd[2Jodd\n');
      assert.equal((await place.run(['gateway', 'logs'])).stdout.split('\n').length, 101);
      assert.equal((await place.run(['gateway', 'logs', '-n', '0'])).stdout, '');
    });

    it('follows what is added, also into the next file', async () => {
      place.write(log(), 'one\ntwo\n');
      const { child, output, result } = await place.start(['gateway', 'logs', '--follow', '--lines', '1']);
      await until(() => output.stdout === 'two\n', () => JSON.stringify(output));
      appendFileSync(log(), 'thr');
      appendFileSync(log(), 'ee\n');
      await until(() => output.stdout === 'two\nthree\n', () => JSON.stringify(output));
      appendFileSync(log(), 'four\n');
      renameSync(log(), `${log()}.1`);
      place.write(log(), 'five\n');
      await until(() => output.stdout === 'two\nthree\nfour\nfive\n', () => JSON.stringify(output));
      child.kill('SIGTERM');
      await result;
    });

    it('waits for a log that is not there yet', async () => {
      const { child, output, result } = await place.start(['gateway', 'logs', '--follow']);
      place.write(log(), 'first\n');
      await until(() => output.stdout === 'first\n', () => JSON.stringify(output));
      child.kill('SIGTERM');
      await result;
    });
  });
});
