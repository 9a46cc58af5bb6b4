/** The status of everything as lines for people. The words are those of the tree in VS Code. */
import { type ConfigProblem, isOfUser } from '../../core/config/model.ts';
import type { DelegatorStatus, ServerStatus, Snapshot, ToolStatus } from '../../core/operator.ts';
import { needsAttention } from '../../core/servers/health.ts';
import { formatDuration } from '../../core/status/format.ts';
import type { StatusTree, Tone } from '../../core/status/node.ts';
import { healthWords, originWords } from '../../core/status/words.ts';
import { plural } from '../../base/text.ts';
import { dim, symbol, toned } from './cells.ts';
import { type Cell, renderTable, type TableOptions, wrap } from './table.ts';
import { harmless, type Output } from './terminal.ts';

export type SectionName = 'llm_tools' | 'model_servers' | 'delegators';

/** A row of a table and the lines that explain it. */
interface Row {
  readonly cells: readonly (Cell | string)[];
  readonly below: readonly Below[];
}

interface Below {
  readonly text: string;
  readonly isHint: boolean;
}

/** What there is to say of these, and then what to do. */
function explain(facts: readonly (string | undefined)[], hint?: string): Below[] {
  const said = facts.flatMap((text) => (text ? [{ text: harmless(text), isHint: false }] : []));
  return hint ? [...said, { text: harmless(hint), isHint: true }] : said;
}

/** What a narrow screen loses: first the origin, the time and the route, then the ends of paths, addresses and model names. */
const layouts: Readonly<Record<SectionName, TableOptions>> = {
  llm_tools: { flexible: [3] },
  model_servers: { drop: [5, 7], flexible: [6] },
  delegators: { drop: [7, 6], flexible: [4] },
};

export function statusLines(output: Output, snapshot: Snapshot, tree: StatusTree, sections: readonly SectionName[], only?: ReadonlySet<string>): string[] {
  const lines: string[] = [];
  for (const section of sections) {
    const node = tree.sections.find(({ subject }) => subject.type === 'section' && subject.section === section);
    if (lines.length > 0) lines.push('');
    lines.push(`${output.paint('bold', node?.label ?? section)}  ${output.paint('dim', harmless(only ? '' : (node?.description ?? '')))}`.trimEnd());
    lines.push(...renderRows(output, rowsOf(output, snapshot, section, only), layouts[section]));
  }
  return lines;
}

function rowsOf(output: Output, snapshot: Snapshot, section: SectionName, only: ReadonlySet<string> | undefined): readonly Row[] {
  switch (section) {
    case 'llm_tools':
      return [...snapshot.tools].sort((a, b) => Number(isMissing(a)) - Number(isMissing(b))).map((tool) => toolRow(output, tool, snapshot.configuration.defaultTool));
    case 'model_servers':
      return snapshot.servers.filter(({ server }) => only?.has(server.name) ?? true).map((status) => serverRow(output, status));
    case 'delegators':
      return snapshot.delegators.map((status) => delegatorRow(output, status, snapshot.configuration.problems));
  }
}

function renderRows(output: Output, rows: readonly Row[], layout: TableOptions): string[] {
  if (rows.length === 0) return [`  ${output.paint('dim', 'none')}`];
  const lines = renderTable(output, rows.map(({ cells }) => cells), { ...layout, indent: '  ' });
  return rows.flatMap(({ below }, index) => [
    lines[index] ?? '',
    ...below.flatMap(({ text, isHint }) => wrap(output, isHint ? `→ ${text}` : text, '      ').map((line) => (isHint ? line : output.paint('dim', line)))),
  ]);
}

function isMissing({ detection }: ToolStatus): boolean {
  return detection.state === 'missing';
}

function toolRow(output: Output, { record, detection, custom }: ToolStatus, defaultTool: string | undefined): Row {
  const marks = [...(record.name === defaultTool ? ['default'] : []), ...(custom ? ['custom'] : [])].join(', ');
  const name = harmless(record.name);
  switch (detection.state) {
    case 'found': {
      const tone = detection.problem || detection.outdated ? 'warning' : 'ok';
      return { cells: [symbol(output, tone), name, toned(output, tone, detection.version ?? 'unknown version'), dim(output, detection.path), dim(output, marks)], below: explain([detection.problem, record.notice]) };
    }
    case 'builtin':
      return { cells: [symbol(output, 'ok'), name, toned(output, 'ok', detection.version), dim(output, 'built in'), dim(output, marks)], below: [] };
    case 'missing':
      return { cells: [symbol(output, 'neutral'), name, dim(output, 'not installed'), dim(output, record.install.command), dim(output, marks)], below: [] };
    case 'unknown':
    case 'detecting':
      return { cells: [symbol(output, 'neutral'), name, dim(output, 'not looked for'), '', dim(output, marks)], below: [] };
  }
}

function serverRow(output: Output, { server, health }: ServerStatus): Row {
  const known = health.state !== 'unknown';
  const { words, tone } = healthWords(health.state);
  const attention = needsAttention(health.state) || health.state === 'starting';
  const state = !known && !isOfUser(server) ? 'vendor login' : words;
  const models = health.models.length > 0 ? plural(health.models.length, 'model') : '';
  return {
    cells: [
      symbol(output, known ? tone : 'neutral'),
      harmless(server.name),
      known ? toned(output, tone, state) : dim(output, state),
      models,
      server.placement,
      dim(output, originWords(server.origin)),
      harmless(server.baseUrl),
      dim(output, health.latencyMs === undefined ? '' : formatDuration(health.latencyMs)),
    ],
    below: [...(attention ? explain([health.message], health.hint) : []), ...explain(health.warnings)],
  };
}

function delegatorRow(output: Output, { delegator, resolution }: DelegatorStatus, problems: readonly ConfigProblem[]): Row {
  const broken = problems.some(({ severity, subject }) => severity === 'error' && subject.type === 'delegator' && subject.name === delegator.name);
  const tone: Tone = resolution.ok ? 'ok' : broken ? 'error' : 'warning';
  const server = resolution.ok ? resolution.value.server.name : (delegator.modelServer ?? '');
  const route = resolution.ok ? resolution.value.route : undefined;
  const routeWords = route === undefined ? '' : 'protocol' in route ? `${route.type}, ${route.protocol}` : 'direct, own login';
  return {
    cells: [
      symbol(output, tone),
      harmless(delegator.name),
      toned(output, tone, resolution.ok ? 'ready' : 'not ready'),
      harmless(delegator.llmTool),
      harmless(delegator.model),
      harmless(server),
      dim(output, routeWords),
      dim(output, originWords(delegator.origin)),
    ],
    below: resolution.ok ? [] : resolution.error.flatMap(({ message, hint }) => explain([message], hint)),
  };
}
