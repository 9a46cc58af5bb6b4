/** The Gateway section and its report: every state in words, what sessions used, and what is wrong with them. */
import assert from 'node:assert/strict';
import type { GatewaySession, GatewayState, GatewayStatus } from '../../../src/core/gateway/model.ts';
import type { Snapshot } from '../../../src/core/operator.ts';
import { buildTree } from '../../../src/core/status/build.ts';
import type { StatusNode } from '../../../src/core/status/node.ts';
import { buildReport } from '../../../src/core/status/report.ts';
import { codex, delegator, now, ready, serverStatus, session as launched, snapshot } from './facts.ts';

const since = now - 60 * 60_000;

function gatewaySession(values: Partial<GatewaySession> = {}): GatewaySession {
  return { id: 's1', delegator: 'codex-local', displayName: 'codex-local', llmTool: 'codex', model: 'qwen2.5-coder', modelServer: 'ollama-local', since, usage: { requests: 0, failures: 0 }, warnings: [], waiting: false, ...values };
}

function running(values: Partial<GatewayStatus> = {}): GatewayState {
  return { type: 'running', status: { version: '0.1.0', pid: 4711, address: 'http://127.0.0.1:41873', since, sessions: [], ...values } };
}

function section(state: GatewayState, values: Partial<Snapshot> = {}): StatusNode {
  const node = buildTree(snapshot({ gateway: { available: true, state }, ...values }), now).sections.at(-1);
  assert.equal(node?.id, 'section/gateway');
  return node;
}

function only<T>(list: readonly T[]): T {
  const [first] = list;
  assert.ok(first !== undefined && list.length === 1, `${list.length} and not 1`);
  return first;
}

/** The row of the only session. */
function sessionRow(session: GatewaySession, values: Partial<Snapshot> = {}): StatusNode {
  const row = section(running({ sessions: [session] }), values).children[1];
  assert.ok(row);
  return row;
}

