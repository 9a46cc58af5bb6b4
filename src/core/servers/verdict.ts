/** What an answer, or none, says about a server: state, cause, a sentence and a next step. Pure. */
import { assertNever } from '../../base/assert.ts';
import { parseJson } from '../../base/json.ts';
import { truncate } from '../../base/text.ts';
import type { ModelServer } from '../config/model.ts';
import type { HttpFailure } from '../ports.ts';
import type { Answer, Reply } from './ask.ts';
import type { Health } from './health.ts';
import { isUnknownEndpoint } from './listing/lmstudio.ts';
import { type ServerKind, serverKind } from './kinds.ts';
import { parseRetryAfter } from './retry-after.ts';

export type Verdict = Pick<Health, 'state' | 'cause' | 'message' | 'hint' | 'httpStatus' | 'nextProbeAt'>;

/** What the verdict depends on besides the reply. */
export interface Circumstances {
  readonly server: ModelServer;
  /** What was sent; looked for in everything the server says, so that an echo of it is never shown. */
  readonly key: string | undefined;
  /** Path that was asked, for messages. */
  readonly path: string;
  /** Epoch ms. */
  readonly now: number;
}

/** Why there is no list of models. `reply` is anything but a 2xx answer with a list in it. */
export function judge(reply: Reply, circumstances: Circumstances): Verdict {
  switch (reply.type) {
    case 'failure':
      return judgeFailure(reply.failure, circumstances);
    case 'too-large':
      return { state: 'unhealthy', cause: 'body-too-large', httpStatus: reply.status, message: 'The list of models is too large and was cut off', hint: 'Name the models to use in operator.toml: models = ["…"]' };
    case 'too-slow':
      return { state: 'unhealthy', cause: 'body-too-slow', httpStatus: reply.status, message: 'The list of models began, but did not end in time', hint: 'Try again, or name the models to use in operator.toml: models = ["…"]' };
    case 'redirect':
      return judgeRedirect(reply.to, reply.status, circumstances);
    case 'answer':
      return { ...judgeAnswer(reply, circumstances), httpStatus: reply.status };
    default:
      return assertNever(reply);
  }
}

export function keyMissing(circumstances: Pick<Circumstances, 'server'>, message = 'It asks for a key, and none is set'): Verdict {
  return { state: 'unauthorized', cause: 'key-missing', message, hint: keyMissingHint(circumstances.server) };
}

export function keyRefused({ server }: Pick<Circumstances, 'server'>): Verdict {
  return { state: 'unauthorized', cause: 'key-refused', message: 'It refused the key', hint: `Check ${credentialWords(server)}: it may have expired or belong to another server` };
}

export function loadingModel(): Verdict {
  return { state: 'starting', cause: 'loading-model', message: 'A model is being loaded', hint: 'Wait until it is loaded' };
}

function judgeFailure(failure: HttpFailure, { server }: Circumstances): Verdict {
  const kind = serverKind(server.kind);
  const { message } = failure;
  switch (failure.kind) {
    case 'refused':
      return { state: 'offline', cause: 'connection-refused', message, hint: startHint(server, kind) };
    case 'dns':
      return { state: 'unreachable', cause: 'dns', message, hint: 'Check the host in base_url, and the network or VPN that knows it' };
    case 'timeout':
    case 'aborted':
      return { state: 'unreachable', cause: 'timeout', message, hint: server.placement === 'local' ? 'It may be overloaded or hang: look at it, or start it again' : 'Check the network, the VPN and the firewall between here and there' };
    case 'tls':
      return { state: 'unreachable', cause: 'tls', message, hint: 'Check whether base_url is right about https; NODE_EXTRA_CA_CERTS names a file with further authorities to trust' };
    case 'proxy':
      return { state: 'unreachable', cause: 'proxy', message, hint: server.proxy === undefined ? 'Check HTTP_PROXY and HTTPS_PROXY, or list the host in NO_PROXY' : `Check proxy of ${server.name} in operator.toml` };
    case 'reset':
      return { state: 'unreachable', cause: 'connection-reset', message, hint: "Try again; if it stays so, look at the server's own log" };
    case 'unreachable':
      return { state: 'unreachable', cause: 'network', message, hint: 'Check the network and the VPN' };
    case 'invalid':
      return { state: 'unhealthy', cause: 'not-http', message, hint: 'Check the port in base_url' };
    default:
      return assertNever(failure.kind);
  }
}

