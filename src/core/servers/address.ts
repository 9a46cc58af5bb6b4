/** Addresses of model servers: what people write as `base_url`, and the URLs that follow from it. */
import { fail, ok, type Result } from '../../base/result.ts';
import type { Protocol } from '../protocol.ts';
import type { ServerKindId } from './kinds.ts';
import { placementOfHost } from './placement.ts';

/** A server's address, normalised: the same server always gives the same two texts. */
export interface ServerAddress {
  /** Root: scheme, host, port, path prefix; no trailing slash, no version segment at its end, no credentials, no query. */
  readonly baseUrl: string;
  /** Version path of the OpenAI-shaped API below the root, such as `/v1`; '' when the address is complete as given. */
  readonly openaiPath: string;
  /** The scheme that was understood where the text has none (`localhost:11434`). */
  readonly assumedScheme?: 'http' | 'https';
}

/** Why a text is not an address. Holds nothing of the text, which may contain a key. */
export interface AddressProblem {
  readonly code: 'bad-url' | 'url-credentials';
  /** Follows the name of the key: "must start with http:// or https://". */
  readonly message: string;
  readonly hint: string;
  /** The address without its user and password, where only they are wrong. */
  readonly address?: ServerAddress;
}

/**
 * Understands a `base_url`: root or with `/v1`, with or without a trailing slash, with a path prefix, with another version
 * (`…/v4`), complete (`…/v1beta/openai`), pasted down to an endpoint (`…/v1/chat/completions`), or without a scheme.
 */
