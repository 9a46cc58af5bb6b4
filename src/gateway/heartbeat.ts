/** Keeps a streaming client waiting while a model loads or thinks, in the form that this client survives. */
import { type Disposable, toDisposable } from '../base/disposable.ts';
import type { StreamEncoder } from './protocol/codec.ts';
import type { Exchange } from './exchange-context.ts';

export interface Heartbeat extends Disposable {
  /** Something was sent: the next sign of life is due later. */
  touch(): void;
  /** The answer was begun by a heartbeat, so its status is spent. */
  readonly began: boolean;
}

/** @param encoder made when the first sign of life is due, which is rare; undefined: nothing can be said to this client */
export function startHeartbeat({ deps: { clock, heartbeat }, reply }: Pick<Exchange, 'deps' | 'reply'>, encoder: () => StreamEncoder | undefined): Heartbeat {
  let began = false;
  let lastAt = clock.now();
  let timer = clock.after(heartbeat.firstMs, beat);

  function beat(): void {
    const quietMs = clock.now() - lastAt;
    const due = reply.started ? heartbeat.everyMs : heartbeat.firstMs;
    if (quietMs < due) {
      timer = clock.after(due - quietMs, beat);
      return;
    }
    if (reply.ended) return;
    const current = encoder();
    if (!current) return;
    if (!reply.started) {
      began = true;
      reply.start(200, { 'content-type': current.contentType, 'cache-control': 'no-cache' });
    }
    reply.write(current.heartbeat());
    lastAt = clock.now();
    timer = clock.after(heartbeat.everyMs, beat);
  }

  return {
    ...toDisposable(() => timer.dispose()),
    touch() {
      lastAt = clock.now();
    },
    get began() {
      return began;
    },
  };
}
