/** What can be put in where, and what the text is then. `|` is the cursor. */
import assert from 'node:assert/strict';
import { completionAt } from '../../../src/core/language/completion.ts';
import type { CompletionItem, LanguageFacts, LanguageFiles } from '../../../src/core/language/model.ts';
import { applyTextEdits } from '../../../src/core/language/text-edits.ts';
import { parseToml } from '../../../src/core/config/parse.ts';
import { allServerKinds } from '../../../src/core/servers/kinds.ts';
import { diagnoseFiles, facts, status, user, withCursor, workspace } from './support.ts';

interface Asked {
  readonly items: readonly CompletionItem[];
  readonly labels: readonly string[];
  /** The text with this item put in; places of snippets are filled with their defaults. */
  with(label: string): string;
  item(label: string): CompletionItem;
}

function complete(marked: string, known: Partial<LanguageFacts> = {}, others: LanguageFiles = []): Asked {
  const { text, position } = withCursor(marked);
  const file = workspace(text);
  const items = completionAt(file, position, [file, ...others], facts(known));
  const item = (label: string): CompletionItem => items.find((candidate) => candidate.label === label) ?? assert.fail(`no ${label} among ${items.map((candidate) => candidate.label).join(', ')}`);
  return {
    items,
    labels: items.map(({ label }) => label),
    item,
    with(label) {
      const { edit, isSnippet } = item(label);
      return applyTextEdits(text, [isSnippet ? { ...edit, newText: filled(edit.newText) } : edit]);
    },
  };
}

function filled(snippet: string): string {
  return snippet
    .replaceAll(/\$\{\d+\|([^,|]*)[^|]*\|\}/g, '$1')
    .replaceAll(/\$\{\d+:((?:[^}\\]|\\.)*)\}/g, '$1')
    .replaceAll(/\$\d+/g, '')
    .replaceAll(/\\([\\$}])/g, '$1');
}

const lab = '[[model_servers]]\nname = "lab"\nkind = "ollama"\n';

