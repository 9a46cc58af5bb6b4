/**
 * Every way in which a model server fails, for clients of all five protocols and servers of all five: the client gets an error of its
 * own protocol, or an answer; never a faked end, never silence.
 */
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { type Protocol, protocols } from '../../../src/core/protocol.ts';
import { dialects } from '../../support/dialects/index.ts';
import { startGateway, type TestGateway } from '../../support/gateway.ts';
import { type Answer, bytes, closedPort, type Exchange, html, raw, redirect, reset, type ScriptedServer, startServer, status, text } from '../../support/scripted-server.ts';
import { judge, see, type Seen, type Verdict, type Wire, wires } from '../../support/wires.ts';

/** What an honest server would have answered. */
interface Honest {
  readonly frames: readonly string[];
  /** The body in one piece. */
  readonly body: string;
  readonly type: string;
  readonly server: Protocol;
}

interface Cell {
  readonly client: Wire;
  readonly server: Protocol;
  readonly stream: boolean;
  readonly seen: Seen;
  readonly verdict: Verdict;
}

interface Fault {
  readonly name: string;
  /** Absent: nobody listens. */
  readonly answer?: (honest: Honest, exchange: Exchange) => void | Promise<void>;
  readonly check: (cell: Cell) => void;
}

/** Final for the client's agents: they retry 5xx, 408, 409 and 429, codex everything but 400. */
const unreachable: Readonly<Record<Protocol, number>> = { 'anthropic-messages': 424, 'openai-chat': 424, 'openai-responses': 400, gemini: 400, ollama: 424 };

const passes = ({ client, server }: Cell): boolean => client.protocol === server;

function isAnswer({ verdict }: Cell): void {
  assert.deepEqual(verdict, { type: 'answer' });
}

function isUnreachable(cell: Cell): void {
  const { verdict, client, seen } = cell;
  assert.equal(verdict.type, 'error', JSON.stringify(verdict));
  assert.equal(seen.status, unreachable[client.protocol]);
  if (client.protocol === 'anthropic-messages') assert.equal(seen.headers.get('x-should-retry'), 'false');
  assert.equal(seen.headers.get('retry-after'), null);
  assert.match(verdict.type === 'error' ? verdict.message : '', /lab/, 'names the server');
}

function hasStatus(...statuses: readonly number[]): (cell: Cell) => void {
  return ({ verdict, seen }) => {
    assert.equal(verdict.type, 'error', JSON.stringify(verdict));
    assert.ok(statuses.includes(seen.status), String(seen.status));
  };
}

/** The answer had begun for whoever reads it as it comes: a stream says it, and what cannot say it breaks off. */
function isBrokenOff(cell: Cell): void {
  const { verdict, stream } = cell;
  const allowed: readonly Verdict['type'][] = stream ? ['error', 'late-error'] : passes(cell) ? ['error', 'broken'] : ['error'];
  assert.ok(allowed.includes(verdict.type), JSON.stringify(verdict));
}

function isBrokenOffMidway(cell: Cell): void {
  isBrokenOff(cell);
  if (cell.stream) assert.equal(cell.verdict.type, 'late-error', 'what had come was passed on');
}

const half = (body: string): string => body.slice(0, Math.ceil(body.length / 2));
const halfOf = (body: Buffer): Buffer => body.subarray(0, body.length / 2);
/** Whole events. */
const someFrames = ({ frames }: Honest): string => frames.slice(0, Math.ceil(frames.length / 2)).join('');

function begin({ type }: Honest, { response }: Exchange): void {
  response.writeHead(200, { 'content-type': type });
  response.flushHeaders();
}

/** Resolves when the bytes are the kernel's, so that a reset does not overtake them. */
function send({ response }: Exchange, body: string): Promise<void> {
  return new Promise((resolve) => response.write(body, () => resolve()));
}

const errorsIn200: Readonly<Record<Protocol, { readonly frame: string; readonly whole: string }>> = {
  'anthropic-messages': errorFrames({ type: 'error', error: { type: 'overloaded_error', message: 'boom' } }),
  'openai-chat': errorFrames({ error: { message: 'boom', type: 'server_error', code: 'oops' } }),
  'openai-responses': { ...errorFrames({ type: 'response.failed', response: { id: 'r', object: 'response', status: 'failed', output: [], error: { code: 'server_error', message: 'boom' } } }), whole: JSON.stringify({ id: 'r', object: 'response', status: 'failed', output: [], error: { code: 'server_error', message: 'boom' } }) },
  gemini: errorFrames({ error: { code: 500, message: 'boom', status: 'INTERNAL' } }),
  ollama: { frame: '{"error":"boom"}\n', whole: '{"error":"boom"}' },
};

function errorFrames(value: object): { readonly frame: string; readonly whole: string } {
  const name = 'type' in value && typeof value.type === 'string' ? `event: ${value.type}\n` : '';
  return { frame: `${name}data: ${JSON.stringify(value)}\n\n`, whole: JSON.stringify(value) };
}

