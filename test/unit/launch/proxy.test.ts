/** Proxy variables: loopback stays direct, a server's own proxy is the only way to it. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { noProxy, proxyVariables } from '../../../src/core/launch/proxy.ts';
import { aServer } from './support.ts';

const text = (env: ReturnType<typeof proxyVariables>['env']): Readonly<Record<string, string>> => Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value.type === 'literal' ? value.value : '?']));
const variables = (server: Parameters<typeof aServer>[0], inherited: Readonly<Record<string, string>> = {}, platform = 'linux'): Readonly<Record<string, string>> => text(proxyVariables(aServer(server), platform, (name) => inherited[name]).env);

describe('proxy variables', () => {
  it('append loopback to what is inherited, in both spellings', () => {
    assert.deepEqual(variables({ kind: 'ollama' }, { NO_PROXY: '.corp, 10.0.0.1', no_proxy: 'other' }), { NO_PROXY: '.corp,10.0.0.1,other,localhost,127.0.0.1,::1', no_proxy: '.corp,10.0.0.1,other,localhost,127.0.0.1,::1' });
    assert.deepEqual(variables({ kind: 'ollama' }, {}, 'win32'), { NO_PROXY: 'localhost,127.0.0.1,::1' });
  });

  it('name the server\'s own loopback address too', () => {
    assert.equal(variables({ kind: 'ollama', baseUrl: 'http://127.0.0.53:11434' })['NO_PROXY'], 'localhost,127.0.0.1,::1,127.0.0.53');
    assert.equal(variables({ kind: 'ollama', baseUrl: 'http://[::1]:11434' })['NO_PROXY'], 'localhost,127.0.0.1,::1');
    assert.equal(variables({ kind: 'ollama', baseUrl: 'http://models.localhost:1' })['NO_PROXY'], 'localhost,127.0.0.1,::1,models.localhost');
    assert.equal(variables({ kind: 'ollama', baseUrl: 'http://10.1.2.3:11434' })['NO_PROXY'], 'localhost,127.0.0.1,::1');
  });

  it('send everything but loopback through the server\'s proxy, whatever was excluded before', () => {
    assert.deepEqual(variables({ kind: 'vllm', baseUrl: 'http://models.corp:8000', proxy: 'http://proxy:3128' }, { NO_PROXY: '.corp' }), {
      HTTP_PROXY: 'http://proxy:3128',
      http_proxy: 'http://proxy:3128',
      HTTPS_PROXY: 'http://proxy:3128',
      https_proxy: 'http://proxy:3128',
      NO_PROXY: 'localhost,127.0.0.1,::1',
      no_proxy: 'localhost,127.0.0.1,::1',
    });
  });

  it('let a loopback address through the proxy that is declared for it, as with a tunnel', () => {
    const result = proxyVariables(aServer({ kind: 'ollama', proxy: 'http://127.0.0.1:8888' }), 'linux', () => 'localhost');
    assert.deepEqual(text(result.env), { HTTP_PROXY: 'http://127.0.0.1:8888', http_proxy: 'http://127.0.0.1:8888', HTTPS_PROXY: 'http://127.0.0.1:8888', https_proxy: 'http://127.0.0.1:8888' });
    assert.deepEqual(result.unset.map(({ name }) => name), ['NO_PROXY', 'no_proxy']);
    assert.equal(result.notes.length, 1);
  });

  it('keep "*" as it is: nothing is proxied', () => {
    assert.equal(noProxy(['*'], ['localhost']), '*');
  });

  it('property: every inherited host and every loopback name is listed once', () => {
    const host = fc.stringMatching(/^[a-z0-9.]{1,12}$/);
    fc.assert(
      fc.property(fc.array(host), fc.array(host), (upper, lower) => {
        const listed = noProxy([upper.join(','), lower.join(' ')], ['localhost', '127.0.0.1']).split(',');
        assert.deepEqual(new Set(listed), new Set([...upper, ...lower, 'localhost', '127.0.0.1']));
        assert.equal(listed.length, new Set(listed).size);
      }),
    );
  });
});
