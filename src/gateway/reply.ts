/** The answer to a client: headers once, then chunks with back-pressure, and the news that the client has left. */
import type { ServerResponse } from 'node:http';
import type { UpstreamFlow } from './upstream/flow.ts';

export interface Reply {
  /** Headers were sent: what goes wrong from now on must be said in the stream. */
  readonly started: boolean;
  readonly ended: boolean;
  /** For the headers to come; too late once they were sent. */
  setHeader(name: string, value: string): void;
  start(status: number, headers: Readonly<Record<string, string | string[]>>): void;
  /** While the client is slow, `flow` is paused. */
  write(chunk: Buffer | string, flow?: UpstreamFlow): void;
  end(chunk?: Buffer | string): void;
  /** Breaks the connection, where no end would be honest. */
  destroy(): void;
  /** Called once when the client goes before the end. */
  onGone(listener: () => void): void;
}

export function createReply(response: ServerResponse): Reply {
  let paused: UpstreamFlow | undefined;
  let written = false;
  response.on('drain', () => {
    const flow = paused;
    paused = undefined;
    flow?.resume();
  });

  return {
    get started() {
      return response.headersSent;
    },
    get ended() {
      return response.writableEnded || response.destroyed;
    },
    setHeader(name, value) {
      if (!response.headersSent && !response.destroyed) response.setHeader(name, value);
    },
    start(status, headers) {
      if (response.headersSent || response.destroyed) return;
      response.writeHead(status, headers as Record<string, string | string[]>);
      // What comes in the same moment goes out in the same packet.
      process.nextTick(() => {
        if (!written && !response.writableEnded && !response.destroyed) response.flushHeaders();
      });
    },
    write(chunk, flow) {
      if (response.writableEnded || response.destroyed || chunk.length === 0) return;
      written = true;
      if (!response.write(chunk) && flow && !paused) {
        paused = flow;
        flow.pause();
      }
    },
    end(chunk) {
      if (!response.writableEnded && !response.destroyed) response.end(chunk);
    },
    destroy() {
      response.destroy();
    },
    onGone(listener) {
      response.once('close', () => {
        if (!response.writableFinished) listener();
      });
    },
  };
}
