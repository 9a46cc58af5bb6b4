import assert from 'node:assert/strict';
import { saysRouteAbsent } from '../../../src/gateway/absent-route.ts';

const says = (status: number, body: string | object, model = 'qwen3:8b'): boolean => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const type = typeof body === 'string' ? 'text/plain' : 'application/json';
  return saysRouteAbsent(status, { 'content-type': type, 'content-length': String(text.length) }, text, model);
};

describe('an endpoint that is not there', () => {
  const absent: readonly [server: string, status: number, body: string | object][] = [
    ['Ollama', 404, '404 page not found'],
    ['LM Studio', 200, { error: 'Unexpected endpoint or method. (POST /v1/messages)' }],
    ['LM Studio, newer', 404, { error: 'Unexpected endpoint or method. (POST /v1/messages)' }],
    ['llama.cpp', 404, { error: { code: 404, message: 'File Not Found', type: 'not_found_error' } }],
    ['vLLM', 404, { detail: 'Not Found' }],
    ['FastAPI', 405, { detail: 'Method Not Allowed' }],
    ['OpenAI', 404, { error: { message: 'Invalid URL (POST /v1/messages)', type: 'invalid_request_error', param: null, code: null } }],
    ['Groq', 404, { error: { message: 'Unknown request URL: POST /openai/v1/messages. Please check the URL for typos', type: 'invalid_request_error', code: 'unknown_url' } }],
    ['Kong', 404, { message: 'no Route matched with those values' }],
    ['Express', 404, '<!DOCTYPE html><pre>Cannot POST /v1beta/models/qwen3:8b:generateContent</pre>'],
    ['nginx', 405, '<html><head><title>405 Not Allowed</title></head></html>'],
    ['nothing said', 404, ''],
    ['not implemented', 501, { error: { message: 'not implemented' } }],
  ];
  for (const [server, status, body] of absent) it(`as ${server} says it`, () => assert.ok(says(status, body)));

  const present: readonly [server: string, status: number, body: string | object][] = [
    ['Ollama', 404, { error: { type: 'not_found_error', message: 'model "qwen3:8b" not found, try pulling it first' } }],
    ['Ollama, natively', 404, { error: "model 'qwen3:8b' not found" }],
    ['vLLM', 404, { object: 'error', message: 'The model `qwen3:8b` does not exist.', type: 'NotFoundError', code: 404 }],
    ['OpenAI', 404, { error: { message: 'The model `gpt-9` does not exist or you do not have access to it.', code: 'model_not_found' } }],
    ['Anthropic', 404, { type: 'error', error: { type: 'not_found_error', message: 'model: claude-x' } }],
    ['a server that names it only', 404, { error: 'qwen3:8b: no such thing' }],
    ['plain text', 404, 'model not loaded'],
    ['something else about the request', 404, { error: { message: 'Adapter 7 is gone' } }],
    ['a small answer', 200, { id: 'x', content: 'Unexpected endpoint or method.' }],
    ['a bad request', 400, { error: 'Unexpected endpoint or method. (POST /v1/messages)' }],
  ];
  for (const [server, status, body] of present) it(`is not what ${server} means when the model is unknown (${status})`, () => assert.ok(!says(status, body)));
});
