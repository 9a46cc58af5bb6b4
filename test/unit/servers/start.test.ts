import assert from 'node:assert/strict';
import { adHocServer } from '../../../src/core/servers/builtin.ts';
import { type HealthState, unknownHealth } from '../../../src/core/servers/health.ts';
import type { ServerKindId } from '../../../src/core/servers/kinds.ts';
import { startCommandOf } from '../../../src/core/servers/start.ts';

function start(kind: ServerKindId, url: string, state: HealthState = 'offline'): string | undefined {
  return startCommandOf({ server: adHocServer(kind, url), health: { ...unknownHealth(0), state } });
}

describe('starting a server', () => {
  it('is one command for servers that need nothing else', () => {
    assert.equal(start('ollama', 'http://localhost:11434'), 'ollama serve');
    assert.equal(start('lmstudio', 'http://127.0.0.1:1234/v1'), 'lms server start');
  });

  it('is not offered for one that runs, that is elsewhere, that needs a model, or whose port the command would not use', () => {
    assert.equal(start('ollama', 'http://localhost:11434', 'healthy'), undefined);
    assert.equal(start('ollama', 'http://192.168.1.5:11434'), undefined);
    assert.equal(start('vllm', 'http://localhost:8000'), undefined);
    assert.equal(start('ollama', 'http://localhost:8080'), undefined);
  });
});
