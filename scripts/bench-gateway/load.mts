/** The clients: requests that were put together before, on bare sockets, and answers of which only the end is looked for. */
import { connect } from 'node:net';
import { turnDigits, turnMark } from './conversation.mts';
import { type Load, type LoadResult, now, serveCommands, timeMark } from './messages.mts';

const endOfHead = Buffer.from('\r\n\r\n');
const lastChunk = Buffer.from('0\r\n\r\n');
const mark = Buffer.from(timeMark);
/** Of all requests, so that no two in a row are the same. */
let turns = 0;
/** A stuck answer must not hang the run. */
const patienceMs = 60_000;

function run(load: Load): Promise<LoadResult> {
  const { port, path, headers, body, connections, durationMs } = load;
  const lines = Object.entries({ host: `127.0.0.1:${port}`, 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)), ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  const request = Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
  const result = { requests: 0, firstByte: [] as number[], whole: [] as number[], chunkDelay: [] as number[] };
  const began = now();
  const deadline = began + (durationMs ?? 0) * 1000;
  const clients = Array.from({ length: connections }, () => client(load, Buffer.from(request), deadline, result));
  return Promise.all(clients).then(() => ({ ...result, elapsedMs: (now() - began) / 1000 }));
}

function client({ port, endMark }: Load, request: Buffer, deadline: number, result: { requests: number; firstByte: number[]; whole: number[]; chunkDelay: number[] }): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const mustHold = Buffer.from(endMark);
    const turnAt = request.lastIndexOf(turnMark);
    let sentAt = 0;
    /** Of the answer so far; all of it only for the first, which is checked. */
    let head: Buffer | undefined;
    let missing: number | undefined;
    let text: Buffer[] = [];
    let tail: Buffer = Buffer.alloc(0);
    let isFirst = true;
    let lastDeparted = 0;
    let over = false;

    const patience = setTimeout(() => stop(new Error(`no answer within ${patienceMs / 1000} s; so far: ${Buffer.concat(text).toString().slice(0, 500)}`)), patienceMs);
    const stop = (error?: Error): void => {
      over = true;
      clearTimeout(patience);
      socket.destroy();
      if (error) reject(error);
      else resolve();
    };
    const send = (): void => {
      if (turnAt !== -1) request.write(String(turns++ % 10 ** turnDigits).padStart(turnDigits, '0'), turnAt + turnMark.length);
      head = undefined;
      missing = undefined;
      tail = Buffer.alloc(0);
      sentAt = now();
      socket.write(request);
    };
    const finish = (): void => {
      const at = now();
      result.requests++;
      result.whole.push(at - sentAt);
      if (isFirst) {
        const answer = Buffer.concat(text);
        if (!answer.includes(mustHold)) return stop(new Error(`an answer without ${endMark}: ${answer.toString().slice(0, 2000)}`));
        isFirst = false;
        text = [];
      }
      if (at >= deadline) stop();
      else send();
    };

    socket.on('connect', send);
    socket.on('error', stop);
    socket.on('close', () => {
      if (!over) stop(new Error('the connection was closed'));
    });
    socket.on('data', (data: Buffer) => {
      if (isFirst) text.push(data);
      let bytes = data;
      if (missing === undefined) {
        if (head === undefined) result.firstByte.push(now() - sentAt);
        bytes = head ? Buffer.concat([head, data]) : data;
        const end = bytes.indexOf(endOfHead);
        if (end === -1) return void (head = bytes);
        const lines = bytes.toString('latin1', 0, end);
        if (!lines.startsWith('HTTP/1.1 200')) return stop(new Error(bytes.toString().slice(0, 2000)));
        missing = Number(/\r\ncontent-length: *(\d+)/i.exec(lines)?.[1] ?? Number.POSITIVE_INFINITY);
        bytes = bytes.subarray(end + 4);
      }
      for (let at = bytes.indexOf(mark); at !== -1; at = bytes.indexOf(mark, at + 1)) {
        // The time is as long as this clock's; one that was cut by the packet is left out.
        const stamp = bytes.toString('latin1', at + mark.length, at + mark.length + 20);
        const end = stamp.indexOf(';');
        const departed = Number(stamp.slice(0, end));
        // Some protocols say the whole text once more at the end.
        if (end === -1 || departed <= lastDeparted) continue;
        lastDeparted = departed;
        result.chunkDelay.push(now() - departed);
      }
      if (missing !== Number.POSITIVE_INFINITY) {
        missing -= bytes.length;
        if (missing === 0) finish();
        return;
      }
      tail = bytes.length >= lastChunk.length ? bytes.subarray(bytes.length - lastChunk.length) : Buffer.concat([tail, bytes]).subarray(-lastChunk.length);
      if (tail.equals(lastChunk)) finish();
    });
  });
}

serveCommands((command) => (command.type === 'load' ? run(command.load) : undefined));
process.send?.({ ready: 0 });
