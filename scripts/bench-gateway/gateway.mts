/** The gateway's own listener as a process, with sessions on demand instead of its control API. */
import { Session as Inspector } from 'node:inspector/promises';
import { codecs } from '../../src/gateway/protocol/codecs.ts';
import { defaultMaxBodyBytes, listen } from '../../src/gateway/server.ts';
import { createSessions } from '../../src/gateway/sessions.ts';
import { createTransport } from '../../src/gateway/upstream/transport.ts';
import { createSystemClock } from '../../src/platform/clock.ts';
import { serverAt } from '../../test/support/model-server.ts';
import { upstreamModel } from './conversation.mts';
import { resources, serveCommands } from './messages.mts';

const clock = createSystemClock();
const sessions = createSessions(clock, () => {});
const gateway = await listen(
  {
    transport: createTransport(),
    codecs,
    clock,
    heartbeat: { firstMs: 20_000, everyMs: 15_000 },
    sessions,
    guard: { hosts: new Set() },
    maxBodyBytes: defaultMaxBodyBytes,
    onError: (error) => console.error(error),
  },
  0,
);

let inspector: Inspector | undefined;

serveCommands(async (command) => {
  switch (command.type) {
    case 'resources':
      return resources();
    case 'session': {
      const server = serverAt(command.kind, `http://127.0.0.1:${command.upstreamPort}`, { name: 'bench', auth: { type: 'bearer' } });
      return sessions.create({ id: 'bench', displayName: 'bench', llmTool: 'bench', strictNames: false, targets: [{ server, model: upstreamModel, names: [upstreamModel], speaks: [command.speaks] }] }, { bench: 'sk-bench' });
    }
    case 'profile': {
      if (command.on) {
        inspector = new Inspector();
        inspector.connect();
        await inspector.post('Profiler.enable');
        await inspector.post('Profiler.setSamplingInterval', { interval: 200 });
        await inspector.post('Profiler.start');
        return undefined;
      }
      const result = await inspector?.post('Profiler.stop');
      inspector?.disconnect();
      return JSON.stringify(result?.profile);
    }
    default:
      return undefined;
  }
});
process.send?.({ ready: gateway.port });
