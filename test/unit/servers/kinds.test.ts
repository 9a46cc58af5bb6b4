import assert from 'node:assert/strict';
import { parseBaseUrl } from '../../../src/core/servers/address.ts';
import { allServerKinds, kindAliases, serverKind, serverKindIds } from '../../../src/core/servers/kinds.ts';
import { vulnerabilityWarnings } from '../../../src/core/servers/vulnerabilities.ts';

describe('kinds of model server', () => {
  it('each has one record', () => {
    assert.deepEqual(allServerKinds().map(({ id }) => id).sort(), [...serverKindIds].sort());
    for (const id of serverKindIds) assert.equal(serverKind(id).id, id);
  });

  it('default addresses are normalised already, so that what is shown is what is used', () => {
    for (const { id, defaultBaseUrl } of allServerKinds()) {
      if (defaultBaseUrl === undefined) continue;
      const parsed = parseBaseUrl(defaultBaseUrl);
      assert.ok(parsed.ok);
      assert.deepEqual(parsed.value, { baseUrl: defaultBaseUrl, openaiPath: '/v1' }, id);
    }
  });

  it('what depends on the version is asked only of servers that one runs oneself', () => {
    for (const kind of allServerKinds()) if (kind.versionDependent.length > 0) assert.ok(kind.defaultBaseUrl === undefined || kind.defaultBaseUrl.startsWith('http://localhost:'), kind.id);
  });

  it('usual ports are those of the default addresses', () => {
    for (const { usualPort, defaultBaseUrl } of allServerKinds()) if (usualPort !== undefined) assert.ok(defaultBaseUrl?.endsWith(`:${usualPort}`));
  });

  it('hints are sentences that begin with what to do, without a period', () => {
    for (const { startHint, modelsHint, networkHint } of allServerKinds()) for (const text of [startHint, modelsHint, networkHint ?? 'None']) assert.match(text, /^[A-Z].*[^.]$/);
  });

  it('a kind that needs a key says which variable usually has it', () => {
    for (const { keyRequired, defaultApiKeyEnv, auth } of allServerKinds()) if (keyRequired) assert.ok(defaultApiKeyEnv !== undefined && auth.type !== 'none');
  });

  it('aliases lead to kinds and are none themselves', () => {
    for (const [alias, id] of Object.entries(kindAliases)) {
      assert.ok(serverKindIds.includes(id));
      assert.ok(!(serverKindIds as readonly string[]).includes(alias));
    }
  });
});

describe('versions with a known hole', () => {
  const warnings = (kind: Parameters<typeof vulnerabilityWarnings>[0], version: string | undefined): number => vulnerabilityWarnings(kind, version, 'It').length;

  it('are those from the first bad to before the first good one', () => {
    assert.deepEqual(['0.5.0', '0.17.0', '0.17.1', '0.33.1'].map((version) => warnings('ollama', version)), [1, 1, 0, 0]);
    assert.deepEqual(['1.81.15', '1.81.16', 'v1.83.6-stable', '1.83.7', '1.92.0'].map((version) => warnings('litellm', version)), [0, 1, 1, 0, 0]);
    assert.deepEqual(['0.10.0', '0.10.1', '0.17.9', '0.18.0'].map((version) => warnings('vllm', version)), [0, 1, 1, 0]);
  });

  it('are not guessed', () => {
    for (const version of [undefined, '', '0.0.0', 'dev', 'main']) assert.equal(warnings('ollama', version), 0);
    assert.equal(warnings('lmstudio', '0.1.0'), 0);
  });

  it('say what to do', () => {
    assert.match(vulnerabilityWarnings('ollama', '0.16.0', 'Ollama')[0] ?? '', /^Ollama 0\.16\.0 leaks .*: update to 0\.17\.1 or later$/);
  });
});
