import assert from 'node:assert/strict';
import fc from 'fast-check';
import { apiUrl, openaiBaseUrl, parseBaseUrl, parseProxyUrl, parseServerAddress } from '../../../src/core/servers/address.ts';
import type { ServerKindId } from '../../../src/core/servers/kinds.ts';

function addressOf(text: string): { baseUrl: string; openaiPath: string; assumedScheme?: string } {
  const parsed = parseBaseUrl(text);
  assert.ok(parsed.ok, `${text}: ${parsed.ok ? '' : parsed.error.message}`);
  return parsed.value;
}

function problemOf(text: string): { code: string; message: string } {
  const parsed = parseBaseUrl(text);
  assert.ok(!parsed.ok, `${text} was understood`);
  return parsed.error;
}

describe('base_url', () => {
  const understood: readonly (readonly [text: string, baseUrl: string, openaiPath: string])[] = [
    ['http://h:1', 'http://h:1', '/v1'],
    ['http://h:1/', 'http://h:1', '/v1'],
    ['http://h:1/v1', 'http://h:1', '/v1'],
    ['http://h:1/v1/', 'http://h:1', '/v1'],
    ['http://h:1//v1//', 'http://h:1', '/v1'],
    ['  http://h:1/v1  ', 'http://h:1', '/v1'],
    ['HTTP://LocalHost:11434/V1', 'http://localhost:11434', '/v1'],
    ['http://h:80/', 'http://h', '/v1'],
    ['https://h:443/v1', 'https://h', '/v1'],
    ['https://h:80/v1', 'https://h:80', '/v1'],
    ['http://[::1]:8080/v1', 'http://[::1]:8080', '/v1'],
    ['http://[0:0:0:0:0:0:0:1]:8080', 'http://[::1]:8080', '/v1'],
    ['http://127.1:8000', 'http://127.0.0.1:8000', '/v1'],
    ['https://openrouter.ai/api/v1', 'https://openrouter.ai/api', '/v1'],
    ['https://api.groq.com/openai/v1/', 'https://api.groq.com/openai', '/v1'],
    ['https://api.z.ai/api/coding/paas/v4', 'https://api.z.ai/api/coding/paas', '/v4'],
    ['https://generativelanguage.googleapis.com/v1beta', 'https://generativelanguage.googleapis.com', '/v1beta'],
    ['https://generativelanguage.googleapis.com/v1beta/openai', 'https://generativelanguage.googleapis.com/v1beta/openai', ''],
    ['https://generativelanguage.googleapis.com/v1beta/openai/', 'https://generativelanguage.googleapis.com/v1beta/openai', ''],
    ['https://api.cloudflare.com/client/v4/accounts/a/ai/v1', 'https://api.cloudflare.com/client/v4/accounts/a/ai', '/v1'],
    ['https://h/v1alpha1', 'https://h', '/v1alpha1'],
    ['https://h/v', 'https://h/v', '/v1'],
    ['https://h/vision', 'https://h/vision', '/v1'],
    // Pasted from an API reference, down to the endpoint.
    ['https://api.openai.com/v1/chat/completions', 'https://api.openai.com', '/v1'],
    ['https://api.anthropic.com/v1/messages', 'https://api.anthropic.com', '/v1'],
    ['http://h:1/v1/models/', 'http://h:1', '/v1'],
    ['https://api.z.ai/api/paas/v4/chat/completions', 'https://api.z.ai/api/paas', '/v4'],
    // Not behind a version: part of the path.
    ['https://h/models', 'https://h/models', '/v1'],
  ];
  for (const [text, baseUrl, openaiPath] of understood) {
    it(`understands ${JSON.stringify(text)}`, () => {
      const { assumedScheme, ...address } = addressOf(text);
      assert.deepEqual(address, { baseUrl, openaiPath });
      assert.equal(assumedScheme, undefined);
    });
  }

  const withoutScheme: readonly (readonly [text: string, baseUrl: string])[] = [
    ['localhost:11434', 'http://localhost:11434'],
    ['localhost', 'http://localhost'],
    ['127.0.0.1:1234/v1', 'http://127.0.0.1:1234'],
    ['[::1]:8080', 'http://[::1]:8080'],
    ['gpu-box:8000/', 'http://gpu-box:8000'],
    ['192.168.1.5:8000', 'http://192.168.1.5:8000'],
    ['gpu.lan', 'http://gpu.lan'],
    // A key must not go to a stranger in the clear.
    ['api.groq.com/openai/v1', 'https://api.groq.com/openai'],
    ['8.8.8.8:8000', 'https://8.8.8.8:8000'],
  ];
  for (const [text, baseUrl] of withoutScheme) {
    it(`understands ${text} as ${baseUrl} and says so`, () => {
      const address = addressOf(text);
      assert.equal(address.baseUrl, baseUrl);
      assert.equal(address.assumedScheme, baseUrl.split(':')[0]);
    });
  }

  const refused = [
    '', '   ', 'http://', 'http:///v1', 'ftp://h/', 'file:///etc/passwd', 'javascript:alert(1)', 'data:text/plain,x', 'http:/h', 'http:\\\\h', '/v1', './x', 'a b', 'http://h a/', 'http://ho\nst/', 'http://h\t/',
    'http://h:99999/', 'http://[fe80::1%25eth0]/', 'http://[::1', 'ws://h', 'localhost:port', 'user@', ':8080', '-h', 'http://exa mple', 'http://256.1.1.1.1.1/%zz%', 'http://%',
  ];
  for (const text of refused) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.match(problemOf(text).code, /^(bad-url|url-credentials)$/);
    });
  }

  it('refuses a query and a fragment, which would be lost or sent to every endpoint', () => {
    assert.match(problemOf('https://h/v1?key=abc').message, /query/);
    assert.match(problemOf('https://h/v1?').message, /query/);
    assert.match(problemOf('https://h/v1#x').message, /fragment/);
    assert.match(problemOf('https://h/v1#').message, /fragment/);
  });

  it('reports user and password, and gives the address without them', () => {
    for (const text of ['https://user:s3cret@h/v1', 'https://s3cret@h/v1', 'https://:s3cret@h/v1']) {
      const parsed = parseBaseUrl(text);
      assert.ok(!parsed.ok);
      assert.equal(parsed.error.code, 'url-credentials');
      assert.deepEqual(parsed.error.address, { baseUrl: 'https://h', openaiPath: '/v1' });
    }
    assert.equal(problemOf('user:s3cret@h:80/v1').code, 'url-credentials');
  });

  it('never repeats what was written: it may be a key', () => {
    for (const text of ['https://user:s3cret@h/v1', 's3cret s3cret', 'https://h/?k=s3cret', 'sk-s3cret:x', 's3cret://x']) {
      assert.doesNotMatch(JSON.stringify(parseBaseUrl(text)), /s3cret/i);
    }
  });

  const host = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6().map((ip) => `[${ip}]`), fc.constantFrom('localhost', 'gpu-box', 'LOCALHOST'));
  const segment = fc.oneof(fc.constantFrom('v1', 'V1', 'v4', 'v1beta', 'api', 'openai', 'chat', 'completions', 'models', ''), fc.stringMatching(/^[A-Za-z0-9_.~-]{1,8}$/));
  const text = fc
    .tuple(fc.constantFrom('http://', 'https://', 'HTTP://', ''), host, fc.option(fc.integer({ min: 1, max: 65535 })), fc.array(segment, { maxLength: 6 }), fc.constantFrom('', '/'))
    .map(([scheme, name, port, segments, end]) => `${scheme}${name}${port === null ? '' : `:${port}`}${segments.map((part) => `/${part}`).join('')}${end}`);

  it('normalises to one form: the address as clients get it means the same server again', () => {
    fc.assert(
      fc.property(text, (written) => {
        const first = parseBaseUrl(written);
        if (!first.ok) return;
        const { assumedScheme: _, ...address } = first.value;
        assert.doesNotMatch(address.baseUrl, /\/$/);
        assert.deepEqual(parseBaseUrl(openaiBaseUrl(address)), { ok: true, value: address });
        // And it does not matter how it ends.
        assert.deepEqual(parseBaseUrl(`${openaiBaseUrl(address)}/`), { ok: true, value: address });
      }),
      { numRuns: 500 },
    );
  });

  it('takes any text without throwing', () => {
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl({ withQueryParameters: true, withFragments: true })), (any) => void parseBaseUrl(any)));
  });
});