function startHint(server: ModelServer, kind: ServerKind): string {
  if (kind.keyRequired) return 'Check the host and port in base_url';
  if (server.placement === 'local') return kind.startHint;
  return kind.networkHint ?? 'Check that it runs there, and the host and port in base_url';
}

function judgeRedirect(to: string | undefined, status: number, { server, key }: Circumstances): Verdict {
  const sameHost = to !== undefined && new URL(server.baseUrl).origin === to;
  return {
    state: 'unhealthy',
    cause: 'redirect',
    httpStatus: status,
    message: sameHost ? 'It redirects again and again' : `It redirects to ${to ?? 'another address'}, which is not followed${key === undefined ? '' : ': the key would go there too'}`,
    hint: sameHost || to === undefined ? 'Check base_url' : `Write base_url = "${to}" if that is the server you mean; a sign-in page of the network redirects like this too`,
  };
}

function judgeAnswer(answer: Answer, circumstances: Circumstances): Verdict {
  const { status } = answer;
  if (status >= 200 && status <= 299) return judgeBody(answer, circumstances);
  if (isAboutKey(answer)) return judgeKey(answer, circumstances);
  if (status === 407) return { state: 'unreachable', cause: 'proxy', message: 'A proxy on the way asks for a user and password', hint: 'Write them into proxy, or into HTTP_PROXY and HTTPS_PROXY' };
  if (status === 404 || status === 405 || status === 410 || status === 501) return notFound(circumstances, `(HTTP ${status})`);
  const wait = parseRetryAfter(answer.headers, circumstances.now);
  const said = quote(answer, circumstances.key);
  if (status === 429) {
    const waitMs = wait ?? defaultWaitMs;
    return { state: 'rate-limited', cause: 'too-many-requests', message: `Too many requests: it asks to wait ${words(waitMs)}`, hint: 'Wait, or use another key or server', nextProbeAt: circumstances.now + waitMs };
  }
  const nextProbeAt = wait === undefined ? undefined : { nextProbeAt: circumstances.now + wait };
  if (status === 503 && /\bloading\b|\bwarming up\b|\bstarting up\b|\binitiali[sz]ing\b/i.test(answer.text)) return { ...loadingModel(), ...nextProbeAt };
  if (status === 529 || (status >= 500 && /overloaded|at capacity|too busy|\bbusy\b|queue (?:is )?full|no (?:free )?slots?\b/i.test(answer.text))) {
    return { state: 'busy', cause: 'overloaded', message: `It is overloaded (HTTP ${status})`, hint: 'Wait a little, or use another server', ...nextProbeAt };
  }
  if (status >= 500) {
    const between = status === 502 || status === 504 ? 'Something in front of it gets no answer from it' : 'It fails';
    return { state: 'unhealthy', cause: 'server-error', message: `${between} (HTTP ${status}${said})`, hint: "Look at the server's own log", ...nextProbeAt };
  }
  return { state: 'unhealthy', cause: 'unexpected-status', message: `It answers HTTP ${status} instead of a list of models${said}`, hint: `Check kind and base_url: ${serverKind(circumstances.server.kind).displayName} was expected` };
}

/** How long to wait when a server only says "too many requests". */
const defaultWaitMs = 60_000;

function judgeKey(answer: Answer, circumstances: Circumstances): Verdict {
  const { server, key } = circumstances;
  if (key !== undefined) return keyRefused(circumstances);
  // Ollama asks for no key; its 403 is for a Host header that it does not know. github.com/ollama/ollama server/routes.go, allowedHostsMiddleware
  if (server.kind === 'ollama' && answer.status === 403 && answer.text === '') {
    return { state: 'unhealthy', cause: 'unexpected-status', message: `Ollama does not answer to the name ${new URL(server.baseUrl).hostname} (HTTP 403)`, hint: 'Write its IP address or localhost into base_url, or start it with OLLAMA_HOST=0.0.0.0' };
  }
  return keyMissing(circumstances);
}

/** 401 and 403, and the 400 with which Google and xAI refuse a key. */
function isAboutKey({ status, text }: Answer): boolean {
  return status === 401 || status === 403 || (status === 400 && /API_KEY_INVALID|(?:invalid|incorrect|missing|expired|not valid)[^"]{0,40}\bapi[ _-]?key|\bapi[ _-]?key[^"]{0,40}(?:invalid|incorrect|missing|expired|not valid|required)/i.test(text));
}

