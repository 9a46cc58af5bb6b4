/**
 * Model servers as scripts for {@link startServer}: the paths, shapes, statuses and oddities of the real ones.
 *
 *     await using server = await startServer(ollama({ models: [{ name: 'qwen3:8b', loaded: true }], version: '0.33.1' }));
 *     await using other = await startServer(openai({ key: 'sk-canary', models: ['gpt-5.5'], answer: 'Hello' }));
 *
 * Every one lists its models, tells its version where the real one does, refuses a wrong or missing `key` the way the
 * real one does, answers `{}` on its chat routes with its own 400, and answers a chat with `answer` (streamed when asked).
 */
import { type Answer, type Exchange, type Script, json, ndjson, sse, text } from './scripted-server.ts';

interface CommonOptions {
  /** What every chat answers. */
  readonly answer?: string;
  /** When set, requests without exactly this key are refused. */
  readonly key?: string;
}

export interface OllamaModel {
  readonly name: string;
  readonly size?: number;
  readonly parameters?: string;
  readonly quantization?: string;
  readonly family?: string;
  readonly contextLength?: number;
  readonly capabilities?: readonly string[];
  readonly loaded?: boolean;
  /** Tokens it is loaded with. */
  readonly loadedContext?: number;
  readonly expiresAt?: string;
}

/**
 * Ollama. Since 0.13.3 it has /v1/responses and since 0.14.0 /v1/messages: a lower `version` lacks them.
 * Without authentication, as the real one; `key` is for one behind a proxy that asks for it.
 */
export function ollama(options: CommonOptions & { readonly version?: string; readonly models?: readonly (string | OllamaModel)[] } = {}): Script {
  const { version = '0.33.1', answer = 'Hello from Ollama' } = options;
  const models = (options.models ?? ['llama3.2:latest']).map((model) => (typeof model === 'string' ? { name: model } : model));
  const details = (model: OllamaModel): object => ({
    parent_model: '',
    format: 'gguf',
    family: model.family ?? 'llama',
    families: [model.family ?? 'llama'],
    parameter_size: model.parameters ?? '3.2B',
    quantization_level: model.quantization ?? 'Q4_K_M',
    ...(model.contextLength === undefined ? {} : { context_length: model.contextLength }),
  });
  const entry = (model: OllamaModel): object => ({
    name: model.name,
    model: model.name,
    modified_at: '2026-09-01T08:00:00.000000000Z',
    size: model.size ?? 2_019_393_189,
    digest: 'a80c4f17acd55265feec403c7aef86be0c25983ab279d83f3bcd3abbcb5b8b72',
    details: details(model),
    ...(model.capabilities ? { capabilities: model.capabilities } : {}),
  });
  const running = (model: OllamaModel): object => ({
    ...entry(model),
    modified_at: undefined,
    expires_at: model.expiresAt ?? '2030-01-01T00:05:00.000000000Z',
    size_vram: model.size ?? 2_019_393_189,
    context_length: model.loadedContext ?? 4096,
  });
  const chat: Answer = ({ request, ...rest }) => {
    const body = request.json as { model?: string; stream?: boolean } | undefined;
    if (!body?.model) return json({ error: 'model is required' }, { status: 400 })({ request, ...rest });
    const base = { model: body.model, created_at: '2026-09-01T08:00:00Z' };
    const end = { ...base, message: { role: 'assistant', content: '' }, done: true, done_reason: 'stop', total_duration: 1_000_000, prompt_eval_count: 7, eval_count: 3 };
    const whole = { ...end, message: { role: 'assistant', content: answer } };
    const parts = split(answer).map((content) => ({ ...base, message: { role: 'assistant', content }, done: false }));
    return (body.stream === false ? json(whole) : ndjson([...parts, end]))({ request, ...rest });
  };
  return guard(options.key, bearer, () => json({ error: 'unauthorized' }, { status: 401 }), {
    'GET /': text('Ollama is running'),
    'GET /api/version': json({ version }),
    'GET /api/tags': json({ models: models.map(entry) }),
    'GET /api/ps': json({ models: models.filter((model) => model.loaded).map(running) }),
    'POST /api/chat': chat,
    'GET /v1/models': json({ object: 'list', data: models.map((model) => ({ id: model.name, object: 'model', created: 1_780_000_000, owned_by: 'library' })) }),
    'POST /v1/chat/completions': chatCompletions(answer, () => json({ error: { message: "[] is too short - 'messages'", type: 'invalid_request_error', param: null, code: null } }, { status: 400 })),
    ...(atLeast(version, 0, 13, 3) ? { 'POST /v1/responses': responses(answer, () => json({ error: { message: 'model is required', type: 'invalid_request_error', param: null, code: null } }, { status: 400 })) } : {}),
    ...(atLeast(version, 0, 14, 0) ? { 'POST /v1/messages': messages(answer, () => anthropicError(400, 'invalid_request_error', 'model is required')) } : {}),
    '*': text('404 page not found', { status: 404 }),
  });
}

