/** The *Delegators* section: each with what it resolves to, or why it cannot run, and its sessions. */
import { plural } from '../../base/text.ts';
import type { ConfigProblem, Delegator } from '../config/model.ts';
import { describeGatewayRoute } from '../delegators/gateway-route.ts';
import type { Refusal } from '../launch/model.ts';
import type { DelegatorStatus, ResolvedDelegator, SessionStatus } from '../operator.ts';
import type { Health } from '../servers/health.ts';
import type { TreeContext } from './context.ts';
import { code, escapeMarkdown, formatTime } from './format.ts';
import { detailNode, sectionNode } from './nodes.ts';
import type { NodeAction, StatusNode } from './node.ts';
import { orphanProblems, problemChildren } from './problems.ts';
import { healthWords, originWords, placementWords } from './words.ts';

export function buildDelegators(context: TreeContext): StatusNode {
  const { delegators, sessions, configuration } = context.snapshot;
  const notReady = delegators.filter(({ resolution }) => !resolution.ok).length;
  const running = sessions.filter(({ state }) => state.type === 'running').length;
  const description = delegators.length === 0 ? 'none yet' : [String(delegators.length), ...(running > 0 ? [`${running} running`] : []), ...(notReady > 0 ? [`${notReady} not ready`] : [])].join(' · ');
  return sectionNode({
    section: 'delegators',
    label: 'Delegators',
    description,
    tone: notReady > 0 ? 'warning' : 'neutral',
    about: 'Named pairings of an LLM tool with a model on a model server. Launch one with its play button.',
    children: [
      ...delegators.map((status) => delegatorNode(context, status)),
      ...orphanProblems(context, 'delegator', configuration.delegators),
      ...sessions.filter(({ delegatorId }) => delegatorId === undefined || !delegators.some(({ id }) => id === delegatorId)).map((session) => sessionNode(context, session)),
    ],
  });
}

function delegatorNode(context: TreeContext, status: DelegatorStatus): StatusNode {
  const { delegator, resolution } = status;
  const id = `delegator/${status.id}`;
  const problems = context.problemsOf('delegator', delegator);
  const sessions = context.sessionsOf(status.id);
  const running = sessions.filter(({ state }) => state.type === 'running').length;
  const pairing = [delegator.llmTool, delegator.model, delegator.modelServer ?? ''].filter((part) => part !== '').join(' · ');
  const state = running > 0 ? (running === 1 ? 'running' : `${running} running`) : resolution.ok ? 'ready' : 'not ready';
  const first = resolution.ok ? undefined : resolution.error[0];
  const rootName = delegator.origin.layer === 'workspace' ? context.rootName(delegator.origin.root) : undefined;
  const description = [state, pairing, ...(rootName ? [rootName] : [])].join(' · ');
  return {
    id,
    kind: 'delegator',
    label: delegator.displayName,
    description,
    icon: running > 0 ? 'debug-start' : resolution.ok ? 'rocket' : 'warning',
    tone: running > 0 ? 'ok' : resolution.ok ? 'neutral' : 'warning',
    tags: ['delegator', resolution.ok ? 'ready' : 'blocked', delegator.origin.layer, ...(running > 0 ? ['running'] : []), ...(resolution.ok ? [resolution.value.route.type, resolution.value.server.placement] : [])].sort(),
    subject: { type: 'delegator', id: status.id, name: delegator.name },
    accessibilityLabel: `Delegator ${delegator.displayName}, ${description}${first ? `: ${first.message}` : ''}`,
    tooltip: () => delegatorTooltip(context, status),
    expanded: running > 0,
    children: [
      ...sessions.map((session) => sessionNode(context, session)),
      ...problemChildren(shownProblems(problems, resolution.ok), id),
      ...(resolution.ok ? resolvedRows(context, id, resolution.value) : resolution.error.map((refusal, index) => refusalNode(`${id}/reason/${index}:${refusal.code}`, refusal, delegator))),
    ],
  };
}

/** What keeps a delegator from running stands in its reasons already; only warnings say something more. */
function shownProblems(problems: readonly ConfigProblem[], isReady: boolean): readonly ConfigProblem[] {
  return isReady ? problems : problems.filter(({ severity }) => severity !== 'error');
}

