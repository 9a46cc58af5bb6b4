/** Who may not speak to the REST API, playing their parts: web pages, other machines, agents with a token for models, and those who try. */
import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { connectRaw } from '../../support/raw-client.ts';
import { sessionOn } from '../../support/gateway-process.ts';
import { createRestPlace, type RestPlace } from '../../support/rest/place.ts';
import { createRestDoor, isLoopback } from '../../../src/gateway/rest-door.ts';

const user = '[[model_servers]]\nname = "lab"\nkind = "ollama"\n';
const agentToken = 'an-agent-token-of-a-session';
const ownAddress = Object.values(networkInterfaces()).flatMap((all) => all ?? []).find(({ internal, family }) => !internal && family === 'IPv4')?.address;

describe('REST: attackers', function () {
  this.timeout(60_000);
  let place: RestPlace;
  before(async () => {
    place = await createRestPlace({ user });
    await place.gateway.client.createSession({ ...sessionOn('http://127.0.0.1:9'), token: agentToken });
  });
  after(() => place[Symbol.asyncDispose]());
  afterEach(() => assert.equal(place.read(place.userFile), user, 'nobody changed anything'));

  const raw = async (lines: readonly string[], body = ''): Promise<string> => {
    const client = await connectRaw(place.port, [...lines, ...(body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]), 'Connection: close', '', body].join('\r\n'));
    return client.toEnd();
  };
  const statusOf = (heard: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(heard)?.[1]);
  const add = '{"name":"evil","kind":"ollama","base_url":"http://evil.example"}';

  it('a web page: its form, its script, its preflight and a name of its own that leads here', async () => {
    const authorization = `Authorization: Bearer ${place.token}`;
    const attempts: readonly (readonly [number, readonly string[], string])[] = [
      [415, ['POST /api/v1/model-servers HTTP/1.1', 'Host: 127.0.0.1', authorization, 'Content-Type: text/plain'], add],
      [415, ['POST /api/v1/model-servers HTTP/1.1', 'Host: 127.0.0.1', authorization, 'Content-Type: multipart/form-data; boundary=x'], add],
      [415, ['POST /api/v1/model-servers HTTP/1.1', 'Host: 127.0.0.1', authorization], add],
      [403, ['POST /api/v1/model-servers HTTP/1.1', 'Host: 127.0.0.1', authorization, 'Content-Type: application/json', 'Origin: https://evil.example'], add],
      [403, ['GET /api/v1/status HTTP/1.1', 'Host: localhost', authorization, 'Origin: null'], ''],
      [403, ['OPTIONS /api/v1/model-servers HTTP/1.1', 'Host: 127.0.0.1', 'Origin: https://evil.example', 'Access-Control-Request-Method: POST', 'Access-Control-Request-Headers: authorization'], ''],
      [421, ['GET /api/v1/status HTTP/1.1', 'Host: evil.example', authorization], ''],
      [421, ['GET /api/v1/status HTTP/1.1', 'Host: 127.0.0.1.evil.example', authorization], ''],
      [400, ['GET /api/v1/status HTTP/1.1', 'Host: 127.0.0.1', 'Host: evil.example', authorization], ''],
    ];
    for (const [status, lines, body] of attempts) {
      const heard = await raw(lines, body);
      assert.equal(statusOf(heard), status, `${lines.join(' | ').replaceAll(place.token, '…')}: ${heard.slice(0, 200)}`);
      assert.match(heard, /content-type: application\/problem\+json/i);
      assert.doesNotMatch(heard, /access-control/i);
    }
  });

  it('somebody without the token, with one that is nearly right, or with an agent’s', async () => {
    const given: readonly (readonly [string, Readonly<Record<string, string | undefined>>])[] = [
      ['none', { authorization: undefined }],
      ['an empty one', { authorization: 'Bearer ' }],
      ['a part', { authorization: `Bearer ${place.token.slice(0, -1)}` }],
      ['too much', { authorization: `Bearer ${place.token}0` }],
      ['two', { authorization: `Bearer ${place.token} ${place.token}` }],
      ['an agent’s', { authorization: `Bearer ${agentToken}` }],
      ['in another header', { authorization: undefined, 'x-api-key': place.token, 'x-goog-api-key': place.token }],
    ];
    for (const [what, headers] of given) {
      for (const [path, request] of [['/status', {}], ['/model-servers', { method: 'POST', body: add }], ['/nothing', {}], ['/model-servers/lab', { method: 'DELETE' }]] as const) {
        const { status, headers: answered, text } = await place.send(path, { ...request, headers });
        assert.equal(status, 401, `${what}: ${path}`);
        assert.match(answered.get('www-authenticate') ?? '', /^Bearer/);
        assert.ok(!text.includes(place.token));
      }
    }
    assert.equal((await place.send(`/status?key=${place.token}`, { headers: { authorization: undefined } })).status, 401, 'queries end up in logs');
    const prefixed = await fetch(`${place.gateway.address}/s/${agentToken}/api/v1/status`);
    assert.equal(prefixed.status, 401, 'nor does the path of an agent’s base URL help');
  });

  it('an agent with a token for models finds none of REST’s answers under its own paths', async () => {
    for (const path of ['/v1/api/v1/status', '/api/v1//status', '/v1/models/../../api/v1/status']) {
      const { status } = await fetch(place.gateway.address + path, { headers: { authorization: `Bearer ${agentToken}` } });
      assert.ok(status === 401 || status === 404, `${path}: ${status}`);
    }
  });

  it('whoever holds the token gets no further than REST by clever paths', async () => {
    for (const path of ['/model-servers/../gateway/stop', '/model-servers/..%2fgateway%2fstop', '/model-servers/%2e%2e/%2e%2e/gateway/stop', '/./gateway/sessions', '//gateway']) {
      const heard = await raw([`POST /api/v1${path} HTTP/1.1`, 'Host: 127.0.0.1', `Authorization: Bearer ${place.token}`, 'Content-Type: application/json'], '{"restart":false}');
      assert.ok([404, 405].includes(statusOf(heard)), `${path}: ${heard.slice(0, 100)}`);
    }
    assert.equal((await place.gateway.client.status())?.ending, undefined);
  });

  it('endless and enormous bodies are given up', async () => {
    const client = await connectRaw(place.port, ['POST /api/v1/model-servers HTTP/1.1', 'Host: 127.0.0.1', `Authorization: Bearer ${place.token}`, 'Content-Type: application/json', 'Transfer-Encoding: chunked', '', ''].join('\r\n'));
    const chunk = 'x'.repeat(64 * 1024);
    for (let index = 0; index < 40 && !client.closed; index++) client.socket.write(`${chunk.length.toString(16)}\r\n${chunk}\r\n`);
    await client.until(/^HTTP\/1\.1 413 /);
    client.socket.destroy();
    const announced = await raw(['POST /api/v1/model-servers HTTP/1.1', 'Host: 127.0.0.1', `Authorization: Bearer ${place.token}`, 'Content-Type: application/json', 'Content-Length: 99999999999']);
    assert.equal(statusOf(announced), 413);
    assert.equal((await place.send('/health')).status, 200);
  });

  it('two requests in one do not become one of ours', async () => {
    const heard = await raw(['POST /api/v1/model-servers HTTP/1.1', 'Host: 127.0.0.1', `Authorization: Bearer ${place.token}`, 'Content-Type: application/json', 'Transfer-Encoding: chunked', 'Content-Length: 5'], '0\r\n\r\nDELETE /api/v1/model-servers/lab HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    assert.equal(statusOf(heard), 400);
  });

  it('neither token nor body is in the log', () => {
    for (const secret of [place.token, agentToken, 'evil.example']) assert.ok(!place.log().includes(secret), secret);
  });

  it('knows its own machine from others', () => {
    for (const address of ['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1', '::FFFF:127.0.0.1']) assert.ok(isLoopback(address), address);
    for (const address of [undefined, '', '10.0.0.1', '128.0.0.1', '::ffff:10.0.0.1', '::2', 'fe80::1', '127.0.0.1.evil', '1127.0.0.1']) assert.ok(!isLoopback(address), address);
  });

  (ownAddress === undefined ? it.skip : it)('another machine is refused, whatever token it has, where the gateway listens to all', async () => {
    await using serving = await createRestPlace({ user, orders: { mode: 'foreground', host: '0.0.0.0', hosts: [ownAddress ?? ''] } });
    const from = (address: string): Promise<Response> => fetch(`http://${address}:${serving.port}/api/v1/status`, { headers: { authorization: `Bearer ${serving.token}` } });
    assert.equal((await from('127.0.0.1')).status, 200);
    // From an address of its own that is not loopback, which is what another machine looks like.
    const refused = await from(ownAddress ?? '');
    assert.deepEqual([refused.status, ((await refused.json()) as { code: string }).code], [403, 'not-local']);
  });

  it('nothing of the API is loaded for whoever may not use it', async () => {
    let loaded = 0;
    const door = createRestDoor({ isToken: () => false, load: () => Promise.reject(new Error(`loaded ${++loaded}`)), onUse: () => {}, onError: () => {} });
    const { createServer } = await import('node:http');
    const server = createServer((request, response) => door.handle(request, response));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as { port: number };
    assert.equal((await fetch(`http://127.0.0.1:${port}/api/v1/status`, { headers: { authorization: 'Bearer x' } })).status, 401);
    assert.equal(loaded, 0);
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
});
