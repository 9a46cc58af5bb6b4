/**
 * The REST API keeps to its OpenAPI document: every operation of it, in a real gateway process, with what clients send that mean
 * well and with what hostile ones send. No answer that the document does not know, and none that is a fault of ours.
 */
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { allowedBy, anything, nastyText, nearly } from '../../support/rest/arbitrary.ts';
import { createJudge, type DocumentedOperation, type Judge, type OpenApi } from '../../support/rest/document.ts';
import { createRestPlace, type RestPlace, type RestRequest } from '../../support/rest/place.ts';
import { type ScriptedServer, startServer } from '../../support/scripted-server.ts';
import { ollama } from '../../support/scripted-server-kinds.ts';

const root = resolve(import.meta.dirname, '..', '..', '..');
const document = JSON.parse(readFileSync(join(root, 'docs', 'openapi.json'), 'utf8')) as OpenApi;
const judge: Judge = createJudge(document);
const canary = 'sk-ant-api03-canary1234567890abcdef';

describe('the contract of the REST API', function () {
  this.timeout(120_000);
  let place: RestPlace;
  let server: ScriptedServer;
  before(async () => {
    server = await startServer(ollama({ models: ['qwen3:8b'], answer: 'hello' }));
    place = await createRestPlace({ user: toml(), workspace: '[[delegators]]\nname = "here"\nllm_tool = "chat"\nmodel = "qwen3:8b"\nmodel_server = "lab"\n' });
    await place.gateway.client.handKeys({ env: { LAB_KEY: canary }, secret: {} });
  });
  after(async () => {
    await place[Symbol.asyncDispose]();
    await server.close();
  });

  const toml = (): string => `# mine
[[model_servers]]
name = "lab"
kind = "ollama"
base_url = "${server.url}"
api_key = "env:LAB_KEY"

[[delegators]]
name = "coder"
llm_tool = "chat"
model = "qwen3:8b"
model_server = "lab"
`;

  /** Sends it and has the document judge what comes. A stream is left after its beginning. */
  async function drive(operation: DocumentedOperation, path: string, request: RestRequest = {}): Promise<number> {
    const received = operation.operationId === 'followEvents' ? await beginningOf(path, request) : await place.send(path, { method: operation.method, ...request });
    judge.judge(operation, received);
    assert.ok(!received.text.includes(canary), `${operation.operationId} told a key`);
    return received.status;
  }

  function beginningOf(path: string, { headers = {} }: RestRequest): ReturnType<RestPlace['send']> {
    return new Promise((done, fail) => {
      const given = Object.fromEntries(Object.entries({ authorization: `Bearer ${place.token}`, ...headers }).filter(([, value]) => value !== undefined));
      const request = httpRequest({ host: '127.0.0.1', port: place.port, path: `/api/v1${path}`, agent: false, headers: given }, (response) => {
        const answered = { status: response.statusCode ?? 0, headers: new Headers(Object.entries(response.headers).map(([name, value]) => [name, String(value)])) };
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
          if (answered.status !== 200) return;
          done({ ...answered, text });
          response.destroy();
        });
        response.once('end', () => done({ ...answered, text }));
        response.on('error', () => {}); // left by ourselves
      });
      request.once('error', fail);
      request.end();
    });
  }

  /** The path of an operation, below `/api/v1`. */
  function pathOf({ path }: DocumentedOperation, name: string, query: Readonly<Record<string, string>> = {}): string {
    const search = new URLSearchParams(query).toString();
    return `${path.replace('/api/v1', '').replaceAll(/\{\w+\}/g, name)}${search === '' ? '' : `?${search}`}`;
  }

  const bodyOf = ({ requestBody }: DocumentedOperation) => requestBody?.content['application/json'];

  it('is a document of OpenAPI 3.1 in which every operation is complete', () => {
    assert.match(document.openapi, /^3\.1\./);
    assert.ok(judge.operations.length >= 25);
    const ids = judge.operations.map(({ operationId }) => operationId);
    assert.equal(new Set(ids).size, ids.length);
    for (const operation of judge.operations) {
      const { operationId, summary, responses, parameters = [] } = operation;
      assert.ok(summary.length > 5, operationId);
      assert.ok(['400', '401', '403', '421', '500'].every((status) => responses[status]), operationId);
      const named = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      assert.deepEqual(parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name), named, operationId);
      const body = bodyOf(operation);
      if (body) assert.ok(judge.allows(body.schema, body.example), `${operationId}: its example is not what it takes`);
      for (const [status, { content = {} }] of Object.entries(responses)) {
        for (const [type, { schema, example }] of Object.entries(content)) {
          if (Number(status) < 300 && operationId !== 'getOpenApi') assert.notEqual(example, undefined, `${operationId} ${status} has no example`);
          if (type === 'application/json' && example !== undefined) assert.ok(judge.allows(schema, example), `${operationId} ${status}: its example is not what it answers`);
        }
      }
    }
  });

  it('is served as it is in docs/, the version apart', async () => {
    const served = await place.json<{ info: { version: string } }>('/openapi.json');
    const kept = JSON.parse(JSON.stringify(document)) as { info: { version: string } };
    assert.deepEqual({ ...served, info: { ...served.info, version: '' } }, { ...kept, info: { ...kept.info, version: '' } });
  });

  for (const operation of judge.operations) {
    describe(`${operation.method} ${operation.path}`, () => {
      const names = operation.path.includes('{id}') ? ['nobody'] : operation.path.includes('/delegators/') ? ['coder', 'here', 'nobody'] : ['lab', 'anthropic-api', 'nobody'];
      const schema = bodyOf(operation)?.schema;
      const changes = operation.method !== 'GET';

      it('answers as documented where all is well', async () => {
        for (const name of names) {
          for (const query of [{}, { workspace: place.workspace }, { layer: 'user' }] as readonly Readonly<Record<string, string>>[]) {
            // What is deleted here would be missing elsewhere.
            if (operation.method === 'DELETE' && name !== 'nobody' && name !== 'anthropic-api') continue;
            const example = bodyOf(operation)?.example as object | undefined;
            const fitting = example && 'llm_tool' in example ? { ...example, llm_tool: 'chat', model_server: 'lab' } : example;
            const body = fitting && 'name' in fitting ? { ...fitting, name: operation.method === 'PUT' ? name : `made-${crypto.randomUUID().slice(0, 8)}` } : fitting;
            if (operation.operationId === 'updateModelServer' && name === 'lab') continue; // others use it
            await drive(operation, pathOf(operation, name, query), body ? { body } : {});
          }
        }
      });

      it('refuses whoever has no token, the wrong one, comes from a web page, or by another name', async () => {
        const body = bodyOf(operation)?.example;
        const [name = ''] = names;
        const attempts: readonly (readonly [number, RestRequest])[] = [
          [401, { headers: { authorization: undefined } }],
          [401, { headers: { authorization: `Bearer ${place.token}x` } }],
          [401, { headers: { authorization: `Basic ${Buffer.from(`a:${place.token}`).toString('base64')}` } }],
          [401, { headers: { authorization: undefined, 'x-api-key': place.token } }],
          [403, { headers: { origin: 'http://localhost:3000' } }],
          [403, { headers: { origin: 'null' } }],
          [421, { headers: { host: 'evil.example' } }],
        ];
        for (const [status, request] of attempts) assert.equal(await drive(operation, pathOf(operation, name), { ...request, ...(body !== undefined && { body }) }), status, JSON.stringify(request).replaceAll(place.token, '…'));
      });

      if (schema) {
        it('takes JSON only, whole and not too much of it', async () => {
          const path = pathOf(operation, names[0] ?? '');
          for (const [status, request] of [
            [400, { body: '{"name":' }],
            [400, { body: '' }],
            [400, { body: undefined }],
            [415, { body: '{}', headers: { 'content-type': 'text/plain' } }],
            [415, { body: 'name=x', headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
            [415, { body: '{}', headers: { 'content-type': undefined } }],
            [415, { body: '{}', headers: { 'content-encoding': 'gzip' } }],
            [413, { body: `{"name":"${'x'.repeat(1024 * 1024)}"}` }],
            [422, { body: '[]' }],
            [422, { body: `${'['.repeat(50_000)}${']'.repeat(50_000)}` }],
            [422, { body: '{"__proto__":{"name":"x"}}' }],
          ] as const satisfies readonly (readonly [number, RestRequest])[]) {
            assert.equal(await drive(operation, path, request), status, JSON.stringify(request).slice(0, 200));
          }
        });

        it('answers as documented to bodies that are right by the schema, nearly so, or nothing of the kind', async () => {
          const isEntry = /^(?:create|update)(?:ModelServer|Delegator)$/.test(operation.operationId);
          const fresh = fc.uuid().map((id) => ({ name: `n${id}` }));
          const body = fc.oneof(allowedBy(schema, judge), nearly(schema, judge), anything);
          const seen = new Map<number, number>();
          await fc.assert(
            fc.asyncProperty(body, fc.constantFrom(...names), fresh, fc.boolean(), async (value, name, own, isFresh) => {
              // Otherwise hardly one would get as far as the file.
              const isTable = typeof value === 'object' && value !== null && !Array.isArray(value);
              const sent = isEntry && isFresh && isTable ? { ...value, ...(operation.method === 'POST' ? own : { name }), ...('llm_tool' in value && { llm_tool: 'chat' }), ...('model_server' in value && { model_server: 'lab' }), ...('base_url' in value && { base_url: 'http://127.0.0.1:9/v1' }), ...('api_key' in value && { api_key: 'env:LAB_KEY' }) } : value;
              if (operation.operationId === 'updateModelServer' && name === 'lab') return; // others use it
              const received = await place.send(pathOf(operation, name), { method: operation.method, body: sent });
              judge.judge(operation, received);
              seen.set(received.status, (seen.get(received.status) ?? 0) + 1);
              // What was taken stands in the file, to the letter.
              if (isEntry && received.status < 300 && !received.text.includes('‹hidden›')) assert.deepEqual((JSON.parse(received.text) as { entry: unknown }).entry, JSON.parse(JSON.stringify({ name, ...(sent as object) })));
            }),
            { numRuns: isEntry ? 150 : 60 },
          );
          assert.ok((seen.get(422) ?? 0) > 5, JSON.stringify([...seen]));
          if (isEntry && operation.operationId !== 'updateModelServer') assert.ok((seen.get(operation.method === 'POST' ? 201 : 200) ?? 0) > 3, JSON.stringify([...seen]));
        });
      }

      it('answers as documented to any name, parameter and header', async () => {
        const text = fc.oneof(nastyText, fc.constantFrom('..%2f..%2fgateway', '%2e%2e', '..', '%', '%00', 'lab/../../gateway/stop', 'a%2fb', '%F0%9F%98%80', 'kinds', '__proto__', 'x'.repeat(3_000))).map((value) => value.slice(0, 3_000));
        const escaped = (value: string): string => (/^[\x21-\x7e]+$/.test(value) && !/[?#]/.test(value) ? value : encodeURIComponent(value.toWellFormed()));
        const header = fc.string({ unit: fc.constantFrom(...'"*W/,abc \t') }).map((value) => value.trim());
        await fc.assert(
          fc.asyncProperty(text, fc.dictionary(fc.constantFrom('layer', 'workspace', 'probe', 'all', 'other'), text, { maxKeys: 2 }), header, async (name, query, condition) => {
            const usual = operation.path.includes('{');
            const path = pathOf(operation, escaped(name), Object.fromEntries(Object.entries(query).map(([key, value]) => [key, value.toWellFormed()])));
            const body = bodyOf(operation)?.example;
            // A name that is found by chance must not be changed by it.
            if (changes && usual && ['lab', 'coder', 'here'].includes(name)) return;
            const headers = { 'if-match': condition, 'if-none-match': condition };
            const received = operation.operationId === 'followEvents' ? await beginningOf(path, { headers }) : await place.send(path, { method: operation.method, headers, ...(body !== undefined && { body }) });
            assert.ok(received.status < 500, `${path}: ${received.status} ${received.text}`);
            // Dots and slashes may lead to another path, which has answers of its own.
            if (!/[./\\%]/.test(escaped(name)) && name !== '' && name !== 'kinds') judge.judge(operation, received);
          }),
          { numRuns: 40 },
        );
      });
    });
  }

  it('says which methods a path knows', async () => {
    for (const path of new Set(judge.operations.map((each) => each.path))) {
      const known = judge.operations.filter((each) => each.path === path).map(({ method }) => method);
      const target = path.replace('/api/v1', '').replaceAll(/\{\w+\}/g, 'lab');
      for (const method of ['PATCH', 'OPTIONS', 'TRACE', 'POST', 'PUT', 'DELETE'].filter((each) => !known.includes(each))) {
        const { status, headers } = await place.send(target, { method });
        assert.equal(status, 405, `${method} ${path}`);
        assert.deepEqual(headers.get('allow')?.split(', ').filter((each) => each !== 'HEAD'), known, `${method} ${path}`);
        assert.equal(headers.get('access-control-allow-origin'), null);
      }
      if (!known.includes('GET')) continue;
      const head = await place.send(target, { method: 'HEAD' });
      assert.equal(head.text, '');
      assert.equal(head.status, path.endsWith('/events') ? 200 : (await place.send(target)).status, path);
    }
  });

  it('reads no path and no headers of any length', async () => {
    const operation = judge.operations.find(({ operationId }) => operationId === 'listModelServers') ?? assert.fail();
    // The parser ends the connection with its answer, which may be quicker than the rest of the request.
    const driven = (path: string, request: RestRequest): Promise<number> => drive(operation, path, request).catch((error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' || error.code === 'EPIPE' ? 431 : Promise.reject(error)));
    assert.equal(await driven(`/model-servers?workspace=${'x'.repeat(20_000)}`, {}), 431);
    assert.equal(await driven('/model-servers', { headers: { 'if-none-match': `"${'x'.repeat(20_000)}"` } }), 431);
  });

  it('has told no key, and met no error of its own', () => {
    const log = place.log();
    assert.ok(!log.includes(canary));
    assert.ok(!log.includes(place.token));
    assert.doesNotMatch(log, /a request to the REST API failed/);
  });
});
