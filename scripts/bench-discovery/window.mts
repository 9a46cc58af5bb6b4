/** One Operator in a process of its own that asks every server of its operator.toml for its models. Says how long it took and what memory it needed. */
import { createOperator } from '../../src/app/operator.ts';
import { createNodePorts } from '../../src/platform/ports.ts';

export interface Round {
  readonly ms: number;
  readonly cpuMs: number;
  /** Live ones: how many lists came just now. */
  readonly live: number;
  readonly models: number;
  readonly shown: number;
  readonly failed: readonly string[];
  /** The longest time for which nothing else of this process could run. */
  readonly blockedMs: number;
}

export interface WindowReport {
  readonly rounds: readonly Round[];
  /** Bytes: of the process when it knew its servers, at its largest, and of its heap with all lists in it. */
  readonly rssBefore: number;
  readonly rssPeak: number;
  readonly heapBefore: number;
  readonly heapAfter: number;
  readonly treeMs: number;
}

const [, , root = '.', rounds = '1'] = process.argv;
const ports = createNodePorts();
const operator = createOperator({ ports, roots: [root], cwd: root, trusted: true, version: '0.0.0', operatorCommand: { argv: ['operator'], env: {} }, watch: false });
await operator.reload();

globalThis.gc?.();
const before = process.memoryUsage();
let rssPeak = before.rss;
let last = performance.now();
let blockedMs = 0;
const sampling = setInterval(() => {
  const now = performance.now();
  blockedMs = Math.max(blockedMs, now - last - 5);
  last = now;
  rssPeak = Math.max(rssPeak, process.memoryUsage.rss());
}, 5);

const measured: Round[] = [];
for (let round = 0; round < Number(rounds); round++) {
  const ids = operator.snapshot.servers.filter(({ server }) => server.origin.layer === 'workspace').map(({ id }) => id);
  const cpu = process.cpuUsage();
  const started = performance.now();
  blockedMs = 0;
  last = started;
  const catalogues = await Promise.all(ids.map((id) => operator.models.list(id, { all: true })));
  const ms = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  measured.push({
    ms,
    cpuMs: (user + system) / 1000,
    live: catalogues.filter(({ source }) => source === 'live').length,
    models: catalogues.reduce((sum, { models }) => sum + models.length, 0),
    shown: catalogues.reduce((sum, { models, hiddenCount }) => sum + models.length - hiddenCount, 0),
    failed: catalogues.filter(({ models }) => models.length === 0).map(({ serverName, source, error }) => `${serverName} ${source} ${error?.message ?? ''}`),
    blockedMs,
  });
}
clearInterval(sampling);
const { buildTree } = await import('../../src/core/status/build.ts');
const treeStarted = performance.now();
buildTree(operator.snapshot, Date.now());
const treeMs = performance.now() - treeStarted;
globalThis.gc?.();
const report: WindowReport = { rounds: measured, rssBefore: before.rss, rssPeak, heapBefore: before.heapUsed, heapAfter: process.memoryUsage().heapUsed, treeMs };
process.send?.(report, undefined, undefined, () => {
  operator.dispose();
  ports.http.dispose();
  process.disconnect();
});