export interface LmStudioModel {
  readonly key: string;
  readonly displayName?: string;
  readonly type?: 'llm' | 'embedding';
  readonly sizeBytes?: number;
  readonly parameters?: string;
  readonly quantization?: string;
  readonly maxContext?: number;
  /** Context of each loaded instance. */
  readonly loaded?: readonly number[];
}

/**
 * LM Studio. The native listing came with 0.4.0, /v1/responses with 0.3.29, /v1/messages with 0.4.1.
 * An unknown path is answered 200 with an error in JSON, as the real one does.
 */
export function lmstudio(options: CommonOptions & { readonly version?: string; readonly models?: readonly (string | LmStudioModel)[] } = {}): Script {
  const { version = '0.4.19', answer = 'Hello from LM Studio' } = options;
  const models = (options.models ?? ['qwen/qwen3-8b']).map((model): LmStudioModel => (typeof model === 'string' ? { key: model } : model));
  const native = (model: LmStudioModel): object => ({
    type: model.type ?? 'llm',
    publisher: model.key.split('/')[0],
    key: model.key,
    display_name: model.displayName ?? model.key,
    architecture: 'qwen3',
    quantization: { name: model.quantization ?? 'Q4_K_M', bits_per_weight: 4 },
    size_bytes: model.sizeBytes ?? 5_030_000_000,
    params_string: model.parameters ?? '8B',
    loaded_instances: (model.loaded ?? []).map((context, index) => ({
      id: index === 0 ? model.key : `${model.key}:${index + 1}`,
      config: { context_length: context, eval_batch_size: 512, flash_attention: false, num_experts: 0, offload_kv_cache_to_gpu: true },
    })),
    max_context_length: model.maxContext ?? 32_768,
    format: 'gguf',
    ...(model.type === 'embedding' ? {} : { capabilities: { vision: false, trained_for_tool_use: true } }),
    description: null,
  });
  const unexpected: Answer = (exchange) => json({ error: `Unexpected endpoint or method. (${exchange.request.method} ${exchange.request.path})` })(exchange);
  const missing = (): Answer => json({ error: { message: "'model' is required", type: 'invalid_request_error', param: 'model', code: 'missing_required_parameter' } }, { status: 400 });
  return guard(options.key, bearer, () => json({ error: { message: 'An LM Studio API token is required', type: 'invalid_request_error', param: null, code: 'invalid_api_key' } }, { status: 401 }), {
    ...(atLeast(version, 0, 4, 0) ? { 'GET /api/v1/models': json({ models: models.map(native) }) } : {}),
    'GET /v1/models': json({ object: 'list', data: models.map((model) => ({ id: model.key, object: 'model', owned_by: 'organization_owner' })) }),
    'POST /v1/chat/completions': chatCompletions(answer, missing),
    ...(atLeast(version, 0, 3, 29) ? { 'POST /v1/responses': responses(answer, missing) } : {}),
    ...(atLeast(version, 0, 4, 1) ? { 'POST /v1/messages': messages(answer, () => anthropicError(400, 'invalid_request_error', 'model: Field required')) } : {}),
    '*': unexpected,
  });
}

