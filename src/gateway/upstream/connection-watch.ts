/**
 * Which connection a request goes out on, and whether it served another one before: a kept connection may have been given up
 * by its server while the request was under way, which is no news about the server. undici tells only its diagnostics
 * (https://undici.nodejs.org/#/docs/api/DiagnosticsChannel).
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { type Disposable, toDisposable } from '../../base/disposable.ts';

export interface Connection {
  readonly isReused: boolean;
  /** Nothing of an answer has come. Under TLS the bytes of the connection are not those of the answer: then as far as known. */
  isSilent(): boolean;
}

export interface ConnectionWatch extends Disposable {
  /** To be called when a request is about to be written, which undici does in the same turn. */
  expect(listener: (connection: Connection) => void): void;
}

const channel = 'undici:client:sendHeaders';

export function createConnectionWatch(): ConnectionWatch {
  const used = new WeakSet<Socket>();
  let waiting: ((connection: Connection) => void) | undefined;

  function onSend(message: unknown): void {
    const { socket } = message as { readonly socket: Socket };
    const listener = waiting;
    waiting = undefined;
    const isReused = used.has(socket);
    used.add(socket);
    if (!listener) return;
    const before = socket.bytesRead;
    listener({ isReused, isSilent: () => 'encrypted' in socket || socket.bytesRead === before });
  }

  subscribe(channel, onSend);
  return {
    ...toDisposable(() => void unsubscribe(channel, onSend)),
    expect(listener) {
      waiting = listener;
    },
  };
}
