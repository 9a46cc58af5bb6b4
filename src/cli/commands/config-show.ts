/** `operator config show`: what the files come to, value by value, each with where it is from. */
import { reportConfiguration, type ShownEntry } from '../../core/config/show.ts';
import { dim } from '../output/cells.ts';
import { renderTable } from '../output/table.ts';
import { harmless, type Output } from '../output/terminal.ts';
import type { GlobalOptions, Session } from '../session.ts';
import { exitCodeOfLayers } from './status.ts';

export async function configShow(session: Session, options: GlobalOptions & { readonly json?: boolean }): Promise<number> {
  const opened = await session.open(options);
  const report = reportConfiguration(opened.operator.snapshot.configuration);
  if (options.json) {
    session.stdout.line(JSON.stringify(report, null, 2));
    return exitCodeOfLayers(opened);
  }
  const { stdout } = session;
  for (const { layer, file, state } of report.files) stdout.line(`${harmless(file)}  ${stdout.paint('dim', state === 'absent' ? `${layer}, does not exist` : state === 'broken' ? `${layer}, cannot be used as it is` : layer)}`);
  section(stdout, 'LLM tools', [report.llm_tools, ...report.custom_tools]);
  section(stdout, 'Model servers', report.model_servers);
  section(stdout, 'Delegators', report.delegators);
  for (const { table, count } of report.not_used) stdout.line(`\n${stdout.paint('bold', table)}  ${stdout.paint('dim', `${count} kept, not used yet`)}`);
  return exitCodeOfLayers(opened);
}

function section(output: Output, title: string, entries: readonly ShownEntry[]): void {
  const shown = entries.filter(({ values, name }) => values.length > 0 || name !== null);
  if (shown.length === 0) return;
  output.line();
  output.line(output.paint('bold', title));
  for (const { name, origin, values, problem } of shown) {
    if (name !== null) output.line(`  ${harmless(name)}  ${output.paint('dim', harmless(origin))}`);
    if (problem !== null) output.line(`    ${output.paint('red', harmless(problem))}`);
    const rows = values.map(({ key, value, from }) => [harmless(key), harmless(typeof value === 'string' ? value : JSON.stringify(value)), dim(output, harmless(from))]);
    for (const line of renderTable(output, rows, { indent: name === null ? '  ' : '    ', flexible: [1] })) output.line(line);
  }
}

