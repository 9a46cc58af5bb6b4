/**
 * `npm run bench:discovery`: the models of a thousand servers on this machine, asked for at once. `-- --write` also puts the table
 * into docs/PERFORMANCE.md, with the machine and the date. Fails when more is asked at once than should be, or a server is missed.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { FleetCounts, FleetServer } from './bench-discovery/fleet.mts';
import type { WindowReport } from './bench-discovery/window.mts';
import type { Measurement } from './bench/measurement.mts';
import { bundlePrograms } from './bench/programs.mts';
import { exitCodeOf, renderMeasurements, report } from './bench/report.mts';

const { write, servers: count } = parseArgs({ options: { write: { type: 'boolean', default: false }, servers: { type: 'string', default: '1000' } } }).values;

/** Sixteen servers, of which each Ollama is asked four things. */
const mostRequests = 64;

const { folder, remove } = await bundlePrograms(['fleet', 'window'].map((name) => join(import.meta.dirname, 'bench-discovery', `${name}.mts`)));
let rows: readonly Measurement[];
try {
  rows = await measure();
} finally {
  remove();
}

report('bench:discovery', renderMeasurements(rows), { write });
process.exit(exitCodeOf(rows));

async function measure(): Promise<readonly Measurement[]> {
  const fleet = fork(join(folder, 'fleet.mjs'), { stdio: 'inherit' });
  try {
    const servers = await ask<readonly FleetServer[]>(fleet, { type: 'start', count: Number(count) });
    writeFileSync(join(folder, 'operator.toml'), servers.map(toToml).join('\n'));
    const cold = await openWindow(2);
    const coldCounts = await ask<FleetCounts>(fleet, { type: 'counts' });
    const warm = await openWindow(1);
    const warmCounts = await ask<FleetCounts>(fleet, { type: 'counts' });
    return measurementsOf(servers, { cold, coldCounts, warm, warmCounts });
  } finally {
    fleet.kill();
    await once(fleet, 'exit');
  }
}

/** What stands for a vendor is said to be one: its list is kept, and it wants a key. */
function toToml({ kind, port }: FleetServer, index: number): string {
  const isVendor = kind === 'openai-compat' || kind === 'anthropic-api' || kind === 'openrouter';
  return `[[model_servers]]\nname = "server-${index}"\nkind = "${kind}"\nbase_url = "http://127.0.0.1:${port}${kind === 'openrouter' ? '/api' : ''}"\n${isVendor ? 'placement = "third-party"\napi_key = "env:BENCH_KEY"\n' : ''}`;
}

async function openWindow(rounds: number): Promise<WindowReport> {
  const child = fork(join(folder, 'window.mjs'), [folder, String(rounds)], { stdio: 'inherit', execArgv: ['--expose-gc'], env: { ...process.env, OPERATOR_HOME: join(folder, 'home'), BENCH_KEY: 'bench-key-0123456789' } });
  const [answer] = (await Promise.race([once(child, 'message'), once(child, 'exit').then(() => [undefined])])) as [WindowReport | undefined];
  if (!answer) throw new Error('the window ended without a report');
  return answer;
}

async function ask<T>(child: ChildProcess, message: object): Promise<T> {
  const answered = once(child, 'message');
  child.send(message);
  const [answer] = (await answered) as [T];
  return answer;
}

function measurementsOf(servers: readonly FleetServer[], { cold, coldCounts, warm, warmCounts }: { readonly cold: WindowReport; readonly coldCounts: FleetCounts; readonly warm: WindowReport; readonly warmCounts: FleetCounts }): readonly Measurement[] {
  const [first, again] = cold.rounds;
  const [kept] = warm.rounds;
  if (!first || !again || !kept) throw new Error('a round is missing');
  const failed = [first, again, kept].flatMap((round) => round.failed);
  for (const line of failed.slice(0, 10)) console.error(line);
  const files = readdirSync(join(folder, 'home', 'state', 'models'));
  const kilobytes = files.reduce((sum, name) => sum + statSync(join(folder, 'home', 'state', 'models', name)).size, 0) / 1000;
  const most = Math.max(coldCounts.mostRequests, warmCounts.mostRequests);
  const total = servers.length.toLocaleString('en-US');
  return [
    { what: `Models of ${total} servers, nothing kept: ${first.models.toLocaleString('en-US')} models`, value: seconds(first.ms), ...(failed.length > 0 && { bound: 'every server', missed: true, hard: true }) },
    { what: 'CPU time for that', value: `${seconds(first.cpuMs)}, ${(first.cpuMs / servers.length).toFixed(1)} ms for each server` },
    { what: 'Longest time for which nothing else ran, of all rounds', value: `${Math.round(Math.max(first.blockedMs, again.blockedMs, kept.blockedMs))} ms` },
    { what: 'The same again in the same process: vendors from memory, local servers asked', value: `${seconds(again.ms)}, ${again.live} asked, CPU ${seconds(again.cpuMs)}` },
    { what: 'The same in a new process: vendors from disk, local servers asked', value: `${seconds(kept.ms)}, ${kept.live} asked, CPU ${seconds(kept.cpuMs)}` },
    { what: 'Requests under way at once, at most', value: String(most), bound: `≤ ${mostRequests}`, missed: most > mostRequests, hard: true },
    { what: 'Connections open at once, at most', value: String(Math.max(coldCounts.mostConnections, warmCounts.mostConnections)) },
    { what: 'Requests in the first two rounds, and what they brought', value: `${coldCounts.requests.toLocaleString('en-US')}, ${megabytes(coldCounts.bytes)}` },
    { what: 'Memory of the process: before, at its largest', value: `${megabytes(cold.rssBefore)}, ${megabytes(cold.rssPeak)}` },
    { what: 'Of that, what the lists take in the end', value: megabytes(cold.heapAfter - cold.heapBefore) },
    { what: 'Kept on disk', value: `${files.length} files, ${megabytes(kilobytes * 1000)}` },
    { what: `Tree with the ${first.shown.toLocaleString('en-US')} models of all shortlists, first time`, value: `${Math.round(cold.treeMs)} ms` },
  ];
}

function seconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}