export interface LlamacppOptions extends CommonOptions {
  readonly build?: string;
  readonly model?: string;
  /** Tokens of a slot. */
  readonly context?: number;
  readonly trainedContext?: number;
  /** Everything is 503 until the model is loaded. */
  readonly loading?: boolean;
  /** As between 2025 and 2026: the list already answers while the model is being loaded. */
  readonly listsWhileLoading?: boolean;
  /** Unloaded for want of work. */
  readonly sleeping?: boolean;
  /** Without /v1/responses and /v1/messages. */
  readonly old?: boolean;
}

/** llama-server. Its list is open to everybody, with or without a key. */
export function llamacpp(options: LlamacppOptions = {}): Script {
  const { build = 'b9812-a1b2c3d4e', model = 'qwen3-8b-q4_k_m.gguf', context = 32_768, trainedContext = 40_960, answer = 'Hello from llama.cpp' } = options;
  const problem = (code: number, message: string, type: string): Answer => json({ error: { code, message, type } }, { status: code });
  const whenReady = (ready: Answer): Answer => (options.loading ? problem(503, 'Loading model', 'unavailable_error') : ready);
  const whenListed = (ready: Answer): Answer => (options.listsWhileLoading ? ready : whenReady(ready));
  const listed = { id: model, object: 'model', created: 1_780_000_000, owned_by: 'llamacpp', meta: options.loading ? null : { vocab_type: 2, n_vocab: 151_936, n_ctx_train: trainedContext, n_embd: 4096, n_params: 8_190_735_360, size: 5_027_783_488 } };
  const missing = (): Answer => problem(400, "'messages' is required", 'invalid_request_error');
  const open: Script = {
    'GET /health': whenReady(json({ status: 'ok' })),
    'GET /v1/health': whenReady(json({ status: 'ok' })),
    'GET /v1/models': whenListed(json({ models: [{ name: model, model, type: 'model', capabilities: ['completion'] }], object: 'list', data: [listed] })),
    'GET /models': whenListed(json({ object: 'list', data: [listed] })),
  };
  const closed = guard(options.key, bearer, () => problem(401, 'Invalid API Key', 'authentication_error'), {
    'GET /props': whenReady(json({ default_generation_settings: { id: 0, n_ctx: context, params: {} }, total_slots: 4, model_alias: model, model_path: `/models/${model}`, chat_template: '…', modalities: { vision: false, audio: false }, build_info: build, is_sleeping: options.sleeping ?? false })),
    'GET /slots': whenReady(json([{ id: 0, n_ctx: context, is_processing: false }])),
    'POST /v1/chat/completions': whenReady(chatCompletions(answer, missing)),
    ...(options.old ? {} : { 'POST /v1/responses': whenReady(responses(answer, () => problem(400, "'input' is required", 'invalid_request_error'))), 'POST /v1/messages': whenReady(messages(answer, missing)) }),
    '*': problem(404, 'File Not Found', 'not_found_error'),
  });
  return withHeaders({ server: 'llama.cpp' }, { ...closed, ...open });
}

/** vLLM's OpenAI server. `key` is its --api-key, which guards everything under /v1. */
export function vllm(options: CommonOptions & { readonly version?: string; readonly models?: readonly string[]; readonly maxModelLen?: number; readonly old?: boolean } = {}): Script {
  const { version = '0.25.1', models = ['Qwen/Qwen3-8B'], maxModelLen = 40_960, answer = 'Hello from vLLM' } = options;
  const missing = (): Answer => json({ error: { message: "[{'type': 'missing', 'loc': ('body', 'messages'), 'msg': 'Field required'}]", type: 'Bad Request', param: null, code: 400 } }, { status: 400 });
  const guarded = guard(options.key, bearer, () => json({ error: 'Unauthorized' }, { status: 401 }), {
    'GET /v1/models': json({ object: 'list', data: models.map((id) => ({ id, object: 'model', created: 1_780_000_000, owned_by: 'vllm', root: id, parent: null, max_model_len: maxModelLen, permission: [] })) }),
    'POST /v1/chat/completions': chatCompletions(answer, missing),
    ...(options.old ? {} : { 'POST /v1/responses': responses(answer, missing), 'POST /v1/messages': messages(answer, missing) }),
    '/v1/*': json({ detail: 'Not Found' }, { status: 404 }),
  });
  return withHeaders({ server: 'uvicorn' }, { ...guarded, 'GET /health': text(''), 'GET /version': json({ version }), 'GET /ping': text(''), '*': json({ detail: 'Not Found' }, { status: 404 }) });
}