describe('completion of values', () => {
  it('replaces exactly the value, whatever of it is there', () => {
    for (const value of ['|', '"|"', '"ol|', '"ol|"', '"|ollama-x"', 'ol|', "'|'"]) {
      const quote = value.startsWith("'") ? "'" : '"';
      assert.equal(complete(`[[model_servers]]\nkind = ${value}\nname = "a"\n`).with('vllm'), `[[model_servers]]\nkind = ${quote}vllm${quote}\nname = "a"\n`, value);
    }
  });

  it('compares what is typed in quotes with quotes, and without them without', () => {
    assert.equal(complete('[[model_servers]]\nkind = "ol|"').item('ollama').filterText, '"ollama"');
    assert.equal(complete('[[model_servers]]\nkind = ol|').item('ollama').filterText, 'ollama');
  });

  it('offers every kind, with what it is', () => {
    const asked = complete('[[model_servers]]\nkind = "|"');
    assert.deepEqual(asked.labels, allServerKinds().map(({ id }) => id));
    assert.match(asked.item('ollama').documentation ?? '', /Usually at `http:\/\/localhost:11434`/);
  });

  it("offers the catalogue's tools and those of every file", () => {
    const { labels } = complete('[[delegators]]\nllm_tool = "|"\n[[llm_tools.custom]]\nname = "mine"\n', {}, [user('[[llm_tools.custom]]\nname = "theirs"\n')]);
    for (const name of ['claude', 'codex', 'chat', 'mine', 'theirs']) assert.ok(labels.includes(name), name);
    assert.ok(complete('[llm_tools]\ndefault_tool = |').labels.includes('codex'));
  });

  it('offers the servers that the file may refer to: its own, the user\'s, the builtin ones', () => {
    const known = { servers: [status('lab', { models: [{ id: 'a' }, { id: 'b' }] })] };
    const asked = complete(`${lab}[[delegators]]\nmodel_server = "|"\n`, known, [workspace('[[model_servers]]\nname = "other-root"\n', '/x/operator.toml'), user('[[model_servers]]\nname = "mine"\n[[model_servers]]\nname = "lab"\n')]);
    assert.deepEqual(asked.labels, ['lab', 'mine', 'anthropic-api', 'openai-api', 'google-api']);
    assert.equal(asked.item('lab').detail, 'Ollama · healthy · 2 models');
    assert.equal(asked.item('mine').detail, 'user');
  });

  it("offers the models that the delegator's server listed, with their size and context", () => {
    const models = [{ id: 'qwen2.5-coder:7b', parameters: '7.6B', contextWindow: 32_768, sizeBytes: 4_700_000_000 }, { id: 'nomic-embed', type: 'embedding' as const }];
    const asked = complete(`${lab}models = ["own"]\n[[delegators]]\nllm_tool = "claude"\nmodel = "|"\nmodel_server = "lab"\n`, { servers: [status('lab', { models })] });
    assert.deepEqual(asked.labels, ['qwen2.5-coder:7b', 'own']);
    assert.equal(asked.item('qwen2.5-coder:7b').detail, '7.6B · 4.7 GB · 32k context');
  });

  it("offers the names that a tool has for its vendor's models, where the delegator names no server", () => {
    const { labels } = complete('[[delegators]]\nllm_tool = "claude"\nmodel = "|"\n');
    assert.deepEqual(labels.slice(0, 2), ['opus', 'sonnet']);
    assert.deepEqual(complete(`${lab}[[delegators]]\nllm_tool = "claude"\nmodel = "|"\nmodel_server = "lab"\n`).labels, []);
  });

  it('offers the prefixes of local servers and the models behind them, where no server is named and the tool has no such names itself', () => {
    const implied = status('ollama', { models: [{ id: 'qwen3:8b', parameters: '8.2B' }, { id: 'nomic-embed', type: 'embedding' }], origin: { layer: 'builtin', impliedBy: 'ollama/' } });
    const asked = complete('[[delegators]]\nllm_tool = "codex"\nmodel = "|"\n', { servers: [implied] });
    assert.deepEqual(asked.labels, ['ollama/qwen3:8b', 'ollama/', 'vllm/', 'lm_studio/', 'llamacpp/']);
    assert.deepEqual([asked.item('ollama/qwen3:8b').detail, asked.item('ollama/').detail, asked.item('vllm/').detail], ['Ollama · 8.2B', 'a model of Ollama at http://localhost:11434', 'a model of vLLM on this machine']);
    assert.deepEqual(complete('[llm_tools]\ndefault_tool = "codex"\ndefault_model = "|"\n', { servers: [implied] }).labels, asked.labels);
    const declared = complete(`${lab}[[delegators]]\nllm_tool = "codex"\nmodel = "|"\n`, { servers: [status('lab', { models: [{ id: 'qwen3:8b' }] })] });
    assert.ok(declared.labels.includes('ollama/qwen3:8b'), 'the only declared one at the address is what the prefix means');
    assert.deepEqual(complete('[[delegators]]\nllm_tool = "opencode"\nmodel = "|"\n').labels, []);
  });

  it('offers names of variables, the usual one and those of keys first, and never their values', () => {
    assert.deepEqual(complete('[[model_servers]]\nkind = "openrouter"\napi_key_env = "|"').labels, ['OPENROUTER_API_KEY', 'LAB_TOKEN', 'SET_KEY', 'HOME']);
  });

  it('offers references to keys: secrets that are known, variables, a file', () => {
    const { labels } = complete(`${lab}api_key = "|"\n[[model_servers]]\nname = "b"\napi_key = "secret:shared"\n`, { secrets: ['stored'] });
    assert.deepEqual(labels, ['secret:lab', 'secret:stored', 'secret:shared', 'env:LAB_TOKEN', 'env:SET_KEY', 'env:HOME', 'file:']);
  });

  it('offers what a key can be chosen from', () => {
    assert.deepEqual(complete('[[model_servers]]\nplacement = |').labels, ['local', 'self-hosted', 'third-party']);
    assert.deepEqual(complete('[[delegators]]\nroute = "|').labels, ['auto', 'direct', 'gateway']);
    assert.ok(complete('[[model_servers]]\nauth = "|"').labels.includes('x-api-key'));
    assert.deepEqual(complete('[[llm_tools.custom]]\nprotocol = "|"').labels.slice(0, 2), ['anthropic-messages', 'openai-chat']);
    assert.deepEqual(complete('[[delegators]]\n[delegators.launch_config]\nyolo = |').labels, ['true', 'false']);
  });

  it("offers the permission modes and settings of the entry's tool", () => {
    assert.ok(complete('[[delegators]]\nllm_tool = "claude"\n[delegators.launch_config]\npermission_mode = "|"').labels.includes('acceptEdits'));
    assert.deepEqual(complete('[[delegators]]\nllm_tool = "codex"\nlaunch_config = { permission_mode = "|" }').labels, ['read-only', 'workspace-write', 'danger-full-access']);
    assert.deepEqual(complete('[[delegators]]\nllm_tool = "codex"\nmodel_properties = { | }').labels, ['reasoning_effort', 'reasoning_summary', 'verbosity', 'context_window']);
    assert.deepEqual(complete('[[delegators]]\nllm_tool = "codex"\nmodel_properties = { reasoning_effort = "|" }').labels, ['low', 'medium', 'high']);
  });

  it('works in lists, inline tables and lists of them', () => {
    assert.equal(complete('[[model_servers]]\nprotocols = ["openai-chat", |]').with('gemini'), '[[model_servers]]\nprotocols = ["openai-chat", "gemini"]');
    assert.equal(complete('[[model_servers]]\nprotocols = [\n  "openai-chat",\n  "g|"\n]').with('gemini'), '[[model_servers]]\nprotocols = [\n  "openai-chat",\n  "gemini"\n]');
    assert.equal(complete('[[model_servers]]\nprotocols = |').with('["…"]'), '[[model_servers]]\nprotocols = [""]');
    assert.equal(complete('model_servers = [{ name = "a", kind = "|" }]').with('vllm'), 'model_servers = [{ name = "a", kind = "vllm" }]');
    assert.deepEqual(complete(`${lab}models = ["a", "|"]`, { servers: [status('lab', { models: [{ id: 'a' }, { id: 'b' }] })] }).labels, ['b']);
  });

  it('offers the models that are kept of a server that is off, the best first, with price and context', () => {
    const off = status('lab', { state: 'offline' });
    const catalogue = { serverId: off.id, serverName: 'lab', source: 'stale' as const, fetchedAt: 0, refreshing: false, warnings: [], hiddenCount: 0, models: [{ id: 'gpt-5.5', tier: 'flagship' as const, contextWindow: 400_000, price: { inputMicros: 5_000_000, outputMicros: 30_000_000 } }, { id: 'small-8b', tier: 'cheap' as const }] };
    const asked = complete(`${lab}[[delegators]]\nllm_tool = "codex"\nmodel_server = "lab"\nmodel = "|"\n`, { servers: [{ ...off, catalogue }] });
    assert.deepEqual(asked.labels.slice(0, 2), ['gpt-5.5', 'small-8b']);
    assert.equal(asked.item('gpt-5.5').detail, '400k context · $5 in, $30 out');
  });

  it('says nothing in comments, behind values, in numbers of other tables and inside long texts', () => {
    for (const text of ['# kind = |', 'kind = "a" |', 'kind = | "a"', '[other]\nkind = "|"', '[[delegators]]\n[delegators.launch_config]\nprompt_prefix = """\n|\n"""', '[[model_servers]] |']) assert.deepEqual(complete(text).labels, [], text);
  });

  it('works in a text with a byte order mark, Windows line endings and characters beyond the first 65,536', () => {
    const text = '\uFEFF# 😀\r\n[[model_servers]]\r\nname = "😀" # 😀\r\nkind = "|"\r\n';
    assert.equal(complete(text).with('vllm'), text.replace('"|"', '"vllm"'));
  });
});

