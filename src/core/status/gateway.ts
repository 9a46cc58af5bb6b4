/** The *Gateway* section: whether it runs and where, and what every agent that goes through it has used so far. */
import { assertNever } from '../../base/assert.ts';
import { plural } from '../../base/text.ts';
import type { GatewaySession, GatewayState, GatewayStatus } from '../gateway/model.ts';
import type { TreeContext } from './context.ts';
import { code, escapeMarkdown, formatCount, formatTime } from './format.ts';
import { detailNode, sectionNode } from './nodes.ts';
import type { StatusNode, Tone } from './node.ts';

/** Empty where launches cannot go through a gateway. */
export function buildGateway(context: TreeContext): readonly StatusNode[] {
  const { available, state } = context.snapshot.gateway;
  if (!available) return [];
  const { words, spoken, icon, tone } = stateWords(state);
  const section = sectionNode({
    section: 'gateway',
    label: 'Gateway',
    description: words,
    tone,
    about: 'Lets every LLM tool work on every model server: translates between their protocols and adds the keys, so that agents never see them. Starts by itself when a launch needs it, and goes when nothing does.',
    children: stateRows(context, state),
  });
  return [{ ...section, icon: icon ?? section.icon, tags: [...section.tags, state.type].sort(), accessibilityLabel: `Gateway, ${spoken}` }];
}

interface SectionWords {
  readonly words: string;
  /** For screen readers, which have room for everything. */
  readonly spoken: string;
  /** Codicon id, where it differs from the section's own. */
  readonly icon?: string;
  readonly tone: Tone;
}

function stateWords(state: GatewayState): SectionWords {
  switch (state.type) {
    case 'stopped':
      return { words: 'not running', spoken: 'not running, starts when a launch needs it', tone: 'neutral' };
    case 'starting':
      return { words: 'starting…', spoken: 'starting', icon: 'loading~spin', tone: 'busy' };
    case 'running':
      return runningWords(state.status);
    case 'failed':
      return { words: `failed: ${state.message}`, spoken: `failed: ${state.message}${state.hint === undefined ? '' : `. ${state.hint}`}`, icon: 'error', tone: 'error' };
    default:
      return assertNever(state);
  }
}

function runningWords({ address, sessions, ending }: GatewayStatus): SectionWords {
  const words = ending === 'stop' ? 'stopping once requests end' : ending === 'restart' ? 'restarting once requests end' : 'running';
  const count = sessions.length === 0 ? 'no sessions' : plural(sessions.length, 'session');
  return {
    words: `${words} · ${new URL(address).host} · ${count}`,
    spoken: `${words} at ${address}, ${count}`,
    ...(ending && { icon: 'loading~spin' }),
    tone: ending ? 'busy' : 'ok',
  };
}

function stateRows(context: TreeContext, state: GatewayState): readonly StatusNode[] {
  switch (state.type) {
    case 'stopped':
    case 'starting':
      return [];
    case 'running':
      return [addressNode(context, state.status), ...state.status.sessions.map((session) => sessionNode(context, session))];
    case 'failed': {
      const action = { type: 'show-gateway-log' } as const;
      const cause: StatusNode = { ...detailNode('gateway/cause', state.message, '', 'error', 'cause'), tone: 'error', action };
      return [cause, ...(state.hint === undefined ? [] : [{ ...detailNode('gateway/hint', state.hint, '', 'lightbulb', 'hint'), action }])];
    }
    default:
      return assertNever(state);
  }
}

function addressNode({ now }: TreeContext, { address, since, version, pid }: GatewayStatus): StatusNode {
  return {
    ...detailNode('gateway/address', address, `since ${formatTime(since, now)}`, 'link', 'address'),
    tags: ['detail', 'gateway-address'],
    accessibilityLabel: `Address of the gateway: ${address}, running since ${formatTime(since, now)}`,
    tooltip: () => [code(address), `Version ${escapeMarkdown(version)}, process ${pid}`, 'It answers on this machine only, and only to the sessions that were launched through it.'],
  };
}

