/** The table of docs/INTEROP.md. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { table } from '../../scripts/docs/markdown.mts';
import type { Protocol } from '../../src/core/protocol.ts';
import { type Case, cases, type Outcome } from './cases.ts';
import { clis, type InteropCli } from './clis.ts';
import { type InteropServer, servers } from './servers.ts';

export interface Cell {
  readonly cli: InteropCli['name'];
  readonly protocol: Protocol;
  readonly wanted: Case['name'];
  readonly outcome?: Outcome;
  readonly error?: Error;
}

/** One row per pairing, one column per case, and what the gateway said that it left out. */
export function renderTable(cells: readonly Cell[]): string {
  const rows = clis.flatMap((cli) => servers.map((server) => ({ cli, server, own: cells.filter(({ cli: name, protocol }) => name === cli.name && protocol === server.protocol) })));
  return table(
    ['Agent', 'Server', ...cases.map(({ name }) => name), 'Left out or approximated'],
    rows.filter(({ own }) => own.length > 0).map(({ cli, server, own }) => [cli.name, server.protocol, ...cases.map(({ name }) => verdict(own.find(({ wanted }) => wanted === name))), losses(cli, server, own)]),
  );
}

function verdict(cell: Cell | undefined): string {
  if (!cell) return '';
  return cell.error ? `no: ${cell.error.message.split('\n')[0] ?? ''}` : '✓';
}

function losses(cli: InteropCli, server: InteropServer, cells: readonly Cell[]): string {
  if (cli.protocol === server.protocol) return 'nothing: passed through';
  const warnings = [...new Set(cells.flatMap(({ outcome }) => (outcome?.warnings ?? []).map((warning) => warning.replace(/^[a-z-]+: /, ''))))];
  const simplified = warnings.filter((warning) => /^the parameters of the tool \S+ were simplified/.test(warning));
  const others = warnings.filter((warning) => !simplified.includes(warning));
  return [...others, ...(simplified.length > 0 ? [`parameters of ${simplified.length} tools were simplified for the server's grammar`] : [])].join('; ') || 'nothing';
}

const file = resolve(import.meta.dirname, '..', '..', 'docs', 'INTEROP.md');

/** @param program where an agent is installed */
export function writeReport(cells: readonly Cell[], program: (tool: string) => string): void {
  const longest = Math.max(...cells.map(({ outcome }) => outcome?.leftAfterMs ?? 0));
  const works = cells.filter(({ error }) => !error).length;
  const measured = [
    renderTable(cells),
    `${works} of ${cells.length} cells work. An agent that is ended leaves its server after ${Math.ceil(longest)} ms at most.`,
    `${new Date().toISOString().slice(0, 10)}, ${process.platform} ${process.arch}, with ${clis.map(({ name }) => `${name} ${versionOf(program(name))}`).join(', ')}.`,
  ].join('\n\n');
  const proofs = table(['Case', 'What it proves'], cases.map(({ name, proves }) => [name, proves]));
  const stands = table(['Protocol', 'Stands for', 'Model'], servers.map(({ protocol, kind, model }) => [protocol, kind, model]));
  const text = ['measured', 'cases', 'servers'].reduce((result, name, index) => replaceMarked(result, name, [measured, proofs, stands][index] ?? ''), readFileSync(file, 'utf8'));
  writeFileSync(file, text);
}

function replaceMarked(text: string, name: string, content: string): string {
  const marked = new RegExp(`(<!-- ${name}: npm run test:interop -- --write -->\\n)[\\s\\S]*?(<!-- end -->)`);
  if (!marked.test(text)) throw new Error(`${file} has no place for ${name}`);
  return text.replace(marked, (_all, start: string, end: string) => `${start}\n${content}\n\n${end}`);
}

function versionOf(program: string): string {
  return /\d+\.\d+\.\d+/.exec(execFileSync(program, ['--version'], { encoding: 'utf8' }))?.[0] ?? 'of unknown version';
}
