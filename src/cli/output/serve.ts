/** What `operator serve` tells: where it is, how to use it, what it serves, and a line for each request. */
import { plural } from '../../base/text.ts';
import type { RequestRecord } from '../../core/gateway/control.ts';
import type { SessionSpec } from '../../core/gateway/model.ts';
import { formatCount, formatDuration } from '../../core/status/format.ts';
import { renderTable } from './table.ts';
import { dim, toned } from './cells.ts';
import { harmless, type Output } from './terminal.ts';

/** A screenful; `/v1/models` has the rest. */
const maxNames = 40;

export function servedLines(output: Output, spec: SessionSpec, addresses: readonly string[]): string[] {
  const [nearest = '', ...others] = addresses;
  const token = 'TOKEN';
  const uses: readonly (readonly [string, string])[] = [
    ['OpenAI clients', `OPENAI_BASE_URL=${nearest}/v1 OPENAI_API_KEY=${token}`],
    ['Anthropic clients', `ANTHROPIC_BASE_URL=${nearest} ANTHROPIC_AUTH_TOKEN=${token}`],
    ['Gemini clients', `GOOGLE_GEMINI_BASE_URL=${nearest} GEMINI_API_KEY=${token}`],
  ];
  return [
    `${output.paint('bold', 'Operator serves')} ${countWords(spec)} ${output.paint('bold', 'at')} ${nearest}`,
    ...others.map((address) => `  and ${address}`),
    '',
    ...renderTable({ columns: undefined }, uses.map(([who, how]) => [dim(output, who), how]), { indent: '  ' }),
    '',
    ...nameLines(output, spec),
  ];
}

/** "3 models under 5 names". */
export function countWords({ targets }: SessionSpec): string {
  return plural(new Set(targets.map(({ server, model }) => `${server.name}/${model}`)).size, 'model');
}

function nameLines(output: Output, { targets }: SessionSpec): string[] {
  const taken = new Set<string>();
  const rows = targets.map(({ names, model, server }) => {
    // A name that two servers have means the first.
    const own = names.filter((name) => !taken.has(name));
    for (const name of own) taken.add(name);
    const [first = model, ...more] = own;
    return [harmless(first), dim(output, more.length > 0 ? `or ${more.join(', ')}` : `${model} on ${server.name}`)];
  });
  const lines = renderTable(output, rows.slice(0, maxNames), { indent: '  ', flexible: [1] });
  return rows.length > maxNames ? [...lines, `  ${output.paint('dim', `and ${rows.length - maxNames} more: GET /v1/models lists them`)}`] : lines;
}

/** `12:34:56 POST /v1/messages 200 812 ms  qwen3:8b on lab (anthropic-messages → ollama)  1.2k in, 300 out`. Nothing that was said. */
export function requestLine(output: Output, { at, method, path, status, complete, ms, model, modelServer, from, to, inputTokens, outputTokens, error }: RequestRecord): string {
  const brokeOff = error !== undefined && status < 400;
  const tokens = inputTokens === undefined && outputTokens === undefined ? '' : `${inputTokens === undefined ? '?' : formatCount(inputTokens)} in, ${outputTokens === undefined ? '?' : formatCount(outputTokens)} out`;
  const way = model === undefined ? '' : `${model} on ${modelServer ?? '?'} (${from === to ? from : `${from} → ${to}`})`;
  const cells = [
    dim(output, new Date(at).toTimeString().slice(0, 8)),
    harmless(`${method} ${path}`),
    toned(output, status >= 400 || brokeOff ? 'error' : complete ? 'ok' : 'warning', complete || status >= 400 ? String(status) : 'client left'),
    formatDuration(ms),
    harmless(way),
    dim(output, tokens),
    // Not in the server's words, which may quote what it was asked.
    brokeOff ? 'failed within the answer' : '',
  ];
  return renderTable({ columns: undefined }, [cells.filter((cell) => (typeof cell === 'string' ? cell : cell.text) !== '')])[0] ?? '';
}
