/** Model tests through the real gateway process, against servers of every protocol that behave well, and that are wrong in every way. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createOperator } from '../../../src/app/operator.ts';
import type { Operator } from '../../../src/core/operator.ts';
import { protocols, type Protocol } from '../../../src/core/protocol.ts';
import { levelIds, type LevelId, type LevelResult, type TestOptions, type TestReport } from '../../../src/core/proving/model.ts';
import { createGatewayHome, type GatewayHome } from '../../support/gateway-process.ts';
import { type ProvingServer, type ProvingServerOptions, startProvingServer } from '../../support/proving-server.ts';

const secret = 'sk-lab-0123456789abcdef';

describe('model tests over real sockets', () => {
  let home: GatewayHome;

  before(async () => {
    home = await createGatewayHome();
  });
  after(() => home[Symbol.asyncDispose]());

  async function open(toml: string): Promise<Operator> {
    const file = home.ports.files.join(home.ports.env.operatorHome, 'operator.toml');
    mkdirSync(home.ports.env.operatorHome, { recursive: true });
    writeFileSync(file, toml);
    const env = { ...home.ports.env, get: (name: string) => (name === 'LAB_KEY' ? secret : home.ports.env.get(name)) };
    const operator = createOperator({ ports: { ...home.ports, env }, roots: [], cwd: home.ports.env.homeDir, trusted: true, version: '1.0.0', operatorCommand: home.command, gatewayCommand: home.command, watch: false, redact: home.ports.redactor.redact });
    await operator.reload();
    return operator;
  }

  function tomlOf(server: ProvingServer, protocol: Protocol, more = ''): string {
    return `[[model_servers]]\nname = "lab"\nkind = "${server.kind}"\nbase_url = "${server.url}"\napi_key = "env:LAB_KEY"\n${server.kind === 'openai-compat' ? `protocols = ["${protocol}"]\n` : ''}${more}`;
  }

  async function test(protocol: Protocol, behaviour: ProvingServerOptions, options: TestOptions = {}, more = ''): Promise<{ readonly report: TestReport; readonly server: ProvingServer }> {
    await using server = await startProvingServer(protocol, behaviour);
    const operator = await open(tomlOf(server, protocol, more));
    try {
      return { report: await operator.tests.run({ type: 'model', modelServer: 'lab', model: 'lab-model' }, options), server };
    } finally {
      operator.dispose();
    }
  }

  const outcomes = (report: TestReport): Partial<Record<LevelId, string>> => Object.fromEntries(report.levels.map(({ level, outcome }) => [level, outcome]));
  function level(report: TestReport, id: LevelId): LevelResult {
    const found = report.levels.find((result) => result.level === id);
    assert.ok(found, id);
    return found;
  }
  const allPassed = Object.fromEntries(levelIds.map((id) => [id, 'passed']));

  for (const protocol of protocols) {
    it(`pass at every level on a server that speaks ${protocol}`, async () => {
      // Gemini's list does not say which models see.
      const levels: TestOptions = protocol === 'gemini' ? { levels: levelIds } : {};
      const seen: string[] = [];
      const { report } = await test(protocol, {}, { ...levels, onLevel: (progress) => seen.push(progress.type === 'running' ? progress.level : progress.result.level) });
      assert.deepEqual(outcomes(report), allPassed, JSON.stringify(report.levels, null, 2));
      assert.equal(report.outcome, 'passed');
      assert.deepEqual(seen, levelIds.flatMap((id) => [id, id]));
      assert.ok((report.speed?.firstTokenMs ?? 0) >= 0);
      assert.equal(report.usage?.requests !== undefined && report.usage.requests >= 13, true);
      assert.equal(report.context?.claimed, 32_768);
      assert.equal(report.context?.loaded, protocol === 'ollama' ? 4096 : undefined);
      assert.ok(report.levels.every(({ warnings }) => warnings.length === 0), JSON.stringify(report.levels.flatMap(({ warnings }) => warnings)));
    });
  }

  const wrong: readonly { readonly behaviour: ProvingServerOptions; readonly fails: LevelId; readonly says: RegExp; readonly notReached?: readonly LevelId[] }[] = [
    { behaviour: { model: 'says nothing' }, fails: 'answers', says: /answers with nothing/, notReached: ['streams', 'tool-call', 'tool-result', 'conversation', 'image', 'schema'] },
    { behaviour: { model: 'never calls the tool' }, fails: 'tool-call', says: /does not call the tool/, notReached: ['tool-result', 'conversation'] },
    { behaviour: { model: 'writes the call as text' }, fails: 'tool-call', says: /writes a tool call as text/, notReached: ['tool-result', 'conversation'] },
    { behaviour: { model: 'calls another tool' }, fails: 'tool-call', says: /calls get_time instead of get_forecast/, notReached: ['tool-result', 'conversation'] },
    { behaviour: { model: 'calls with wrong arguments' }, fails: 'tool-call', says: /days is the text "3", not the number 3/, notReached: ['tool-result', 'conversation'] },
    { behaviour: { model: 'ignores the result' }, fails: 'tool-result', says: /does not use the tool's result/, notReached: ['conversation'] },
    { behaviour: { model: 'calls again and again' }, fails: 'tool-result', says: /calls a tool again/, notReached: ['conversation'] },
    { behaviour: { model: 'forgets the notes' }, fails: 'conversation', says: /Message 3 of 5 \(mark an item done\): the notes are not as they should be/ },
    { behaviour: { model: 'calls at a greeting' }, fails: 'conversation', says: /Message 1 of 5 \(a greeting\): the model calls a tool/ },
    { behaviour: { model: 'is blind' }, fails: 'image', says: /does not see what the picture shows/ },
    { behaviour: { model: 'wraps JSON in Markdown' }, fails: 'schema', says: /wraps its JSON in Markdown/ },
    { behaviour: { model: 'answers in words' }, fails: 'schema', says: /answers in words/ },
    { behaviour: { model: 'invents a field' }, fails: 'schema', says: /city is not part of it/ },
    { behaviour: { server: 'has too many requests' }, fails: 'answers', says: /429.*Rate limit reached/, notReached: ['streams', 'tool-call', 'tool-result', 'conversation', 'image', 'schema'] },
    { behaviour: { server: 'fails' }, fails: 'answers', says: /500.*The GPU is on fire/, notReached: ['streams', 'tool-call', 'tool-result', 'conversation', 'image', 'schema'] },
    // A call is one event of Gemini's, which cannot be cut.
    { behaviour: { server: 'ends the stream early' }, fails: 'streams', says: /closed the stream before the end|ends before the answer/ },
    { behaviour: { server: 'lists another model' }, fails: 'listed', says: /lab does not list lab-model/ },
  ];

  for (const { behaviour, fails, says, notReached = [] } of wrong) {
    const name = behaviour.model ?? behaviour.server ?? '';
    for (const protocol of protocols) {
      // Gemini's list does not say who sees, so that the picture is asked for by name.
      it(`fail at "${fails}" with a reason when one that speaks ${protocol} ${name}`, async () => {
        const { report } = await test(protocol, behaviour, protocol === 'gemini' && fails === 'image' ? { levels: ['image'] } : {});
        const failed = level(report, fails);
        assert.equal(failed.outcome, 'failed', JSON.stringify(report.levels, null, 2));
        assert.match(failed.reason ?? '', says);
        assert.equal(report.outcome, 'failed');
        for (const id of notReached) assert.equal(level(report, id).outcome, 'not-reached', id);
      });
    }
  }

  it('pass an answer that comes in one piece, and say that its speed cannot be told', async () => {
    const { report } = await test('openai-chat', { server: 'sends everything at once' });
    assert.equal(report.outcome, 'passed');
    assert.equal(report.speed?.inOnePiece, true);
    assert.equal(report.speed.tokensPerSecond, undefined);
  });

  it('estimate the speed where the server counts no tokens', async () => {
    const { report } = await test('openai-chat', { server: 'counts no tokens' }, { levels: ['streams'] });
    assert.equal(report.speed?.estimated, true);
    assert.ok((report.speed.tokensPerSecond ?? 0) > 0);
  });

  it('wait while a server loads its model', async () => {
    const { report } = await test('openai-chat', { server: 'loads at first' }, { levels: ['answers'] });
    assert.equal(report.outcome, 'passed', JSON.stringify(report.levels));
  });

  it('skip the list of a server that has none, and go on', async () => {
    const { report } = await test('openai-chat', { server: 'has no list' });
    assert.equal(level(report, 'listed').outcome, 'skipped');
    assert.match(level(report, 'listed').reason ?? '', /no list/);
    assert.equal(level(report, 'image').outcome, 'skipped');
    assert.match(level(report, 'image').reason ?? '', /does not say/);
    assert.equal(level(report, 'schema').outcome, 'passed');
  });

  it('skip pictures where the model does not claim to see them, unless they are asked for', async () => {
    const skipped = await test('openai-chat', { vision: false });
    assert.equal(level(skipped.report, 'image').outcome, 'skipped');
    assert.equal(skipped.report.outcome, 'passed');
    const asked = await test('openai-chat', { vision: false }, { levels: ['image'] });
    assert.equal(level(asked.report, 'image').outcome, 'passed');
    assert.deepEqual(asked.report.levels.map((result) => result.level), ['reachable', 'answers', 'image']);
  });

  it('give up on a server that hangs when its time is over', async () => {
    const { report } = await test('openai-chat', { server: 'hangs' }, { levels: ['answers'] }, 'first_byte_timeout = 1\n');
    assert.equal(level(report, 'answers').outcome, 'failed');
    assert.match(level(report, 'answers').reason ?? '', /^Model server lab: .* did not answer within 1 s$/);
    assert.equal(level(report, 'answers').transient, true);
  });

  it('end at once when they are cancelled, and keep nothing of it', async () => {
    await using server = await startProvingServer('openai-chat', { server: 'hangs' });
    const operator = await open(tomlOf(server, 'openai-chat'));
    const cancelling = new AbortController();
    void server.hanging.then(() => cancelling.abort());
    const report = await operator.tests.run({ type: 'model', modelServer: 'lab', model: 'lab-model' }, { signal: cancelling.signal });
    assert.equal(report.outcome, 'cancelled');
    assert.deepEqual([level(report, 'answers').outcome, level(report, 'answers').reason], ['not-reached', 'Cancelled']);
    assert.equal(operator.tests.last('lab', 'lab-model')?.outcome === 'cancelled', false);
    operator.dispose();
  });

  it('say of a server that is off what to do, and reach nothing else', async () => {
    const server = await startProvingServer('openai-chat');
    const operator = await open(tomlOf(server, 'openai-chat'));
    await server[Symbol.asyncDispose]();
    const report = await operator.tests.run({ type: 'model', modelServer: 'lab', model: 'lab-model' });
    assert.deepEqual(outcomes(report), { ...Object.fromEntries(levelIds.map((id) => [id, 'not-reached'])), reachable: 'failed' });
    assert.ok(level(report, 'reachable').hint);
    operator.dispose();
  });

  it('keep the last report of each model, privately, without keys, and read it again', async () => {
    const { report } = await test('openai-chat', { server: 'echoes the key' });
    assert.equal(report.outcome, 'failed');
    const file = join(home.stateDir, 'model-tests.json');
    assert.ok(existsSync(file));
    if (process.platform !== 'win32') assert.equal(statSync(file).mode & 0o777, 0o600);
    const kept = readFileSync(file, 'utf8');
    assert.ok(!kept.includes(secret), 'the key stands in the file');
    assert.ok(!JSON.stringify(report).includes(secret));
    const operator = await open('[[model_servers]]\nname = "lab"\nkind = "openai-compat"\nbase_url = "http://127.0.0.1:1"\n');
    assert.equal(operator.tests.last('lab', 'lab-model'), undefined);
    await operator.tests.load();
    assert.equal(operator.tests.last('lab', 'lab-model')?.outcome, 'failed');
    assert.equal(operator.tests.all()[0]?.model, 'lab-model');
    operator.dispose();
  });

  it('leave no session at the gateway', async () => {
    await test('openai-chat', {}, { levels: ['answers'] });
    const operator = await open('');
    const state = await operator.findGateway();
    assert.deepEqual(state.type === 'running' && state.status.sessions.map(({ displayName }) => displayName), []);
    operator.dispose();
  });

  it("never run against somebody else's server without a word of agreement", async () => {
    await using server = await startProvingServer('openai-chat');
    const operator = await open(tomlOf(server, 'openai-chat', 'placement = "third-party"\n'));
    const target = { type: 'model', modelServer: 'lab', model: 'lab-model' } as const;
    const plan = operator.tests.plan(target);
    assert.ok(plan.ok && plan.value.paid && plan.value.requests > 10 && plan.value.tokens.output > 1000);
    assert.match(plan.value.words, /at most \d+ requests to lab \(third-party\).*tokens.*charged/);
    await assert.rejects(operator.tests.run(target), { code: 'refused', message: plan.value.words });
    assert.equal(server.asked.length, 0);
    const report = await operator.tests.run(target, { allowPaid: true, levels: ['answers'] });
    assert.equal(report.outcome, 'passed');
    operator.dispose();
  });

  it("refuse a vendor's server that only the tool's own login reaches", async () => {
    const operator = await open('');
    const plan = operator.tests.plan({ type: 'model', modelServer: 'anthropic-api', model: 'claude-opus-4-5' });
    assert.ok(!plan.ok);
    assert.match(plan.error[0]?.hint ?? '', /ANTHROPIC_API_KEY/);
    await assert.rejects(operator.tests.run({ type: 'model', modelServer: 'anthropic-api', model: 'claude-opus-4-5' }), { code: 'refused' });
    operator.dispose();
  });

  it('test the model of a delegator whose LLM tool is not installed, and a server that is not declared', async () => {
    await using server = await startProvingServer('openai-chat');
    const operator = await open(`${tomlOf(server, 'openai-chat')}[[delegators]]\nname = "d"\nllm_tool = "codex"\nmodel = "lab-model"\nmodel_server = "lab"\n`);
    const byDelegator = await operator.tests.run({ type: 'delegator', delegator: 'd' }, { levels: ['answers'] });
    assert.equal(byDelegator.outcome, 'passed');
    const byAddress = await operator.tests.run({ type: 'address', kind: 'openai-compat', baseUrl: server.url, model: 'lab-model' }, { levels: ['answers'] });
    assert.equal(byAddress.outcome, 'passed');
    await assert.rejects(operator.tests.run({ type: 'delegator', delegator: 'nobody' }), { code: 'not-found' });
    operator.dispose();
  });
});