describe('the gateway in the tree', () => {
  it('says its state in words, to screen readers too, and has a tag for it', () => {
    const states: readonly GatewayState[] = [{ type: 'stopped' }, { type: 'starting' }, running(), { type: 'failed', message: 'The port is taken', hint: 'End the other one' }];
    assert.deepEqual(states.map((state) => section(state)).map(({ description, accessibilityLabel, icon, tone, tags }) => [description, accessibilityLabel, icon, tone, tags]), [
      ['not running', 'Gateway, not running, starts when a launch needs it', 'plug', 'neutral', ['gateway', 'section', 'stopped']],
      ['starting…', 'Gateway, starting', 'loading~spin', 'busy', ['gateway', 'section', 'starting']],
      ['running · 127.0.0.1:41873 · no sessions', 'Gateway, running at http://127.0.0.1:41873, no sessions', 'plug', 'ok', ['gateway', 'running', 'section']],
      ['failed: The port is taken', 'Gateway, failed: The port is taken. End the other one', 'error', 'error', ['failed', 'gateway', 'section']],
    ]);
  });

  it('is not there where launches cannot go through one', () => {
    const tree = buildTree(snapshot({ gateway: { available: false, state: { type: 'stopped' } } }), now);
    assert.ok(!tree.sections.some(({ id }) => id === 'section/gateway'));
  });

  it('says that it only waits for requests under way before it ends', () => {
    assert.equal(section(running({ ending: 'stop' })).description, 'stopping once requests end · 127.0.0.1:41873 · no sessions');
    assert.equal(section(running({ ending: 'restart', sessions: [gatewaySession()] })).description, 'restarting once requests end · 127.0.0.1:41873 · 1 session');
  });

  it('tells its address with since when, to be copied', () => {
    const row = only(section(running()).children);
    assert.deepEqual([row.label, row.description, row.tags, row.action], ['http://127.0.0.1:41873', 'since 11:00', ['detail', 'gateway-address'], undefined]);
    assert.match(row.tooltip().join('\n'), /process 4711/);
  });

  it('counts a failure as something that needs a person, with its cause, its hint and the log below', () => {
    const state: GatewayState = { type: 'failed', message: 'The port is taken', hint: 'End the other one' };
    assert.deepEqual(section(state).children.map(({ label, tone, action }) => [label, tone, action]), [
      ['The port is taken', 'error', { type: 'show-gateway-log' }],
      ['End the other one', 'neutral', { type: 'show-gateway-log' }],
    ]);
    assert.deepEqual(buildTree(snapshot({ gateway: { available: true, state } }), now).attention, ['Gateway: The port is taken']);
    assert.deepEqual(buildTree(snapshot({ gateway: { available: true, state: running() } }), now).attention, []);
  });

  it('shows what a session is and what it used', () => {
    const row = sessionRow(gatewaySession({ usage: { requests: 12, failures: 0, inputTokens: 33_000, outputTokens: 1_100, lastRequestAt: now } }));
    assert.deepEqual([row.label, row.description, row.children], ['codex-local', 'codex · qwen2.5-coder on ollama-local · 12 requests · 34.1k tokens · since 11:00', []]);
    assert.equal(row.accessibilityLabel, `Gateway session of codex-local, ${row.description}`);
    assert.match(row.tooltip().join('\n'), /33k tokens in, 1\.1k out/);
  });

  it('claims no tokens while no server reported any', () => {
    assert.equal(sessionRow(gatewaySession()).description, 'codex · qwen2.5-coder on ollama-local · no requests yet · since 11:00');
    assert.equal(sessionRow(gatewaySession({ usage: { requests: 1, failures: 1, outputTokens: 0 } })).description, 'codex · qwen2.5-coder on ollama-local · 1 request · 1 failed · 0 tokens · since 11:00');
  });

  it('leads to the terminal of a session of this window, and to nothing for another\'s', () => {
    const own = sessionRow(gatewaySession(), { sessions: [launched()] });
    assert.deepEqual([own.action, own.subject, own.tags], [{ type: 'reveal-session', sessionId: 's1' }, { type: 'session', sessionId: 's1' }, ['gateway-session', 'running', 'session']]);
    const other = sessionRow(gatewaySession({ id: 's2' }), { sessions: [launched()] });
    assert.deepEqual([other.action, other.subject, other.tags], [undefined, { type: 'none' }, ['gateway-session']]);
    assert.match(other.tooltip().join('\n'), /another window/);
  });

  it('shows the last error and what was left out below the session', () => {
    const row = sessionRow(gatewaySession({ usage: { requests: 3, failures: 1, lastError: { message: 'ollama-local: Nothing listens', at: now }, lastRequestAt: now - 5 }, warnings: ['unsupported-setting: the setting topK was left out', 'approximated: a system text became a word of the user'] }));
    assert.deepEqual([row.icon, row.tone], ['warning', 'warning']);
    assert.deepEqual(row.children.map(({ label, description, tone }) => [label, description, tone]), [
      ['ollama-local: Nothing listens', 'last error, 12:00', 'warning'],
      ['the setting topK was left out', '', 'neutral'],
      ['a system text became a word of the user', '', 'neutral'],
    ]);
    assert.match(row.accessibilityLabel, /last error: ollama-local: Nothing listens$/);
  });

  it('stops warning of an error once a request after it went well', () => {
    const row = sessionRow(gatewaySession({ usage: { requests: 4, failures: 1, lastError: { message: 'x', at: now - 10_000 }, lastRequestAt: now } }));
    assert.deepEqual([row.icon, row.tone, row.children.length], ['terminal', 'ok', 1]);
  });

  it('says that a session waits for its keys', () => {
    const row = sessionRow(gatewaySession({ waiting: true }));
    assert.match(row.description, /^waiting for its keys · codex · /);
    assert.deepEqual([row.icon, row.tone, row.children.length], ['key', 'warning', 1]);
  });

  it('has ids of its own, also beside the same session below its delegator', () => {
    const status = serverStatus();
    const tree = buildTree(snapshot({ tools: [codex], servers: [status], delegators: [ready(delegator(), status)], sessions: [launched()], gateway: { available: true, state: running({ sessions: [gatewaySession({ warnings: ['approximated: a', 'approximated: b'], waiting: true, usage: { requests: 1, failures: 1, lastError: { message: 'm', at: now } } })] }) } }), now);
    const all = (nodes: readonly StatusNode[]): readonly StatusNode[] => nodes.flatMap((node) => [node, ...all(node.children)]);
    const nodes = all(tree.sections);
    assert.equal(new Set(nodes.map(({ id }) => id)).size, nodes.length);
    for (const node of nodes) assert.deepEqual([...node.tags], [...node.tags].sort(), node.id);
  });

  it('escapes Markdown in what agents and servers say', () => {
    const row = sessionRow(gatewaySession({ displayName: '[a](command:evil)', warnings: ['approximated: <img>'], usage: { requests: 1, failures: 1, lastError: { message: '[b](command:evil)', at: now } } }));
    const text = [row, ...row.children].flatMap((node) => node.tooltip()).join('\n');
    assert.ok(!/\]\(command|<img>/.test(text), text);
  });
});

describe('the gateway in the report', () => {
  it('has the same facts in snake case, unknown as null', () => {
    const { gateway } = buildReport(snapshot({ gateway: { available: true, state: running({ sessions: [gatewaySession({ usage: { requests: 2, failures: 1, inputTokens: 10, lastError: { message: 'no', at: now } }, warnings: ['w'] })] }) } }));
    const { sessions, ...rest } = gateway;
    assert.deepEqual(rest, { available: true, state: 'running', address: 'http://127.0.0.1:41873', version: '0.1.0', pid: 4711, since: new Date(since).toISOString(), message: null, hint: null });
    assert.deepEqual(only(sessions), {
      id: 's1', delegator: 'codex-local', display_name: 'codex-local', llm_tool: 'codex', model: 'qwen2.5-coder', model_server: 'ollama-local', since: new Date(since).toISOString(), waiting: false,
      requests: 2, failures: 1, input_tokens: 10, output_tokens: null, last_request_at: null, last_error: { message: 'no', at: new Date(now).toISOString() }, warnings: ['w'],
    });
  });

  it('says why it does not run', () => {
    const { gateway } = buildReport(snapshot({ gateway: { available: true, state: { type: 'failed', message: 'no', hint: 'do' } } }));
    assert.deepEqual([gateway.state, gateway.address, gateway.message, gateway.hint, gateway.sessions], ['failed', null, 'no', 'do', []]);
  });
});
