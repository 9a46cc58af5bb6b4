/** `operator status`, `tools`, `servers`, `delegators`: what there is and in which state. */
import { createSystemClock } from '../../platform/clock.ts';
import type { ConfigProblem } from '../../core/config/model.ts';
import type { Operator } from '../../core/operator.ts';
import { buildReport, type StatusReport } from '../../core/status/report.ts';
import { buildTree } from '../../core/status/build.ts';
import { exitCodes } from '../exit-codes.ts';
import { gatewayLines } from '../output/gateway.ts';
import { probeWithProgress } from '../output/progress.ts';
import { type SectionName, statusLines } from '../output/status.ts';
import { printProblem } from '../output/messages.ts';
import type { GlobalOptions, OpenOperator, Session } from '../session.ts';

export interface StatusOptions extends GlobalOptions {
  readonly probe?: boolean;
  readonly json?: boolean;
}

/** A gateway answers in a few milliseconds. */
const gatewayLimitMs = 500;

export async function status(session: Session, options: StatusOptions, part: SectionName | 'all'): Promise<number> {
  // Who asks for the tools alone wants to know what is there now.
  const opened = await session.open({ ...options, freshVersions: part === 'llm_tools' });
  const { operator } = opened;
  await Promise.all([
    part === 'model_servers' ? undefined : operator.detect(),
    options.probe ? probeWithProgress(session, operator) : undefined,
    part === 'all' ? lookForGateway(operator) : undefined,
  ]);
  printStatus(session, opened, part, options.json === true);
  return exitCodeOfLayers(opened);
}

/** Does not start it, and does not wait for one that hangs. */
async function lookForGateway(operator: Operator): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = createSystemClock().after(gatewayLimitMs, resolve);
  await Promise.race([operator.findGateway(), late]);
  timer.dispose();
}

/** The whole or one section of it, as JSON or for people. */
export function printStatus(session: Session, { operator }: OpenOperator, part: SectionName | 'all', json: boolean, only?: ReadonlySet<string>): void {
  const { snapshot } = operator;
  if (json) {
    session.stdout.line(JSON.stringify(selectReport(buildReport(snapshot), part, only), null, 2));
    return;
  }
  const now = createSystemClock().now();
  const tree = buildTree(snapshot, now);
  const sections = part === 'all' ? (['llm_tools', 'model_servers', 'delegators'] as const) : [part];
  for (const line of statusLines(session.stdout, snapshot, tree, sections, only)) session.stdout.line(line);
  if (part === 'all' && snapshot.gateway.state.type === 'running') for (const line of ['', ...gatewayLines(session.stdout, snapshot.gateway.state, now)]) session.stdout.line(line);
  for (const problem of snapshot.configuration.problems) if (concerns(problem, part, only)) printProblem(session.stderr, problem);
}

/** A section comes with the problems of its own entries, and of files that cannot be used at all. */
function concerns({ subject }: ConfigProblem, part: SectionName | 'all', only: ReadonlySet<string> | undefined): boolean {
  if (part === 'all' || subject.type === 'file') return true;
  const section = { llm_tool: 'llm_tools', model_server: 'model_servers', delegator: 'delegators' }[subject.type];
  return section === part && (only?.has(subject.name) ?? true);
}

function selectReport(report: StatusReport, part: SectionName | 'all', only: ReadonlySet<string> | undefined): Partial<StatusReport> {
  const selected = only ? { ...report, model_servers: report.model_servers.filter(({ name }) => only.has(name)) } : report;
  return part === 'all' ? selected : { [part]: selected[part], problems: selected.problems };
}

/** A file that cannot be used at all is an error of the whole command; a bad entry is a problem beside good ones. */
export function exitCodeOfLayers({ operator }: OpenOperator): number {
  return operator.snapshot.configuration.layers.some(({ state }) => state.type === 'broken') ? exitCodes.configuration : exitCodes.done;
}
