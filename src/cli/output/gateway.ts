/** The gateway and its sessions as people read them. */
import { plural } from '../../base/text.ts';
import type { GatewaySession, GatewayState, GatewayStatus } from '../../core/gateway/model.ts';
import { formatCount, formatTime } from '../../core/status/format.ts';
import type { Tone } from '../../core/status/node.ts';
import { dim, symbol, toned } from './cells.ts';
import { type Cell, renderTable, wrap } from './table.ts';
import { harmless, type Output } from './terminal.ts';

/** `now` in epoch ms. */
export function gatewayLines(output: Output, state: GatewayState, now: number): string[] {
  const title = output.paint('bold', 'Gateway');
  switch (state.type) {
    case 'stopped':
    case 'starting':
      return [`${title}  ${output.paint('dim', 'not running; a launch that needs it starts it')}`];
    case 'failed':
      return [`${title}  ${output.paint('red', 'failed')}`, ...wrap(output, harmless(state.message), '  '), ...(state.hint === undefined ? [] : wrap(output, `→ ${harmless(state.hint)}`, '  '))];
    case 'running':
      return [`${title}  ${output.paint('dim', harmless(summary(state.status)))}`, ...runningLines(output, state.status, now)];
  }
}

/** "running at http://127.0.0.1:41873, 2 sessions". */
export function summary({ address, sessions, ending }: GatewayStatus): string {
  const words = ending === 'stop' ? 'ending' : ending === 'restart' ? 'restarting' : 'running';
  return `${words} at ${address}, ${sessions.length === 0 ? 'no sessions' : plural(sessions.length, 'session')}`;
}

function runningLines(output: Output, { pid, since, version, sessions }: GatewayStatus, now: number): string[] {
  const rows = sessions.map((session) => sessionCells(output, session, now));
  const head = ['', 'session', 'LLM tool', 'model', 'model server', 'since', 'requests', 'tokens'].map((text) => dim(output, text));
  const lines = rows.length === 0 ? [] : renderTable(output, [head, ...rows], { indent: '  ', drop: [5, 4, 2], flexible: [3, 1] });
  return [
    `  ${output.paint('dim', `process ${pid}, since ${formatTime(since, now)}, version ${harmless(version)}`)}`,
    ...lines.slice(0, 1),
    ...sessions.flatMap((session, index) => [lines[index + 1] ?? '', ...below(output, session, now)]),
  ];
}

function sessionCells(output: Output, session: GatewaySession, now: number): readonly (Cell | string)[] {
  const { delegator, displayName, llmTool, model, modelServer, since, usage } = session;
  const tone = toneOf(session);
  return [
    symbol(output, tone),
    toned(output, tone, delegator ?? displayName),
    harmless(llmTool),
    harmless(model),
    harmless(modelServer),
    dim(output, formatTime(since, now)),
    usage.failures === 0 ? String(usage.requests) : `${usage.requests}, ${usage.failures} failed`,
    tokens(usage),
  ];
}

function toneOf({ waiting, usage }: GatewaySession): Tone {
  const failedLast = usage.lastError !== undefined && usage.lastError.at >= (usage.lastRequestAt ?? 0);
  return waiting || failedLast ? 'warning' : 'ok';
}

/** Unknown is not 0: some servers report nothing. */
function tokens({ inputTokens, outputTokens }: GatewaySession['usage']): string {
  if (inputTokens === undefined && outputTokens === undefined) return '';
  const words = (count: number | undefined): string => (count === undefined ? '?' : formatCount(count));
  return `${words(inputTokens)} in, ${words(outputTokens)} out`;
}

function below(output: Output, { waiting, usage, warnings }: GatewaySession, now: number): string[] {
  const facts = [
    ...(waiting ? ['waits for its keys: the gateway was restarted, and who launched this agent has not handed them over again yet'] : []),
    ...(usage.lastError ? [`last error, ${formatTime(usage.lastError.at, now)}: ${usage.lastError.message}`] : []),
    // The code before the sentence is for programs.
    ...warnings.map((warning) => `left out or approximated: ${warning.replace(/^[a-z-]+: /, '')}`),
  ];
  return facts.flatMap((fact) => wrap(output, harmless(fact), '      ').map((line) => output.paint('dim', line)));
}
