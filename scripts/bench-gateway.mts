/**
 * `npm run bench:gateway`: how fast the gateway is, against a bare pipe of node:http and undici in the same minutes.
 * `-- --check` fails when a bound is missed; `-- --write` also puts the tables into docs/PERFORMANCE.md.
 * `-- --only TEXT` takes only the directions whose name holds it, `-- --cases TEXT` only such cases ("small stream"),
 * `-- --rounds N` makes it shorter or surer, `-- --profile FOLDER` writes a processor profile of each case instead.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { report } from './bench/report.mts';
import { directions, nameOf } from './bench-gateway/directions.mts';
import { type Case, measureCase, measureCrowd, measureStart, profileCase } from './bench-gateway/measure.mts';
import { buildPrograms } from './bench-gateway/processes.mts';
import { caseRow, crowdRow, startRows, tables, type Verdict } from './bench-gateway/report.mts';

const options = parseArgs({
  options: { check: { type: 'boolean', default: false }, write: { type: 'boolean', default: false }, only: { type: 'string', default: '' }, cases: { type: 'string', default: '' }, rounds: { type: 'string', default: '7' }, profile: { type: 'string' } },
}).values;
const rounds = Number(options.rounds);
const chosen = directions.filter((direction) => nameOf(direction).includes(options.only));

const programs = await buildPrograms({ readable: options.profile !== undefined });
const verdicts: Verdict[] = [];
try {
  const starting = startRows(await measureStart(programs, options.profile === undefined ? rounds : 1));
  verdicts.push(...starting.verdicts);
  const [upstream, load] = await Promise.all([programs.start('upstream'), programs.start('load')]);

  const crowdRows: string[] = [];
  const caseRows: string[] = [];
  for (const direction of chosen) {
    const name = nameOf(direction);
    // All of this in new processes: what one leaves behind in memory and compiled code is no matter of the next.
    const start = async () => {
      const [pipe, gateway] = await Promise.all([programs.start('pipe'), programs.start('gateway')]);
      return { programs, upstream, load, pipe, gateway, stop: () => Promise.all([pipe.stop(), gateway.stop()]) };
    };
    if (options.profile === undefined) {
      const bench = await start();
      crowdRows.push(crowdRow(name, await measureCrowd(bench, direction, Math.min(rounds, 3))));
      console.log(crowdRows.at(-1));
      await bench.stop();
    }
    const bench = await start();
    let isFirst = true;
    for (const size of ['small', 'large'] as const) {
      for (const answer of ['whole', 'stream'] as const) {
        const one: Case = { direction, size, answer };
        if (!`${size} ${answer}`.includes(options.cases)) continue;
        if (options.profile !== undefined) {
          mkdirSync(options.profile, { recursive: true });
          writeFileSync(join(options.profile, `${name} ${size} ${answer}.cpuprofile`.replaceAll(/[^a-z0-9.]+/g, '-')), await profileCase(bench, one));
          continue;
        }
        const row = caseRow(one, await measureCase(bench, one, { rounds, isFirst }));
        isFirst = false;
        caseRows.push(row.text);
        verdicts.push(...row.verdicts);
        console.log(row.text);
      }
    }
    await bench.stop();
  }
  await Promise.all([upstream.stop(), load.stop()]);

  report('bench:gateway', tables({ start: starting.text, crowd: crowdRows, cases: caseRows }), options);
} finally {
  programs.remove();
}

const missed = verdicts.filter(({ ok }) => !ok);
console.log(missed.length === 0 ? `all ${verdicts.length} bounds are met` : `${missed.length} of ${verdicts.length} bounds are missed:\n${missed.map(({ what }) => `- ${what}`).join('\n')}`);
process.exit(options.check && missed.length > 0 ? 1 : 0);
