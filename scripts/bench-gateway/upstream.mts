/** The model server: as little of one as possible on a bare socket, so that what is measured is the process in front of it. */
import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Protocol } from '../../src/core/protocol.ts';
import { streams, wholes } from './answers.mts';
import { type AnswerMode, now, serveCommands, timeMark } from './messages.mts';

let mode: AnswerMode = { type: 'whole' };

const words = ['The ', 'program ', 'reads ', 'every ', 'file, ', 'notes ', 'exports, ', 'and ', 'prints ', 'the graph. '];
const endOfHead = Buffer.from('\r\n\r\n');
const lastChunk = '0\r\n\r\n';
const chunked = (text: string): string => (text === '' ? '' : `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);

const wholeAnswers = Object.fromEntries(
  Object.entries(wholes).map(([protocol, body]) => [protocol, Buffer.from(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)]),
) as Record<Protocol, Buffer>;
const heads = Object.fromEntries(
  Object.entries(streams).map(([protocol, { contentType, head }]) => [protocol, `HTTP/1.1 200 OK\r\ncontent-type: ${contentType}\r\ncache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n${chunked(head)}`]),
) as Record<Protocol, string>;
const pieces = Object.fromEntries(Object.entries(streams).map(([protocol, { piece }]) => [protocol, words.map((word) => Buffer.from(chunked(piece(word))))])) as Record<Protocol, Buffer[]>;
const tails = Object.fromEntries(Object.entries(streams).map(([protocol, { tail }]) => [protocol, chunked(tail) + lastChunk])) as Record<Protocol, string>;

function protocolOf(path: string): Protocol {
  if (path.includes('/messages')) return 'anthropic-messages';
  if (path.includes('/chat/completions')) return 'openai-chat';
  if (path.includes('/responses')) return 'openai-responses';
  return path.includes('/models/') ? 'gemini' : 'ollama';
}

function answer(socket: Socket, protocol: Protocol): void {
  if (mode.type === 'whole') return void socket.write(wholeAnswers[protocol]);
  const { chunks } = mode;
  socket.write(heads[protocol]);
  let sent = 0;
  if (mode.type === 'stream') {
    const bytes = pieces[protocol];
    const next = (): void => {
      if (socket.destroyed) return;
      if (sent === chunks) return void socket.write(tails[protocol]);
      const flows = socket.write(bytes[sent++ % bytes.length] ?? '');
      if (flows) setImmediate(next);
      else socket.once('drain', next);
    };
    return next();
  }
  const { piece } = streams[protocol];
  // Streams that began together would all speak at the same moment for ever.
  setTimeout(() => {
    const timer = setInterval(() => {
      if (sent++ < chunks && !socket.destroyed) return void socket.write(chunked(piece(`${timeMark}${now()};`)));
      clearInterval(timer);
      socket.write(tails[protocol]);
    }, mode.type === 'paced' ? mode.everyMs : 0);
  }, Math.random() * mode.everyMs);
}

const server = createServer({ noDelay: true }, (socket) => {
  let head: Buffer | undefined;
  let missing = 0;
  let path = '';
  socket.on('error', () => socket.destroy());
  socket.on('data', (data: Buffer) => {
    let bytes = head ? Buffer.concat([head, data]) : data;
    head = undefined;
    for (;;) {
      if (missing > 0) {
        if (bytes.length < missing) return void (missing -= bytes.length);
        bytes = bytes.subarray(missing);
        missing = 0;
        answer(socket, protocolOf(path));
      }
      if (bytes.length === 0) return;
      const end = bytes.indexOf(endOfHead);
      if (end === -1) return void (head = bytes);
      const text = bytes.toString('latin1', 0, end);
      path = text.slice(text.indexOf(' ') + 1, text.indexOf(' HTTP/'));
      missing = Number(/\r\ncontent-length: *(\d+)/i.exec(text)?.[1] ?? 0);
      bytes = bytes.subarray(end + 4);
      if (missing === 0) throw new Error(`a request without content-length: ${text}`);
    }
  });
});

serveCommands((command) => {
  if (command.type === 'mode') ({ mode } = command);
});
server.listen(0, '127.0.0.1', () => process.send?.({ ready: (server.address() as AddressInfo).port }));
