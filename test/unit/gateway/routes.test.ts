import assert from 'node:assert/strict';
import fc from 'fast-check';
import { matchRoute } from '../../../src/gateway/routes.ts';

const generate = (protocol: string, more: object = {}): object => ({ type: 'operation', operation: { type: 'generate', protocol, ...more } });

describe('gateway routes', () => {
  const table: readonly [method: string, target: string, result: object][] = [
    ['POST', '/v1/messages?beta=true', generate('anthropic-messages')],
    ['POST', '/v1/v1/messages', generate('anthropic-messages')],
    ['POST', '/messages', generate('anthropic-messages')],
    ['POST', '/v1/messages/', generate('anthropic-messages')],
    ['POST', '/v1/messages/count_tokens?beta=true', { type: 'operation', operation: { type: 'count-tokens', protocol: 'anthropic-messages' } }],
    ['POST', '/v1/chat/completions', generate('openai-chat')],
    ['POST', '/chat/completions', generate('openai-chat')],
    ['POST', '/v1/responses', generate('openai-responses')],
    ['POST', '/responses', generate('openai-responses')],
    ['POST', '/api/chat', generate('ollama')],
    ['POST', '/v1beta/models/mock-model:streamGenerateContent?alt=sse', generate('gemini', { model: 'mock-model', stream: true, sse: true })],
    ['POST', '/v1beta/v1beta/models/m:generateContent', generate('gemini', { model: 'm', stream: false })],
    ['POST', '/v1beta/models/qwen3-coder:30b:streamGenerateContent', generate('gemini', { model: 'qwen3-coder:30b', stream: true, sse: false })],
    ['POST', '/v1beta/models/openai/gpt-oss-20b:streamGenerateContent?alt=sse', generate('gemini', { model: 'openai/gpt-oss-20b', stream: true, sse: true })],
    ['POST', '/v1beta/models/openai%2Fgpt-oss-20b:generateContent', generate('gemini', { model: 'openai/gpt-oss-20b', stream: false })],
    ['POST', '/v1beta1/publishers/google/models/M:streamGenerateContent?alt=sse', generate('gemini', { model: 'M', stream: true, sse: true })],
    ['POST', '/v1beta1/projects/p/locations/l/publishers/google/models/M:generateContent', generate('gemini', { model: 'M', stream: false })],
    ['POST', '/v1beta/models/m:countTokens', { type: 'operation', operation: { type: 'count-tokens', protocol: 'gemini', model: 'm' } }],
    ['GET', '/v1/models?limit=1000', { type: 'operation', operation: { type: 'list-models' } }],
    ['GET', '/v1beta/models', { type: 'operation', operation: { type: 'list-models', shape: 'gemini' } }],
    ['GET', '/api/tags', { type: 'operation', operation: { type: 'list-models', shape: 'ollama' } }],
    ['GET', '/v1/models/meta-llama/Llama-3:8b', { type: 'operation', operation: { type: 'get-model', model: 'meta-llama/Llama-3:8b' } }],
    ['HEAD', '/', { type: 'operation', operation: { type: 'hello' } }],
    ['HEAD', '/api/hello', { type: 'operation', operation: { type: 'hello' } }],
    ['POST', '/s/tok_en-123/v1/messages', { ...generate('anthropic-messages'), token: 'tok_en-123' }],
    ['HEAD', '/s/tok_en-123', { type: 'operation', operation: { type: 'hello' }, token: 'tok_en-123' }],
    ['GET', '/api/v1/sessions', { type: 'operation', operation: { type: 'control', path: '/sessions' } }],
    ['GET', '/v1/messages', { type: 'method-not-allowed', allow: 'POST' }],
    ['POST', '/v1/constructor', { type: 'not-found' }],
    ['POST', '/v1beta/models/:generateContent', { type: 'not-found' }],
    ['GET', '/etc/passwd', { type: 'not-found' }],
  ];
  for (const [method, target, result] of table) {
    it(`${method} ${target}`, () => assert.deepEqual(matchRoute(method, target), result));
  }

  it('finds any model name again, escaped or not', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9._-][A-Za-z0-9._:/@-]{0,40}$/).filter((name) => !name.endsWith('/')), fc.boolean(), (model, escaped) => {
        const result = matchRoute('POST', `/v1beta/models/${escaped ? encodeURIComponent(model) : model}:generateContent`);
        assert.deepEqual(result, generate('gemini', { model, stream: false }));
      }),
    );
  });

  it('never throws, whatever the request line holds', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (method, target) => void matchRoute(method, target)));
  });
});
