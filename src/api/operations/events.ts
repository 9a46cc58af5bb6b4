/** `/events`: what changes, as it changes. */
import * as z from 'zod';
import { DisposableStore } from '../../base/disposable.ts';
import type { ChangedPart } from '../../core/operator.ts';
import type { Call, Operation, Reply } from '../operation.ts';
import { workspaceParameters } from '../parameters.ts';

/** Proxies and clients give up on what is silent for longer. */
const heartbeatMs = 15_000;
/** Whoever follows and does not read is let go; it comes again when it can. */
const maxUnread = 256;

export const eventOperations: readonly Operation[] = [
  {
    method: 'get',
    path: '/events',
    id: 'followEvents',
    tag: 'Events',
    summary: 'Server-sent events: which parts changed, those that the sidebar is drawn from',
    description:
      'An event `ready` comes at once. Each `change` has `{"changed": [...]}` with configuration, tools, servers, found, sessions, gateway or trust; read what you need of it anew. A comment comes every 15 seconds. The stream ends when the client goes or the gateway ends.',
    parameters: [...workspaceParameters],
    answers: { 200: { description: 'The stream', schema: z.string(), contentType: 'text/event-stream', example: 'event: ready\ndata: {}\n\nevent: change\ndata: {"changed":["configuration"]}\n\n' } },
    handle: follow,
  },
];

async function follow({ backend, scope, signal }: Call): Promise<Reply> {
  const operator = await backend.open(scope);
  await operator.findGateway(); // from then on its changes are told
  const owned = new DisposableStore();
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const end = (): void => {
          if (owned.disposed) return;
          owned.dispose();
          controller.close();
        };
        const write = (text: string): void => {
          if (owned.disposed) return;
          if ((controller.desiredSize ?? 0) < -maxUnread) return end();
          controller.enqueue(encoder.encode(text));
        };
        const beat = (): void => {
          write(': still here\n\n');
          if (!owned.disposed) timer = owned.add(backend.clock.after(heartbeatMs, beat));
        };
        let timer = owned.add(backend.clock.after(heartbeatMs, beat));
        const tell = (parts: ReadonlySet<ChangedPart>): void => {
          write(`event: change\ndata: ${JSON.stringify({ changed: [...parts] })}\n\n`);
          owned.remove(timer);
          timer.dispose();
          timer = owned.add(backend.clock.after(heartbeatMs, beat));
        };
        owned.add(operator.onDidChange(tell));
        owned.add(backend.hold(operator));
        for (const over of [signal, backend.ended]) {
          over.addEventListener('abort', end, { once: true });
          owned.add({ dispose: () => over.removeEventListener('abort', end) });
        }
        write('event: ready\ndata: {}\n\n');
        if (signal.aborted || backend.ended.aborted) end();
      },
      cancel: () => owned.dispose(),
    },
    { highWaterMark: 1 },
  );
  return { status: 200, stream };
}
