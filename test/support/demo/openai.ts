/** OpenAI's side of the demo server. https://platform.openai.com/docs/api-reference/chat */
import { countTokens, field, type Routes, sendJson, words } from './route.ts';
import { replyOf } from './rules.ts';
import type { Shelf } from './shelf.ts';

export function createOpenaiRoutes(shelf: Shelf): Routes {
  return {
    'GET /v1/models': ({ response }) => sendJson(response, 200, { object: 'list', data: shelf.models.map(({ name }) => ({ id: name, object: 'model', created: 1_767_225_600, owned_by: 'operator-demo' })) }),

    async 'POST /v1/chat/completions'(exchange) {
      const { body, response } = exchange;
      const { name, model } = shelf.find(body);
      const { thinking = '', text, calls } = replyOf(model, 'openai-chat', body);
      const toolCalls = calls.map((call, index) => ({ index, id: `call_demo_${Date.now()}_${index}`, type: 'function', function: { name: call.name, arguments: JSON.stringify(call.arguments) } }));
      const finish = calls.length > 0 ? 'tool_calls' : 'stop';
      const common = { id: `chatcmpl-demo-${Date.now()}`, created: Math.floor(Date.now() / 1000), model: name };
      const prompt = countTokens(JSON.stringify(field(body, 'messages')));
      const completion = countTokens(thinking + text + JSON.stringify(calls));
      const usage = { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
      if (field(body, 'stream') !== true) {
        const message = { role: 'assistant', content: text, ...(thinking === '' ? {} : { reasoning_content: thinking }), ...(calls.length > 0 && { tool_calls: toolCalls }) };
        sendJson(response, 200, { ...common, object: 'chat.completion', choices: [{ index: 0, message, finish_reason: finish }], usage });
        return;
      }
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
      const send = (value: unknown): void => void response.write(`data: ${JSON.stringify(value)}\n\n`);
      const chunk = (delta: Readonly<Record<string, unknown>>, finish_reason: string | null = null): unknown => ({ ...common, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] });
      send(chunk({ role: 'assistant', content: '' }));
      for await (const word of words(thinking, exchange)) send(chunk({ reasoning_content: word }));
      for await (const word of words(text, exchange)) send(chunk({ content: word }));
      if (calls.length > 0) send(chunk({ tool_calls: toolCalls }));
      send(chunk({}, finish));
      if (field(field(body, 'stream_options'), 'include_usage') === true) send({ ...common, object: 'chat.completion.chunk', choices: [], usage });
      response.end('data: [DONE]\n\n');
    },
  };
}