function sessionNode(context: TreeContext, session: GatewaySession): StatusNode {
  const id = `gateway/session/${session.id}`;
  const { displayName, llmTool, model, modelServer, usage, waiting } = session;
  const isOwn = context.snapshot.sessions.some((own) => own.id === session.id && own.state.type === 'running');
  const failedLast = usage.lastError !== undefined && usage.lastError.at >= (usage.lastRequestAt ?? 0);
  const description = [...(waiting ? ['waiting for its keys'] : []), llmTool, `${model} on ${modelServer}`, ...usageWords(session), `since ${formatTime(session.since, context.now)}`].join(' · ');
  return {
    id,
    kind: 'session',
    label: displayName,
    description,
    icon: waiting ? 'key' : failedLast ? 'warning' : 'terminal',
    tone: waiting || failedLast ? 'warning' : 'ok',
    // What can be done with a session of this window is the same as below its delegator; others belong to other windows and shells.
    tags: ['gateway-session', ...(isOwn ? ['running', 'session'] : []), ...(waiting ? ['waiting'] : [])].sort(),
    subject: isOwn ? { type: 'session', sessionId: session.id } : { type: 'none' },
    ...(isOwn && { action: { type: 'reveal-session', sessionId: session.id } }),
    accessibilityLabel: `Gateway session of ${displayName}, ${description}${usage.lastError ? `, last error: ${usage.lastError.message}` : ''}`,
    tooltip: () => sessionTooltip(context, session, isOwn),
    expanded: false,
    children: sessionRows(context, id, session),
  };
}

/** "12 requests · 2 failed · 34.1k tokens". */
function usageWords({ usage: { requests, failures, inputTokens, outputTokens } }: GatewaySession): readonly string[] {
  const tokens = inputTokens === undefined && outputTokens === undefined ? undefined : (inputTokens ?? 0) + (outputTokens ?? 0);
  return [
    requests === 0 ? 'no requests yet' : plural(requests, 'request'),
    ...(failures > 0 ? [`${failures} failed`] : []),
    ...(tokens === undefined ? [] : [`${formatCount(tokens)} ${tokens === 1 ? 'token' : 'tokens'}`]),
  ];
}

function sessionRows({ now }: TreeContext, id: string, { usage: { lastError }, warnings, waiting }: GatewaySession): readonly StatusNode[] {
  const rows: StatusNode[] = [];
  if (waiting) rows.push({ ...detailNode(`${id}/waiting`, waitingText, '', 'key', 'waiting'), tone: 'warning' });
  if (lastError) {
    const { message, at } = lastError;
    rows.push({ ...detailNode(`${id}/error`, message, `last error, ${formatTime(at, now)}`, 'warning', 'last error'), tone: 'warning', tooltip: () => [escapeMarkdown(message)] });
  }
  rows.push(
    ...warnings.map((warning): StatusNode => {
      const text = withoutCode(warning);
      return { ...detailNode(`${id}/warning/${warning}`, text, '', 'info', 'warning'), tooltip: () => [escapeMarkdown(text), 'The model server cannot take this, or takes it in another form only.'] };
    }),
  );
  return rows;
}

const waitingText = 'The gateway was restarted, and who launched this agent has not handed over its keys again yet';

/** `unsupported-setting: the setting topK was left out` is for programs; people need the sentence. */
function withoutCode(warning: string): string {
  return warning.replace(/^[a-z-]+: /, '');
}

function sessionTooltip({ now }: TreeContext, session: GatewaySession, isOwn: boolean): readonly string[] {
  const { displayName, llmTool, model, modelServer, since, usage, waiting } = session;
  return [
    `**${escapeMarkdown(displayName)}** ${code(llmTool)} with ${code(model)} on ${code(modelServer)}`,
    `Since ${formatTime(since, now)}${usage.lastRequestAt === undefined ? '' : `, last request ${formatTime(usage.lastRequestAt, now)}`}`,
    escapeMarkdown(usageWords(session).join(' · ')),
    ...(usage.inputTokens === undefined ? [] : [`${formatCount(usage.inputTokens)} tokens in, ${usage.outputTokens === undefined ? 'out unknown' : `${formatCount(usage.outputTokens)} out`}`]),
    ...(waiting ? [escapeMarkdown(waitingText)] : []),
    ...(usage.lastError ? [`⚠ ${escapeMarkdown(usage.lastError.message)} (${formatTime(usage.lastError.at, now)})`] : []),
    ...(isOwn ? [] : ['Launched by another window or in a terminal of your own.']),
  ];
}