function judgeBody(answer: Answer, circumstances: Circumstances): Verdict {
  const { server, key } = circumstances;
  if (isHtml(answer)) {
    const title = /<title[^>]*>([^<]{1,200})<\/title>/i.exec(answer.text)?.[1];
    const named = title === undefined || echoes(title, key) ? '' : ` ("${oneLine(title, 60)}")`;
    return { state: 'unhealthy', cause: 'html', message: `A web page${named} came instead of a list of models`, hint: server.placement === 'third-party' ? 'Check base_url; a sign-in page of the network or a proxy answers like this too' : 'Check base_url: another program answers there, or it is the address of a web interface' };
  }
  const json = parseJson(answer.text);
  if (json === undefined) {
    return { state: 'unhealthy', cause: 'not-json', message: answer.text.trim() === '' ? 'The answer is empty where a list of models was expected' : 'The answer is not JSON where a list of models was expected', hint: 'Check kind and base_url' };
  }
  if (isUnknownEndpoint(json)) return notFound(circumstances, '(LM Studio does not know it)');
  return { state: 'unhealthy', cause: 'wrong-shape', message: `The answer is JSON, but not the list of models that ${serverKind(server.kind).displayName} gives${quote(answer, key)}`, hint: 'Check kind; openai-compat fits most servers' };
}

function notFound({ server, path }: Circumstances, why: string): Verdict {
  return {
    state: 'unhealthy',
    cause: 'not-found',
    message: `There is no list of models at ${path} ${why}`,
    hint: `Check kind and base_url; a ${serverKind(server.kind).displayName} server without a list needs models = ["…"]`,
  };
}

function isHtml({ headers, text }: Answer): boolean {
  return /\btext\/html\b/i.test(headers['content-type'] ?? '') || /^\s*<(?:!doctype\s+html|html|head|body)\b/i.test(text);
}

function keyMissingHint(server: ModelServer): string {
  const kind = serverKind(server.kind);
  if (server.credential) {
    switch (server.credential.store) {
      case 'env':
        return `Set ${server.credential.name} where Operator is started from, or store the key with "Set API Key"`;
      case 'secret':
        return 'Store the key with "Set API Key"';
      case 'file':
        return `Write the key into ${server.credential.name}`;
      default:
        return assertNever(server.credential.store);
    }
  }
  if (server.origin.layer === 'builtin' && kind.defaultApiKeyEnv !== undefined) return `${kind.startHint}, and set ${kind.defaultApiKeyEnv}`;
  return `Name the key in operator.toml, such as api_key_env = "${kind.defaultApiKeyEnv ?? 'MY_KEY'}", or store it with "Set API Key"`;
}

function credentialWords(server: ModelServer): string {
  const variable = serverKind(server.kind).defaultApiKeyEnv;
  const ref = server.credential ?? (variable === undefined ? undefined : { store: 'env' as const, name: variable });
  if (!ref) return 'the key';
  switch (ref.store) {
    case 'env':
      return `the value of ${ref.name}`;
    case 'secret':
      return `the stored key "${ref.name}"`;
    case 'file':
      return `the key in ${ref.name}`;
    default:
      return assertNever(ref.store);
  }
}

/** What the server says itself, as `: "…"`, or nothing; never anything that echoes the key. */
function quote(answer: Answer, key: string | undefined): string {
  const text = saidBy(parseJson(answer.text), key, 120);
  return text === undefined ? '' : `: "${text}"`;
}

/** What a server says in the JSON of an error, on one line; undefined where it says nothing or echoes the key. */
export function saidBy(value: unknown, key: string | undefined, maxLength = 300): string | undefined {
  const text = saidIn(value);
  return text === undefined || text.trim() === '' || echoes(text, key) ? undefined : oneLine(text, maxLength);
}

function saidIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { error, message, detail } = value as { error?: unknown; message?: unknown; detail?: unknown };
  if (typeof error === 'object' && error !== null) return saidIn({ message: (error as { message?: unknown }).message });
  return [error, message, detail].find((text) => typeof text === 'string');
}

/** Servers quote keys whole, shortened or with stars in the middle: any six characters of it in a row are too many. */
function echoes(text: string, key: string | undefined): boolean {
  if (key === undefined) return false;
  const length = Math.min(6, key.length);
  for (let start = 0; start + length <= key.length; start++) if (text.includes(key.slice(start, start + length))) return true;
  return false;
}

function oneLine(text: string, max: number): string {
  return truncate(text.replaceAll(/[\s\u0000-\u001f\u007f]+/g, ' ').trim(), max);
}

/** 1500 → "2 s", 90000 → "2 min", in whole units. */
function words(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.ceil(minutes / 60)} h`;
}
