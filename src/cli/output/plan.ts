/** A launch plan on a terminal. What it shows is the report of `--json`, so that neither shows a key. */
import { reportPlan, renderRoute } from '../../core/launch/render.ts';
import type { LaunchPlan } from '../../core/launch/model.ts';
import { dim } from './cells.ts';
import { renderTable } from './table.ts';
import { harmless, type Output } from './terminal.ts';

export function planLines(output: Output, plan: LaunchPlan): string[] {
  const report = reportPlan(plan);
  const facts: readonly (readonly [string, string])[] = [
    ...(report.delegator === null ? [] : [['delegator', report.delegator] as const]),
    ['LLM tool', report.llm_tool],
    ['model', report.model],
    ['model server', report.model_server],
    ['route', renderRoute(plan.route)],
    ['folder', report.cwd],
  ];
  return [
    ...renderTable({ columns: undefined }, facts.map(([name, value]) => [dim(output, name), harmless(value)])),
    '',
    output.paint('bold', 'Command'),
    ...commandLines(report.argv).map((line) => `  ${line}`),
    ...section(output, 'Environment', [
      ...Object.entries(report.env).map(([name, value]) => `  ${harmless(name)}=${harmless(value)}`),
      ...plan.unset.map(({ name, reason }) => `  ${output.paint('yellow', 'unset')} ${harmless(name)}  ${output.paint('dim', harmless(reason))}`),
    ]),
    ...report.files.flatMap(({ path, content }) => section(output, `Private file, gone with the session: ${harmless(path)}`, content.trimEnd().split('\n').map((line) => `  ${harmless(line)}`))),
    ...section(output, 'Notes', report.notes.map(({ severity, message }) => `  ${severity === 'warning' ? output.paint('yellow', '▲') : '•'} ${harmless(message)}`)),
  ];
}

function section(output: Output, title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', output.paint('bold', title), ...lines];
}

/** One option with its value per line, quoted so that it can be read and copied; nothing that Operator starts goes through a shell. */
function commandLines(argv: readonly string[]): string[] {
  const lines: string[] = [];
  argv.forEach((argument, index) => {
    if (index === 0 || argument.startsWith('-')) lines.push(shellQuote(argument));
    else lines[lines.length - 1] += ` ${shellQuote(argument)}`;
  });
  return lines.map((line, index) => `${index === 0 ? '' : '  '}${line}${index === lines.length - 1 ? '' : ' \\'}`);
}

/** A word of a POSIX shell. Control characters in the form that bash, zsh and ksh read. */
export function shellQuote(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  if (!/[\u0000-\u001f\u007f]/.test(text)) return `'${text.replaceAll("'", `'\\''`)}'`;
  const named: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\r': '\\r' };
  const escaped = text.replaceAll(/[\\']/g, '\\$&').replaceAll(/[\u0000-\u001f\u007f]/g, (character) => named[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return `$'${escaped}'`;
}
