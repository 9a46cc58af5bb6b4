import assert from 'node:assert/strict';
import { isOperatorError } from '../../../src/core/errors.ts';
import { adHocServer, builtinServers, isBuiltinName } from '../../../src/core/servers/builtin.ts';

describe('builtin servers', () => {
  it("are the vendors' own, without a key reference, so that a tool on them keeps the user's login", () => {
    const servers = builtinServers();
    assert.deepEqual(servers.map(({ name }) => name), ['anthropic-api', 'openai-api', 'google-api']);
    for (const server of servers) {
      assert.deepEqual(server.origin, { layer: 'builtin' });
      assert.equal(server.placement, 'third-party');
      assert.equal(server.credential, undefined);
      assert.ok(isBuiltinName(server.name));
    }
    assert.ok(!isBuiltinName('ollama'));
  });
});

describe('adHocServer', () => {
  it('understands the address as an entry would', () => {
    const server = adHocServer('ollama', 'localhost:11434/v1/');
    assert.equal(server.baseUrl, 'http://localhost:11434');
    assert.equal(server.placement, 'local');
    assert.deepEqual(server.auth, { type: 'none' });
  });

  it('sends a key that is given to it', () => {
    const server = adHocServer('vllm', 'http://gpu:8000', { store: 'env', name: 'K' });
    assert.deepEqual(server.auth, { type: 'bearer' });
    assert.deepEqual(server.credential, { store: 'env', name: 'K' });
  });

  it('refuses what is no address, without repeating it', () => {
    assert.throws(() => adHocServer('ollama', 'http://u:s3cret@h'), (error) => isOperatorError(error) && error.code === 'config' && !/s3cret/.test(error.message));
  });
});
