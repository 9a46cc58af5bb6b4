/** The details of a model as a table. */
import type { ModelServer } from '../../core/config/model.ts';
import type { ModelDetails } from '../../core/servers/lifecycle/model.ts';
import { detailPairs } from '../../core/servers/lifecycle/report.ts';
import { dim } from './cells.ts';
import { renderTable } from './table.ts';
import { harmless, type Output } from './terminal.ts';

export function printDetails(output: Output, details: ModelDetails, server: Pick<ModelServer, 'name'>): void {
  output.line(`${output.paint('bold', harmless(details.model))}  ${output.paint('dim', `on ${harmless(server.name)}`)}`);
  for (const line of renderTable(output, detailPairs(details).map(([label, value]) => [dim(output, label), harmless(value)]), { indent: '  ' })) output.line(line);
}
