/** What `ollama/llama3.2` means, and where. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { openaiBaseUrl } from '../../../src/core/servers/address.ts';
import { builtinServers } from '../../../src/core/servers/builtin.ts';
import { serverKind } from '../../../src/core/servers/kinds.ts';
import { anyApiKeyVariable, anyBaseUrlVariable, impliedServer, impliedServers, type LocalPrefix, localPrefixes, prefixText, readPrefix, serverOfPrefix } from '../../../src/core/servers/local-prefix.ts';
import { aServer, userOrigin, workspaceOrigin } from '../launch/support.ts';

const variables = (values: Readonly<Record<string, string>>) => (name: string) => values[name];

function prefixOf(name: string): LocalPrefix {
  const prefix = localPrefixes().find(({ names }) => names.includes(name));
  assert.ok(prefix, name);
  return prefix;
}

const anyPrefix = fc.constantFrom(...localPrefixes());
const segment = fc.stringMatching(/^[A-Za-z0-9._:@-]{1,12}$/);
const modelName = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));

describe('a prefix of a model name', () => {
  it('names the server, and what is behind it is the model, slashes included', () => {
    for (const [text, kind, model] of [
      ['ollama/llama3.2', 'ollama', 'llama3.2'],
      ['ollama/qwen2.5-coder:32b', 'ollama', 'qwen2.5-coder:32b'],
      ['vllm/meta-llama/Llama-3.1-8B-Instruct', 'vllm', 'meta-llama/Llama-3.1-8B-Instruct'],
      ['lm_studio/google/gemma-3-4b', 'lmstudio', 'google/gemma-3-4b'],
      ['lmstudio/google/gemma-3-4b', 'lmstudio', 'google/gemma-3-4b'],
      ['llamacpp/model.gguf', 'llamacpp', 'model.gguf'],
      ['  ollama/llama3.2\n', 'ollama', 'llama3.2'],
      ['ollama/ollama/x', 'ollama', 'ollama/x'],
    ] as const) {
      const read = readPrefix(text);
      assert.deepEqual(read.ok && read.value && [read.value.prefix.kind, read.value.model], [kind, model], text);
    }
  });

  it('is nothing else', () => {
    for (const text of ['', 'opus', 'ollama', 'gpt-5.2', 'anthropic/claude-sonnet', 'Ollama/x', 'ollamas/x', '/ollama/x', 'openai/gpt-oss-20b', 'ibm/granite', 'lmstudio-community/x', 'openai-compat']) {
      assert.deepEqual(readPrefix(text), { ok: true, value: undefined }, text);
    }
  });

  it('needs a model without spaces', () => {
    const said = (text: string): readonly string[] => {
      const read = readPrefix(text);
      return read.ok ? [] : [read.error.message, read.error.hint];
    };
    assert.deepEqual(said('ollama/'), ['There is no model behind ollama/', 'Write it like "ollama/llama3.2"']);
    assert.deepEqual(said(' vllm/  '), ['There is no model behind vllm/', 'Write it like "vllm/llama3.2"']);
    assert.deepEqual(said('lm_studio/my model'), ['The model behind lm_studio/ must not contain spaces', 'Write it like "lm_studio/llama3.2"']);
    assert.equal(said('llamacpp/a\tb').length, 2);
  });

  it('may not be openai-compat/, which says nothing about where', () => {
    for (const text of ['openai-compat/x', 'openai-compat/', 'openai-compat/a b']) {
      const read = readPrefix(text);
      assert.ok(!read.ok, text);
      assert.equal(read.error.message, 'The prefix openai-compat/ does not say which server is meant');
      assert.match(read.error.hint, /ollama\/, vllm\/, lm_studio\/ and llamacpp\/$/);
    }
  });

  it('keeps every model as it is (property)', () => {
    fc.assert(
      fc.property(anyPrefix, modelName, fc.constantFrom('', ' ', '\t\n'), (prefix, model, around) => {
        for (const name of prefix.names) assert.deepEqual(readPrefix(`${around}${name}/${model}${around}`), { ok: true, value: { prefix, model } });
      }),
    );
  });

  it('never throws, and never gives an empty model or one with spaces (property)', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.tuple(fc.constantFrom('ollama/', 'vllm/', 'lm_studio/', 'llamacpp/', 'openai-compat/'), fc.string()).map((parts) => parts.join(''))), (text) => {
        const read = readPrefix(text);
        if (!read.ok) assert.ok(read.error.hint !== '' && !/\.$/.test(read.error.message));
        else if (read.value) assert.ok(read.value.model !== '' && !/\s/.test(read.value.model) && text.trim().endsWith(`/${read.value.model}`));
      }),
    );
  });
});

describe('the server that a prefix implies', () => {
  it('is where its kind usually is, without a key', () => {
    for (const [name, url] of [['ollama', 'http://localhost:11434'], ['vllm', 'http://localhost:8000'], ['lm_studio', 'http://localhost:1234'], ['llamacpp', 'http://localhost:8080']] as const) {
      const server = impliedServer(prefixOf(name), variables({}));
      assert.deepEqual([server.name, server.baseUrl, server.openaiPath, server.credential, server.auth, server.placement], [name, url, '/v1', undefined, { type: 'none' }, 'local']);
      assert.deepEqual(server.origin, { layer: 'builtin', impliedBy: `${name}/` });
    }
  });

  it('is where its own variable says, else the common one (property)', () => {
    const address = fc.tuple(fc.constantFrom('http', 'https'), fc.constantFrom('localhost', '127.0.0.1', 'gpu.lab', '10.0.0.7'), fc.integer({ min: 1024, max: 65_535 })).map(([scheme, host, port]) => `${scheme}://${host}:${port}`);
    const unset = fc.constantFrom(undefined, '', '   ');
    const written = fc.tuple(address, fc.constantFrom('', '/', '/v1', '/v1/', '/V1'), fc.constantFrom('', ' ', '\n')).map(([url, suffix, around]) => ({ url, text: `${around}${url}${suffix}${around}` }));
    fc.assert(
      fc.property(anyPrefix, fc.oneof(unset, written), fc.oneof(unset, written), (prefix, own, common) => {
        const textOf = (value: typeof own): string | undefined => (typeof value === 'object' ? value.text : value);
        const server = impliedServer(prefix, (name) => (name === prefix.baseUrlVariable ? textOf(own) : name === anyBaseUrlVariable ? textOf(common) : undefined));
        const meant = typeof own === 'object' ? own.url : typeof common === 'object' ? common.url : serverKind(prefix.kind).defaultBaseUrl;
        assert.equal(server.baseUrl, meant && new URL(meant).origin);
        assert.equal(openaiBaseUrl(server), `${server.baseUrl}/v1`);
        assert.equal(server.unusable, undefined);
      }),
    );
  });

  it('keeps a path and a version of its own', () => {
    const at = (url: string): string => openaiBaseUrl(impliedServer(prefixOf('vllm'), variables({ VLLM_BASE_URL: url })));
    assert.equal(at('https://lab.example/team/v1'), 'https://lab.example/team/v1');
    assert.equal(at('https://lab.example/team'), 'https://lab.example/team/v1');
    assert.equal(at('https://lab.example/api/v4'), 'https://lab.example/api/v4');
    assert.equal(at('localhost:8001'), 'http://localhost:8001/v1');
  });

  it('takes the key of its own variable, else the common one, else none; never the key itself (property)', () => {
    fc.assert(
      fc.property(anyPrefix, fc.constantFrom(undefined, '', ' ', 'sk-own-key'), fc.constantFrom(undefined, '', 'sk-common-key'), (prefix, own, common) => {
        const server = impliedServer(prefix, (name) => (name === prefix.apiKeyVariable ? own : name === anyApiKeyVariable ? common : undefined));
        const name = own?.trim() ? prefix.apiKeyVariable : common?.trim() ? anyApiKeyVariable : undefined;
        assert.deepEqual(server.credential, name === undefined ? undefined : { store: 'env', name });
        assert.deepEqual(server.auth, { type: name === undefined ? 'none' : 'bearer' });
        assert.ok(!JSON.stringify(server).includes('sk-'));
      }),
    );
  });

  it('cannot be used where its variable holds no address, and shows nothing of it', () => {
    const server = impliedServer(prefixOf('ollama'), variables({ OLLAMA_BASE_URL: 'http://me:hunter2@gpu.lab', [anyBaseUrlVariable]: 'http://other' }));
    assert.deepEqual(server.unusable, { message: 'The address in the variable OLLAMA_BASE_URL must not contain a user or password', hint: 'Take them out of the address and name the key with api_key = "env:NAME" or "secret:NAME"' });
    assert.ok(!JSON.stringify(server).includes('hunter2'));
    assert.match(impliedServer(prefixOf('vllm'), variables({ [anyBaseUrlVariable]: 'ftp://x' })).unusable?.message ?? '', /^The address in the variable LOCAL_LLM_BASE_URL must start with http/);
  });
});

describe('a prefix', () => {
  const facts = (...servers: readonly Parameters<typeof aServer>[0][]) => ({ modelServers: [...servers.map(aServer), ...builtinServers()], implied: impliedServers(variables({})) });
  const meant = (name: string, world: ReturnType<typeof facts>, origin?: Parameters<typeof serverOfPrefix>[2]) => serverOfPrefix(prefixOf(name), world, origin);

  it('means the server that is declared under its name, whatever its kind and address', () => {
    const world = facts({ kind: 'openai-compat', name: 'ollama', baseUrl: 'https://proxy.example' }, { kind: 'ollama', name: 'other' });
    assert.equal(meant('ollama', world)?.baseUrl, 'https://proxy.example');
    assert.equal(meant('lm_studio', facts({ kind: 'lmstudio', name: 'lmstudio', baseUrl: 'http://10.0.0.7:1234' }))?.name, 'lmstudio');
  });

  it('means the only server of its kind at its address, with what that declares', () => {
    const world = facts({ kind: 'ollama', name: 'mine', baseUrl: 'http://127.0.0.1:11434', headers: { 'x-team': 'a' } });
    assert.equal(meant('ollama', world)?.name, 'mine');
    assert.equal(meant('vllm', world)?.origin.layer, 'builtin');
  });

  it('means the implied one where two are declared at its address, or another kind, or elsewhere', () => {
    for (const world of [facts({ kind: 'ollama', name: 'a' }, { kind: 'ollama', name: 'b' }), facts({ kind: 'openai-compat', name: 'a', baseUrl: 'http://localhost:11434' }), facts({ kind: 'ollama', name: 'a', baseUrl: 'http://localhost:11435' })]) {
      assert.deepEqual(meant('ollama', world)?.origin, { layer: 'builtin', impliedBy: prefixText(prefixOf('ollama')) });
    }
  });

  it('does not reach from the user’s file into a workspace', () => {
    const world = facts({ kind: 'ollama', name: 'ollama', origin: workspaceOrigin });
    assert.equal(meant('ollama', world, workspaceOrigin)?.origin.layer, 'workspace');
    assert.equal(meant('ollama', world)?.origin.layer, 'workspace');
    assert.equal(meant('ollama', world, userOrigin)?.origin.layer, 'builtin');
    const same = facts({ kind: 'ollama', name: 'mine', origin: workspaceOrigin });
    assert.equal(meant('ollama', same, userOrigin)?.origin.layer, 'builtin');
  });
});
