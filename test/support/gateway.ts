/** A gateway inside of the test's own process: its listener, its sessions, its connections to servers, all on real sockets. */
import assert from 'node:assert/strict';
import type { ModelServer } from '../../src/core/config/model.ts';
import type { SessionSpec, UpstreamTarget } from '../../src/core/gateway/model.ts';
import type { Protocol } from '../../src/core/protocol.ts';
import type { ServerKindId } from '../../src/core/servers/kinds.ts';
import type { ExchangeRecord } from '../../src/gateway/exchange-context.ts';
import { codecs } from '../../src/gateway/protocol/codecs.ts';
import { type GatewayServer, type GatewayServerOptions, listen } from '../../src/gateway/server.ts';
import { createSessions, type Sessions } from '../../src/gateway/sessions.ts';
import { createTransport, type Transport } from '../../src/gateway/upstream/transport.ts';
import { createSystemClock } from '../../src/platform/clock.ts';
import { serverAt } from './model-server.ts';

export interface TestGatewayOptions {
  /** Absent: none comes within a test's time. */
  readonly heartbeat?: GatewayServerOptions['heartbeat'];
  readonly maxBodyBytes?: number;
  readonly hosts?: readonly string[];
  readonly control?: GatewayServerOptions['control'];
  /** Closed together with the gateway. */
  readonly transport?: Transport;
}

export interface TestSessionOptions {
  /** Absent: `s1`; a session of the same id is replaced. */
  readonly id?: string;
  readonly kind?: ServerKindId;
  /** What the server is like besides its address. */
  readonly server?: Partial<ModelServer>;
  readonly key?: string;
  /** The model's name on the server, and for clients. */
  readonly model?: string;
  readonly target?: Partial<UpstreamTarget>;
  readonly strictNames?: boolean;
}

export interface TestGateway extends AsyncDisposable {
  /** Such as `http://127.0.0.1:40123`. */
  readonly address: string;
  readonly port: number;
  readonly server: GatewayServer;
  readonly sessions: Sessions;
  /** What understood requests came to, in order of their ends. */
  readonly records: readonly ExchangeRecord[];
  /** A session that may use one model of the server at `url`, which is called `lab`. @returns its token */
  session(url: string, speaks: readonly Protocol[], options?: TestSessionOptions): string;
  /** @param body what is no string goes as JSON */
  post(path: string, body: unknown, token: string, options?: { readonly headers?: Readonly<Record<string, string>>; readonly signal?: AbortSignal }): Promise<Response>;
  get(path: string, token: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  /** Closes everything. Fails when a request met an error that the gateway did not expect. */
  close(): Promise<void>;
}

export async function startGateway({ heartbeat = { firstMs: 60_000, everyMs: 60_000 }, maxBodyBytes = 4 * 1024 * 1024, hosts = [], control, transport = createTransport() }: TestGatewayOptions = {}): Promise<TestGateway> {
  const clock = createSystemClock();
  const sessions = createSessions(clock, () => {});
  const unexpected: unknown[] = [];
  const records: ExchangeRecord[] = [];
  const server = await listen(
    { transport, codecs, clock, heartbeat, sessions, guard: { hosts: new Set(hosts) }, maxBodyBytes, ...(control && { control }), onError: (error) => unexpected.push(error), onExchange: (record) => records.push(record) },
    0,
  );
  const close = async (): Promise<void> => {
    await server.close(0);
    transport.dispose();
    assert.deepEqual(unexpected, []);
  };

  return {
    address: server.address,
    port: server.port,
    server,
    sessions,
    records,
    session(url, speaks, { id = 's1', kind = 'openai-compat', server: changes = {}, key, model = 'real-model', target = {}, strictNames = false } = {}) {
      const modelServer = serverAt(kind, url, { name: 'lab', ...changes });
      const spec: SessionSpec = { id, displayName: 'test', llmTool: 'test', strictNames, targets: [{ server: modelServer, model, names: [model], speaks, ...target }] };
      return sessions.create(spec, key === undefined ? {} : { lab: key });
    },
    post: (path, body, token, { headers = {}, signal } = {}) =>
      fetch(server.address + path, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body), ...(signal && { signal }) }),
    get: (path, token, headers = {}) => fetch(server.address + path, { headers: { authorization: `Bearer ${token}`, ...headers } }),
    close,
    [Symbol.asyncDispose]: close,
  };
}
