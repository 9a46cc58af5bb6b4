/** What is shown beside the text: lenses, hovers, outline, folding, links, highlighted names. */
import assert from 'node:assert/strict';
import { foldingOf } from '../../../src/core/language/folding.ts';
import { hoverAt } from '../../../src/core/language/hover.ts';
import { lensesOf } from '../../../src/core/language/lenses.ts';
import { linksOf } from '../../../src/core/language/links.ts';
import type { LanguageFacts, LanguageFiles } from '../../../src/core/language/model.ts';
import type { TestReport } from '../../../src/core/proving/model.ts';
import { reportKey } from '../../../src/core/proving/report-key.ts';
import { symbolsOf } from '../../../src/core/language/symbols.ts';
import { tokensOf } from '../../../src/core/language/tokens.ts';
import { textAt } from '../config/support.ts';
import { facts, status, user, withCursor, workspace } from './support.ts';

const lab = '[[model_servers]]\nname = "lab"\nkind = "ollama"\nbase_url = "http://localhost:11434"\n';
const reviewer = '[[delegators]]\nname = "reviewer"\nllm_tool = "claude"\nmodel = "qwen"\nmodel_server = "lab"\n';

function hover(marked: string, known: Partial<LanguageFacts> = {}, others: LanguageFiles = []): { readonly text: string; readonly over: string | undefined } {
  const { text, position } = withCursor(marked);
  const file = workspace(text);
  const found = hoverAt(file, position, [file, ...others], facts(known));
  return { text: found?.markdown.join('\n\n') ?? '', over: textAt(text, found?.range) };
}

describe('lenses', () => {
  const titles = (text: string, known: Partial<LanguageFacts> = {}, others: LanguageFiles = []): string[] => {
    const file = workspace(text);
    return lensesOf(file, [file, ...others], facts(known)).map(({ range, title }) => `${range.start.line + 1} ${title}`);
  };

  it('stand above each entry: what it can do, what it has, who uses it', () => {
    const known = { servers: [status('lab', { models: [{ id: 'a' }, { id: 'b' }], state: 'healthy' })] };
    assert.deepEqual(titles(`# c\n${lab}\n${reviewer}`, known), ['2 Probe: healthy', '2 2 models', '2 used by 1 delegator', '7 Launch', '7 Plan']);
    assert.deepEqual(titles(lab), ['1 Probe', '1 not used']);
  });

  it('count a delegator whose model names the server by its prefix', () => {
    const text = `${lab}\n[[delegators]]\nname = "d"\nllm_tool = "claude"\nmodel = "ollama/qwen"\n`;
    assert.ok(titles(text, { servers: [status('lab')] }).includes('1 used by 1 delegator'));
    assert.ok(titles(text.replace('ollama/qwen', 'vllm/qwen'), { servers: [status('lab')] }).includes('1 not used'));
  });

  it('count the users of both layers', () => {
    const file = workspace(reviewer);
    const mine = user(lab + reviewer);
    assert.ok(lensesOf(mine, [file, mine], facts()).some(({ title }) => title === 'used by 2 delegators'));
  });

  it('name the entry by its id', () => {
    const file = workspace(reviewer);
    assert.deepEqual(lensesOf(file, [file], facts())[0]?.action, { type: 'launch', delegatorId: 'workspace:/w:reviewer' });
    const mine = user(lab);
    assert.deepEqual(lensesOf(mine, [mine], facts())[0]?.action, { type: 'probe', serverId: 'user:lab' });
  });

  it('are left out where an entry does not count', () => {
    assert.deepEqual(titles('[[delegators]]\nmodel = "m"\n'), []);
    assert.deepEqual(titles(`${reviewer}${reviewer}`), ['1 Launch', '1 Plan']);
    assert.deepEqual(titles('[[model_servers]]\nname = "openai-api"\n'), []);
  });

  it('stay while the text is broken', () => {
    assert.deepEqual(titles(`[[model_servers\n${reviewer}x = `), ['2 Launch', '2 Plan']);
  });
});