describe('completion of keys', () => {
  it('offers those that the entry does not have yet, required ones first, with meaning and default', () => {
    const asked = complete(`${lab}|\n`);
    const keys = asked.items.filter(({ kind }) => kind === 'key').map(({ label }) => label);
    assert.ok(keys.includes('base_url') && keys.includes('idle_timeout') && !keys.includes('kind') && !keys.includes('name'));
    assert.match(asked.item('request_timeout').documentation ?? '', /Default: 120/);
    assert.equal(asked.with('request_timeout'), `${lab}request_timeout = 120\n`);
    assert.equal(asked.with('headers'), `${lab}headers = {  }\n`);
    assert.equal(asked.with('api_key_env'), `${lab}api_key_env = ""\n`);
    assert.ok(complete('[[delegators]]\n|').item('name').sortText < complete('[[delegators]]\n|').item('route').sortText);
  });

  it('replaces the word that is being typed, and keeps a value that is there', () => {
    assert.equal(complete(`${lab}base|\n`).with('base_url'), `${lab}base_url = ""\n`);
    assert.equal(complete('[[model_servers]]\nki| = "ollama"\n').with('kind'), '[[model_servers]]\nkind = "ollama"\n');
  });

  it('knows sub-tables, dotted keys and inline tables', () => {
    assert.ok(complete('[[delegators]]\n[delegators.launch_config]\n|').labels.includes('permission_mode'));
    assert.ok(!complete('[[delegators]]\n[delegators.launch_config]\nyolo = true\n|').labels.includes('yolo'));
    assert.ok(complete('[[delegators]]\nlaunch_config.|\n').labels.includes('permission_mode'));
    assert.equal(complete('[[delegators]]\nlaunch_config = { yolo = true, | }').with('cwd'), '[[delegators]]\nlaunch_config = { yolo = true, cwd = "" }');
    assert.ok(!complete('[[delegators]]\nlaunch_config = { yolo = true, | }').labels.includes('yolo'));
    assert.ok(complete('delegators = [{ | }]').labels.includes('llm_tool'));
    assert.ok(complete('[llm_tools]\n|').labels.includes('default_tool'));
    assert.deepEqual(complete('[[model_servers]]\nextra_env = { LA| }').labels, ['HOME', 'LAB_TOKEN', 'SET_KEY']);
  });

  it('offers no key where a comma is missing', () => {
    assert.deepEqual(complete('[[delegators]]\nlaunch_config = { yolo = true | }').labels, []);
  });

  it('offers keys in a file that is broken elsewhere', () => {
    assert.ok(complete('[[model_servers]\nname = "a\n\n[[delegators]]\nname = \n|\n[[').labels.includes('llm_tool'));
  });
});

