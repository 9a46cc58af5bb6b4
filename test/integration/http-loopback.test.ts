import assert from 'node:assert/strict';
import { createLoopbackHttp } from '../../src/platform/http-loopback.ts';
import type { Http, HttpRequest } from '../../src/core/ports.ts';
import { chunks, closedPort, hang, json, reset, startServer, waitUntil } from '../support/scripted-server.ts';

describe('HTTP on loopback', () => {
  let http: Http;
  beforeEach(() => {
    http = createLoopbackHttp();
  });
  afterEach(() => http.dispose());

  const get = (url: string, more: Partial<HttpRequest> = {}): ReturnType<Http['request']> => http.request({ method: 'GET', url, timeoutMs: 5_000, ...more });
  const read = async (body: AsyncIterable<Uint8Array>): Promise<string> => {
    let text = '';
    for await (const chunk of body) text += Buffer.from(chunk).toString('utf8');
    return text;
  };

  it('sends a body with its length, and gives back status, headers and body', async () => {
    await using server = await startServer({ 'POST /a': json({ grüß: 1 }, { status: 201, headers: { 'x-one': 'two' } }) });
    const { status, headers, body } = await http.request({ method: 'POST', url: `${server.url}/a?b=c`, headers: { authorization: 'Bearer t' }, body: '{"ü":1}', timeoutMs: 5_000 });
    assert.deepEqual([status, headers['x-one'], await read(body)], [201, 'two', '{"grüß":1}']);
    const [request] = server.requests;
    assert.deepEqual([request?.body, request?.headers['authorization'], request?.headers['content-length'], request?.query.get('b')], ['{"ü":1}', 'Bearer t', '8', 'c']);
  });

  it('says in which way nobody answered', async () => {
    await assert.rejects(get(`http://127.0.0.1:${await closedPort()}/`), { name: 'HttpFailure', kind: 'refused' });
    await using server = await startServer({ '/hang': hang(), '/reset': reset({ after: 'request' }), '/half': reset({ after: 'body' }) });
    await assert.rejects(get(`${server.url}/hang`, { timeoutMs: 50 }), { name: 'HttpFailure', kind: 'timeout' });
    await assert.rejects(get(`${server.url}/reset`), { name: 'HttpFailure', kind: 'reset' });
    await assert.rejects(get(`${server.url}/half`).then(({ body }) => read(body)), { name: 'HttpFailure', kind: 'reset' });
  });

  it('closes its connection when it is given up, at any time', async () => {
    const endless = chunks((async function* () {
      for (;;) {
        yield 'x';
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })());
    await using server = await startServer({ '/hang': hang(), '/endless': endless });
    const controller = new AbortController();
    const waiting = get(`${server.url}/hang`, { signal: controller.signal });
    await waitUntil(() => server.requests.length === 1, 'a request');
    controller.abort();
    await assert.rejects(waiting, { name: 'HttpFailure', kind: 'aborted' });
    const { body } = await get(`${server.url}/endless`);
    for await (const _ of body) break;
    const { body: second } = await get(`${server.url}/endless`);
    const reading = read(second);
    http.dispose();
    await assert.rejects(reading, { name: 'HttpFailure', kind: 'aborted' });
    await waitUntil(() => server.openSockets === 0, 'no open socket');
  });
});