export function parseBaseUrl(text: string): Result<ServerAddress, AddressProblem> {
  const trimmed = text.trim();
  if (trimmed === '') return bad('is empty', example);
  // URL drops tabs and newlines silently; what was meant is unclear, so they are refused.
  if (/[\s\u0000-\u001f\u007f]/.test(trimmed)) return bad('must not contain spaces or line breaks', example);
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(trimmed)?.[1]?.toLowerCase();
  if (scheme === undefined && !looksLikeHost(trimmed)) {
    return /^[^/]*@/.test(trimmed) ? withCredentials(undefined) : bad('is not a web address', example);
  }
  if (scheme !== undefined && scheme !== 'http' && scheme !== 'https') return bad('must start with http:// or https://', example);
  // URL would take the path's first part for the host, and a backslash for a slash.
  if (/^[^:]+:\/\/\//.test(trimmed) || trimmed.includes('\\')) return bad('is not a web address', example);
  const assumedScheme = scheme === undefined ? assumeScheme(trimmed) : undefined;
  const url = parseUrl(assumedScheme === undefined ? trimmed : `${assumedScheme}://${trimmed}`);
  if (!url) return bad('is not a web address', example);
  if (url.search !== '' || url.hash !== '' || /[?#]$/.test(trimmed)) {
    return bad(`must not have a ${url.search !== '' || trimmed.endsWith('?') ? 'query (?…)' : 'fragment (#…)'}`, 'Name a key that belongs in the query with api_key and auth = "query:NAME"');
  }
  const address: ServerAddress = { ...splitVersion(url), ...(assumedScheme && { assumedScheme }) };
  if (url.username !== '' || url.password !== '') return withCredentials(address);
  return ok(address);
}

const example = 'Write it like "http://localhost:11434" or "https://host.example/v1"';

function bad(message: string, hint: string): Result<ServerAddress, AddressProblem> {
  return fail({ code: 'bad-url', message, hint });
}

function withCredentials(address: ServerAddress | undefined): Result<ServerAddress, AddressProblem> {
  return fail({
    code: 'url-credentials',
    message: 'must not contain a user or password',
    hint: 'Take them out of the address and name the key with api_key = "env:NAME" or "secret:NAME"',
    ...(address && { address }),
  });
}

function parseUrl(text: string): URL | undefined {
  try {
    const url = new URL(text);
    return url.hostname === '' ? undefined : url;
  } catch {
    return undefined; // that it is no URL is the answer
  }
}

/** `host`, `host:port`, `[::1]:port`, each with or without a path. */
function looksLikeHost(text: string): boolean {
  return /^(?:[a-z0-9](?:[a-z0-9_.-]*[a-z0-9])?\.?|\[[0-9a-f:.]+\])(?::\d{1,5})?(?:[/?#]|$)/i.test(text);
}

/** Plain http is usual on one's own machine and network; a key is never sent in the clear to a host out there. */
function assumeScheme(text: string): 'http' | 'https' {
  const url = parseUrl(`http://${text}`);
  return url && placementOfHost(url.hostname) === 'third-party' ? 'https' : 'http';
}

/** `v1`, `v4`, `v1beta`, `v1beta1`, `v1alpha`. */
const version = /^v\d+(?:(?:alpha|beta)\d*)?$/i;

/** Ends of URLs that people copy from an API reference. Understood only behind a version segment. */
const endpoints: readonly (readonly string[])[] = [['chat', 'completions'], ['completions'], ['responses'], ['messages'], ['models'], ['embeddings']];

function splitVersion(url: URL): { baseUrl: string; openaiPath: string } {
  const segments = withoutEndpoint(url.pathname.split('/').filter((segment) => segment !== ''));
  const root = (parts: readonly string[]): string => [url.origin, ...parts].join('/');
  const last = segments.at(-1);
  if (last !== undefined && version.test(last)) return { baseUrl: root(segments.slice(0, -1)), openaiPath: `/${last.toLowerCase()}` };
  return { baseUrl: root(segments), openaiPath: segments.some((segment) => version.test(segment)) ? '' : '/v1' };
}

function withoutEndpoint(segments: readonly string[]): readonly string[] {
  for (const endpoint of endpoints) {
    const length = segments.length - endpoint.length;
    const last = segments[length - 1];
    if (last !== undefined && version.test(last) && endpoint.every((part, index) => segments[length + index] === part)) return segments.slice(0, length);
  }
  return segments;
}

/**
 * {@link parseBaseUrl} with what people write for one kind: Ollama's own API ends in `/api`, which belongs to its endpoints,
 * and OpenRouter's is below `/api`, which is easily forgotten.
 */
export function parseServerAddress(text: string, kind: ServerKindId): Result<ServerAddress, AddressProblem> {
  const parsed = parseBaseUrl(text);
  if (!parsed.ok) return parsed;
  const { baseUrl } = parsed.value;
  if (kind === 'ollama' && baseUrl.endsWith('/api')) return ok({ ...parsed.value, baseUrl: baseUrl.slice(0, -'/api'.length) });
  if (kind === 'openrouter' && baseUrl === 'https://openrouter.ai') return ok({ ...parsed.value, baseUrl: `${baseUrl}/api` });
  return parsed;
}

/** Understands `proxy`: an http, https or socks5 URL of a host and a port. @returns it without a path. */
export function parseProxyUrl(text: string): Result<string, AddressProblem> {
  const hint = 'Write it like "http://proxy.example:3128" or "socks5://localhost:1080"';
  const url = /\s/.test(text.trim()) ? undefined : parseUrl(text.trim());
  if (!url || !/^(?:https?|socks5h?):$/.test(url.protocol)) return fail({ code: 'bad-url', message: 'must be an http, https or socks5 URL', hint });
  if (url.username !== '' || url.password !== '') {
    return fail({ code: 'url-credentials', message: 'must not contain a user or password', hint: 'Use a proxy that asks for none, or one on this machine that adds them' });
  }
  if (!/^\/?$/.test(url.pathname) || url.search !== '' || url.hash !== '') return fail({ code: 'bad-url', message: 'must be a host and a port without a path', hint });
  return ok(`${url.protocol}//${url.host}`);
}

/** What the helpers below need of a server. */
export type Addressed = Pick<ServerAddress, 'baseUrl' | 'openaiPath'>;

/** The address as OpenAI clients want it (`OPENAI_BASE_URL`): with its version path. {@link parseBaseUrl} of it is the same server. */
export function openaiBaseUrl(server: Addressed): string {
  return server.baseUrl + server.openaiPath;
}

/**
 * URL of an endpoint: `path` starts with a slash and is what stands behind the version, such as `/chat/completions`,
 * `/messages`, `/models/NAME:generateContent`, `/tags`.
 */
export function apiUrl(server: Addressed, protocol: Protocol, path: string): string {
  switch (protocol) {
    case 'openai-chat':
    case 'openai-responses':
      return openaiBaseUrl(server) + path;
    case 'anthropic-messages':
      return `${server.baseUrl}/v1${path}`;
    case 'gemini':
      return `${server.baseUrl}/v1beta${path}`;
    case 'ollama':
      return `${server.baseUrl}/api${path}`;
  }
}