function resolvedRows(context: TreeContext, id: string, resolved: ResolvedDelegator): readonly StatusNode[] {
  const { tool, server, route } = resolved;
  const version = tool.detection.state === 'found' || tool.detection.state === 'builtin' ? tool.detection.version : undefined;
  const status = context.statusOf(server);
  const through = describeGatewayRoute(resolved, status?.health);
  const routeText = route.type === 'gateway' ? `through the gateway: ${through?.path ?? route.protocol}` : route.vendor ? 'direct, with the tool’s own login' : `direct, ${route.protocol}`;
  return [
    detailNode(`${id}/tool`, tool.record.name, version ?? 'LLM tool', tool.record.icon, 'LLM tool'),
    detailNode(`${id}/model`, resolved.model, 'model', 'circuit-board', 'model'),
    detailNode(`${id}/server`, server.displayName, `${status && status.health.state !== 'unknown' ? healthWords(status.health.state).words : server.baseUrl} · ${server.placement}`, 'server', 'model server'),
    { ...detailNode(`${id}/route`, routeText, 'route', 'git-commit', 'route'), tooltip: () => (through ? [escapeMarkdown(through.reason)] : []) },
  ];
}

function refusalNode(id: string, refusal: Refusal, delegator: Delegator): StatusNode {
  const action = refusalAction(refusal, delegator);
  return {
    ...detailNode(id, refusal.message, refusal.hint ?? '', 'warning', 'reason'),
    tone: 'warning',
    ...(action ? { action } : {}),
    tooltip: () => [escapeMarkdown(refusal.message), ...(refusal.hint ? [escapeMarkdown(refusal.hint)] : [])],
  };
}

/** What a click on the reason does about it. */
function refusalAction(refusal: Refusal, delegator: Delegator): NodeAction | undefined {
  if (refusal.code === 'tool-missing') return { type: 'install-tool', tool: delegator.llmTool };
  if (refusal.code === 'untrusted') return { type: 'manage-trust' };
  if (!delegator.where) return undefined;
  const start = delegator.where.range?.start;
  return { type: 'open-location', file: delegator.where.file, line: start?.line ?? 0, column: start?.column ?? 0 };
}

function delegatorTooltip(context: TreeContext, status: DelegatorStatus): readonly string[] {
  const { delegator, resolution } = status;
  const lines = [`**${escapeMarkdown(delegator.displayName)}** ${code(delegator.name)}`, `${code(delegator.llmTool)} with ${code(delegator.model)}${delegator.modelServer ? ` on ${code(delegator.modelServer)}` : ''}`];
  if (resolution.ok) {
    const { server } = resolution.value;
    lines.push(routeLine(resolution.value, context.statusOf(server)?.health));
    lines.push(`Placement ${escapeMarkdown(placementWords(server.placement))}`);
  } else {
    lines.push(`Not ready: ${plural(resolution.error.length, 'reason')}`, ...resolution.error.map(({ message, hint }) => `- ${escapeMarkdown(message)}${hint ? `. ${escapeMarkdown(hint)}` : ''}`));
  }
  if (delegator.launchConfig.yolo) lines.push('⚠ Runs every tool call without asking (yolo)');
  lines.push(`From ${escapeMarkdown(originWords(delegator.origin, delegator.origin.layer === 'workspace' ? context.rootName(delegator.origin.root) : undefined))}${delegator.where ? ` (${code(delegator.where.file)})` : ''}`);
  return lines;
}

function routeLine(resolved: ResolvedDelegator, health: Health | undefined): string {
  const { route, server } = resolved;
  const through = describeGatewayRoute(resolved, health);
  if (through) return `${escapeMarkdown(through.reason)} (${code(through.path)} at ${code(server.baseUrl)})`;
  return route.type === 'direct' && route.vendor ? 'Runs the tool as you have it, with its own login' : `Route direct, ${code('protocol' in route ? route.protocol : '')} at ${code(server.baseUrl)}`;
}

function sessionNode(context: TreeContext, session: SessionStatus): StatusNode {
  const running = session.state.type === 'running';
  const words = session.state.type === 'running' ? `running since ${formatTime(session.since, context.now)}` : exitWords(session.state.code, formatTime(session.state.at, context.now));
  const failed = session.state.type === 'exited' && session.state.code !== 0 && session.state.code !== undefined;
  return {
    id: `session/${session.id}`,
    kind: 'session',
    label: session.displayName,
    description: words,
    icon: running ? 'terminal' : failed ? 'error' : 'pass',
    tone: running ? 'ok' : failed ? 'error' : 'neutral',
    tags: ['session', running ? 'running' : 'exited'].sort(),
    subject: { type: 'session', sessionId: session.id },
    action: { type: 'reveal-session', sessionId: session.id },
    accessibilityLabel: `Session of ${session.displayName}, ${words}`,
    tooltip: () => [`**${escapeMarkdown(session.displayName)}** ${escapeMarkdown(words)}`, `${code(session.llmTool)} with ${code(session.model)} on ${code(session.modelServer)}`],
    expanded: false,
    children: [],
  };
}

function exitWords(exitCode: number | undefined, at: string): string {
  return exitCode === undefined ? `ended at ${at}` : `ended with exit code ${exitCode} at ${at}`;
}
