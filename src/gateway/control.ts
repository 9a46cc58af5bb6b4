/** The control API: status, sessions, stop. For the holder of the admin token only. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Disposable, toDisposable } from '../base/disposable.ts';
import { handedKeysSchema, type HandedKeysRequest, type RequestRecord, sessionProcessSchema, sessionRequestSchema, stopSchema } from '../core/gateway/control.ts';
import type { GatewayStatus } from '../core/gateway/model.ts';
import { noncePattern } from '../core/gateway/proof.ts';
import type { Clock } from '../core/ports.ts';
import type { Sessions } from './sessions.ts';
import { findToken, sameToken } from './tokens.ts';

export interface ControlOptions {
  readonly sessions: Sessions;
  readonly adminTokenHash: string;
  /** That this is the gateway of the lock file, for a caller's nonce. */
  readonly prove: (nonce: string) => Promise<string>;
  readonly status: () => GatewayStatus;
  readonly stop: (options: { readonly restart: boolean }) => void;
  readonly clock: Clock;
  /** Resolves when a crash would find the sessions again. */
  readonly persist?: () => Promise<void>;
  /** Keys for REST. */
  readonly onKeys?: (keys: HandedKeysRequest) => void;
  /** A key or token came by. */
  readonly onSecret: (secret: string) => void;
}

export interface Control extends Disposable {
  /** @param path below `/api/v1`, starting with `/` */
  handle(request: IncomingMessage, response: ServerResponse, path: string): void;
  /** The status changed; those who follow it are told soon, many changes together. */
  changed(): void;
  /** Tells those who follow the status now. */
  announce(): void;
  /** A request ended; who follows requests is told. */
  requestEnded(record: () => RequestRecord): void;
  /** Lets those who follow go. */
  end(): void;
  /** Of the status and of requests. */
  readonly followers: number;
}

/** Changes are gathered, since every request of every agent is one. */
const announceAfterMs = 250;
/** So that a follower's own limits for silence are not reached. */
const keepAliveMs = 20_000;
/** A specification with a few hundred models. */
const maxBodyBytes = 8 * 1024 * 1024;
/** Somebody who follows and does not read, such as a window that hangs, is let go; it comes again when it can. */
const maxUnreadBytes = 1024 * 1024;

