/**
 * `npm run bench`: what people wait for, measured on this machine. Fails when the extension is larger than its budget.
 * `npm run bench -- --write` also puts the table into docs/PERFORMANCE.md, with the machine and the date.
 */
import { cpus, release, totalmem } from 'node:os';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../test/vscode/harness/paths.mts';
import { measureActivation } from './bench/activation.mts';
import { measureBundle } from './bench/bundle.mts';
import { measureCommandLine } from './bench/command-line.mts';
import { measureEdits } from './bench/edit.mts';
import { measureLanguage } from './bench/language.mts';
import type { Measurement } from './bench/measurement.mts';
import { measureTree } from './bench/tree.mts';

const { write } = parseArgs({ options: { write: { type: 'boolean', default: false } } }).values;

const rows: Measurement[] = [];
for (const measure of [measureBundle, measureTree, measureEdits, measureLanguage, measureCommandLine, measureActivation]) rows.push(...(await measure()));

const table = ['| What | Measured | Bound |', '|---|---|---|', ...rows.map(({ what, value, bound, missed }) => `| ${what} | ${value} | ${bound ?? ''}${missed ? ' **missed**' : ''} |`)].join('\n');
const machine = `${cpus()[0]?.model.trim() ?? 'unknown CPU'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, ${process.platform} ${release().split('-')[0]}, Node ${process.versions.node}`;
console.log(`\n${table}\n\n${machine}`);

if (write) {
  const file = join(root, 'docs', 'PERFORMANCE.md');
  const text = readFileSync(file, 'utf8');
  const marked = /(<!-- measured: npm run bench -- --write -->\n)[\s\S]*?(<!-- end -->)/;
  if (!marked.test(text)) throw new Error('docs/PERFORMANCE.md has no place for the measurements');
  writeFileSync(file, text.replace(marked, `$1\n${table}\n\n${new Date().toISOString().slice(0, 10)} on ${machine}.\n\n$2`));
  console.log('wrote docs/PERFORMANCE.md');
}
// Times depend on what else the machine does and only inform; the size does not.
process.exit(rows.some(({ missed, hard }) => missed && hard) ? 1 : 0);
