import assert from 'node:assert/strict';
import { type Health, type HealthCause, type HealthState, healthStates, unknownHealth } from '../../../src/core/servers/health.ts';
import { serverKind } from '../../../src/core/servers/kinds.ts';
import { verdictOf } from '../../../src/vscode/wizards/verdict.ts';

const ollama = serverKind('ollama');

function health(state: HealthState, cause: HealthCause, more: Partial<Health> = {}): Health {
  return { ...unknownHealth(0), state, cause, message: 'What happened', hint: 'Do this', ...more };
}

describe('verdict on an address', () => {
  it('says what answers', () => {
    const models = [{ id: 'a' }, { id: 'b' }];
    assert.deepEqual(verdictOf(health('healthy', 'listed', { version: '0.33.1', models }), ollama), { type: 'ok', message: 'Ollama 0.33.1 answers with 2 models' });
    assert.equal(verdictOf(health('no-models', 'empty-list'), ollama).type, 'ok');
    assert.equal(verdictOf(health('starting', 'loading-model'), ollama).type, 'ok');
    assert.deepEqual(verdictOf(health('unauthorized', 'key-missing'), ollama), { type: 'ok', message: 'Ollama answers and asks for a key' });
  });

  it('lets a server be added that may be there later, after a warning with cause and next step', () => {
    for (const [state, cause] of [['offline', 'connection-refused'], ['unreachable', 'dns'], ['unreachable', 'timeout'], ['unreachable', 'tls'], ['unhealthy', 'server-error']] as const) {
      assert.deepEqual(verdictOf(health(state, cause), ollama), { type: 'warning', message: 'What happened. Do this' }, cause);
    }
  });

  it('refuses what is no such server, and a key that is refused', () => {
    for (const [state, cause] of [['unhealthy', 'html'], ['unhealthy', 'not-json'], ['unhealthy', 'not-http'], ['unhealthy', 'wrong-shape'], ['unhealthy', 'redirect'], ['unhealthy', 'not-found'], ['misconfigured', 'bad-configuration'], ['unauthorized', 'key-refused']] as const) {
      assert.deepEqual(verdictOf(health(state, cause), ollama), { type: 'refused', message: 'What happened. Do this' }, cause);
    }
  });

  it('takes a compatible server without a list of models, for theirs can be named', () => {
    assert.equal(verdictOf(health('unhealthy', 'not-found'), serverKind('openai-compat')).type, 'warning');
  });

  it('has a verdict for every state', () => {
    for (const state of healthStates) assert.ok(verdictOf(health(state, 'not-probed'), ollama).type);
  });
});