export function createControl({ sessions, adminTokenHash, prove, status, stop, clock, persist, onKeys, onSecret }: ControlOptions): Control {
  const followers = new Set<ServerResponse>();
  const watchers = new Set<ServerResponse>();
  let announcing: Disposable | undefined;
  let keepAlive: Disposable | undefined;

  function tellAll(): void {
    announcing?.dispose();
    announcing = undefined;
    tell(followers, status());
  }

  function beat(): void {
    keepAlive = undefined;
    const all = [...followers, ...watchers];
    for (const follower of all) follower.write(': still here\n\n');
    if (all.length > 0) keepAlive = clock.after(keepAliveMs, beat);
  }

  function follow(response: ServerResponse, among: Set<ServerResponse>): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.flushHeaders();
    among.add(response);
    response.once('close', () => among.delete(response));
    keepAlive ??= clock.after(keepAliveMs, beat);
  }

  /** Asked before a token is shown to us, so it needs none. */
  async function giveProof(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const nonce = new URLSearchParams(request.url?.split('?')[1]).get('nonce') ?? '';
    return noncePattern.test(nonce) ? send(response, 200, { proof: await prove(nonce) }) : invalid(response);
  }

  async function answer(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    if (request.method === 'GET' && path === '/gateway/proof') return giveProof(request, response);
    const token = findToken(request.headers, '', undefined);
    if (token === undefined || !sameToken(token, adminTokenHash)) return send(response, 401, { title: 'Not for you', detail: 'This needs the admin token of the lock file' });
    const { method = '' } = request;
    const operation = `${method} ${path}`;
    if (operation === 'GET /gateway') return send(response, 200, status());
    if (operation === 'GET /gateway/events') {
      follow(response, followers);
      return tell([response], status());
    }
    if (operation === 'GET /gateway/requests') return follow(response, watchers);
    const [, encoded, part] = /^\/gateway\/sessions\/([^/]+)(\/process)?$/.exec(path) ?? [];
    const id = encoded === undefined ? undefined : decode(encoded);
    if (method === 'DELETE' && id !== undefined && part === undefined) return sessions.remove(id) ? send(response, 204) : notFound(response);
    if (method !== 'POST') return notFound(response);

    const body = await readJson(request);
    if (path === '/gateway/stop') {
      const read = stopSchema.safeParse(body);
      if (!read.success) return invalid(response);
      send(response, 202, {});
      return stop(read.data);
    }
    if (path === '/gateway/keys') {
      const read = handedKeysSchema.safeParse(body);
      if (!read.success) return invalid(response);
      for (const secret of [...Object.values(read.data.env), ...Object.values(read.data.secret)]) onSecret(secret);
      onKeys?.(read.data);
      return send(response, 204);
    }
    if (path === '/gateway/sessions') {
      if (status().ending) return send(response, 503, { title: 'Ending', detail: 'This gateway ends; the next one takes sessions' });
      const read = sessionRequestSchema.safeParse(body);
      if (!read.success) return invalid(response);
      const { spec, keys, token: wanted } = read.data;
      const made = sessions.create(spec, keys, wanted);
      for (const secret of [made, ...Object.values(keys)]) onSecret(secret);
      // An agent that has its token must not meet a gateway that has forgotten it.
      await persist?.();
      return send(response, 201, { token: made });
    }
    if (id !== undefined && part === undefined) {
      const read = sessionRequestSchema.safeParse(body);
      if (!read.success || read.data.spec.id !== id) return invalid(response);
      for (const secret of Object.values(read.data.keys)) onSecret(secret);
      return sessions.renew(read.data.spec, read.data.keys) ? send(response, 204) : notFound(response);
    }
    if (id !== undefined) {
      const read = sessionProcessSchema.safeParse(body);
      if (!read.success) return invalid(response);
      return sessions.setProcess(id, read.data.pid) ? send(response, 204) : notFound(response);
    }
    notFound(response);
  }

  return {
    handle(request, response, path) {
      answer(request, response, path).catch(() => {
        // The body did not come whole; its sender is gone or lied about it.
        if (response.headersSent) response.destroy();
        else send(response, 400, { title: 'Bad request', detail: 'The body could not be read' });
      });
    },
    changed() {
      if (followers.size > 0) announcing ??= clock.after(announceAfterMs, tellAll);
    },
    announce: tellAll,
    requestEnded(record) {
      if (watchers.size > 0) tell(watchers, record());
    },
    end() {
      for (const follower of [...followers, ...watchers]) follower.end();
    },
    get followers() {
      return followers.size + watchers.size;
    },
    ...toDisposable(() => {
      announcing?.dispose();
      keepAlive?.dispose();
      for (const follower of [...followers, ...watchers]) follower.destroy();
    }),
  };
}

function tell(followers: Iterable<ServerResponse>, value: object): void {
  const event = `data: ${JSON.stringify(value)}\n\n`;
  for (const follower of followers) {
    if (follower.writableLength > maxUnreadBytes) follower.destroy();
    else follower.write(event);
  }
}

function notFound(response: ServerResponse): void {
  send(response, 404, { title: 'Not found', detail: 'There is no such thing here' });
}

/** Not what exactly is wrong: a value may be a key. */
function invalid(response: ServerResponse): void {
  send(response, 422, { title: 'Invalid request', detail: 'The body is not what this operation takes; the caller may be of another version' });
}

function send(response: ServerResponse, status: number, body?: object): void {
  if (body === undefined) return void response.writeHead(status).end();
  response.writeHead(status, { 'content-type': status >= 400 ? 'application/problem+json' : 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify(body));
}

/** Undefined for what is no JSON. @throws when it is too large or does not come whole */
async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) throw new Error('too large');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined; // no id that anybody has
  }
}
