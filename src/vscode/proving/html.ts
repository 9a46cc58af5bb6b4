/** The table of a model test as HTML. Everything that came from a file, a server or a model is escaped. Pure. */
import { plural } from '../../base/text.ts';
import { levelOf } from '../../core/proving/levels.ts';
import { levelIds, type LevelId, type LevelResult } from '../../core/proving/model.ts';
import { formatRate, outcomeWords } from '../../core/proving/words.ts';
import { formatDuration, formatTokens } from '../../core/status/format.ts';
import type { Cell, Column, TestTable } from './state.ts';

/** The page around the table; its script fills `main` and `status`, and enables the buttons. Nothing is loaded from anywhere but the extension itself. */
export function renderPage({ cspSource, nonce, scriptUri, styleUri, title }: { readonly cspSource: string; readonly nonce: string; readonly scriptUri: string; readonly styleUri: string; readonly title: string }): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${escapeHtml(cspSource)}; script-src 'nonce-${escapeHtml(nonce)}'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${escapeHtml(styleUri)}">
<title>${escapeHtml(title)}</title>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
<p id="status" role="status" aria-live="polite"></p>
<div class="actions">
<button type="button" id="again" data-action="again" disabled>Run Again</button>
<button type="button" id="cancel" class="secondary" data-action="cancel" disabled>Cancel</button>
</div>
<main id="main"></main>
<script nonce="${escapeHtml(nonce)}" src="${escapeHtml(scriptUri)}"></script>
</body>
</html>`;
}

/** What a screen reader is told while it runs, and what it came to. @param before what it was told last, which stands between two levels */
export function statusText({ columns, running }: TestTable, before = ''): string {
  if (running) {
    const now = columns.flatMap(({ model, cells }) => levelIds.filter((id) => cells[id].type === 'running').map((id) => `${model}: ${levelOf(id).title}`));
    if (now.length > 0) return `Testing ${now.join(', ')}`;
    return before !== '' && columns.some(({ cells }) => levelIds.some((id) => cells[id].type === 'ended')) ? before : 'Starting';
  }
  if (columns.some(({ report }) => report?.outcome === 'cancelled')) return 'Cancelled';
  const failed = columns.filter(({ report, error }) => error !== undefined || report?.outcome === 'failed');
  if (failed.length === 0) return columns.length === 1 ? 'All levels that apply passed' : `All ${plural(columns.length, 'model')} passed`;
  return columns.length === 1 ? 'Some levels failed' : `${failed.length} of ${plural(columns.length, 'model')} failed`;
}

export function renderTable(table: TestTable): string {
  const { columns } = table;
  const shown = levelIds.filter((id) => columns.some(({ cells }) => cells[id].type !== 'left-out'));
  return `<div class="scroll" id="scroll" role="region" aria-label="Results" tabindex="0">
<table>
<caption class="hidden">Levels of the test, one column for each model</caption>
<thead><tr><th scope="col">Level</th>${columns.map(renderHead).join('')}</tr></thead>
<tbody>
${shown.map((id) => `<tr><th scope="row">${escapeHtml(levelOf(id).title)}</th>${columns.map((column, index) => renderCell(column.cells[id], id, index)).join('')}</tr>`).join('\n')}
${factRow('first token', columns, ({ report }) => (report?.speed?.firstTokenMs === undefined ? '' : formatDuration(report.speed.firstTokenMs)))}
${factRow('tokens per second', columns, speedOf)}
${factRow('context', columns, contextOf)}
${factRow('requests', columns, requestsOf)}
</tbody>
</table>
</div>
${columns.flatMap(({ model, error }) => (error === undefined ? [] : [`<p class="failed"><strong>${escapeHtml(model)}</strong>: ${escapeHtml(error)}</p>`])).join('')}`;
}

function renderHead({ model, modelServer, placement }: Column): string {
  return `<th scope="col">${escapeHtml(model)}<span class="server">${escapeHtml(`${modelServer} · ${placement}`)}</span></th>`;
}

function renderCell(cell: Cell, level: LevelId, column: number): string {
  switch (cell.type) {
    case 'left-out':
      return '<td></td>';
    case 'waiting':
      return '<td class="waiting">waiting</td>';
    case 'running':
      return `<td class="running">${symbol('◌')}running</td>`;
    case 'ended':
      return renderResult(cell.result, `${level}-${column}`);
  }
}

const symbols: Readonly<Record<LevelResult['outcome'], string>> = { passed: '✔', failed: '✖', skipped: '–', 'not-reached': '–' };

function renderResult(result: LevelResult, id: string): string {
  const { outcome, ms, reason, expected, came, hint, warnings } = result;
  const head = `${symbol(symbols[outcome])}${outcomeWords[outcome]}${outcome === 'passed' && ms !== undefined && ms > 0 ? ` <span class="time">${escapeHtml(formatDuration(ms))}</span>` : ''}`;
  const facts = [
    ...(reason === undefined ? [] : [`<p>${escapeHtml(reason)}</p>`]),
    ...(expected === undefined ? [] : [`<p><span class="label">Expected</span> ${escapeHtml(expected)}</p>`]),
    ...(came === undefined ? [] : [`<p><span class="label">Came</span> ${escapeHtml(came)}</p>`]),
    ...(hint === undefined ? [] : [`<p><span class="label">What to do</span> ${escapeHtml(hint)}</p>`]),
    ...warnings.map((warning) => `<p><span class="label">Note</span> ${escapeHtml(warning)}</p>`),
  ];
  if (facts.length === 0) return `<td class="${outcome}">${head}</td>`;
  return `<td class="${outcome}"><details id="${escapeHtml(id)}"${outcome === 'failed' ? ' open' : ''}><summary>${head}</summary>${facts.join('')}</details></td>`;
}

/** Seen, not read: the word stands beside it. */
function symbol(text: string): string {
  return `<span class="symbol" aria-hidden="true">${text}</span>`;
}

function factRow(title: string, columns: readonly Column[], fact: (column: Column) => string): string {
  const facts = columns.map(fact);
  if (facts.every((text) => text === '')) return '';
  return `<tr class="fact"><th scope="row">${escapeHtml(title)}</th>${facts.map((text) => `<td>${escapeHtml(text)}</td>`).join('')}</tr>`;
}

function speedOf({ report }: Column): string {
  const speed = report?.speed;
  if (speed?.tokensPerSecond === undefined) return speed?.inOnePiece ? 'came in one piece' : '';
  return `${formatRate(speed.tokensPerSecond)}${speed.estimated ? ' (estimate)' : ''}`;
}

function contextOf({ report }: Column): string {
  const { claimed, loaded } = report?.context ?? {};
  return [...(claimed === undefined ? [] : [formatTokens(claimed)]), ...(loaded === undefined ? [] : [`loaded with ${formatTokens(loaded)}`])].join(', ');
}

function requestsOf({ report }: Column): string {
  return report?.usage === undefined ? '' : String(report.usage.requests);
}

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}