describe('completion of tables', () => {
  it('offers them with their brackets, however many are there', () => {
    for (const text of ['|', '[|', '[[|', '[|]', '[[|]]', '[[de|', '[[de|]]', 'de|']) assert.equal(complete(`${lab}\n${text}`).with('[[delegators]]'), `${lab}\n[[delegators]]`, text);
  });

  it('compares a word with the name, and brackets with the whole', () => {
    assert.equal(complete('de|').item('[[delegators]]').filterText, 'delegators');
    assert.equal(complete('[[de|').item('[[delegators]]').filterText, '[[delegators]]');
  });

  it('offers the tables of the entry above that it does not have', () => {
    assert.ok(complete('[[delegators]]\nname = "d"\n[|').labels.includes('[delegators.launch_config]'));
    assert.ok(!complete('[[delegators]]\nlaunch_config = {}\n[|').labels.includes('[delegators.launch_config]'));
    assert.ok(!complete('[[delegators]]\nlaunch_config = {}\n[|').labels.includes('[delegators.launch_config.env]'));
    assert.ok(!complete(`${lab}[|`).labels.includes('[delegators.launch_config]'));
    assert.ok(!complete('[llm_tools]\ndefault_tool = "x"\n[|').labels.includes('[llm_tools]'));
  });

  it('does not offer to cut an entry in two', () => {
    assert.ok(!complete('[[model_servers]]\nname = "a"\n|\nkind = "ollama"\n').labels.includes('[[delegators]]'));
  });

  for (const { id } of allServerKinds()) {
    it(`fills in a whole ${id}, and nothing is wrong with it`, () => {
      const text = complete(`${lab}\n|`).with(`[[model_servers]] ${id}`);
      const { diagnostics } = diagnoseFiles([workspace(text)]);
      assert.deepEqual(diagnostics.filter(({ code }) => code !== 'unset-api-key-env').map(({ message }) => message), []);
      const { ok } = parseToml(text);
      assert.ok(ok);
    });
  }

  it('gives a new server a name of its own', () => {
    assert.match(complete('[[model_servers]]\nname = "ollama"\nkind = "ollama"\n\n|').with('[[model_servers]] ollama'), /name = "ollama-2"/);
  });

  it('fills in a delegator, with the servers that there are', () => {
    const text = complete(`${lab}\n|`).with('[[delegators]] …');
    assert.match(text, /model_server = "lab"/);
    assert.ok(parseToml(text).ok);
    assert.ok(parseToml(complete('|').with('[[llm_tools.custom]] …')).ok);
  });
});
