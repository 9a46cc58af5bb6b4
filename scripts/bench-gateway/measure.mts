/**
 * The measurements. The three ways to the server (none between, the bare pipe, the gateway) take turns in short slices, so
 * that what else the machine does hits all of them alike; what is told is the median of the rounds.
 */
import { endMarks } from './answers.mts';
import { requestOf, type Size } from './conversation.mts';
import type { Direction } from './directions.mts';
import type { AnswerMode, Load, LoadResult, Resources } from './messages.mts';
import type { Programs, Worker } from './processes.mts';
import { median, quantile } from './statistics.mts';

export interface Bench {
  readonly programs: Programs;
  readonly upstream: Worker;
  readonly load: Worker;
  readonly pipe: Worker;
  readonly gateway: Worker;
}

export interface Case {
  readonly direction: Direction;
  readonly size: Size;
  readonly answer: 'whole' | 'stream';
}

export interface Throughput {
  /** Requests per second through the pipe. */
  readonly pipe: number;
  /** The gateway's share of that. */
  readonly ratio: number;
  /** CPU time of one request, µs. */
  readonly pipeCpu: number;
  readonly gatewayCpu: number;
}

/** µs that the pipe and the gateway add to what the server takes by itself, at one connection. */
export interface Added {
  readonly pipe: number;
  readonly gateway: number;
}

export interface CaseResult {
  readonly throughput: Throughput;
  /** Of the whole answer, or the first byte of a stream: how long all of a stream takes is up to the model. */
  readonly latency: { readonly median: Added; readonly p95: Added };
}

/** Chunks of a stream. */
export const chunks = 200;

const sliceMs = 400;
/**
 * Until what is executed often is compiled: a figure of the first seconds tells more of V8, whose compilers get what the load leaves
 * of the cores. In a new process that takes the gateway about ten seconds; later cases share most of their code with the first.
 */
const warmUpMs = { newProcess: 15_000, laterCase: 6_000 } as const;

type Way = 'direct' | 'pipe' | 'gateway';

/** Where a way begins, and what a client sends there. */
async function connect(bench: Bench, { client, server }: Direction): Promise<(way: Way) => Pick<Load, 'port' | 'headers'>> {
  const session = { type: 'session', speaks: server, kind: server === 'ollama' ? 'ollama' : 'openai-compat', upstreamPort: bench.upstream.port } as const;
  await bench.pipe.ask(session);
  const token = await bench.gateway.ask<string>(session);
  // What a client sends beside the body matters little, but it is no empty list.
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json', 'accept-encoding': 'gzip, deflate, br', 'user-agent': 'bench/1.0', ...(client === 'anthropic-messages' ? { 'anthropic-version': '2023-06-01', 'anthropic-beta': 'a-2025-01-01,b-2025-01-01' } : {}) };
  return (way) => ({ port: bench[way === 'direct' ? 'upstream' : way].port, headers });
}

interface PreparedCase {
  readonly mode: AnswerMode;
  readonly connections: number;
  run(way: Way, connections: number, durationMs: number): Promise<LoadResult>;
}

async function prepare(bench: Bench, { direction, size, answer }: Case): Promise<PreparedCase> {
  const at = await connect(bench, direction);
  const mode: AnswerMode = answer === 'whole' ? { type: 'whole' } : { type: 'stream', chunks };
  await bench.upstream.ask({ type: 'mode', mode });
  const request = requestOf(direction.client, size, answer === 'stream');
  return {
    mode,
    connections: size === 'small' ? 32 : 8,
    run: (way, connections, durationMs) => bench.load.ask({ type: 'load', load: { ...request, ...at(way), connections, durationMs, endMark: endMarks[direction.client] } }),
  };
}

/** What the gateway's processor does under load, as JSON for a profile viewer. */
export async function profileCase(bench: Bench, measured: Case): Promise<string> {
  const { connections, run } = await prepare(bench, measured);
  await run('gateway', connections, 1_500);
  await bench.gateway.ask({ type: 'profile', on: true });
  await run('gateway', connections, 3_000);
  return bench.gateway.ask({ type: 'profile', on: false });
}

