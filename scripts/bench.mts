/**
 * `npm run bench`: what people wait for, measured on this machine. Fails when the extension is larger than its budget.
 * `npm run bench -- --write` also puts the table into docs/PERFORMANCE.md, with the machine and the date.
 */
import { parseArgs } from 'node:util';
import { measureActivation } from './bench/activation.mts';
import { measureBundle } from './bench/bundle.mts';
import { measureCommandLine } from './bench/command-line.mts';
import { measureEdits } from './bench/edit.mts';
import { measureLanguage } from './bench/language.mts';
import type { Measurement } from './bench/measurement.mts';
import { exitCodeOf, renderMeasurements, report } from './bench/report.mts';
import { measureTree } from './bench/tree.mts';

const { write } = parseArgs({ options: { write: { type: 'boolean', default: false } } }).values;

const rows: Measurement[] = [];
for (const measure of [measureBundle, measureTree, measureEdits, measureLanguage, measureCommandLine, measureActivation]) rows.push(...(await measure()));

report('bench', renderMeasurements(rows), { write });
process.exit(exitCodeOf(rows));
