import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { controlPaths, sessionPath, sessionProcessPath } from '../../../src/core/gateway/control.ts';
import { until } from '../../support/cli.ts';
import { chat, createGatewayHome, type GatewayHome, isAlive, kill, sessionOn, type StartedGateway, untilDead } from '../../support/gateway-process.ts';
import { closedPort, gate, json, type Script, type ScriptedServer, startServer, startTcpServer } from '../../support/scripted-server.ts';
import { openai } from '../../support/scripted-server-kinds.ts';

const canary = 'sk-canary-9a6e55d1c0ffee77';
const answer = json({ id: 'c', object: 'chat.completion', created: 1, model: 'real-model', choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }], usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } });
const script: Script = { 'POST /v1/chat/completions': answer };
const isWindows = process.platform === 'win32';
const modeOf = (file: string): number => statSync(file).mode & 0o777;

describe('the gateway process', function () {
  this.timeout(60_000);
  let home: GatewayHome;
  let upstream: ScriptedServer;
  beforeEach(async () => {
    home = await createGatewayHome();
    upstream = await startServer(script);
  });
  afterEach(async () => {
    await home[Symbol.asyncDispose]();
    await upstream.close();
  });

  const sessionsNow = async ({ client }: Pick<StartedGateway, 'client'>): Promise<readonly string[]> => ((await client.status())?.sessions ?? []).map(({ id }) => id);
  /** Waits for something that only the gateway knows. */
  const eventually = async (condition: () => Promise<boolean>, what: string, timeoutMs = 10_000): Promise<void> => {
    const end = performance.now() + timeoutMs;
    while (!(await condition())) {
      assert.ok(performance.now() < end, `waited in vain for ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const stored = (): string => (existsSync(home.sessionsFile) ? readFileSync(home.sessionsFile, 'utf8') : '');

  it('listens on loopback, and is found by its lock, which is private and gone at its end', async () => {
    const { client, status } = await home.start();
    assert.match(status.address, /^http:\/\/127\.0\.0\.1:\d+$/);
    const lock = home.lock();
    assert.deepEqual([lock?.pid, lock?.port, lock?.version], [status.pid, Number(new URL(status.address).port), '1.0.0']);
    if (!isWindows) assert.deepEqual([modeOf(home.lockFile), modeOf(home.logFile), modeOf(home.stateDir)], [0o600, 0o600, 0o700]);
    const again = await home.start();
    assert.equal(again.status.pid, status.pid);
    await client.stop({ restart: false });
    await untilDead(status.pid);
    assert.deepEqual(readdirSync(home.stateDir), ['gateway.log']);
  });

  it('serves a session with the key of its server, and nobody without a token', async () => {
    const { client, status } = await home.start();
    const token = await client.createSession(sessionOn(upstream.url, { key: canary }));
    const served = await chat(status.address, token);
    assert.equal(served.status, 200, await served.clone().text());
    assert.equal(upstream.requests[0]?.headers.authorization, `Bearer ${canary}`);
    assert.equal((await chat(status.address, 'made-up-token')).status, 401);
    await client.endSession('s1');
    assert.equal((await chat(status.address, token)).status, 401);
  });

  describe('finds a lock that was left behind', () => {
    const leaveBehind = async (): Promise<{ readonly pid: number; readonly port: number }> => {
      const { status } = await home.start();
      kill(status.pid, 'SIGKILL');
      await untilDead(status.pid);
      return { pid: status.pid, port: Number(new URL(status.address).port) };
    };
    const startsAgain = async (): Promise<void> => {
      const { status } = await home.start();
      assert.equal(home.lock()?.pid, status.pid);
      assert.deepEqual(readdirSync(home.stateDir).filter((name) => name.includes('gateway.json') || name.startsWith('.')), ['gateway.json']);
    };

    it('by a process that was killed, and takes over its port', async () => {
      const { port } = await leaveBehind();
      const { status } = await home.start();
      assert.equal(Number(new URL(status.address).port), port);
      assert.equal(home.lock()?.pid, status.pid);
    });

    it('whose process number another program has now', async () => {
      await leaveBehind();
      writeFileSync(home.lockFile, JSON.stringify({ ...home.lock(), pid: process.pid }));
      await startsAgain();
    });

    it('whose port another server has now, which is silent', async () => {
      await leaveBehind();
      await using silent = await startTcpServer(() => {});
      writeFileSync(home.lockFile, JSON.stringify({ ...home.lock(), port: silent.port }));
      await startsAgain();
    });

    it('whose port somebody has now who plays the gateway, without showing it a token', async () => {
      const { pid } = await leaveBehind();
      upstream.play({ [`GET ${controlPaths.proof}`]: json({ proof: '0'.repeat(64) }), [`GET ${controlPaths.status}`]: json({ version: '1.0.0', pid, address: upstream.url, since: 1, sessions: [] }) });
      writeFileSync(home.lockFile, JSON.stringify({ ...home.lock(), port: upstream.port }));
      await startsAgain();
      assert.ok(upstream.to(controlPaths.proof).length > 0);
      assert.deepEqual(upstream.requests.map(({ headers }) => headers.authorization), upstream.requests.map(() => undefined));
    });

    for (const [what, text] of [['garbage', 'not json'], ['half of one', '{"pid":1,"port":'], ['nothing', ''], ['another shape', '{"pid":-1}']] as const) {
      it(`that holds ${what}`, async () => {
        mkdirSync(home.stateDir, { recursive: true, mode: 0o700 });
        writeFileSync(home.lockFile, text);
        await startsAgain();
      });
    }

    it('that cannot be read', async () => {
      mkdirSync(home.lockFile, { recursive: true }); // a folder cannot, whoever asks
      await startsAgain();
    });

    if (!isWindows) {
      it('of somebody else, without permission to read it', async () => {
        await leaveBehind();
        chmodSync(home.lockFile, 0);
        await startsAgain();
        assert.equal(modeOf(home.lockFile), 0o600);
      });

      it('that leads nowhere', async () => {
        mkdirSync(home.stateDir, { recursive: true, mode: 0o700 });
        symlinkSync('/nonexistent/gateway.json', home.lockFile);
        await startsAgain();
      });
    }
  });

  it('says what keeps it from being started', async () => {
    mkdirSync(join(home.stateDir, '..'), { recursive: true });
    writeFileSync(home.stateDir, 'a file where the folder should be');
    await assert.rejects(home.start(), { name: 'OperatorError', code: 'process', message: /^The lock .*gateway\.json cannot be written: / });
  });

  for (let round = 1; round <= 4; round++) {
    it(`is one, whoever starts it at the same time (${round})`, async () => {
      // Every other time there is a dead one in the way, which all of them want to remove.
      if (round % 2 === 0) {
        const { status } = await home.start();
        kill(status.pid, 'SIGKILL');
        await untilDead(status.pid);
      }
      const started = await Promise.all(Array.from({ length: 10 }, () => home.start()));
      assert.equal(new Set(started.map(({ status }) => status.pid)).size, 1);
      assert.equal(home.lock()?.pid, started[0]?.status.pid);
    });
  }

  it('says that another one is there, and ends', async () => {
    const { status } = await home.start();
    const second = await home.run();
    assert.deepEqual([second.answer, await second.ended], [{ state: 'already-running' }, 0]);
    assert.equal(home.lock()?.pid, status.pid);
  });

  it('makes way for another version when nobody uses it, and only then', async () => {
    const old = await home.start({ version: '1.0.0' });
    const newer = await home.start({ version: '2.0.0' });
    assert.notEqual(newer.status.pid, old.status.pid);
    assert.equal(newer.status.version, '2.0.0');
    await newer.client.createSession(sessionOn(upstream.url));
    assert.equal((await home.start({ version: '1.0.0' })).status.pid, newer.status.pid);
  });

  describe('ends by itself', () => {
    it('when nobody needs it', async () => {
      const { answer: started, pid, ended } = await home.run({ idleMs: 100 });
      assert.equal(started.state, 'listening');
      assert.equal(await ended, 0);
      assert.ok(!existsSync(home.lockFile) && !isAlive(pid));
    });

    it('though a window follows its state', async () => {
      const { client, ended } = await home.run({ idleMs: 300 });
      const seen = [];
      for await (const status of client.events(new AbortController().signal)) seen.push(status.ending);
      assert.equal(seen.at(-1), 'stop');
      assert.equal(await ended, 0);
    });

    it('not while it has a session, or answers a last request', async () => {
      const { answer: answerLater, open } = gate(answer);
      upstream.play({ 'POST /v1/chat/completions': answerLater });
      const idleMs = 1_500;
      const { client, address, pid, ended } = await home.run({ idleMs });
      const token = await client.createSession(sessionOn(upstream.url));
      const answering = chat(address, token);
      await until(() => upstream.requests.length === 1, () => 'a request');
      // Time enough to end, with the session and then without it.
      const stays = (): Promise<unknown> => Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 1.5 * idleMs, 'alive'))]);
      assert.equal(await stays(), 'alive');
      await client.endSession('s1');
      assert.deepEqual([await stays(), isAlive(pid)], ['alive', true]);
      open();
      assert.equal((await answering).status, 200);
      assert.equal(await ended, 0);
    });

    it('session by session, when their agents are gone', async () => {
      const { client, ended } = await home.run({ idleMs: 1_500 });
      await client.createSession(sessionOn(upstream.url, { id: 'unknown-process' }));
      const agent = await home.ports.processes.start([process.execPath, '-e', 'console.log("up"); process.stdin.resume()'], { input: '', env: {}, cwd: home.stateDir, detached: false, timeoutMs: 10_000 });
      try {
        await client.createSession(sessionOn(upstream.url, { id: 'living' }));
        await client.sessionProcess('living', agent.pid);
      } finally {
        agent.end();
      }
      await agent.ended;
      await eventually(async () => !(await sessionsNow({ client })).includes('living'), 'the end of the session', 15_000);
      assert.deepEqual(await sessionsNow({ client }), ['unknown-process']);
      await client.endSession('unknown-process');
      assert.equal(await ended, 0);
    });
  });

  describe('goes on', () => {
    it('after a restart: same port, same sessions, same tokens', async () => {
      const first = await home.run();
      const token = await first.client.createSession(sessionOn(upstream.url));
      await first.client.stop({ restart: true });
      await first.ended;
      const second = await home.run();
      assert.deepEqual([second.address, await sessionsNow(second)], [first.address, ['s1']]);
      assert.equal((await chat(second.address, token)).status, 200, 'what holds no secret needs no renewal');
    });

    it('after it was stopped: without the sessions', async () => {
      const first = await home.run();
      const token = await first.client.createSession(sessionOn(upstream.url));
      await eventually(async () => stored().includes('s1'), 'the sessions file');
      await first.client.stop({ restart: false });
      await first.ended;
      const second = await home.run();
      assert.deepEqual(await sessionsNow(second), []);
      assert.equal((await chat(second.address, token)).status, 401);
    });

    it('after a crash: same port, same sessions, and waits for their keys', async () => {
      const first = await home.run();
      const request = sessionOn(upstream.url, { key: canary });
      const token = await first.client.createSession(request);
      await first.client.sessionProcess('s1', process.pid);
      await eventually(async () => stored().includes(`"pid":${process.pid}`), 'the sessions file');
      kill(first.pid, 'SIGKILL');
      await first.ended;
      const second = await home.run();
      assert.equal(second.address, first.address);
      assert.deepEqual((await second.client.status())?.sessions.map(({ id, waiting }) => [id, waiting]), [['s1', true]]);
      const early = chat(second.address, token);
      assert.equal(await second.client.renewSession({ ...request, spec: { ...request.spec, id: 'nobody' } }), false);
      assert.equal(await second.client.renewSession(request), true);
      assert.equal((await early).status, 200, 'a request that came first waited for the keys');
      assert.equal(upstream.requests[0]?.headers.authorization, `Bearer ${canary}`);
      assert.deepEqual((await second.client.status())?.sessions.map(({ waiting }) => waiting), [false]);
    });

    it('after a crash: keys of builtin servers, which have no reference, are waited for too', async () => {
      const first = await home.run();
      const request = sessionOn(upstream.url);
      await first.client.createSession({ ...request, keys: { lab: canary } });
      await eventually(async () => stored().includes('s1'), 'the sessions file');
      for (const pid of [process.pid, process.ppid]) {
        const killed = home.lock()?.pid ?? assert.fail('no lock');
        kill(killed, 'SIGKILL');
        await untilDead(killed);
        const next = await home.run();
        assert.deepEqual((await next.client.status())?.sessions.map(({ waiting }) => waiting), [true]);
        // Something is written again.
        await next.client.sessionProcess('s1', pid);
        await eventually(async () => stored().includes(`"pid":${pid}`), 'the sessions file');
      }
    });

    it('after a crash: says what to do when nobody brings the keys', async () => {
      const first = await home.run();
      const token = await first.client.createSession(sessionOn(upstream.url, { key: canary }));
      await eventually(async () => stored().includes('s1'), 'the sessions file');
      kill(first.pid, 'SIGKILL');
      await first.ended;
      const second = await home.run();
      const started = performance.now();
      const refused = await chat(second.address, token);
      assert.equal(refused.status, 401);
      assert.match(await refused.text(), /restarted/);
      assert.ok(performance.now() - started < 8_000);
      assert.deepEqual(upstream.requests, []);
    });

    it('after a crash, elsewhere, when somebody took its port', async () => {
      const first = await home.run();
      await first.client.createSession(sessionOn(upstream.url));
      await eventually(async () => stored().includes('s1'), 'the sessions file');
      kill(first.pid, 'SIGKILL');
      await first.ended;
      await using _ = await startServer({}, { port: Number(new URL(first.address).port) });
      const second = await home.run();
      assert.equal(second.answer.state, 'listening');
      assert.notEqual(second.address, first.address);
      assert.deepEqual(await sessionsNow(second), [], 'no agent of before can find it');
      assert.match(home.log(), /port \d+ is taken/);
    });

    it('with what it can read of a broken sessions file, which is nothing', async () => {
      mkdirSync(home.stateDir, { recursive: true, mode: 0o700 });
      writeFileSync(home.sessionsFile, '{"port":');
      const { client } = await home.run();
      await client.createSession(sessionOn(upstream.url));
      assert.deepEqual(await sessionsNow({ client }), ['s1']);
    });

    it('though Node warns where nobody listens any more', async () => {
      mkdirSync(home.stateDir, { recursive: true, mode: 0o700 });
      const flag = join(home.stateDir, 'warn');
      const warner = join(home.stateDir, 'warner.mjs');
      writeFileSync(warner, `import { existsSync, rmSync } from 'node:fs'; setInterval(() => { if (existsSync(${JSON.stringify(flag)})) { rmSync(${JSON.stringify(flag)}); process.emitWarning('something is old'); console.error('x'.repeat(100_000)); } }, 5).unref();`);
      const { client, pid } = await home.run({}, { NODE_OPTIONS: `--import ${warner}` });
      for (const _ of [1, 2]) {
        writeFileSync(flag, '');
        await until(() => !existsSync(flag), () => 'the warning');
      }
      assert.equal((await client.status())?.pid, pid);
    });
  });

  describe('lets requests under way end', () => {
    const slowStream = (): { readonly script: Script; open(): void } => {
      const event = (content: string, finish: string | null = null): string => `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'real-model', choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`;
      const { promise, resolve } = Promise.withResolvers<void>();
      return {
        script: {
          'POST /v1/chat/completions': async ({ response }) => {
            response.writeHead(200, { 'content-type': 'text/event-stream' });
            response.write(event('first '));
            await promise;
            response.write(event('last', 'stop'));
            response.end('data: [DONE]\n\n');
          },
        },
        open: resolve,
      };
    };

    for (const how of ['SIGTERM', 'stop', 'restart'] as const) {
      if (how === 'SIGTERM' && isWindows) continue;
      it(`when it is ended by ${how}`, async () => {
        const { script: slow, open } = slowStream();
        upstream.play(slow);
        const { client, address, pid, ended } = await home.run();
        const token = await client.createSession(sessionOn(upstream.url));
        const streaming = await chat(address, token, { stream: true });
        if (how === 'SIGTERM') kill(pid, 'SIGTERM');
        else await client.stop({ restart: how === 'restart' });
        await until(() => !existsSync(home.lockFile), () => 'the lock to go');
        await assert.rejects(chat(address, token), 'it takes no more requests');
        // The next one need not wait for the last request of this one.
        const next = await home.run();
        assert.equal(next.answer.state, 'listening');
        assert.deepEqual(await sessionsNow(next), how === 'restart' ? ['s1'] : []);
        if (how === 'restart') assert.equal(next.address, address);
        assert.ok(isAlive(pid));
        open();
        assert.match(await streaming.text(), /first [\s\S]*last[\s\S]*\[DONE\]/);
        const began = performance.now();
        assert.equal(await ended, 0);
        assert.ok(performance.now() - began < 5_000, 'a connection that is kept alive does not keep it alive');
        assert.equal(home.lock()?.pid, next.pid, 'the lock of the next one is still there');
        if (how === 'restart') assert.ok(stored().includes('s1'));
      });
    }

    if (!isWindows) {
      it('but not when it is told twice', async () => {
        const { script: slow } = slowStream();
        upstream.play(slow);
        const { client, address, pid, ended } = await home.run();
        const streaming = await chat(address, await client.createSession(sessionOn(upstream.url)), { stream: true });
        kill(pid, 'SIGTERM');
        await until(() => !existsSync(home.lockFile), () => 'the lock to go');
        const again = setInterval(() => kill(pid, 'SIGTERM'), 50);
        const began = performance.now();
        await ended.finally(() => clearInterval(again));
        assert.ok(performance.now() - began < 4_000);
        await assert.rejects(streaming.text());
      });
    }
  });

  it('takes no session while it ends', async () => {
    const { answer: answerLater, open } = gate(answer);
    upstream.play({ 'POST /v1/chat/completions': answerLater });
    const { client, address } = await home.run();
    const answering = chat(address, await client.createSession(sessionOn(upstream.url)));
    await until(() => upstream.requests.length === 1, () => 'a request');
    await client.stop({ restart: false });
    await assert.rejects(client.createSession(sessionOn(upstream.url, { id: 's2' })));
    open();
    assert.equal((await answering).status, 200);
  });

  describe('in the foreground', () => {
    it('leaves lock and sessions alone, and ends with whoever started it', async () => {
      const shared = await home.run();
      const own = await home.run({ mode: 'foreground', idleMs: 0 });
      assert.equal(own.answer.state, 'listening');
      assert.notEqual(own.address, shared.address);
      assert.equal(home.lock()?.pid, shared.pid);
      kill(own.pid, 'SIGINT');
      assert.equal(await own.ended, isWindows ? null : 0);
      assert.equal(home.lock()?.pid, shared.pid);
    });

    it('says that its port is taken', async () => {
      const { answer: failed, ended } = await home.run({ mode: 'foreground', port: upstream.port });
      assert.deepEqual(failed, { state: 'failed', message: `Port ${upstream.port} of 127.0.0.1 is taken by another program`, hint: 'Choose another one with --port, or end that program' });
      assert.equal(await ended, 1);
    });

    it('says that there is no such address here', async () => {
      const { answer: failed } = await home.run({ mode: 'foreground', host: '192.0.2.1', port: 0 });
      assert.deepEqual([failed.state, 'message' in failed && failed.message], ['failed', '192.0.2.1 is no address of this machine']);
    });
  });

  it('writes no key, token, header or proxy to any file', async () => {
    upstream.play(openai({ key: 'another', models: ['real-model'] }));
    const { client, address, adminToken } = await home.run({ logLevel: 'trace' });
    const token = await client.createSession(sessionOn(upstream.url, { key: canary, server: { headers: { 'x-team': `${canary}-header` }, proxy: `http://user:${canary}-proxy@127.0.0.1:9`, extraEnv: { MORE: `${canary}-env` } } }));
    const second = await client.createSession({ ...sessionOn(upstream.url, { id: 's2', key: canary }), token: 'a-token-of-my-own' });
    for (const each of [token, second, 'wrong-token-0123456789']) await chat(address, each).then((response) => response.text());
    await fetch(`${address}/s/${second}/v1/models?key=${canary}`).then((response) => response.text());
    await client.sessionProcess('s1', process.pid);
    await eventually(async () => stored().includes(`"pid":${process.pid}`), 'the sessions file');
    if (!isWindows) assert.equal(modeOf(home.sessionsFile), 0o600);
    for (const name of readdirSync(home.stateDir)) {
      const text = readFileSync(join(home.stateDir, name), 'utf8');
      for (const secret of [canary, token, second, ...(name === 'gateway.json' ? [] : [adminToken])]) assert.ok(!text.includes(secret), `a secret in ${name}`);
    }
    assert.match(home.log(), /listens at/);
  });

  describe('lets nobody but its user control it', () => {
    let gateway: StartedGateway;
    let token: string;
    beforeEach(async () => {
      gateway = await home.run();
      token = await gateway.client.createSession(sessionOn(upstream.url));
    });

    /** `fetch` may not send a Host or Origin of its own. */
    const send = (method: string, path: string, headers: Readonly<Record<string, string>>, body?: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const request = httpRequest(gateway.address + path, { method, headers }, (response) => {
          response.resume();
          response.once('end', () => resolve(response.statusCode ?? 0));
        });
        request.once('error', reject);
        request.end(body);
      });
    const operations = (): readonly (readonly [string, string, string?])[] => [
      ['GET', controlPaths.status],
      ['GET', controlPaths.events],
      ['POST', controlPaths.sessions, JSON.stringify(sessionOn(upstream.url, { id: 'theirs' }))],
      ['POST', sessionPath('s1'), JSON.stringify(sessionOn('http://127.0.0.1:9'))],
      ['DELETE', sessionPath('s1')],
      ['POST', sessionProcessPath('s1'), '{"pid":1}'],
      ['POST', controlPaths.stop, '{"restart":false}'],
    ];
    const attacks: readonly { readonly what: string; readonly headers: () => Readonly<Record<string, string>>; readonly status: (method: string) => number }[] = [
      { what: 'without a token', headers: () => ({}), status: () => 401 },
      { what: 'with the token of an agent', headers: () => ({ authorization: `Bearer ${token}` }), status: () => 401 },
      { what: 'with an almost right token', headers: () => ({ authorization: `Bearer ${gateway.adminToken}0` }), status: () => 401 },
      { what: 'from a web page', headers: () => ({ authorization: `Bearer ${gateway.adminToken}`, origin: 'http://localhost:3000' }), status: () => 403 },
      { what: 'under a name that was rebound', headers: () => ({ authorization: `Bearer ${gateway.adminToken}`, host: 'evil.example' }), status: () => 421 },
      { what: 'as a form', headers: () => ({ authorization: `Bearer ${gateway.adminToken}`, 'content-type': 'text/plain' }), status: (method) => (method === 'POST' ? 415 : 200) },
    ];
    for (const { what, headers, status } of attacks) {
      it(what, async () => {
        for (const [method, path, body] of operations()) {
          const expected = status(method);
          if (expected === 200) continue; // no body, no attack
          assert.equal(await send(method, path, { 'content-type': 'application/json', ...headers() }, body), expected, `${method} ${path}`);
        }
        assert.deepEqual((await gateway.client.status())?.sessions.map(({ id, displayName }) => [id, displayName]), [['s1', 'test']]);
        assert.ok(isAlive(gateway.pid));
      });
    }

    it('with a token in an address', async () => {
      assert.equal(await send('GET', `${controlPaths.status}?key=${gateway.adminToken}`, {}), 401);
      assert.equal(await send('GET', `/s/${gateway.adminToken}${controlPaths.status}`, {}), 401);
    });

    it('with bodies that are no sessions', async () => {
      const authorization = `Bearer ${gateway.adminToken}`;
      for (const body of ['', '[]', '{"spec":{}}', JSON.stringify(sessionOn('http://127.0.0.1:9')).replace('http:', 'ftp:'), JSON.stringify({ ...sessionOn(upstream.url), keys: { lab: 5 } })]) {
        assert.equal(await send('POST', controlPaths.sessions, { authorization, 'content-type': 'application/json' }, body), 422, body);
      }
      assert.equal(await send('POST', sessionPath('s1'), { authorization, 'content-type': 'application/json' }, JSON.stringify(sessionOn(upstream.url, { id: 'other' }))), 422);
      assert.equal(await send('DELETE', sessionPath('nobody'), { authorization }), 404);
      assert.equal(await send('PATCH', sessionPath('s1'), { authorization, 'content-type': 'application/json' }, '{}'), 404);
    });
  });

  it('does nothing for somebody who types its name', async () => {
    await assert.rejects(home.ports.processes.start(home.command.argv, { input: 'hello', env: {}, cwd: '.', detached: false, timeoutMs: 10_000 }), { message: /ended at once \(exit code 2\): This is started by Operator; to run a gateway yourself, use `operator serve`/ });
  });

  it('is not started in vain where nothing listens', async () => {
    mkdirSync(home.stateDir, { recursive: true, mode: 0o700 });
    writeFileSync(home.lockFile, JSON.stringify({ pid: 2 ** 22 + 1, port: await closedPort(), adminToken: 'x'.repeat(40), version: '0', startedAt: 1 }));
    const began = performance.now();
    await home.start();
    assert.ok(performance.now() - began < 5_000);
  });
});
