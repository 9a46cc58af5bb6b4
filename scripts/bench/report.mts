/** What a benchmark measured, for the console and for its place in docs/PERFORMANCE.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { root } from '../../test/vscode/harness/paths.mts';
import { table } from '../docs/markdown.mts';
import type { Measurement } from './measurement.mts';

/** As in package.json; the place in docs/PERFORMANCE.md names it. */
export type BenchScript = 'bench' | 'bench:discovery' | 'bench:gateway';

/** Prints the Markdown and the machine; with `write` both also go into docs/PERFORMANCE.md, with the date. @throws Error where that has no place for them */
export function report(script: BenchScript, markdown: string, { write }: { readonly write: boolean }): void {
  const machine = `${cpus()[0]?.model.trim() ?? 'unknown CPU'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform} ${release().split('-')[0]}, Node ${process.versions.node}`;
  console.log(`\n${markdown}\n\n${machine}`);
  if (!write) return;
  const file = join(root, 'docs', 'PERFORMANCE.md');
  const text = readFileSync(file, 'utf8');
  const place = new RegExp(`(<!-- measured: npm run ${script} -- --write -->\n)[\\s\\S]*?(<!-- end -->)`);
  if (!place.test(text)) throw new Error(`docs/PERFORMANCE.md has no place for what npm run ${script} measures`);
  writeFileSync(file, text.replace(place, (_, begin: string, end: string) => `${begin}\n${markdown}\n\n${new Date().toISOString().slice(0, 10)} on ${machine}.\n\n${end}`));
  console.log('wrote docs/PERFORMANCE.md');
}

export function renderMeasurements(rows: readonly Measurement[]): string {
  return table(['What', 'Measured', 'Bound'], rows.map(({ what, value, bound, missed }) => [what, value, `${bound ?? ''}${missed ? ' **missed**' : ''}`]));
}

/** Times depend on what else the machine does and only inform; what is hard does not. */
export function exitCodeOf(rows: readonly Measurement[]): number {
  return rows.some(({ missed, hard }) => missed && hard) ? 1 : 0;
}