describe('hovers', () => {
  it('say what the last test of a model came to', () => {
    const lab = status('lab', { models: [{ id: 'qwen' }] });
    const report: TestReport = { serverId: lab.id, modelServer: 'lab', model: 'qwen', placement: 'local', outcome: 'failed', startedAt: 0, ms: 1, levels: [{ level: 'tool-call', outcome: 'failed', reason: 'The model does not call the tool', warnings: [] }] };
    const text = '[[delegators]]\nname = "d"\nllm_tool = "claude"\nmodel = "qw|en"\nmodel_server = "lab"\n';
    const server = '[[model_servers]]\nname = "lab"\nkind = "ollama"\n';
    assert.match(hover(server + text, { servers: [lab], tests: new Map([[reportKey(report), report]]) }).text, /fails: calls a tool[\s\S]*The model does not call the tool/);
    assert.doesNotMatch(hover(server + text, { servers: [lab] }).text, /calls a tool/);
  });

  it('say what the prefix of a model means', () => {
    const text = '[[delegators]]\nname = "d"\nllm_tool = "claude"\nmodel = "ollama/qw|en"\n';
    assert.match(hover(text).text, /^`qwen` on Ollama: `ollama\/` needs no entry\. The address is in `OLLAMA_BASE_URL`, else in `LOCAL_LLM_BASE_URL`/);
    const implied = status('ollama', { models: [{ id: 'qwen', parameters: '7.6B' }], origin: { layer: 'builtin', impliedBy: 'ollama/' } });
    assert.match(hover(text, { servers: [implied] }).text, /^`qwen` on ollama 7\.6B\n\nServer: implied by `ollama\/`\n\n\*\*ollama\*\* `http:\/\/localhost:11434`: healthy/);
    assert.match(hover(lab + text, { servers: [status('lab', { models: [{ id: 'qwen' }] })] }).text, /Server: the model server `lab`, which `ollama\/` means here/);
    assert.doesNotMatch(hover(`${text}model_server = "proxy"\n`).text, /OLLAMA_BASE_URL/);
  });

  it('say what a key and a table mean', () => {
    assert.match(hover('[[model_servers]]\nrequest_ti|meout = 1').text, /`request_timeout`: Seconds until a request is given up\. Default: 120/);
    assert.equal(hover('[[model_servers]]\nrequest_ti|meout = 1').over, 'request_timeout');
    assert.match(hover('[[model_ser|vers]]').text, /Endpoints that serve models/);
    assert.match(hover('[[delegators]]\n[delegators.launch_|config]').text, /How the agent is launched/);
    assert.match(hover('delegators = [{ rou|te = "auto" }]').text, /Default: auto/);
  });

  it('say what a value means', () => {
    assert.match(hover('[[model_servers]]\nkind = "ol|lama"').text, /\*\*Ollama\*\*.*Usually at `http:\/\/localhost:11434`/s);
    assert.match(hover('[[model_servers]]\nplacement = "lo|cal"').text, /runs on this machine/);
    assert.match(hover('[[model_servers]]\nprotocols = ["gem|ini"]').text, /Google's Gemini API/);
    assert.match(hover('[[model_servers]]\nbase_url = "http://10.0.|0.1"').text, /self-hosted.*judged by the address/);
    assert.match(hover('[[model_servers]]\nauth = "header:|X"').text, /header of its own/);
    assert.match(hover('[[delegators]]\nroute = "gate|way"').text, /translates between protocols/);
    assert.match(hover('[[delegators]]\nllm_tool = "cod|ex"').text, /\*\*Codex\*\*.*`openai-responses`/s);
    assert.match(hover('[[delegators]]\nllm_tool = "codex"\nlaunch_config.permission_mode = "pl|an"').text, /Codex has no permission mode `plan`\. It has `read-only`/);
  });

  it('show the health and the models of a server, where it is declared and where it is named', () => {
    const known = { servers: [status('lab', { models: [{ id: 'qwen', parameters: '7.6B' }] })] };
    for (const text of [`${lab.replace('"lab"', '"l|ab"')}${reviewer}`, `${lab}${reviewer.replace('"lab"', '"l|ab"')}`]) {
      assert.match(hover(text, known).text, /healthy \(checked .* in 12 ms\)/);
      assert.match(hover(text, known).text, /1 model:.*- `qwen` 7\.6B/s);
    }
    assert.match(hover(`${lab.replace('"lab"', '"l|ab"')}${reviewer}`, known).text, /Used by `reviewer`/);
    assert.match(hover(`${lab}${reviewer.replace('"qwen"', '"qw|en"')}`, known).text, /`qwen` on lab 7\.6B/);
    assert.match(hover(`${lab}${reviewer.replace('"qwen"', '"oth|er"')}`, known).text, /did not list `other`/);
  });

  it("show a delegator's plan", () => {
    const asked: string[] = [];
    const describePlan = (id: string) => {
      asked.push(id);
      return { route: 'direct, anthropic-messages', lines: ['`claude --model qwen`'] };
    };
    assert.match(hover(reviewer.replace('"reviewer"', '"re|viewer"'), { describePlan }).text, /Route: direct, anthropic-messages\n\n`claude --model qwen`/);
    assert.deepEqual(asked, ['workspace:/w:reviewer']);
  });

  it('never show a key that stands in the file', () => {
    assert.ok(!hover('[[model_servers]]\nname = "a"\napi_key = "sk-proj-s3|cret0123456789abcdef"').text.includes('s3cret'));
    assert.ok(!hover('[[model_servers]]\nname = "a"\nheaders = { Authorization = "Bearer s3|cret" }').text.includes('s3cret'));
  });

  it('say nothing where nothing is known', () => {
    for (const text of ['# na|me', '[other]\nx = "y|"', '[[delegators]]\nname = "x" |', '|']) assert.equal(hover(text).text, '', text);
  });
});

describe('the outline', () => {
  it('lists the entries in the order of the file, with their keys and tables', () => {
    const text = `${reviewer}[delegators.launch_config]\nyolo = true\n\n${lab}\n[llm_tools]\ndefault_tool = "claude"\n`;
    const symbols = symbolsOf(text);
    assert.deepEqual(symbols.map(({ name, kind, detail }) => [name, kind, detail]), [
      ['reviewer', 'delegator', 'claude · qwen · lab'],
      ['lab', 'model_server', 'ollama'],
      ['llm_tools', 'table', ''],
    ]);
    assert.deepEqual(symbols[0]?.children.map(({ name }) => name), ['llm_tool', 'model', 'model_server', 'delegators.launch_config']);
    assert.deepEqual(symbols[0]?.children.at(-1)?.children.map(({ name }) => name), ['yolo']);
    assert.equal(textAt(text, symbols[1]?.selection), '"lab"');
  });

  it('knows entries without a name and inline lists, and stays while the text is broken', () => {
    assert.deepEqual(symbolsOf('delegators = [{ name = "a" }, { }]\n[[model_servers\nname = ').map(({ name }) => name), ['a', '(delegator without a name)', '(model server without a name)']);
  });

  it('shows no values', () => {
    assert.ok(!JSON.stringify(symbolsOf('[[model_servers]]\nname = "a"\napi_key = "sk-secret"\n')).includes('sk-secret'));
  });
});

describe('folding', () => {
  it('folds entries with their tables, values and comments over several lines', () => {
    const text = `# a\n# b\n[[delegators]]\nname = "d"\nlaunch_config.flags = [\n  "x",\n]\n[delegators.model_properties]\na = 1\n\n[[model_servers]]\nname = "s" # c\n# d\n`;
    assert.deepEqual(foldingOf(text).map(({ startLine, endLine, kind }) => [startLine, endLine, kind]), [
      [0, 1, 'comment'],
      [2, 8, 'entry'],
      [4, 6, 'entry'],
      [7, 8, 'entry'],
      [10, 11, 'entry'],
    ]);
  });
});

describe('links', () => {
  it('lead to addresses, key files and folders', () => {
    const text = '[[model_servers]]\nname = "a"\nbase_url = "http://h:1/v1"\napi_key = "file:~/key"\n[[delegators]]\n[delegators.launch_config]\ncwd = "packages/api"\n';
    assert.deepEqual(linksOf(text).map(({ range, target }) => [textAt(text, range), target]), [
      ['http://h:1/v1', { type: 'url', url: 'http://h:1/v1' }],
      ['file:~/key', { type: 'path', path: '~/key', from: 'file', isFolder: false }],
      ['packages/api', { type: 'path', path: 'packages/api', from: 'root', isFolder: true }],
    ]);
  });

  it('do not lead where a user or password would be sent, nor to anything but the web', () => {
    for (const url of ['http://me:pw@h', 'javascript:alert(1)', 'command:x', 'file:///etc/passwd', 'http://', 'localhost:1']) assert.deepEqual(linksOf(`[[model_servers]]\nbase_url = "${url}"\n`), [], url);
  });
});

describe('highlighted names', () => {
  it('are those of entries, where they are declared and where they are meant', () => {
    const text = lab + reviewer;
    assert.deepEqual(tokensOf(text).map(({ range, kind, isDeclaration }) => [textAt(text, range), kind, isDeclaration]), [
      ['lab', 'model_server', true],
      ['reviewer', 'delegator', true],
      ['claude', 'llm_tool', false],
      ['lab', 'model_server', false],
    ]);
  });
});
