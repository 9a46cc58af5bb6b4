import assert from 'node:assert/strict';
import type { Dispatcher } from 'undici';
import { createPools } from '../../../src/platform/http-pools.ts';
import { startHttpProxy, startSocksProxy } from '../../support/scripted-proxy.ts';
import { json, type ScriptedServer, startServer } from '../../support/scripted-server.ts';

describe('kept connections', () => {
  let server: ScriptedServer;
  const pools: Dispatcher[] = [];

  beforeEach(async () => {
    server = await startServer({ 'GET /v1/models': json({ data: [] }) });
  });
  afterEach(async () => {
    await Promise.all(pools.splice(0).map((pool) => pool.destroy()));
    await server.close();
  });

  async function get(pool: Dispatcher): Promise<number> {
    const { statusCode, body } = await pool.request({ origin: server.url, path: '/v1/models', method: 'GET' });
    await body.dump();
    return statusCode;
  }

  function open(proxy?: string, env: Readonly<Record<string, string>> = {}): Dispatcher {
    const pool = createPools(env)(new URL(server.url), { connectMs: 2_000, ...(proxy !== undefined && { proxy }) });
    pools.push(pool);
    return pool;
  }

  it('carry several requests one after the other', async () => {
    const pool = open();
    for (let count = 0; count < 20; count++) assert.equal(await get(pool), 200);
    // A socket may not be free yet when its answer was read.
    assert.ok(server.openSockets <= 2, `${server.openSockets} sockets`);
  });

  for (const [name, start] of [['HTTP', startHttpProxy], ['SOCKS', startSocksProxy]] as const) {
    it(`go through the ${name} proxy of the entry, also to loopback`, async () => {
      const proxy = await start({ target: server.port });
      try {
        assert.equal(await get(open(proxy.url)), 200);
        assert.equal(proxy.asked.length, 1);
      } finally {
        await proxy.close();
      }
    });
  }

  it('never go to loopback through the proxy of the environment', async () => {
    const proxy = await startHttpProxy();
    try {
      assert.equal(await get(open(undefined, { HTTP_PROXY: proxy.url, http_proxy: proxy.url })), 200);
      assert.deepEqual(proxy.asked, []);
    } finally {
      await proxy.close();
    }
  });

  it('are refused for a proxy that is none', () => {
    assert.throws(() => open('ftp://proxy.example'), /must be an http, https or socks5 address/);
  });
});
