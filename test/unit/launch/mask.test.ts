/** What is hidden when a plan is shown, and what must stay readable. */
import assert from 'node:assert/strict';
import { hidden, isSecretName, maskArgv, maskText, maskValue } from '../../../src/core/launch/mask.ts';

describe('masking', () => {
  it('hides well-known kinds of keys wherever they stand', () => {
    for (const key of ['sk-ant-api03-abcdefgh12345678', 'sk-proj-Abc123_def456', 'AIzaSyA1234567890abcdefghijklmnop', 'ghp_16C7e42F292c6912E7710c838347Ae178B4a', 'hf_abcdefghijklmnop', 'xai-abcdefghijklmnop1', 'gsk_abcdefghijklmnop', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig', 'AKIAIOSFODNN7EXAMPLE1']) {
      const masked = maskText(`x=${key};y`);
      assert.ok(!masked.includes(key), key);
      assert.ok(masked.startsWith('x=') && masked.includes(hidden), masked);
    }
    assert.equal(maskText('Authorization: Bearer abcdef0123456789'), `Authorization: ${hidden}`);
    assert.equal(maskText('send Bearer abcdef0123456789'), `send Bearer ${hidden}`);
    assert.equal(maskText('http://me:secret@proxy:3128/'), `http://${hidden}@proxy:3128/`);
    assert.equal(maskText('aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bD1fG3hJ5kL7nP9'), hidden);
  });

  it('leaves what people need to read', () => {
    for (const text of ['http://127.0.0.1:11434/v1', '6a1f0a52-0000-4000-8000-3f5c11d7e001', '/home/me/.operator/state/sessions/6a1f0a52-0000-4000-8000-3f5c11d7e001/claude-settings.json', 'qwen3-coder:30b-a3b-instruct-q4_K_M', 'meta-llama/Llama-3.3-70B-Instruct', 'ask-me-anything-please', '-mid_conv_system,-mid_conv_tool_change,-adaptive_thinking,-context_management,-effort', '‹env:MY_KEY›', 'model_providers.operator-here={name="Here",env_key="OPERATOR_API_KEY"}', 'Fix the risk-free return; see task-1234567890', 'user@host.example', 'da39a3ee5e6b4b0d3255bfef95601890afd80709']) {
      assert.equal(maskText(text), text);
    }
  });

  it('hides headers and JSON members of secret names, and keeps references', () => {
    assert.equal(maskText('X-Team: a\nX-Api-Key: plain'), `X-Team: a\nX-Api-Key: ${hidden}`);
    assert.equal(maskText('{"X-Team":"a","X-Auth-Token":"plain"}'), `{"X-Team":"a","X-Auth-Token":"${hidden}"}`);
    for (const text of ['{"apiKey":"{env:OPERATOR_API_KEY}","Authorization":"Bearer {env:OPERATOR_API_KEY}"}', '{"apiKey":"no-key-needed"}', '{"x-api-key": "${OPERATOR_API_KEY}"}', 'x-api-key: ‹env:MY_KEY›', '"envKey": "OPERATOR_API_KEY"', '"selectedType": "gemini-api-key"', 'http://localhost:11434']) assert.equal(maskText(text), text);
  });

  it('goes by the name of a variable', () => {
    for (const name of ['API_KEY', 'OPENAI_API_KEY', 'MY_TOKEN', 'GH_TOKEN', 'DB_PASSWORD', 'CLIENT_SECRET', 'X_AUTH_TOKEN', 'SESSION_COOKIE', 'AWS_SECRET_ACCESS_KEY']) assert.equal(maskValue(name, 'plain'), hidden, name);
    for (const name of ['MAX_THINKING_TOKENS', 'CLAUDE_CODE_MAX_CONTEXT_TOKENS', 'CLAUDE_CODE_MAX_OUTPUT_TOKENS', 'KEYBOARD', 'AUTHOR', 'OPERATOR_CHAT_AUTH', 'PATH', 'SECRETARY', 'MONKEY']) assert.equal(isSecretName(name), false, name);
    assert.equal(maskValue('API_KEY', ''), '');
  });

  it('hides the value of a flag whose name says key or token', () => {
    assert.deepEqual(maskArgv(['x', '--api-key', 'plain', '--token=plain', '--key-file', 'plain', '--secret', '--verbose', 'plain']), ['x', '--api-key', hidden, `--token=${hidden}`, '--key-file', 'plain', '--secret', '--verbose', 'plain']);
  });
});
