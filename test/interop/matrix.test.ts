/**
 * The real claude, codex and gemini, through the gateway, against servers of every protocol: `npm run test:interop`.
 * Prints a table; with `-- --write` it is also put into docs/INTEROP.md.
 */
import { installAgents } from '../support/clis.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { type Case, cases } from './cases.ts';
import { clis, type InteropCli } from './clis.ts';
import { type Cell, renderTable, writeReport } from './report.ts';
import { type InteropServer, servers } from './servers.ts';

describe('interoperability through the gateway', function () {
  this.timeout(120_000);
  let program: (tool: string) => string;
  let gateway: TestGateway;
  const cells: Cell[] = [];
  const planned = clis.flatMap((cli) => servers.flatMap((server) => cases.map((wanted) => ({ cli, server, wanted, result: undefined as Promise<Cell> | undefined }))));

  before(async function () {
    this.timeout(600_000); // the first test of a machine installs the agents
    program = await installAgents();
    gateway = await startGateway({ maxBodyBytes: 16 * 1024 * 1024 });
  });

  after(async () => {
    await Promise.all(planned.map(({ result }) => result));
    await gateway.close();
    console.log(`\n${renderTable(cells)}\n`);
    if (process.argv.includes('--write') && cells.length === planned.length) writeReport(cells, program);
  });

  for (const [index, { cli, server, wanted }] of planned.entries()) {
    it(`${cli.name} on ${server.protocol}: ${wanted.name}`, async () => {
      // Two at a time: the next one starts while this one runs.
      for (const next of planned.slice(index, index + 2)) next.result ??= runCell(next.cli, next.server, next.wanted);
      const cell = await planned[index]?.result;
      if (!cell) throw new Error('the cell was not run');
      cells.push(cell);
      if (cell.error) throw cell.error;
    });
  }

  /** Never rejects, because nobody may be waiting yet. */
  async function runCell(cli: InteropCli, server: InteropServer, wanted: Case): Promise<Cell> {
    const cell = { cli: cli.name, protocol: server.protocol, wanted: wanted.name } as const;
    try {
      return { ...cell, outcome: await wanted.run({ cli, server, gateway, program: program(cli.name) }) };
    } catch (error) {
      return { ...cell, error: error instanceof Error ? error : new Error(String(error)) };
    }
  }
});
