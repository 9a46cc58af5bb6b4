/**
 * Which operation a path means. Clients append their paths to whatever base they were given, so every variant that the
 * real ones produce is understood: with and without `/v1`, doubled versions, a session prefix, slashes and colons in
 * model names (docs/GATEWAY.md lists them per client).
 */
import type { Protocol } from '../core/protocol.ts';

export type Operation =
  | { readonly type: 'generate'; readonly protocol: Protocol; readonly model?: string; readonly stream?: boolean; readonly sse?: boolean }
  | { readonly type: 'count-tokens'; readonly protocol: 'anthropic-messages' | 'gemini'; readonly model?: string }
  | { readonly type: 'embeddings' }
  /** `shape` undefined: OpenAI's, or Anthropic's when the client sends `anthropic-version`. */
  | { readonly type: 'list-models'; readonly shape?: 'gemini' | 'ollama' }
  | { readonly type: 'get-model'; readonly shape?: 'gemini'; readonly model: string }
  | { readonly type: 'ollama-show' }
  | { readonly type: 'ollama-version' }
  | { readonly type: 'ollama-ps' }
  | { readonly type: 'ollama-pull' }
  /** Answered 200 with nothing: clients look whether anybody is there. */
  | { readonly type: 'hello' }
  /** The control API. `path` starts with `/`. */
  | { readonly type: 'control'; readonly path: string };

export type RouteResult =
  | { readonly type: 'operation'; readonly operation: Operation; /** From a `/s/TOKEN` prefix. */ readonly token?: string }
  | { readonly type: 'method-not-allowed'; readonly allow: string; readonly token?: string }
  | { readonly type: 'not-found'; readonly token?: string };

interface Fixed {
  readonly methods: readonly string[];
  readonly operation: Operation;
}

const post = (operation: Operation): Fixed => ({ methods: ['POST'], operation });
const get = (operation: Operation): Fixed => ({ methods: ['GET', 'HEAD'], operation });

/** Keyed by path without version segments. */
const fixed: Readonly<Record<string, Fixed>> = {
  '/': get({ type: 'hello' }),
  '/api/hello': get({ type: 'hello' }),
  '/messages': post({ type: 'generate', protocol: 'anthropic-messages' }),
  '/messages/count_tokens': post({ type: 'count-tokens', protocol: 'anthropic-messages' }),
  '/chat/completions': post({ type: 'generate', protocol: 'openai-chat' }),
  '/responses': post({ type: 'generate', protocol: 'openai-responses' }),
  '/embeddings': post({ type: 'embeddings' }),
  '/models': get({ type: 'list-models' }),
  '/api/chat': post({ type: 'generate', protocol: 'ollama' }),
  '/api/tags': get({ type: 'list-models', shape: 'ollama' }),
  '/api/ps': get({ type: 'ollama-ps' }),
  '/api/show': post({ type: 'ollama-show' }),
  '/api/version': get({ type: 'ollama-version' }),
  '/api/pull': post({ type: 'ollama-pull' }),
};

const sessionPrefix = /^\/s\/([A-Za-z0-9_-]{8,128})(?=\/|$)/;
const versionSegments = /^(?:\/v1(?:beta1?|alpha)?)+(?=\/|$)/;
/** Vertex: `/v1beta1/publishers/google/models/M:method`, optionally below a project and location. */
const vertexPrefix = /^(?:\/projects\/[^/]+\/locations\/[^/]+)?\/publishers\/google(?=\/models\/)/;
const geminiMethods: Readonly<Record<string, (model: string, sse: boolean) => Operation>> = {
  generateContent: (model) => ({ type: 'generate', protocol: 'gemini', model, stream: false }),
  streamGenerateContent: (model, sse) => ({ type: 'generate', protocol: 'gemini', model, stream: true, sse }),
  countTokens: (model) => ({ type: 'count-tokens', protocol: 'gemini', model }),
};

/** Agents ask for the same few over and over. */
const known = new Map<string, RouteResult>();
const maxKnown = 500;
/** Longer ones are not remembered. */
const maxTarget = 300;

/** @param target path with query, as in the request line */
export function matchRoute(method: string, target: string): RouteResult {
  const key = `${method} ${target}`;
  const found = known.get(key) ?? findRoute(method, target);
  if (target.length <= maxTarget && known.size < maxKnown) known.set(key, found);
  return found;
}

function findRoute(method: string, target: string): RouteResult {
  const question = target.indexOf('?');
  const query = new URLSearchParams(question === -1 ? '' : target.slice(question + 1));
  let path = question === -1 ? target : target.slice(0, question);
  const prefix = sessionPrefix.exec(path);
  const token = prefix?.[1];
  if (prefix) path = path.slice(prefix[0].length) || '/';
  const done = (operation: Operation): RouteResult => ({ type: 'operation', operation, ...(token === undefined ? {} : { token }) });

  if (path === '/api/v1' || path.startsWith('/api/v1/')) return done({ type: 'control', path: path.slice('/api/v1'.length) || '/' });

  const version = versionSegments.exec(path)?.[0] ?? '';
  const rest = path.slice(version.length).replace(/(?<=.)\/+$/, '') || '/';
  const entry = Object.hasOwn(fixed, rest) ? fixed[rest] : undefined;
  if (entry) {
    if (!entry.methods.includes(method)) return { type: 'method-not-allowed', allow: entry.methods.join(', '), ...(token === undefined ? {} : { token }) };
    // Gemini clients list under /v1beta; everybody else under /v1 or nothing.
    return done(rest === '/models' && version.includes('beta') ? { type: 'list-models', shape: 'gemini' } : entry.operation);
  }

  const models = rest.replace(vertexPrefix, '');
  if (models.startsWith('/models/')) return modelRoute(method, models.slice('/models/'.length), version, query, done) ?? { type: 'not-found', ...(token === undefined ? {} : { token }) };
  return { type: 'not-found', ...(token === undefined ? {} : { token }) };
}

/** `M` or `M:method`; M may hold slashes and colons, escaped or not, so the method is what follows the last colon. */
function modelRoute(method: string, rest: string, version: string, query: URLSearchParams, done: (operation: Operation) => RouteResult): RouteResult | undefined {
  const colon = rest.lastIndexOf(':');
  const verb = colon === -1 ? '' : rest.slice(colon + 1);
  if (method === 'POST' && Object.hasOwn(geminiMethods, verb)) {
    const model = decode(rest.slice(0, colon));
    const build = geminiMethods[verb];
    return model && build ? done(build(model, query.get('alt') === 'sse')) : undefined;
  }
  if (method !== 'GET' && method !== 'HEAD') return undefined;
  const model = decode(rest);
  return model ? done(version.includes('beta') ? { type: 'get-model', shape: 'gemini', model } : { type: 'get-model', model }) : undefined;
}

/** A broken escape is taken as it stands: it will be an unknown model, not a crash. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