/** The OpenAI API and whatever is shaped like it. */
export function openai(options: CommonOptions & { readonly models?: readonly (string | Readonly<Record<string, unknown>>)[]; readonly chatOnly?: boolean } = {}): Script {
  const { models = ['gpt-5.5', 'text-embedding-3-small'], answer = 'Hello from OpenAI' } = options;
  const problem = (code: number, message: string, name: string): Answer => json({ error: { message, type: 'invalid_request_error', param: null, code: name } }, { status: code });
  const missing = (): Answer => problem(400, "Missing required parameter: 'messages'.", 'missing_required_parameter');
  const refuse = (sent: string | undefined): Answer =>
    sent === undefined ? problem(401, "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth", 'invalid_api_key') : problem(401, `Incorrect API key provided: ${sent}. You can find your API key at https://platform.openai.com/account/api-keys.`, 'invalid_api_key');
  return guard(options.key, bearer, refuse, {
    'GET /v1/models': json({ object: 'list', data: models.map((model) => ({ object: 'model', created: 1_780_000_000, owned_by: 'system', ...(typeof model === 'string' ? { id: model } : model) })) }),
    'POST /v1/chat/completions': chatCompletions(answer, missing),
    ...(options.chatOnly ? {} : { 'POST /v1/responses': responses(answer, missing) }),
    '*': (exchange) => problem(404, `Invalid URL (${exchange.request.method} ${exchange.request.path})`, 'unknown_url')(exchange),
  });
}

/** The Anthropic API, with pages of `pageSize` models. The key is taken as x-api-key, or as bearer as gateways do. */
export function anthropic(options: CommonOptions & { readonly models?: readonly (string | { readonly id: string; readonly displayName: string; readonly maxInputTokens?: number })[]; readonly pageSize?: number } = {}): Script {
  const { answer = 'Hello from Anthropic', pageSize = 1000 } = options;
  const models = (options.models ?? ['claude-opus-4-8', 'claude-haiku-4-5']).map((model) => (typeof model === 'string' ? { id: model, displayName: model } : model));
  const list: Answer = (exchange) => {
    const after = exchange.request.query.get('after_id');
    const start = after ? models.findIndex((model) => model.id === after) + 1 : 0;
    const page = models.slice(start, start + Math.min(pageSize, Number(exchange.request.query.get('limit') ?? 20)));
    const data = page.map((model) => ({ type: 'model', id: model.id, display_name: model.displayName, created_at: '2026-05-01T00:00:00Z', ...('maxInputTokens' in model && model.maxInputTokens ? { max_input_tokens: model.maxInputTokens, max_tokens: 64_000 } : {}) }));
    return json({ data, has_more: start + page.length < models.length, first_id: page[0]?.id ?? null, last_id: page.at(-1)?.id ?? null })(exchange);
  };
  const versioned = (answered: Answer): Answer => (exchange) => (exchange.request.headers['anthropic-version'] ? answered : anthropicError(400, 'invalid_request_error', 'anthropic-version: header is required'))(exchange);
  return guard(options.key, (exchange) => exchange.request.headers['x-api-key'] ?? bearer(exchange), (sent) => anthropicError(401, 'authentication_error', sent === undefined ? 'x-api-key header is required' : 'invalid x-api-key'), {
    'GET /v1/models': versioned(list),
    'POST /v1/messages': versioned(messages(answer, () => anthropicError(400, 'invalid_request_error', 'messages: Field required'))),
    'POST /v1/messages/count_tokens': versioned(json({ input_tokens: 7 })),
    '*': anthropicError(404, 'not_found_error', 'Not found'),
  });
}