/** @param isFirst of the processes of this bench */
export async function measureCase(bench: Bench, measured: Case, { rounds, isFirst }: { readonly rounds: number; readonly isFirst: boolean }): Promise<CaseResult> {
  const { mode, connections, run } = await prepare(bench, measured);
  const { answer } = measured;

  for (const way of ['pipe', 'gateway'] as const) await run(way, connections, isFirst ? warmUpMs.newProcess : warmUpMs.laterCase);

  const throughput: Throughput[] = [];
  const latency: Record<Way, { median: number[]; p95: number[] }> = { direct: { median: [], p95: [] }, pipe: { median: [], p95: [] }, gateway: { median: [], p95: [] } };
  for (let round = 0; round < rounds; round++) {
    const slice = { pipe: { rate: 0, cpu: 0 }, gateway: { rate: 0, cpu: 0 } };
    for (const way of round % 2 === 0 ? (['pipe', 'gateway'] as const) : (['gateway', 'pipe'] as const)) {
      const before = await bench[way].ask<Resources>({ type: 'resources' });
      const { requests, elapsedMs } = await run(way, connections, sliceMs);
      const after = await bench[way].ask<Resources>({ type: 'resources' });
      slice[way] = { rate: (requests * 1000) / elapsedMs, cpu: (after.cpu - before.cpu) / requests };
    }
    throughput.push({ pipe: slice.pipe.rate, ratio: slice.gateway.rate / slice.pipe.rate, pipeCpu: slice.pipe.cpu, gatewayCpu: slice.gateway.cpu });
    // A server that goes on writing would take the processor away from what is timed here.
    if (answer === 'stream') await bench.upstream.ask({ type: 'mode', mode: { type: 'stream', chunks: 1 } });
    for (const way of ['direct', 'pipe', 'gateway'] as const) {
      const result = await run(way, 1, sliceMs / 2);
      const times = answer === 'stream' ? result.firstByte : result.whole;
      latency[way].median.push(median(times));
      latency[way].p95.push(quantile(times, 0.95));
    }
    await bench.upstream.ask({ type: 'mode', mode });
  }
  const added = (of: 'median' | 'p95'): Added => {
    const direct = median(latency.direct[of]);
    return { pipe: median(latency.pipe[of]) - direct, gateway: median(latency.gateway[of]) - direct };
  };
  const middle = (of: keyof Throughput): number => median(throughput.map((one) => one[of]));
  return {
    throughput: { pipe: middle('pipe'), ratio: middle('ratio'), pipeCpu: middle('pipeCpu'), gatewayCpu: middle('gatewayCpu') },
    latency: { median: added('median'), p95: added('p95') },
  };
}

export interface CrowdResult {
  /** µs between the server's write and the client's read of a chunk. */
  readonly direct: { readonly p50: number; readonly p95: number };
  readonly pipe: { readonly p50: number; readonly p95: number };
  readonly gateway: { readonly p50: number; readonly p95: number };
  /** Bytes, in the middle of it. */
  readonly pipeRss: number;
  readonly gatewayRss: number;
}

export const crowd = { streams: 200, everyMs: 50, chunks: 60 } as const;

/** Many paced streams at once. */
export async function measureCrowd(bench: Bench, direction: Direction, rounds: number): Promise<CrowdResult> {
  const at = await connect(bench, direction);
  await bench.upstream.ask({ type: 'mode', mode: { type: 'paced', chunks: crowd.chunks, everyMs: crowd.everyMs } });
  const request = requestOf(direction.client, 'small', true);
  const delays: Record<Way, { p50: number[]; p95: number[]; rss: number[] }> = { direct: { p50: [], p95: [], rss: [] }, pipe: { p50: [], p95: [], rss: [] }, gateway: { p50: [], p95: [], rss: [] } };
  for (let round = 0; round < rounds; round++) {
    for (const way of ['direct', 'pipe', 'gateway'] as const) {
      const running = bench.load.ask<LoadResult>({ type: 'load', load: { ...request, ...at(way), connections: crowd.streams, endMark: endMarks[direction.client] } });
      const middle = new Promise((resolve) => setTimeout(resolve, (crowd.chunks * crowd.everyMs) / 2));
      await Promise.race([middle, running]);
      if (way !== 'direct') delays[way].rss.push((await bench[way].ask<Resources>({ type: 'resources' })).rss);
      const { chunkDelay } = await running;
      if (chunkDelay.length < crowd.streams * crowd.chunks * 0.9) throw new Error(`only ${chunkDelay.length} of ${crowd.streams * crowd.chunks} chunks could be timed`);
      delays[way].p50.push(median(chunkDelay));
      delays[way].p95.push(quantile(chunkDelay, 0.95));
    }
  }
  const sum = (way: Way): { p50: number; p95: number } => ({ p50: median(delays[way].p50), p95: median(delays[way].p95) });
  return { direct: sum('direct'), pipe: sum('pipe'), gateway: sum('gateway'), pipeRss: Math.max(...delays.pipe.rss), gatewayRss: Math.max(...delays.gateway.rss) };
}

export interface StartResult {
  readonly pipeMs: number;
  readonly gatewayMs: number;
  readonly pipeRss: number;
  readonly gatewayRss: number;
}

/** New processes, in turns. */
export async function measureStart(programs: Programs, rounds: number): Promise<StartResult> {
  const started = { pipe: { ms: [] as number[], rss: [] as number[] }, gateway: { ms: [] as number[], rss: [] as number[] } };
  // The first of each warms the file cache.
  for (let round = 0; round <= rounds; round++) {
    for (const program of ['pipe', 'gateway'] as const) {
      const worker = await programs.start(program);
      const { rss } = await worker.ask<Resources>({ type: 'resources' });
      await worker.stop();
      if (round === 0) continue;
      started[program].ms.push(worker.startMs);
      started[program].rss.push(rss);
    }
  }
  return { pipeMs: median(started.pipe.ms), gatewayMs: median(started.gateway.ms), pipeRss: median(started.pipe.rss), gatewayRss: median(started.gateway.rss) };
}