const plain = (answer: Answer): Fault['answer'] => (_honest, exchange) => answer(exchange);

const faults: readonly Fault[] = [
  { name: 'is not there', check: isUnreachable },
  { name: 'resets the connection before it answers', answer: plain(reset({ after: 'request' })), check: isUnreachable },
  { name: 'closes the connection before it answers', answer: plain(({ socket }) => void socket.end()), check: isUnreachable },
  { name: 'does not speak HTTP', answer: plain(raw('SSH-2.0-OpenSSH_9\r\n\r\n')), check: isUnreachable },
  { name: 'redirects', answer: plain(redirect('http://127.0.0.1:9/elsewhere', 307)), check: isUnreachable },
  { name: 'never answers', answer: () => {}, check: isUnreachable },
  {
    name: 'resets the connection after its headers',
    async answer(honest, exchange) {
      begin(honest, exchange);
      await send(exchange, '');
      exchange.socket.resetAndDestroy();
    },
    check: isBrokenOff,
  },
  {
    name: 'falls silent after its headers',
    answer: begin,
    check: isBrokenOff,
  },
  {
    name: 'resets the connection between two events',
    async answer(honest, exchange) {
      begin(honest, exchange);
      await send(exchange, someFrames(honest) || half(honest.body));
      await arrived(exchange);
      exchange.socket.resetAndDestroy();
    },
    check: isBrokenOffMidway,
  },
  {
    name: 'resets the connection in the middle of a line',
    async answer(honest, exchange) {
      begin(honest, exchange);
      await send(exchange, `${someFrames(honest)}${(honest.frames.at(-1) ?? half(honest.body)).slice(0, 9)}`);
      await arrived(exchange);
      exchange.socket.resetAndDestroy();
    },
    check: isBrokenOffMidway,
  },
  {
    name: 'falls silent in the middle of an answer',
    answer(honest, exchange) {
      begin(honest, exchange);
      void send(exchange, someFrames(honest) || half(honest.body));
    },
    check: isBrokenOffMidway,
  },
  {
    name: 'ends its answer after half of it',
    answer(honest, { response }) {
      response.writeHead(200, { 'content-type': honest.type });
      response.end(someFrames(honest) || half(honest.body));
    },
    // What passes through in one piece is not read: the JSON is visibly cut.
    check: (cell) => (passes(cell) && !cell.stream ? assert.equal(cell.verdict.type, 'nothing') : isBrokenOff(cell)),
  },
  {
    name: 'ends its answer in the middle of a line',
    answer(honest, { response }) {
      response.writeHead(200, { 'content-type': honest.type });
      response.end(`${someFrames(honest)}${(honest.frames.at(-1) ?? half(honest.body)).slice(0, 9)}`);
    },
    check: (cell) => (passes(cell) && !cell.stream ? assert.equal(cell.verdict.type, 'nothing') : isBrokenOff(cell)),
  },
  { name: 'says nothing at all', answer: (honest, exchange) => bytes('', { headers: { 'content-type': honest.type } })(exchange), check: isBrokenOff },
  { name: 'says garbage', answer: (honest, exchange) => bytes('it broke\n\nsorry', { headers: { 'content-type': honest.type } })(exchange), check: isBrokenOff },
  {
    name: 'drips',
    async answer(honest, exchange) {
      begin(honest, exchange);
      const body = honest.body;
      const step = Math.ceil(body.length / 12);
      // Longer in all than it may be silent.
      for (let from = 0; from < body.length; from += step) {
        await send(exchange, body.slice(from, from + step));
        await new Promise((resolve) => setTimeout(resolve, idleMs / 8));
      }
      exchange.response.end();
    },
    check: isAnswer,
  },
  {
    name: 'reports an error with status 200',
    answer(honest, { response }) {
      const { frame, whole } = errorsIn200[honest.server];
      response.writeHead(200, { 'content-type': honest.type }).end(honest.frames.length > 0 ? frame : whole);
    },
    check: ({ verdict }) => {
      assert.ok(verdict.type === 'error' || verdict.type === 'late-error', JSON.stringify(verdict));
      assert.match(verdict.message, /boom/);
    },
  },
  {
    name: 'reports an error in the middle of an answer',
    answer(honest, { response }) {
      const { frame, whole } = errorsIn200[honest.server];
      response.writeHead(200, { 'content-type': honest.type }).end(honest.frames.length > 0 ? someFrames(honest) + frame : whole);
    },
    check: ({ verdict, stream }) => {
      assert.ok(verdict.type === 'late-error' || (!stream && verdict.type === 'error'), JSON.stringify(verdict));
      assert.match('message' in verdict ? verdict.message : '', /boom/);
    },
  },
  {
    name: 'is rate limited and says for how long',
    answer: plain(status(429, { 'retry-after': '7' })),
    check: (cell) => {
      hasStatus(429)(cell);
      assert.equal(cell.seen.headers.get('retry-after'), '7');
    },
  },
  {
    name: 'is rate limited and does not say for how long',
    answer: plain(bytes('{"error":{"message":"slow down","type":"rate_limit_error","code":429,"status":"RESOURCE_EXHAUSTED"},"type":"error"}', { status: 429, headers: { 'content-type': 'application/json' } })),
    check: ({ seen }) => {
      assert.equal(seen.status, 429);
      assert.match(seen.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
      assert.match(seen.text, /slow down/);
    },
  },
  {
    name: 'is overloaded (529) and says for how long',
    answer: plain(text('overloaded', { status: 529, headers: { 'retry-after': '3' } })),
    check: (cell) => {
      hasStatus(529, 503)(cell);
      assert.equal(cell.seen.headers.get('retry-after'), '3');
    },
  },
  { name: 'is overloaded (529)', answer: plain(text('overloaded', { status: 529 })), check: hasStatus(529, 503) },
  { name: 'fails with a page', answer: plain(html({ status: 500, title: 'Internal Server Error' })), check: (cell) => {
    hasStatus(500)(cell);
    assert.match('message' in cell.verdict ? cell.verdict.message : '', /Internal Server Error/);
  } },
  { name: 'is a web site', answer: plain(html({ title: 'Welcome' })), check: (cell) => {
    const { verdict } = cell;
    assert.ok(verdict.type === 'error', JSON.stringify(verdict));
    assert.ok(cell.seen.status >= 400);
  } },
  { name: 'names no content type', answer: (honest, { response }) => void response.writeHead(200).end(honest.body), check: isAnswer },
  { name: 'calls a stream plain text', answer: (honest, { response }) => void response.writeHead(200, { 'content-type': honest.frames.length > 0 ? 'text/plain' : honest.type }).end(honest.body), check: isAnswer },
  {
    name: 'compresses what it was asked not to',
    answer: (honest, exchange) => bytes(gzipSync(honest.body), { headers: { 'content-type': honest.type, 'content-encoding': 'gzip' } })(exchange),
    check: (cell) => {
      isAnswer(cell);
      assert.equal(cell.seen.headers.get('content-encoding'), null);
    },
  },
  {
    name: 'breaks off what it compressed',
    answer: (honest, exchange) => bytes(halfOf(gzipSync(honest.body)), { headers: { 'content-type': honest.type, 'content-encoding': 'gzip' } })(exchange),
    check: (cell) => isBrokenOff(cell),
  },
  { name: 'compresses in a way that nobody knows', answer: (honest, exchange) => bytes(honest.body, { headers: { 'content-type': honest.type, 'content-encoding': 'snappy' } })(exchange), check: isUnreachable },
];

/** Nothing overtakes a reset, so what was sent has to be read first: the gateway takes it within a turn of its event loop, which is this one. */
async function arrived({ socket }: Exchange): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(socket.writableLength, 0);
}

