/**
 * One request, top to bottom: understand → choose the target → ask the server, in the client's protocol or a translation
 * → answer. Nothing is retried once a byte reached the client; whatever goes wrong is said in the client's own protocol.
 */
import type { Disposable } from '../base/disposable.ts';
import type { ReadBody } from './body-memory.ts';
import type { UpstreamTarget } from '../core/gateway/model.ts';
import type { Protocol } from '../core/protocol.ts';
import type { Exchange, ExchangeDeps, ExchangeRequest } from './exchange-context.ts';
import { readSpan, type Span, spansOf } from './body-outline.ts';
import { needsHub } from './needs-hub.ts';
import { passThrough } from './pass-through.ts';
import { type ProtocolCodec, ProtocolError } from './protocol/codec.ts';
import type { IrError, IrUsage } from './protocol/ir.ts';
import type { Reply } from './reply.ts';
import { type Bridge, chooseBridge, findTarget } from './routing/target.ts';
import { translate } from './translate.ts';
import { traitsOf } from './upstream/traits.ts';
import { encodeWarnings, warningsHeader } from './warnings-header.ts';

/** After a restart of the gateway, whoever launched the agent hands over its keys again within a moment. */
const readyWithinMs = 5_000;

/** Resolves when the client has its answer, whatever that is. */
export async function exchange(request: ExchangeRequest, deps: ExchangeDeps): Promise<void> {
  const { operation, session, reply, body } = request;
  const client = deps.codecs[operation.protocol];
  const owned: Disposable[] = [];
  let failure: IrError | undefined;
  const note = (error: IrError): void => {
    failure = error;
    session.meter.failed(error.message, deps.clock.now());
  };
  const fail = (error: IrError): void => {
    note(error);
    sendError(client, error, reply);
  };

  if (!session.ready && !(await session.whenReady(readyWithinMs))) return fail({ type: 'authentication', status: 401, message: 'The gateway was restarted and has no keys: open the window or terminal that launched this agent, or launch it again' });
  const read = session.bodies.read(body);
  if (!read) return fail({ type: 'invalid-request', status: 400, message: 'The body is not a JSON object' });
  const named = operation.model ?? lastString(body, spansOf(read.outline, 'model'));
  const target = findTarget(session.spec, named);
  if (!target) return fail({ type: 'not-found', status: 404, message: `There is no model ${JSON.stringify(named ?? '')} here. Available: ${session.spec.targets.map(({ names }) => names[0]).join(', ')}` });
  const { name: serverName, credential } = target.server;
  let bridge = bridgeFor(request, deps, target, read);
  if (!bridge) return fail({ type: 'invalid-request', status: 400, message: `Model server ${serverName} speaks no protocol that Operator knows` });
  const key = session.keys[serverName];
  if (key === undefined && credential) return fail({ type: 'authentication', status: 401, message: `The key of ${serverName} is not here: the gateway was restarted. Open the window or terminal that launched this agent, or launch it again` });

  const startedAt = deps.clock.now();
  let usage: IrUsage | undefined;
  const warnings = new Set<string>();
  session.meter.started(startedAt);
  const context: Exchange = {
    ...request,
    read,
    deps,
    client,
    target,
    key,
    model: named ?? target.names[0] ?? target.model,
    stream: operation.stream ?? streamOf(body, spansOf(read.outline, 'stream'), operation.protocol),
    fail,
    note,
    hasOtherWay: false,
    warn(found) {
      if (found.length === 0) return;
      for (const { code } of found) warnings.add(code);
      session.meter.warned(found);
      reply.setHeader(warningsHeader, encodeWarnings(warnings));
    },
    meter(used) {
      usage = used;
      session.meter.used(used);
    },
    own: (item) => void owned.push(item),
  };
  try {
    for (;;) {
      // Whoever turns out not to speak a protocol is asked in the next one, as long as nothing was sent to the client.
      const asked: Protocol = bridge.type === 'pass' ? bridge.protocol : bridge.to;
      const absent = session.absent.get(serverName) ?? new Set<Protocol>();
      const attempt: Exchange = { ...context, hasOtherWay: target.speaks.some((protocol) => protocol !== asked && !absent.has(protocol)) };
      const outcome = bridge.type === 'pass' ? await passThrough(attempt) : await translate(attempt, deps.codecs[bridge.to]);
      if (outcome === 'answered') break;
      session.absent.set(serverName, absent.add(asked));
      const next = bridgeFor(request, deps, target, read);
      if (!next) break;
      bridge = next;
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    fail({ type: 'invalid-request', status: 400, message: error.path ? `${error.message} (${error.path})` : error.message });
  } finally {
    for (const item of owned) item.dispose();
    request.onExchange?.({
      session: session.spec.id,
      server: serverName,
      model: target.model,
      from: operation.protocol,
      to: bridge.type === 'pass' ? bridge.protocol : bridge.to,
      stream: context.stream,
      ms: deps.clock.now() - startedAt,
      ...(failure && { error: failure }),
      ...(usage && { usage }),
      warnings: [...warnings],
    });
  }
}

/** How the server is asked: in the client's own protocol if it speaks it, and would take this very body. */
function bridgeFor({ operation, session }: ExchangeRequest, { codecs }: ExchangeDeps, target: UpstreamTarget, read: ReadBody): Bridge | undefined {
  const absent = session.absent.get(target.server.name);
  const bridge = chooseBridge(operation.protocol, target, { absent });
  if (bridge?.type !== 'pass') return bridge;
  const throughHub = needsHub({ codec: codecs[bridge.protocol], traits: traitsOf(target, bridge.protocol), body: read });
  return throughHub ? chooseBridge(operation.protocol, target, { absent, throughHub }) : bridge;
}

/** What parsers take of a repeated member: the last. */
function lastString(body: Buffer, spans: readonly Span[]): string | undefined {
  const last = spans.at(-1);
  const value = last && readSpan(body, last);
  return typeof value === 'string' ? value : undefined;
}

/** Ollama streams unless told not to; everybody else only when told to. */
function streamOf(body: Buffer, spans: readonly Span[], protocol: Protocol): boolean {
  const last = spans.at(-1);
  return last ? readSpan(body, last) === true : protocol === 'ollama';
}

function sendError(client: ProtocolCodec, error: IrError, reply: Reply): void {
  if (reply.ended) return;
  if (reply.started) return reply.destroy();
  const { status, headers, body } = client.encodeError(error);
  reply.start(status, { ...headers, 'content-type': 'application/json' });
  reply.end(JSON.stringify(body));
}
