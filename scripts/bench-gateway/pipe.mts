/** What the gateway is measured against: node:http in front, undici behind, and nothing between them. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';
import { resources, serveCommands } from './messages.mts';

let upstream = '';
const agent = new Agent({ pipelining: 1, allowH2: false });

const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, (request, response) => {
  const { host: _, connection: __, 'transfer-encoding': ___, ...headers } = request.headers;
  agent.dispatch(
    { origin: upstream, path: request.url ?? '/', method: 'POST', headers, body: request },
    {
      onRequestStart(controller) {
        response.once('close', () => {
          if (!response.writableFinished) controller.abort(new Error('the client is gone'));
        });
      },
      onResponseStart(controller, status, received) {
        const { connection: _, 'keep-alive': __, 'transfer-encoding': ___, ...rest } = received;
        response.writeHead(status, rest as Record<string, string>);
        response.on('drain', () => controller.resume());
      },
      onResponseData(controller, chunk) {
        if (!response.write(chunk)) controller.pause();
      },
      onResponseEnd() {
        response.end();
      },
      onResponseError(_controller, error) {
        console.error(error);
        response.destroy();
      },
    },
  );
});

serveCommands((command) => {
  if (command.type === 'resources') return resources();
  if (command.type === 'session') upstream = `http://127.0.0.1:${command.upstreamPort}`;
  return undefined;
});
server.listen(0, '127.0.0.1', () => process.send?.({ ready: (server.address() as AddressInfo).port }));
