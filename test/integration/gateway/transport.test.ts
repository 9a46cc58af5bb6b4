import assert from 'node:assert/strict';
import { type Dispatcher, Pool } from 'undici';
import { HttpFailure } from '../../../src/core/ports.ts';
import { createTransport, type OpenOptions } from '../../../src/gateway/upstream/transport.ts';
import { createPools } from '../../../src/platform/http-pools.ts';
import { startGateway } from '../../support/gateway.ts';
import { startHttpProxy, startSocksProxy } from '../../support/scripted-proxy.ts';
import { closedPort, json, type ScriptedServer, startServer } from '../../support/scripted-server.ts';
import { see, wires } from '../../support/wires.ts';

const wire = wires['openai-chat'];

describe('connections of the gateway to servers', () => {
  let upstream: ScriptedServer;

  beforeEach(async () => {
    upstream = await startServer({ '*': json({ choices: [{ index: 0, message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }] }) });
  });
  afterEach(async () => {
    await upstream.close();
  });

  it('are opened by whoever knows the ways of this machine, once per server and way, and destroyed in the end', async () => {
    const opened: (readonly [origin: string, options: OpenOptions])[] = [];
    const pools: Dispatcher[] = [];
    const open = (origin: URL, options: OpenOptions): Dispatcher => {
      opened.push([origin.origin, options]);
      const pool = new Pool(origin.origin, { connect: options.connect });
      pools.push(pool);
      return pool;
    };
    const gateway = await startGateway({ transport: createTransport({ open }) });
    for (const server of [{}, {}, { timeouts: { connectMs: 1234 } }, { proxy: 'http://127.0.0.1:9' }]) {
      const seen = await see(gateway.post(wire.path({ stream: false }), wire.body({ stream: false }), gateway.session(upstream.url, ['openai-chat'], { server })));
      assert.equal(seen.status, 200);
    }
    await gateway.close();
    assert.deepEqual(
      opened.map(([origin, { proxy, connectMs }]) => [origin, proxy, connectMs]),
      [
        [upstream.url, undefined, 10_000],
        [upstream.url, undefined, 1234],
        [upstream.url, 'http://127.0.0.1:9', 10_000],
      ],
    );
    assert.ok(pools.every((pool) => (pool as Pool).destroyed));
  });

  for (const [name, start] of [['HTTP', startHttpProxy], ['SOCKS', startSocksProxy]] as const) {
    it(`go through the ${name} proxy of the entry with the rules of this machine`, async () => {
      const proxy = await start({ target: upstream.port });
      const gateway = await startGateway({ transport: createTransport({ open: createPools({}) }) });
      try {
        const seen = await see(gateway.post(wire.path({ stream: false }), wire.body({ stream: false }), gateway.session(upstream.url, ['openai-chat'], { server: { proxy: proxy.url } })));
        assert.equal(seen.status, 200, seen.text);
        assert.equal(proxy.asked.length, 1);
      } finally {
        await gateway.close();
        await proxy.close();
      }
    });
  }

  it('say that it was the proxy that is not there, and never go around it', async () => {
    for (const [index, transport] of [createTransport(), createTransport({ open: createPools({}) })].entries()) {
      await using gateway = await startGateway({ transport });
      const proxy = `http://127.0.0.1:${await closedPort()}`;
      const seen = await see(gateway.post(wire.path({ stream: false }), wire.body({ stream: false }), gateway.session(upstream.url, ['openai-chat'], { server: { proxy } })));
      assert.equal(seen.status, 424, String(index));
      assert.match(seen.text, /The proxy/);
    }
    assert.deepEqual(upstream.requests, []);
  });

  it('say why they cannot be opened', async () => {
    const open = (): never => {
      throw new HttpFailure('proxy', 'The proxy of HTTPS_PROXY has an address that is not a URL');
    };
    await using gateway = await startGateway({ transport: createTransport({ open }) });
    const seen = await see(gateway.post(wire.path({ stream: true }), wire.body({ stream: true }), gateway.session(upstream.url, ['openai-chat'])));
    assert.equal(seen.status, 424);
    assert.match(seen.text, /The proxy of HTTPS_PROXY has an address that is not a URL/);
  });
});
