/** One short request to a model server whose answer is needed whole: counts, embeddings. */
import type { ServerResponse } from 'node:http';
import type { UpstreamTarget } from '../../core/gateway/model.ts';
import type { Clock } from '../../core/ports.ts';
import type { Protocol } from '../../core/protocol.ts';
import type { IrError } from '../protocol/ir.ts';
import { readWhole, type WholeAnswer, type WholeReader } from './body.ts';
import { describeFailure } from './failure.ts';
import { buildUpstreamRequest } from './request.ts';
import type { Transport } from './transport.ts';

export interface AskOptions {
  readonly target: UpstreamTarget;
  readonly protocol: Protocol;
  /** Below the API root, with query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
  readonly session: { readonly keys: Readonly<Record<string, string>> };
  readonly options: { readonly transport: Transport; readonly clock: Clock };
  /** The client's: when it goes, nobody waits for the answer any more. */
  readonly response: ServerResponse;
  /** For the whole answer; absent: as long as the server's own limits allow. */
  readonly withinMs?: number;
}

/** Never rejects: what went wrong is the answer. */
export function askServer({ target, protocol, path, headers, body, session, options, response, withinMs }: AskOptions): Promise<WholeAnswer | IrError> {
  const { server } = target;
  const { promise, resolve } = Promise.withResolvers<WholeAnswer | IrError>();
  const tooLarge: IrError = { type: 'server', status: 502, message: `The answer of model server ${server.name} is too large` };
  let reader: WholeReader | undefined;
  const abort = options.transport.send(buildUpstreamRequest({ target, protocol, path, key: session.keys[server.name], headers, body }), {
    onHeaders: (status, received) => void (reader = readWhole(status, received)),
    onData(chunk) {
      if (reader?.push(chunk) !== false) return;
      resolve(tooLarge);
      abort();
    },
    onEnd: () => void reader?.end().then((whole) => resolve(whole.ok ? whole.value : tooLarge)),
    onFailure: (failure) => resolve(describeFailure(failure, server)),
  });
  const timer = withinMs === undefined ? undefined : options.clock.after(withinMs, abort);
  response.once('close', abort);
  return promise.finally(() => {
    timer?.dispose();
    response.off('close', abort);
  });
}