const idleMs = 120;

describe('a model server that fails', () => {
  let gateway: TestGateway;

  before(async () => {
    gateway = await startGateway();
  });
  after(async () => {
    await gateway.close();
  });

  async function play({ answer }: Fault, client: Wire, server: Protocol, stream: boolean): Promise<Cell> {
    const dialect = dialects[server];
    const upstream: ScriptedServer | undefined = answer && (await startServer({
      '*': (exchange) => {
        const { request } = exchange;
        const streamed = dialect.wantsStream(request.json, request.path + (request.query.size > 0 ? `?${request.query}` : ''));
        const { frames, whole } = dialect.reply([{ type: 'text', text: 'one two three four five six' }], { body: request.json, sequence: 1 });
        const honest: Honest = { server, frames: streamed ? frames : [], body: streamed ? frames.join('') : JSON.stringify(whole), type: streamed ? dialect.streamType : 'application/json' };
        return answer(honest, exchange);
      },
    }));
    try {
      const url = upstream?.url ?? `http://127.0.0.1:${await closedPort()}`;
      const id = `${client.protocol} ${server} ${stream}`;
      const token = gateway.session(url, [server], { id, server: { timeouts: { connectMs: 1_000, firstByteMs: idleMs, idleMs } } });
      const seen = await see(gateway.post(client.path({ stream }), client.body({ stream }), token));
      return { client, server, stream, seen, verdict: judge(client, stream, seen) };
    } finally {
      await upstream?.close();
    }
  }

  for (const fault of faults) {
    for (const protocol of protocols) {
      it(`${fault.name}: a client of ${protocol} is told`, async () => {
        const client = wires[protocol];
        const cells = await Promise.all(protocols.flatMap((server) => [true, false].map((stream) => play(fault, client, server, stream))));
        for (const cell of cells) {
          try {
            fault.check(cell);
          } catch (error) {
            assert.fail(`server ${cell.server}, ${cell.stream ? 'streamed' : 'in one piece'}: ${error instanceof Error ? error.message : String(error)}\n${cell.seen.status} ${cell.seen.text}`);
          }
        }
      });
    }
  }
});
