import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { defaultTimeouts } from '../../../src/gateway/upstream/timeouts.ts';
import { createTransport, type Transport } from '../../../src/gateway/upstream/transport.ts';
import { UpstreamFailure } from '../../../src/gateway/upstream/upstream-failure.ts';
import { startTcpServer, waitUntil } from '../../support/scripted-server.ts';

const answer = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}';

type Act = (socket: Socket) => void;
const ok: Act = (socket) => void socket.write(answer);
const reset: Act = (socket) => void socket.resetAndDestroy();

describe('a kept connection that its server has given up', () => {
  let transport: Transport;
  let server: Awaited<ReturnType<typeof startTcpServer>>;
  let requests: number;

  /** One act for each request, in order, on whatever connection it comes. */
  async function start(...acts: readonly Act[]): Promise<void> {
    requests = 0;
    transport = createTransport();
    server = await startTcpServer((socket) => {
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
        if (!text.endsWith('\r\n\r\nbody')) return;
        text = '';
        acts[requests++]?.(socket);
      });
    });
  }

  afterEach(async () => {
    transport.dispose();
    await server.close();
  });

  /** A request that comes in the turn in which an answer ends gets a connection of its own. */
  async function sendTwice(): Promise<readonly string[]> {
    const first = await send();
    await setImmediate();
    return [first, await send()];
  }

  function send(onAbort?: (abort: () => void) => void): Promise<string> {
    return new Promise((resolve) => {
      let text = '';
      const abort = transport.send(
        { url: new URL(`http://127.0.0.1:${server.port}/x`), method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'body', timeouts: defaultTimeouts },
        {
          onHeaders: (status) => void (text += status),
          onData: (chunk) => void (text += chunk.toString()),
          onEnd: () => resolve(text),
          onFailure: (failure) => resolve(failure instanceof UpstreamFailure ? failure.kind : 'unknown'),
        },
      );
      onAbort?.(abort);
    });
  }

  it('is replaced by a fresh one, once, and nobody notices', async () => {
    await start(ok, reset, ok);
    assert.deepEqual(await sendTwice(), ['200{}', '200{}']);
    assert.deepEqual([requests, server.connections], [3, 2]);
  });

  it('is not tried a third time', async () => {
    await start(ok, reset, reset, ok);
    assert.deepEqual(await sendTwice(), ['200{}', 'reset']);
    assert.equal(requests, 3);
  });

  it('is no reason to repeat a request that a fresh connection broke on: the server may have died of it', async () => {
    await start(reset, ok);
    assert.deepEqual([await send(), requests], ['reset', 1]);
  });

  it('is no reason to repeat a request that was answered in part', async () => {
    await start(ok, (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-ty', () => socket.end()), ok);
    assert.deepEqual(await sendTwice(), ['200{}', 'reset']);
    assert.deepEqual([requests, server.connections], [2, 1]);
  });

  it('is left alone when the client has gone meanwhile', async () => {
    await start(ok, reset, () => {});
    assert.equal(await send(), '200{}');
    await setImmediate();
    let abort = (): void => {};
    const second = send((given) => (abort = given));
    await waitUntil(() => requests === 3, 'the request to be repeated');
    abort();
    assert.equal(await second, 'aborted');
  });
});
