import assert from 'node:assert/strict';
import { inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { serverAt } from '../../support/model-server.ts';
import { readNumber } from '../../support/proving-model.ts';
import { levelOf } from '../../../src/core/proving/levels.ts';
import { levelIds, type TestReport } from '../../../src/core/proving/model.ts';
import { numberPicture } from '../../../src/core/proving/picture.ts';
import { planTest, withNeeds } from '../../../src/core/proving/plan.ts';
import { findReport, reportKey } from '../../../src/core/proving/report-key.ts';
import { runSideBySide } from '../../../src/core/proving/side-by-side.ts';
import { speedOf } from '../../../src/core/proving/speed.ts';
import { createReportStore, parseReports, withReport } from '../../../src/core/proving/store.ts';
import { agoWords, contextWords, reportWords, speedWords } from '../../../src/core/proving/words.ts';
import { columnOfReport, newColumn, withError, withProgress, withReport as fill } from '../../../src/vscode/proving/state.ts';
import { renderPage, renderTable, statusText } from '../../../src/vscode/proving/html.ts';
import { FakeFiles } from '../fakes.ts';

const report = (more: Partial<TestReport> = {}): TestReport => ({
  serverId: 'user:lab',
  modelServer: 'lab',
  model: 'qwen',
  placement: 'local',
  outcome: 'passed',
  startedAt: 1_000,
  ms: 10,
  levels: levelIds.map((level) => ({ level, outcome: 'passed', ms: 1, warnings: [] })),
  ...more,
});
const failing = report({ outcome: 'failed', levels: levelIds.map((level) => (level === 'schema' ? { level, outcome: 'failed', reason: 'The model answers in words, not in JSON', came: '<b>"x"</b>', warnings: [] } : { level, outcome: 'passed', warnings: [] })) });

describe('the levels', () => {
  it('need only levels before them, and have titles of their own', () => {
    levelIds.forEach((id, index) => {
      for (const need of levelOf(id).needs) assert.ok(levelIds.indexOf(need) < index, `${id} needs ${need}`);
    });
    assert.equal(new Set(levelIds.map((id) => levelOf(id).title)).size, levelIds.length);
  });

  it('bring what they need along', () => {
    assert.deepEqual(withNeeds(undefined), levelIds);
    assert.deepEqual(withNeeds(['conversation']), ['reachable', 'answers', 'tool-call', 'tool-result', 'conversation']);
    assert.deepEqual(withNeeds(['listed', 'reachable']), ['reachable', 'listed']);
  });
});

describe('the plan of a test', () => {
  const far = serverAt('openrouter', 'https://openrouter.ai/api');
  const plan = (changes: Partial<Parameters<typeof planTest>[0]> = {}) => planTest({ server: far, serverId: 'user:far', model: 'm', info: undefined, levels: undefined, ...changes });

  it('is paid for at third parties, unless the price is known to be nothing', () => {
    assert.equal(plan().paid, true);
    assert.match(plan().words, /at most \d+ requests to my-openrouter \(third-party\): about .* tokens in, at most .* out, which may be charged$/);
    assert.equal(plan({ info: { id: 'm', price: { inputMicros: 0, outputMicros: 0 } } }).paid, false);
    assert.equal(plan({ info: { id: 'm', price: { inputMicros: 0 } } }).paid, true, 'a price that is half known');
    assert.equal(plan({ info: { id: 'm', price: { inputMicros: 0, outputMicros: 1 } } }).paid, true);
    assert.equal(plan({ server: serverAt('vllm', 'http://10.0.0.5:8000') }).paid, false);
  });

  it("is paid for where this machine's Ollama passes it on to its cloud", () => {
    const server = serverAt('ollama', 'http://127.0.0.1:11434');
    assert.equal(plan({ server, model: 'qwen3' }).paid, false);
    for (const model of ['gpt-oss:120b-cloud', 'glm-4.6:cloud']) assert.equal(plan({ server, model }).paid, true, model);
    assert.equal(plan({ server, model: 'other', info: { id: 'other', capabilities: ['cloud'] } }).paid, true);
  });

  it('counts no picture where the model does not claim to see', () => {
    assert.equal(plan({ info: { id: 'm', capabilities: ['vision'] } }).requests, plan().requests + 1);
    assert.equal(plan({ levels: ['reachable'] }).requests, 0);
  });
});

describe('the words of a report', () => {
  it('say what failed, else when it passed', () => {
    assert.equal(reportWords(report(), 1_000), 'tested just now: all passed');
    assert.equal(reportWords(report(), 1_000 + 2 * 3_600_000), 'tested 2 h ago: all passed');
    assert.equal(reportWords(failing, 5_000), 'fails: keeps to a JSON schema');
    assert.equal(reportWords(report({ levels: [{ level: 'listed', outcome: 'failed', warnings: [] }, { level: 'answers', outcome: 'failed', warnings: [] }, { level: 'streams', outcome: 'not-reached', warnings: [] }] }), 0), 'fails: lists the model and 1 more');
    assert.deepEqual([-5, 59_000, 60_000, 86_400_000, 3 * 86_400_000].map(agoWords), ['just now', 'just now', '1 min ago', 'yesterday', '3 days ago']);
  });

  it('say how quick it was, and when that is only guessed', () => {
    assert.deepEqual(speedWords({ firstTokenMs: 210, tokensPerSecond: 42.3 }), ['first token after 210 ms', '42 tokens/s']);
    assert.deepEqual(speedWords({ firstTokenMs: 210, tokensPerSecond: 4.25, estimated: true }), ['first token after 210 ms', '4.25 tokens/s (estimate)']);
    assert.deepEqual(speedWords({ firstTokenMs: 2100, inOnePiece: true }), ['first token after 2.1 s', 'came in one piece']);
    assert.equal(contextWords(report({ context: { claimed: 32_768, loaded: 4_096 } })), '32k context, loaded with 4k');
  });
});

describe('the speed of an answer', () => {
  const told = { text: 'a'.repeat(400), reasoning: '', toolCalls: [], firstMs: 500, lastMs: 1_500, pieces: 101, ended: true };
  it('counts from the first piece on, what the server counted', () => {
    assert.deepEqual(speedOf({ ...told, usage: { outputTokens: 101 } }), { firstTokenMs: 500, tokensPerSecond: 100 });
    assert.deepEqual(speedOf({ ...told, usage: { outputTokens: 301, reasoningTokens: 200 } }), { firstTokenMs: 500, tokensPerSecond: 100 }, 'thoughts that were not shown took no time of it');
    assert.deepEqual(speedOf(told), { firstTokenMs: 500, tokensPerSecond: 99, estimated: true });
  });
  it('cannot be told of an answer in one piece, or of none', () => {
    assert.deepEqual(speedOf({ ...told, pieces: 1, lastMs: 500 }), { firstTokenMs: 500, inOnePiece: true });
    assert.deepEqual(speedOf({ ...told, lastMs: 501 }), { firstTokenMs: 500, inOnePiece: true });
    assert.deepEqual(speedOf({ ...told, pieces: 0 }), {});
  });
});

describe('the picture of a number', () => {
  it('is a PNG that other programs read, and shows that number', () => {
    for (const number of ['100', '742', '805', '369']) {
      const base64 = numberPicture(number).slice('data:image/png;base64,'.length);
      assert.equal(readNumber(base64), number);
      assert.ok(base64.length < 80_000);
      assert.ok(inflateSync(Buffer.from(base64, 'base64').subarray(41)).length > 0, 'zlib checks the sum of what it unpacks');
    }
  });
});

describe('kept reports', () => {
  const file = '/state/model-tests.json';

  it('are the last one of each model, the newest first, and no more than a few hundred', async () => {
    const store = createReportStore(new FakeFiles(), file);
    await store.keep(report({ startedAt: 1 }));
    await store.keep(report({ startedAt: 2, model: 'llama' }));
    const all = await store.keep(report({ startedAt: 3, outcome: 'failed' }));
    assert.deepEqual(all.map(({ model, startedAt }) => [model, startedAt]), [['qwen', 3], ['llama', 2]]);
    assert.deepEqual(await store.read(), all);
    let many: readonly TestReport[] = [];
    for (let index = 0; index < 600; index++) many = withReport(many, report({ model: `m${index}`, startedAt: index }));
    assert.equal(many.length, 500);
    assert.equal(many[0]?.model, 'm599');
  });

  it('are not lost when two processes keep theirs at once', async () => {
    const files = new FakeFiles();
    await Promise.all(['a', 'b', 'c', 'd'].map((model) => createReportStore(files, file).keep(report({ model }))));
    assert.deepEqual((await createReportStore(files, file).read()).map(({ model }) => model).sort(), ['a', 'b', 'c', 'd']);
  });

  it('are left out where the file is broken or from another version', async () => {
    assert.deepEqual(await createReportStore(new FakeFiles({ [file]: '{"version":1,"rep' }), file).read(), []);
    assert.deepEqual(parseReports('{"version":2,"reports":[]}'), []);
    assert.equal(parseReports(JSON.stringify({ version: 1, reports: [report(), { model: 'x' }, report({ model: 'y' })] })).length, 2);
    fc.assert(fc.property(fc.jsonValue(), (value) => parseReports(JSON.stringify({ version: 1, reports: value })).length >= 0));
  });

  it('are found with and without the tag that Ollama adds', () => {
    const all = new Map([report({ model: 'qwen:latest' }), report({ model: 'llama' })].map((each) => [reportKey(each), each]));
    assert.equal(findReport(all, 'user:lab', 'qwen')?.model, 'qwen:latest');
    assert.equal(findReport(all, 'user:lab', 'llama:latest')?.model, 'llama');
    assert.equal(findReport(all, 'user:other', 'llama'), undefined);
  });
});

describe('models side by side', () => {
  it('are tested at the same time on different servers, one after the other on one', async () => {
    const running = new Map<string, number>();
    let most = 0;
    const items = ['a1', 'a2', 'b1', 'c1', 'd1', 'e1', 'f1', 'a3'];
    const outcomes = await runSideBySide(items, ([server = '']) => server, async (item) => {
      const [server = ''] = item;
      running.set(server, (running.get(server) ?? 0) + 1);
      assert.equal(running.get(server), 1, 'two of one server');
      most = Math.max(most, [...running.values()].reduce((sum, count) => sum + count, 0));
      await new Promise((resolve) => setImmediate(resolve));
      running.set(server, 0);
      return item.toUpperCase();
    });
    assert.deepEqual(outcomes, items.map((item) => item.toUpperCase()));
    assert.equal(most, 4);
  });
});

describe('the table of a test in VS Code', () => {
  const target = { type: 'model', modelServer: 'user:lab', model: 'qwen' } as const;
  const plan = { model: 'qwen', modelServer: 'lab', placement: 'local', levels: levelIds } as const;

  it('fills level by level', () => {
    let column = newColumn(target, plan);
    assert.equal(statusText({ columns: [column], running: true }), 'Starting');
    column = withProgress(column, { type: 'running', level: 'answers' });
    assert.equal(statusText({ columns: [column], running: true }), 'Testing qwen: answers');
    assert.match(renderTable({ columns: [column], running: true }), /<th scope="row">answers<\/th><td class="running">.*running<\/td>/);
    column = withProgress(column, { type: 'ended', result: { level: 'answers', outcome: 'passed', ms: 340, warnings: [] } });
    assert.equal(statusText({ columns: [column], running: true }, 'Testing qwen: answers'), 'Testing qwen: answers', 'nothing new to read out between two levels');
    assert.match(renderTable({ columns: [column], running: true }), /<td class="passed">.*pass <span class="time">340 ms<\/span><\/td>/);
    column = fill(column, failing);
    assert.equal(statusText({ columns: [column], running: false }), 'Some levels failed');
    assert.equal(statusText({ columns: [column, columnOfReport(target, report())], running: false }), '1 of 2 models failed');
    assert.equal(statusText({ columns: [columnOfReport(target, report())], running: false }), 'All levels that apply passed');
    assert.match(renderTable({ columns: [withError(newColumn(target, plan), 'gone <i>')], running: false }), /<strong>qwen<\/strong>: gone &lt;i&gt;/);
  });

  it('has headings and words for who cannot see it, and opens what failed', () => {
    const html = renderTable({ columns: [fill(newColumn(target, plan), failing)], running: false });
    assert.match(html, /<th scope="col">qwen<span class="server">lab · local<\/span><\/th>/);
    assert.match(html, /<details id="schema-0" open><summary><span class="symbol" aria-hidden="true">✖<\/span>fail<\/summary>/);
  });

  it('never takes what a file, a server or a model says for markup', () => {
    const hostile = '"><img src=x onerror=alert(1)>\'&';
    const text = fc.constantFrom(hostile, '</td><script>', "' onload='");
    fc.assert(
      fc.property(text, text, text, (model, server, words) => {
        const column = fill(newColumn(target, { ...plan, model, modelServer: server }), { ...failing, levels: levelIds.map((level) => ({ level, outcome: 'failed', reason: words, expected: words, came: words, hint: words, warnings: [words] })) });
        const html = renderTable({ columns: [withError(column, words)], running: false });
        assert.deepEqual([...html.matchAll(/<(img|script)/g)], []);
        assert.ok(!html.includes(hostile) && !html.includes("' onload='"));
      }),
    );
    const page = renderPage({ cspSource: 'https://host', nonce: 'n0nce', scriptUri: hostile, styleUri: 'style', title: hostile });
    assert.ok(!page.includes('<img'));
    assert.deepEqual([...page.matchAll(/<button type="button" id="(\w+)"[^>]* disabled>/g)].map(([, id]) => id), ['again', 'cancel']);
    assert.match(page, /default-src 'none'; style-src https:\/\/host; script-src 'nonce-n0nce'/);
    assert.ok(!/https?:(?!\/\/host)/.test(page), 'nothing is loaded from elsewhere');
  });
});
