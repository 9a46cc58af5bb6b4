/** Calls the control API of a running gateway. */
import { parseJson } from '../../base/json.ts';
import { controlPaths, gatewayStatusSchema, type HandedKeysRequest, proofSchema, type RequestRecord, requestRecordSchema, sessionPath, sessionProcessPath, type SessionRequest, sessionTokenSchema } from '../../core/gateway/control.ts';
import type { GatewayStatus } from '../../core/gateway/model.ts';
import { newNonce, proofOf } from '../../core/gateway/proof.ts';
import { OperatorError } from '../../core/errors.ts';
import { type Http, HttpFailure, type HttpRequest, type HttpResponse } from '../../core/ports.ts';

export interface GatewayAddress {
  /** Such as `http://127.0.0.1:41873`. */
  readonly address: string;
  readonly adminToken: string;
}

export interface GatewayClient {
  /** Undefined: nobody answers there, or somebody else. */
  status(signal?: AbortSignal): Promise<GatewayStatus | undefined>;
  /** @returns the token of the session */
  createSession(request: SessionRequest): Promise<string>;
  /** The keys of a session that the gateway knows from before a restart. @returns false when it does not know it */
  renewSession(request: SessionRequest): Promise<boolean>;
  sessionProcess(id: string, pid: number): Promise<void>;
  endSession(id: string): Promise<void>;
  stop(options: { readonly restart: boolean }): Promise<void>;
  /** Keys for what is asked of it over REST. */
  handKeys(keys: HandedKeysRequest): Promise<void>;
  /** A request to the REST API. @param path from `/api/v1` on. @throws HttpFailure */
  rest(method: HttpRequest['method'], path: string, options: RestRequestOptions): Promise<HttpResponse>;
  /** Each status as it changes, the first at once; ends when the gateway does. @throws HttpFailure when it is not there */
  events(signal: AbortSignal): AsyncGenerator<GatewayStatus>;
  /** What came of each request from now on; ends when the gateway does. @throws HttpFailure when it is not there */
  requests(signal: AbortSignal): AsyncGenerator<RequestRecord>;
}

export interface RestRequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** On loopback: whoever needs longer hangs. */
const timeoutMs = 5_000;
/** Whether somebody is there at all is known sooner. */
const statusTimeoutMs = 2_000;
const maxBytes = 16 * 1024 * 1024;

export function createGatewayClient(http: Http, { address, adminToken }: GatewayAddress): GatewayClient {
  const send = (method: HttpRequest['method'], path: string, body?: unknown, signal?: AbortSignal) =>
    http.request({
      method,
      url: address + path,
      headers: { authorization: `Bearer ${adminToken}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      timeoutMs: path === controlPaths.status ? statusTimeoutMs : timeoutMs,
      ...(signal && { signal }),
    });

  async function call(method: HttpRequest['method'], path: string, body?: unknown, signal?: AbortSignal): Promise<{ readonly status: number; readonly value: unknown }> {
    const response = await send(method, path, body, signal);
    const text = await readText(response.body);
    return { status: response.status, value: parseJson(text) };
  }

  async function demand(method: HttpRequest['method'], path: string, body?: unknown): Promise<unknown> {
    const { status, value } = await call(method, path, body);
    if (status >= 200 && status <= 299) return value;
    throw new OperatorError('http', `The gateway refused ${method} ${path} with status ${status}`, { hint: 'Restart the gateway: it may be of another version' });
  }

  /** Nothing that is worth anything is sent to whoever cannot prove to be the gateway of the lock file. */
  async function isGenuine(signal?: AbortSignal): Promise<boolean> {
    const nonce = newNonce();
    const response = await http.request({ method: 'GET', url: `${address}${controlPaths.proof}?nonce=${nonce}`, timeoutMs: statusTimeoutMs, ...(signal && { signal }) });
    const proof = proofSchema.safeParse(parseJson(await readText(response.body))).data?.proof;
    return proof !== undefined && proof === (await proofOf(adminToken, nonce, Number(new URL(address).port)));
  }

  return {
    async status(signal) {
      try {
        if (!(await isGenuine(signal))) return undefined;
        const { status, value } = await call('GET', controlPaths.status, undefined, signal);
        return status === 200 ? gatewayStatusSchema.safeParse(value).data : undefined;
      } catch (error) {
        if (error instanceof HttpFailure) return undefined;
        throw error;
      }
    },
    async createSession(request) {
      return sessionTokenSchema.parse(await demand('POST', controlPaths.sessions, request)).token;
    },
    async renewSession(request) {
      const { status } = await call('POST', sessionPath(request.spec.id), request);
      return status >= 200 && status <= 299;
    },
    async sessionProcess(id, pid) {
      await call('POST', sessionProcessPath(id), { pid });
    },
    async endSession(id) {
      await call('DELETE', sessionPath(id));
    },
    async stop(options) {
      await demand('POST', controlPaths.stop, options);
    },
    async handKeys(keys) {
      await demand('POST', controlPaths.keys, keys);
    },
    rest: (method, path, { headers, ...options }) => http.request({ method, url: address + path, headers: { authorization: `Bearer ${adminToken}`, ...headers }, ...options }),
    async *events(signal) {
      for await (const event of follow(controlPaths.events, signal)) {
        const status = gatewayStatusSchema.safeParse(event).data;
        if (status) yield status;
      }
    },
    async *requests(signal) {
      for await (const event of follow(controlPaths.requests, signal)) {
        const record = requestRecordSchema.safeParse(event).data;
        if (record) yield record;
      }
    },
  };

  async function* follow(path: string, signal: AbortSignal): AsyncGenerator<unknown> {
    const { status, body } = await send('GET', path, undefined, signal);
    if (status !== 200) {
      await readText(body);
      return;
    }
    let rest = '';
    const decoder = new TextDecoder();
    for await (const chunk of body) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.startsWith('data: ')) yield parseJson(line.slice('data: '.length));
    }
  }
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > maxBytes) throw new OperatorError('http', 'The gateway’s answer is too large');
  }
  return text;
}
