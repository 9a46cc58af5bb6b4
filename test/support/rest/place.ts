/** A gateway process with an OPERATOR_HOME of its own, and requests to its REST API over sockets. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createGatewayHome, type StartedGateway } from '../gateway-process.ts';
import type { GatewayOrders } from '../../../src/core/gateway/control.ts';
import type { Received } from './document.ts';

export interface RestRequest {
  readonly method?: string;
  /** What is no string goes as JSON; undefined: there is none. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

export interface RestPlace extends AsyncDisposable {
  readonly gateway: StartedGateway;
  readonly port: number;
  readonly token: string;
  /** The user's operator.toml. */
  readonly userFile: string;
  readonly workspace: string;
  /** Of the workspace. */
  readonly file: string;
  write(file: string, text: string): void;
  read(file: string): string;
  /** @param path below `/api/v1`, sent as it is */
  send(path: string, request?: RestRequest): Promise<Received>;
  /** Of an answer in JSON. */
  json<T = Record<string, unknown>>(path: string, request?: RestRequest): Promise<T>;
  log(): string;
}

export interface RestPlaceOptions {
  readonly user?: string;
  readonly workspace?: string;
  readonly orders?: Partial<GatewayOrders>;
  readonly env?: Readonly<Record<string, string>>;
}

export async function createRestPlace({ user, workspace: toml, orders = {}, env = {} }: RestPlaceOptions = {}): Promise<RestPlace> {
  const home = await createGatewayHome();
  const operatorHome = dirname(home.stateDir);
  const workspace = realpathSync(mkdtempSync(join(tmpdir(), 'operator-rest-')));
  const userFile = join(operatorHome, 'operator.toml');
  const file = join(workspace, 'operator.toml');
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, text);
  };
  if (user !== undefined) write(userFile, user);
  if (toml !== undefined) write(file, toml);
  const gateway = await home.run(orders, { OPERATOR_HOME: operatorHome, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent/bus', ...env });
  assert.equal(gateway.answer.state, 'listening');
  const port = Number(new URL(gateway.address).port);
  const send = (path: string, request: RestRequest = {}): Promise<Received> => sendTo(port, gateway.adminToken, path, request);
  return {
    gateway,
    port,
    token: gateway.adminToken,
    userFile,
    workspace,
    file,
    write,
    read: (path) => readFileSync(path, 'utf8'),
    send,
    async json<T>(path: string, request?: RestRequest) {
      const { status, text } = await send(path, request);
      assert.ok(status < 300, `${path}: ${status} ${text}`);
      return JSON.parse(text) as T;
    },
    log: () => home.log(),
    async [Symbol.asyncDispose]() {
      await home[Symbol.asyncDispose]();
      rmSync(workspace, { recursive: true, force: true });
    },
  };
}

/** With Node's own client: it sends every path and header as it is told to. */
export function sendTo(port: number, token: string, path: string, { method = 'GET', body, headers = {} }: RestRequest): Promise<Received> {
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  const all = { authorization: `Bearer ${token}`, ...(text !== undefined && { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }), ...headers };
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, path: `/api/v1${path}`, method, agent: false, headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) }, (response) => {
      let received = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (received += chunk));
      response.once('error', reject);
      response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: new Headers(Object.entries(response.headers).map(([name, value]) => [name, String(value)])), text: received }));
    });
    request.once('error', reject);
    request.end(text);
  });
}
