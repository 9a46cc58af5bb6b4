/** The gateway reaches servers by the platform's rules for proxies. */
import assert from 'node:assert/strict';
import { createPools } from '../../../src/platform/http-pools.ts';
import { createTransport, type Transport, type UpstreamRequest } from '../../../src/gateway/upstream/transport.ts';
import type { UpstreamFailure } from '../../../src/gateway/upstream/upstream-failure.ts';
import { startHttpProxy, startSocksProxy } from '../../support/scripted-proxy.ts';
import { closedPort, json, type ScriptedServer, startServer } from '../../support/scripted-server.ts';

describe('the way to a server', () => {
  let server: ScriptedServer;
  let transport: Transport;

  beforeEach(async () => {
    server = await startServer({ 'POST /v1/messages': json({ ok: true }) });
  });
  afterEach(async () => {
    transport.dispose();
    await server.close();
  });

  function ask(url: string, proxy?: string, env: Readonly<Record<string, string>> = {}): Promise<number | UpstreamFailure> {
    transport = createTransport({ open: createPools(env) });
    const request: UpstreamRequest = { url: new URL(url), method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}', timeouts: { connectMs: 2_000, firstByteMs: 5_000, idleMs: 5_000 }, ...(proxy !== undefined && { proxy }) };
    return new Promise((resolve) => {
      let status = 0;
      transport.send(request, { onHeaders: (code) => void (status = code), onData: () => {}, onEnd: () => resolve(status), onFailure: resolve });
    });
  }

  for (const [name, start] of [['an HTTP', startHttpProxy], ['a SOCKS', startSocksProxy]] as const) {
    it(`leads through ${name} proxy of the entry, which resolves the name`, async () => {
      const proxy = await start({ target: server.port });
      try {
        assert.equal(await ask('http://models.internal.invalid/v1/messages', proxy.url), 200);
        assert.match(proxy.asked.join(), /models\.internal\.invalid/);
      } finally {
        await proxy.close();
      }
    });
  }

  it('leads through the proxy of the environment, but for what NO_PROXY names', async () => {
    const proxy = await startHttpProxy({ target: server.port });
    try {
      assert.equal(await ask('http://models.internal.invalid/v1/messages', undefined, { http_proxy: proxy.url }), 200);
      transport.dispose();
      const failure = await ask('http://models.internal.invalid/v1/messages', undefined, { http_proxy: proxy.url, no_proxy: '.internal.invalid' });
      assert.ok(typeof failure !== 'number');
      assert.equal(failure.kind, 'dns');
      assert.equal(proxy.asked.length, 1);
    } finally {
      await proxy.close();
    }
  });

  it('ends at a proxy that is not there, and never goes around it', async () => {
    const failure = await ask(`${server.url}/v1/messages`, `http://127.0.0.1:${await closedPort()}`);
    assert.ok(typeof failure !== 'number');
    assert.equal(server.requests.length, 0);
    assert.match(failure.message, /proxy|Nothing listens/i);
  });
});