describe('base_url of a kind', () => {
  const table: readonly (readonly [ServerKindId, string, string])[] = [
    ['ollama', 'http://localhost:11434/api', 'http://localhost:11434'],
    ['ollama', 'http://localhost:11434/api/', 'http://localhost:11434'],
    ['ollama', 'http://h/ollama/api', 'http://h/ollama'],
    ['openai-compat', 'http://h/api', 'http://h/api'],
    ['openrouter', 'https://openrouter.ai', 'https://openrouter.ai/api'],
    ['openrouter', 'https://openrouter.ai/api/v1', 'https://openrouter.ai/api'],
    ['openrouter', 'https://openrouter.example', 'https://openrouter.example'],
  ];
  for (const [kind, text, baseUrl] of table) {
    it(`${kind} at ${text} is ${baseUrl}`, () => {
      const parsed = parseServerAddress(text, kind);
      assert.equal(parsed.ok && parsed.value.baseUrl, baseUrl);
    });
  }
});

describe('apiUrl', () => {
  it('puts each protocol below its own path of the root', () => {
    const server = { baseUrl: 'https://h/prefix', openaiPath: '/v4' };
    assert.equal(apiUrl(server, 'openai-chat', '/chat/completions'), 'https://h/prefix/v4/chat/completions');
    assert.equal(apiUrl(server, 'openai-responses', '/responses'), 'https://h/prefix/v4/responses');
    assert.equal(apiUrl(server, 'anthropic-messages', '/messages'), 'https://h/prefix/v1/messages');
    assert.equal(apiUrl(server, 'gemini', '/models/m:generateContent'), 'https://h/prefix/v1beta/models/m:generateContent');
    assert.equal(apiUrl(server, 'ollama', '/tags'), 'https://h/prefix/api/tags');
  });

  it('adds nothing to an address that is complete', () => {
    const parsed = parseBaseUrl('https://generativelanguage.googleapis.com/v1beta/openai');
    assert.ok(parsed.ok);
    assert.equal(apiUrl(parsed.value, 'openai-chat', '/models'), 'https://generativelanguage.googleapis.com/v1beta/openai/models');
  });
});

describe('proxy', () => {
  it('is an http, https or socks5 URL of a host and a port', () => {
    for (const [text, url] of [
      ['http://p:3128', 'http://p:3128'],
      ['http://p:3128/', 'http://p:3128'],
      ['HTTPS://P.Example', 'https://p.example'],
      ['socks5://localhost:1080', 'socks5://localhost:1080'],
    ] as const) {
      assert.deepEqual(parseProxyUrl(text), { ok: true, value: url });
    }
  });

  it('is refused in any other form', () => {
    for (const text of ['p:3128', 'ftp://p', 'http://p/path', 'http://p/?x', 'http://', 'socks4://p:1', 'http://a b']) {
      const parsed = parseProxyUrl(text);
      assert.equal(!parsed.ok && parsed.error.code, 'bad-url', text);
    }
    const parsed = parseProxyUrl('http://u:s3cret@p:3128');
    assert.equal(!parsed.ok && parsed.error.code, 'url-credentials');
    assert.doesNotMatch(JSON.stringify(parsed), /s3cret/);
  });
});
