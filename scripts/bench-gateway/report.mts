/** The figures as tables, each with its bound and whether it is met. The bounds are those of the design. */
import { isPassThrough, nameOf } from './directions.mts';
import { type Added, type Case, type CaseResult, crowd, type CrowdResult, type StartResult } from './measure.mts';

export interface Verdict {
  readonly what: string;
  readonly ok: boolean;
}

const bounds = { throughput: { pass: 0.65, translate: 0.4 }, latency: { pass: 2, translate: 3 }, startMs: 250 } as const;

export interface Row {
  readonly text: string;
  readonly verdicts: readonly Verdict[];
}

export function caseRow(measured: Case, { throughput, latency: times }: CaseResult): Row {
  const kind = isPassThrough(measured.direction) ? 'pass' : 'translate';
  const label = `${nameOf(measured.direction)} | ${measured.size === 'small' ? 'small' : '400 kB'} | ${measured.answer === 'whole' ? 'whole' : 'stream'}`;
  const what = label.replaceAll(' | ', ', ');
  const rate = { what: `${what}: throughput ${percent(throughput.ratio)}, bound ${percent(bounds.throughput[kind])}`, ok: throughput.ratio >= bounds.throughput[kind] };
  const ratio = ratioOf(times.median);
  const latency = { what: `${what}: added latency ${ratio.toFixed(1)} ×, bound ${bounds.latency[kind]} ×`, ok: ratio <= bounds.latency[kind] };
  const cells = [
    label,
    throughput.pipe.toFixed(0),
    `${percent(throughput.ratio)} (≥ ${percent(bounds.throughput[kind])})${mark(rate)}`,
    `${throughput.pipeCpu.toFixed(0)} → ${throughput.gatewayCpu.toFixed(0)} µs`,
    `${added(times.median)} (≤ ${bounds.latency[kind]} ×)${mark(latency)}`,
    added(times.p95),
  ];
  return { text: `| ${cells.join(' | ')} |`, verdicts: [rate, latency] };
}

export function crowdRow(name: string, { direct, pipe, gateway, pipeRss, gatewayRss }: CrowdResult): string {
  const over = (way: { readonly p50: number; readonly p95: number }): string => `${(way.p50 - direct.p50).toFixed(0)} / ${(way.p95 - direct.p95).toFixed(0)} µs`;
  return `| ${name} | ${direct.p50.toFixed(0)} / ${direct.p95.toFixed(0)} µs | ${over(pipe)} | ${over(gateway)} | ${megabytes(pipeRss)} | ${megabytes(gatewayRss)} |`;
}

export function startRows({ pipeMs, gatewayMs, pipeRss, gatewayRss }: StartResult): Row {
  const verdict = { what: `start to listening ${gatewayMs.toFixed(0)} ms, bound ${bounds.startMs} ms`, ok: gatewayMs <= bounds.startMs };
  return {
    text: [`| Start of the process to listening | ${pipeMs.toFixed(0)} ms | ${gatewayMs.toFixed(0)} ms (≤ ${bounds.startMs} ms)${mark(verdict)} |`, `| Memory at rest (RSS) | ${megabytes(pipeRss)} | ${megabytes(gatewayRss)} |`].join('\n'),
    verdicts: [verdict],
  };
}

export function tables({ start, crowd: crowdRows, cases }: { readonly start: string; readonly crowd: readonly string[]; readonly cases: readonly string[] }): string {
  return [
    '| Client → server | Request | Answer | Pipe, requests/s | Gateway’s throughput | CPU per request | Added latency, median | p95 |\n|---|---|---|---|---|---|---|---|',
    ...cases,
    `\n| ${crowd.streams} streams at once, a chunk every ${crowd.everyMs} ms each | Direct, p50 / p95 | Pipe adds | Gateway adds | Pipe’s memory | Gateway’s memory |\n|---|---|---|---|---|---|`,
    ...crowdRows,
    '\n| | Pipe | Gateway |\n|---|---|---|',
    start,
  ].join('\n');
}

function ratioOf({ pipe, gateway }: Added): number {
  return gateway / pipe;
}

function added(times: Added): string {
  return `${times.pipe.toFixed(0)} → ${times.gateway.toFixed(0)} µs, ${ratioOf(times).toFixed(1)} ×`;
}

function mark({ ok }: { readonly ok: boolean }): string {
  return ok ? '' : ' **missed**';
}

function percent(ratio: number): string {
  return `${Math.round(ratio * 100)} %`;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
