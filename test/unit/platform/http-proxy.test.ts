import assert from 'node:assert/strict';
import { HttpFailure } from '../../../src/core/ports.ts';
import { proxyFor } from '../../../src/platform/http-proxy.ts';

describe('which proxy is used', () => {
  const href = (target: string, env: Record<string, string>, declared?: string): string | undefined => proxyFor(new URL(target), declared, env)?.url.href;
  const all = { HTTP_PROXY: 'http://plain:1', HTTPS_PROXY: 'http://secure:2' };

  it('the one for the scheme; for https the one for http as a last resort; lower case first', () => {
    assert.equal(href('http://host.example/', all), 'http://plain:1/');
    assert.equal(href('https://host.example/', all), 'http://secure:2/');
    assert.equal(href('https://host.example/', { HTTP_PROXY: 'http://plain:1' }), 'http://plain:1/');
    assert.equal(href('http://host.example/', { HTTPS_PROXY: 'http://secure:2' }), undefined);
    assert.equal(href('http://host.example/', { ...all, http_proxy: 'http://lower:3' }), 'http://lower:3/');
    assert.equal(href('http://host.example/', { HTTP_PROXY: '' }), undefined);
    assert.equal(href('http://host.example/', {}), undefined);
  });

  it('none for this machine', () => {
    for (const host of ['localhost', 'LOCALHOST', 'localhost.', 'api.localhost', '127.0.0.1', '127.9.9.9', '127.1', '0.0.0.0', '[::1]', '[::]', '[::ffff:127.0.0.1]', '2130706433']) assert.equal(href(`http://${host}:11434/`, all), undefined, host);
    for (const host of ['localhost.example', '128.0.0.1', '10.0.0.1', '[::2]', 'notlocalhost']) assert.equal(href(`http://${host}/`, all), 'http://plain:1/', host);
  });

  it('the declared one before all, even for this machine', () => {
    assert.equal(href('http://localhost:11434/', all, 'http://mine:4'), 'http://mine:4/');
    assert.equal(href('https://host.example/', { ...all, NO_PROXY: '*' }, 'socks5://mine'), 'socks5://mine');
  });

  it('none for what NO_PROXY excepts', () => {
    const excepted = (target: string, list: string): boolean => href(target, { ...all, NO_PROXY: list }) === undefined;
    for (const [target, list] of [
      ['http://host.example', 'host.example'],
      ['http://api.host.example', 'host.example'],
      ['http://api.host.example', '.host.example'],
      ['http://host.example', '.host.example'],
      ['http://api.host.example', '*.host.example'],
      ['http://HOST.example.', 'a.example, host.EXAMPLE'],
      ['http://host.example', 'a.example host.example'],
      ['http://host.example', 'none,*'],
      ['http://host.example:8080', 'host.example:8080'],
      ['https://host.example', 'host.example:443'],
      ['http://10.0.0.5', '10.0.0.5'],
      ['http://[fd00::1]:80', 'fd00::1'],
      ['http://[fd00::1]:8080', '[fd00::1]:8080'],
    ] as const) assert.ok(excepted(target, list), `${target} is not excepted by ${list}`);
    for (const [target, list] of [
      ['http://otherhost.example', 'host.example'],
      ['http://host.example', '*.host.example'],
      ['http://host.example', 'api.host.example'],
      ['http://host.example:8081', 'host.example:8080'],
      ['http://host.example', '*:8080'],
      ['http://host.example', ''],
      ['http://host.example', ', ,'],
    ] as const) assert.ok(!excepted(target, list), `${target} is excepted by ${list}`);
    assert.equal(href('http://host.example', { ...all, no_proxy: 'x', NO_PROXY: '*' }), 'http://plain:1/', 'lower case comes first');
  });

  it('addresses may lack a scheme, and all spellings of socks5 are one', () => {
    assert.equal(href('http://h.example', { HTTP_PROXY: 'proxy:3128' }), 'http://proxy:3128/');
    for (const scheme of ['socks5', 'socks5h', 'socks', 'SOCKS5']) assert.equal(href('http://h.example', {}, `${scheme}://me:x@proxy:1080`), 'socks5://me:x@proxy:1080');
  });

  it('a bad address is an error that names the variable and holds nothing of it', () => {
    for (const [value, words] of [['ftp://proxy', /must be an http, https or socks5 address/], ['http://', /not a URL/], ['http://me:%zz-canary@proxy', /not a URL/], ['http://proxy:99999', /not a URL/]] as const) {
      assert.throws(() => href('http://h.example', { HTTP_PROXY: value }), (error) => error instanceof HttpFailure && error.kind === 'proxy' && words.test(error.message) && error.message.startsWith('The proxy of HTTP_PROXY ') && !error.message.includes('canary') && error.cause === undefined);
    }
  });
});
