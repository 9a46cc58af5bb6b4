import assert from 'node:assert/strict';
import type { ConfigProblem } from '../../../src/core/config/model.ts';
import type { ToolStatus } from '../../../src/core/operator.ts';
import { buildTree } from '../../../src/core/status/build.ts';
import type { StatusNode } from '../../../src/core/status/node.ts';
import { codex, delegator, now, ready, serverStatus, session, snapshot, tool } from './facts.ts';

function find(nodes: readonly StatusNode[], id: string): StatusNode {
  for (const node of nodes) {
    if (node.id === id) return node;
    const inside = node.children.length > 0 ? tryFind(node.children, id) : undefined;
    if (inside) return inside;
  }
  throw new Error(`no node ${id}`);
}

function tryFind(nodes: readonly StatusNode[], id: string): StatusNode | undefined {
  try {
    return find(nodes, id);
  } catch {
    return undefined;
  }
}

function allNodes(nodes: readonly StatusNode[]): StatusNode[] {
  return nodes.flatMap((node) => [node, ...allNodes(node.children)]);
}

const healthy = serverStatus({}, { state: 'healthy', cause: 'listed', message: '2 models', models: [{ id: 'qwen2.5-coder', parameters: '7.6B', quantization: 'Q4_K_M', sizeBytes: 4_700_000_000, contextWindow: 32_768, loaded: true, loadedContext: 8192 }, { id: 'nomic-embed-text', type: 'embedding' }], checkedAt: now });

const syntaxError: ConfigProblem = {
  code: 'syntax',
  severity: 'error',
  message: 'Expected a value after =',
  where: { file: '/w/operator.toml', range: { start: { line: 11, column: 3 }, end: { line: 11, column: 4 } } },
  subject: { type: 'file' },
};