/** The Gemini API, with pages of `pageSize` models. A missing key is its 403, a wrong one its 400 API_KEY_INVALID. */
export function google(options: CommonOptions & { readonly models?: readonly (string | { readonly id: string; readonly displayName?: string; readonly inputTokenLimit?: number; readonly methods?: readonly string[] })[]; readonly pageSize?: number } = {}): Script {
  const { answer = 'Hello from Google', pageSize = 1000 } = options;
  const models = (options.models ?? ['gemini-3.8-flash', { id: 'gemini-embedding-001', methods: ['embedContent'] }]).map((model) => (typeof model === 'string' ? { id: model } : model));
  const problem = (code: number, name: string, message: string, reason?: string): Answer =>
    json({ error: { code, message, status: name, ...(reason ? { details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'googleapis.com' }] } : {}) } }, { status: code });
  const list: Answer = (exchange) => {
    const start = Number(exchange.request.query.get('pageToken') ?? 0);
    const page = models.slice(start, start + Math.min(pageSize, Number(exchange.request.query.get('pageSize') ?? 50)));
    const next = start + page.length;
    return json({
      models: page.map((model) => ({
        name: `models/${model.id}`,
        version: '001',
        displayName: ('displayName' in model ? model.displayName : undefined) ?? model.id,
        description: 'A model',
        inputTokenLimit: ('inputTokenLimit' in model ? model.inputTokenLimit : undefined) ?? 1_048_576,
        outputTokenLimit: 65_536,
        supportedGenerationMethods: ('methods' in model ? model.methods : undefined) ?? ['generateContent', 'countTokens'],
      })),
      ...(next < models.length ? { nextPageToken: String(next) } : {}),
    })(exchange);
  };
  const generate: Answer = (exchange) => {
    const { path } = exchange.request;
    const usageMetadata = { promptTokenCount: 7, candidatesTokenCount: 3, totalTokenCount: 10 };
    const candidate = (value: string, last: boolean): object => ({ candidates: [{ content: { role: 'model', parts: [{ text: value }] }, index: 0, ...(last ? { finishReason: 'STOP' } : {}) }], usageMetadata, modelVersion: 'gemini' });
    if (path.endsWith(':streamGenerateContent')) return sse(split(answer).map((part, index, parts) => candidate(part, index === parts.length - 1)))(exchange);
    if (path.endsWith(':generateContent')) return json(candidate(answer, true))(exchange);
    if (path.endsWith(':countTokens')) return json({ totalTokens: 7 })(exchange);
    return problem(404, 'NOT_FOUND', 'Requested entity was not found.')(exchange);
  };
  const refuse = (sent: string | undefined): Answer =>
    sent === undefined
      ? problem(403, 'PERMISSION_DENIED', "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.")
      : problem(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', 'API_KEY_INVALID');
  return guard(options.key, (exchange) => exchange.request.headers['x-goog-api-key'] ?? exchange.request.query.get('key') ?? bearer(exchange), refuse, {
    'GET /v1beta/models': list,
    'POST /v1beta/models/*': generate,
    '*': problem(404, 'NOT_FOUND', 'Requested entity was not found.'),
  });
}

/** Chat completions, streamed when the request asks for it; `missing` answers a request without messages. */
export function chatCompletions(answer: string, missing: () => Answer = () => json({ error: { message: 'messages is required' } }, { status: 400 })): Answer {
  return (exchange) => {
    const body = exchange.request.json as { model?: string; messages?: unknown; stream?: boolean } | undefined;
    if (!body?.messages) return missing()(exchange);
    const base = { id: 'chatcmpl-1', created: 1_780_000_000, model: body.model ?? 'm' };
    const usage = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 };
    if (!body.stream) {
      return json({ ...base, object: 'chat.completion', choices: [{ index: 0, message: { role: 'assistant', content: answer }, finish_reason: 'stop' }], usage })(exchange);
    }
    const chunk = (delta: object, finish: string | null): object => ({ ...base, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] });
    return sse([chunk({ role: 'assistant', content: '' }, null), ...split(answer).map((content) => chunk({ content }, null)), chunk({}, 'stop'), { ...base, object: 'chat.completion.chunk', choices: [], usage }, '[DONE]'])(exchange);
  };
}