describe('status tree', () => {
  it('has the four sections in order, each with a count or its worst state', () => {
    const tree = buildTree(snapshot({ tools: [codex, tool('gemini', { state: 'missing' })], servers: [healthy, serverStatus({ name: 'vllm-a' }, { state: 'offline', cause: 'connection-refused', message: 'Nothing listens' })], delegators: [ready(delegator(), healthy)] }), now);
    assert.deepEqual(tree.sections.map(({ label, description }) => [label, description]), [
      ['LLM Tools', '1 of 2 found'],
      ['Model Servers', '2 servers · vllm-a offline'],
      ['Delegators', '1'],
      ['Gateway', 'not running'],
    ]);
  });

  it('shows a server that a prefix implies like a declared one, but for what only an entry has', () => {
    const implied = serverStatus({ name: 'ollama', displayName: 'Ollama', origin: { layer: 'builtin', impliedBy: 'ollama/' }, where: undefined }, { state: 'offline', cause: 'connection-refused', message: 'Nothing listens' }, { id: 'builtin:ollama' });
    const tree = buildTree(snapshot({ servers: [implied] }), now);
    const row = find(tree.sections, 'model_server/builtin:ollama');
    assert.equal(row.description, 'offline · local · implied by ollama/');
    assert.ok(!row.tags.includes('declared') && row.tags.includes('model_server'), row.tags.join(';'));
    assert.equal(tree.sections.find(({ label }) => label === 'Model Servers')?.description, '1 server · ollama offline');
    assert.deepEqual(tree.attention, ['Ollama: Nothing listens']);
    assert.match(row.tooltip().join('\n'), /Implied by `ollama\/` in the name of a model/);
    const unknown = serverStatus({ name: 'ollama', origin: { layer: 'builtin', impliedBy: 'ollama/' } }, {}, { id: 'builtin:ollama' });
    assert.doesNotMatch(find(buildTree(snapshot({ servers: [unknown] }), now).sections, 'model_server/builtin:ollama').description, /vendor login/);
  });

  it('says that tools were not looked for while only its own is known', () => {
    const chat = tool('chat', { state: 'builtin', version: '0.1.0' });
    const words = (tools: readonly ToolStatus[]): string | undefined => buildTree(snapshot({ tools }), now).sections[0]?.description;
    assert.equal(words([chat, tool('codex', { state: 'unknown' }), tool('claude', { state: 'unknown' })]), 'not looked for yet');
    assert.equal(words([chat, tool('codex', { state: 'missing' }), tool('claude', { state: 'unknown' })]), '1 of 3 found');
    assert.equal(words([chat]), '1 of 1 found');
  });

  it('puts what is not installed behind one row, which opens by itself while there is no agent', () => {
    const missing = tool('gemini', { state: 'missing' });
    const chat = tool('chat', { state: 'builtin', version: '0.1.0' });
    const group = (tools: readonly ToolStatus[]): StatusNode | undefined => buildTree(snapshot({ tools }), now).sections[0]?.children.at(-1);
    const [tools] = buildTree(snapshot({ tools: [missing, chat, codex] }), now).sections;
    assert.deepEqual(tools?.children.map(({ label, description }) => [label, description]), [['chat', 'built in'], ['codex', '0.169.0'], ['Not installed', '1']]);
    assert.deepEqual([group([missing, chat, codex])?.expanded, group([missing, chat])?.expanded], [false, true]);
    assert.equal(group([chat, codex])?.label, 'codex');
    assert.deepEqual(group([missing])?.children.map(({ label, description }) => [label, description]), [['gemini', 'not installed']]);
    assert.deepEqual(find(tools?.children ?? [], 'llm_tool/gemini/install').action, { type: 'install-tool', tool: 'gemini' });
  });

  it('says nothing of protocols where a tool speaks only its vendor\'s own', () => {
    const closed = tool('agy', { state: 'found', path: '/bin/agy', outdated: false });
    const [tools] = buildTree(snapshot({ tools: [{ ...closed, record: { ...closed.record, protocols: [] } }] }), now).sections;
    const row = find(tools?.children ?? [], 'llm_tool/agy');
    assert.ok(row.children.every(({ label }) => label !== ''));
    assert.ok(row.tooltip().every((line) => !line.startsWith('Speaks')));
  });

  it('says the state of a server in words, with its models below', () => {
    const { sections } = buildTree(snapshot({ servers: [healthy] }), now);
    const row = find(sections, `model_server/${healthy.id}`);
    assert.equal(row.description, 'healthy · 2 models · local · workspace');
    assert.deepEqual(row.tags, ['declared', 'healthy', 'local', 'model_server', 'pullable', 'workspace']);
    assert.deepEqual(row.children.map(({ label, description }) => [label, description]), [
      ['qwen2.5-coder', '7.6B · Q4_K_M · 4.7 GB · 32k context · loaded with 8k'],
      ['1 more', '1 not for chat'],
    ]);
    assert.deepEqual(row.children.at(-1)?.children.map(({ label, description, subject }) => [label, description, subject.type]), [['nomic-embed-text', 'embedding', 'model']]);
  });

  it('shows a vendor’s shortlist with tier and price, what is left out in one row, and where the list is from', () => {
    const hour = 3_600_000;
    const catalogue = {
      serverId: 'user:vendor',
      serverName: 'vendor',
      source: 'stale' as const,
      fetchedAt: now - 50 * hour,
      refreshing: true,
      warnings: [],
      hiddenCount: 2,
      models: [
        { id: 'gpt-5.5', tier: 'flagship' as const, price: { inputMicros: 5_000_000, outputMicros: 30_000_000 } },
        { id: 'gpt-5.5-mini', tier: 'cheap' as const, price: { inputMicros: 250_000, outputMicros: 2_000_000 }, contextWindow: 400_000, capabilities: ['tools'] },
        { id: 'gpt-4o', tier: 'balanced' as const, created: Date.UTC(2024, 4, 1), price: { inputMicros: 2_500_000 }, hidden: { reason: 'old' as const, words: 'older than 18 months' } },
        { id: 'whisper-1', tier: 'other' as const, hidden: { reason: 'not-chat' as const, words: 'not for chat' } },
      ],
    };
    const status = { ...serverStatus({ name: 'vendor', kind: 'openai-api', placement: 'third-party' }, { state: 'offline', cause: 'connection-refused', message: 'refused', models: [] }), catalogue };
    const { sections } = buildTree(snapshot({ servers: [status] }), now);
    const row = find(sections, `model_server/${status.id}`);
    assert.match(row.description, /^offline · 4 models from 2 d ago · /);
    assert.ok(row.tooltip().includes('Models stale, from 2 d ago, refreshing'));
    const models = row.children.filter(({ kind }) => kind === 'model');
    assert.deepEqual(models.map(({ label, description }) => [label, description]).slice(0, 2), [
      ['gpt-5.5', 'flagship · $5 in, $30 out'],
      ['gpt-5.5-mini', 'cheap · 400k context · $0.25 in, $2 out'],
    ]);
    const more = row.children.at(-1);
    assert.deepEqual(more?.tags, ['more_models']);
    assert.ok(more?.children.some(({ label }) => label === 'whisper-1'));
    assert.ok(models[1]?.tooltip().includes('Costs $0.25 in, $2 out per million tokens'), models[1]?.tooltip().join('|'));
  });

  it('names the folder of an entry where there are several', () => {
    const base = snapshot({ servers: [healthy] });
    const layers = [...base.configuration.layers, { layer: 'workspace' as const, root: '/w2/other', file: '/w2/other/operator.toml', state: { type: 'absent' as const } }];
    const { sections } = buildTree({ ...base, configuration: { ...base.configuration, layers } }, now);
    assert.equal(find(sections, `model_server/${healthy.id}`).description, 'healthy · 2 models · local · w');
  });

  it('names the cause and the fix of an unhealthy server', () => {
    const status = serverStatus({ name: 'proxy' }, { state: 'unauthorized', cause: 'key-missing', message: 'The server wants a key', hint: 'Set PROXY_KEY' });
    const { sections, attention } = buildTree(snapshot({ servers: [status] }), now);
    const row = find(sections, `model_server/${status.id}`);
    assert.deepEqual(row.children.map(({ label, action }) => [label, action]), [
      ['The server wants a key', { type: 'set-key', serverId: status.id }],
      ['Set PROXY_KEY', { type: 'set-key', serverId: status.id }],
    ]);
    assert.match(row.accessibilityLabel, /unauthorized.*The server wants a key/);
    assert.deepEqual(attention, ['proxy: The server wants a key']);
  });

  it('does not ask for attention because of a builtin server without a key', () => {
    const builtin = serverStatus({ name: 'openai-api', origin: { layer: 'builtin' }, where: undefined, kind: 'openai-api' }, {});
    const { sections, attention } = buildTree(snapshot({ servers: [builtin] }), now);
    assert.match(find(sections, `model_server/${builtin.id}`).description, /^vendor login/);
    assert.deepEqual(attention, []);
  });

  it('shows what a delegator resolves to', () => {
    const { sections } = buildTree(snapshot({ tools: [codex], servers: [healthy], delegators: [ready(delegator(), healthy)] }), now);
    const row = find(sections, 'delegator/workspace:/w:codex-local');
    assert.equal(row.description, 'ready · codex · qwen2.5-coder · ollama-local');
    assert.deepEqual(row.tags, ['delegator', 'direct', 'local', 'ready', 'workspace']);
    assert.deepEqual(row.children.map(({ label, description }) => [label, description]), [
      ['codex', '0.169.0'],
      ['qwen2.5-coder', 'model'],
      ['ollama-local', 'healthy · local'],
      ['direct, openai-responses', 'route'],
    ]);
  });

  it('gives every reason why a delegator cannot run, each with its fix', () => {
    const blocked = { id: 'workspace:/w:codex-local', delegator: delegator(), resolution: { ok: false as const, error: [{ code: 'tool-missing' as const, message: 'codex is not installed', hint: 'Install it' }, { code: 'unknown-server' as const, message: 'There is no model server x' }] } };
    const { sections, attention } = buildTree(snapshot({ delegators: [blocked] }), now);
    const row = find(sections, 'delegator/workspace:/w:codex-local');
    assert.match(row.description, /^not ready/);
    assert.deepEqual(row.children.map(({ label, action }) => [label, action]), [
      ['codex is not installed', { type: 'install-tool', tool: 'codex' }],
      ['There is no model server x', { type: 'open-location', file: '/w/operator.toml', line: 5, column: 7 }],
    ]);
    assert.deepEqual(attention, ['codex-local: codex is not installed']);
  });

  it('says once what is wrong with a delegator, and the warnings beside it', () => {
    const base = snapshot({ delegators: [{ id: 'workspace:/w:codex-local', delegator: delegator(), resolution: { ok: false, error: [{ code: 'unknown-server', message: 'No model server is named "x"' }] } }] });
    const about = (severity: 'error' | 'warning', message: string): ConfigProblem => ({ code: 'unknown-server', severity, message, where: { file: '/w/operator.toml' }, subject: { type: 'delegator', name: 'codex-local' } });
    const { sections } = buildTree({ ...base, configuration: { ...base.configuration, problems: [about('error', 'there is no model server "x"'), about('warning', 'a key in flags')] } }, now);
    assert.deepEqual(find(sections, 'delegator/workspace:/w:codex-local').children.map(({ label }) => label), ['a key in flags', 'No model server is named "x"']);
  });

  it('shows a running session under its delegator with since when, and an exit code afterwards', () => {
    const facts = { servers: [healthy], delegators: [ready(delegator(), healthy)] };
    const running = find(buildTree(snapshot({ ...facts, sessions: [session()] }), now).sections, 'delegator/workspace:/w:codex-local');
    assert.match(running.description, /^running/);
    assert.equal(running.children[0]?.description, 'running since 11:59');
    const ended = find(buildTree(snapshot({ ...facts, sessions: [session({ state: { type: 'exited', code: 3, at: now } })] }), now).sections, 'session/s1');
    assert.deepEqual([ended.description, ended.tone], ['ended with exit code 3 at 12:00', 'error']);
  });

  it('puts a file that does not parse first, with line and a click that opens it', () => {
    const base = snapshot();
    const tree = buildTree({ ...base, configuration: { ...base.configuration, layers: [{ layer: 'workspace', root: '/w', file: '/w/operator.toml', state: { type: 'broken', problem: syntaxError, lastGood: true } }], problems: [syntaxError] } }, now);
    const [row] = tree.sections;
    assert.deepEqual([row?.label, row?.description, row?.action], ['operator.toml cannot be used', 'line 12: Expected a value after =', { type: 'open-location', file: '/w/operator.toml', line: 11, column: 3 }]);
    assert.match(row?.tooltip().join('\n') ?? '', /last good version stays in force/);
    assert.deepEqual(tree.attention, ['Expected a value after =']);
    assert.equal(tree.empty, false);
  });

  it('keeps a row for an entry that did not make it into the configuration', () => {
    const base = snapshot();
    const problem: ConfigProblem = { code: 'missing-key', severity: 'error', message: 'Delegator "x" has no model', where: { file: '/w/operator.toml' }, subject: { type: 'delegator', name: 'x' } };
    const { sections } = buildTree({ ...base, configuration: { ...base.configuration, problems: [problem] } }, now);
    assert.deepEqual(sections[2]?.children.map(({ label, kind }) => [label, kind]), [['Delegator "x" has no model', 'problem']]);
  });

  it('says first that an untrusted workspace is only shown', () => {
    const [row] = buildTree(snapshot({ trusted: false, servers: [serverStatus({}, { cause: 'not-trusted' })] }), now).sections;
    assert.deepEqual([row?.id, row?.action], ['restricted', { type: 'manage-trust' }]);
  });

  it('offers a server that was found running', () => {
    const { sections } = buildTree(snapshot({ found: [{ kind: 'ollama', baseUrl: 'http://127.0.0.1:11434', version: '0.33.0', modelCount: 2 }] }), now);
    assert.deepEqual(sections[1]?.children.map(({ label, description, action }) => [label, description, action]), [
      ['Found Ollama on 11434: add?', '0.33.0 · 2 models', { type: 'add-offer', kind: 'ollama', baseUrl: 'http://127.0.0.1:11434' }],
    ]);
  });

  it('is empty only when no file exists at all', () => {
    const base = snapshot();
    const absent = { ...base.configuration, layers: base.configuration.layers.map((layer) => ({ ...layer, state: { type: 'absent' as const } })) };
    assert.equal(buildTree({ ...base, configuration: absent }, now).empty, true);
    assert.equal(buildTree({ ...base, loaded: false, configuration: absent }, now).empty, false);
    assert.equal(buildTree(base, now).empty, false);
  });

  it('gives every row a unique id, an accessibility label and sorted tags', () => {
    const many = Array.from({ length: 50 }, (_, index) => serverStatus({ name: `s${index}` }, { state: 'offline', cause: 'connection-refused', message: 'Nothing listens', hint: 'Start it', warnings: ['old'], models: [{ id: 'm' }] }));
    const tree = buildTree(snapshot({ tools: [codex, tool('gemini', { state: 'missing' })], servers: many, delegators: many.map((status, index) => ready(delegator({ name: `d${index}` }), status)), sessions: [session({ delegatorId: 'workspace:/w:d3' })], found: [{ kind: 'vllm', baseUrl: 'http://127.0.0.1:8000', modelCount: 1 }] }), now);
    const nodes = allNodes(tree.sections);
    assert.ok(nodes.length > 400);
    assert.equal(new Set(nodes.map(({ id }) => id)).size, nodes.length);
    for (const node of nodes) {
      assert.ok(node.accessibilityLabel.length > 0, node.id);
      assert.deepEqual([...node.tags], [...node.tags].sort(), node.id);
    }
  });

  it('escapes Markdown in tooltips, whatever a name contains', () => {
    const status = serverStatus({ name: 'x', displayName: '[a](command:evil) `b` <img>' });
    const text = find(buildTree(snapshot({ servers: [status] }), now).sections, `model_server/${status.id}`).tooltip().join('\n');
    assert.ok(!text.includes('[a](command:evil)'), text);
    assert.ok(!text.includes('<img>'), text);
  });
});