/** The Responses API, streamed when the request asks for it. */
export function responses(answer: string, missing: () => Answer = () => json({ error: { message: 'input is required' } }, { status: 400 })): Answer {
  return (exchange) => {
    const body = exchange.request.json as { model?: string; input?: unknown; stream?: boolean } | undefined;
    if (body?.input === undefined) return missing()(exchange);
    const part = { type: 'output_text', text: answer, annotations: [] };
    const item = { type: 'message', id: 'msg_1', status: 'completed', role: 'assistant', content: [part] };
    const response = (state: string, output: readonly object[]): object => ({
      id: 'resp_1',
      object: 'response',
      created_at: 1_780_000_000,
      status: state,
      model: body.model ?? 'm',
      output,
      error: null,
      parallel_tool_calls: true,
      tools: [],
      usage: state === 'completed' ? { input_tokens: 7, input_tokens_details: { cached_tokens: 0 }, output_tokens: 3, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: 10 } : null,
    });
    if (!body.stream) return json(response('completed', [item]))(exchange);
    const place = { item_id: 'msg_1', output_index: 0, content_index: 0 };
    const events: { type: string; [key: string]: unknown }[] = [
      { type: 'response.created', response: response('in_progress', []) },
      { type: 'response.in_progress', response: response('in_progress', []) },
      { type: 'response.output_item.added', output_index: 0, item: { ...item, status: 'in_progress', content: [] } },
      { type: 'response.content_part.added', ...place, part: { ...part, text: '' } },
      ...split(answer).map((delta) => ({ type: 'response.output_text.delta', ...place, delta })),
      { type: 'response.output_text.done', ...place, text: answer },
      { type: 'response.content_part.done', ...place, part },
      { type: 'response.output_item.done', output_index: 0, item },
      { type: 'response.completed', response: response('completed', [item]) },
    ];
    return sse(events.map((event, index) => [event.type, { ...event, sequence_number: index }] as const))(exchange);
  };
}

/** Anthropic Messages, streamed when the request asks for it. */
export function messages(answer: string, missing: () => Answer = () => anthropicError(400, 'invalid_request_error', 'messages: Field required')): Answer {
  return (exchange) => {
    const body = exchange.request.json as { model?: string; messages?: unknown; stream?: boolean } | undefined;
    if (!body?.messages) return missing()(exchange);
    const base = { id: 'msg_1', type: 'message', role: 'assistant', model: body.model ?? 'm' };
    if (!body.stream) {
      return json({ ...base, content: [{ type: 'text', text: answer }], stop_reason: 'end_turn', stop_sequence: null, usage: { input_tokens: 7, output_tokens: 3 } })(exchange);
    }
    const events: { type: string; [key: string]: unknown }[] = [
      { type: 'message_start', message: { ...base, content: [], stop_reason: null, stop_sequence: null, usage: { input_tokens: 7, output_tokens: 1 } } },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      ...split(answer).map((value) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: value } })),
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 3 } },
      { type: 'message_stop' },
    ];
    return sse(events.map((event) => [event.type, event] as const))(exchange);
  };
}

export function anthropicError(code: number, type: string, message: string): Answer {
  return json({ type: 'error', error: { type, message }, request_id: 'req_011CScripted' }, { status: code });
}

function bearer({ request }: Exchange): string | undefined {
  return request.headers['authorization']?.replace(/^Bearer /i, '');
}

/** Every route answers `refuse` unless the request carries `key`. */
function guard(key: string | undefined, read: (exchange: Exchange) => string | undefined, refuse: (sent: string | undefined) => Answer, script: Script): Script {
  if (key === undefined) return script;
  return mapAnswers(script, (answer) => (exchange) => {
    const sent = read(exchange);
    return (sent === key ? answer : refuse(sent))(exchange);
  });
}

function withHeaders(headers: Readonly<Record<string, string>>, script: Script): Script {
  return mapAnswers(script, (answer) => (exchange) => {
    for (const [name, value] of Object.entries(headers)) exchange.response.setHeader(name, value);
    return answer(exchange);
  });
}

function mapAnswers(script: Script, change: (answer: Answer) => Answer): Script {
  return Object.fromEntries(Object.entries(script).map(([route, answer]) => [route, change(answer)]));
}

/** The answer in a few pieces, as a model streams. */
function split(answer: string): string[] {
  return answer.match(/\S+\s*|\s+/g) ?? [answer];
}

function atLeast(version: string, ...minimum: readonly number[]): boolean {
  const parts = version.split('.').map(Number);
  for (const [index, wanted] of minimum.entries()) {
    const part = parts[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}
