/** Quick fixes: what the text is afterwards, and that the problem is gone then. */
import '../../support/properties.ts';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseToml } from '../../../src/core/config/parse.ts';
import { fixesFor } from '../../../src/core/language/fixes.ts';
import type { Diagnostic, Fix, LanguageFacts } from '../../../src/core/language/model.ts';
import { applyTextEdits } from '../../../src/core/language/text-edits.ts';
import { damaged, diagnoseFiles, facts, fixtures, status, workspace } from './support.ts';

interface Fixed {
  readonly fix: Fix;
  readonly text: string;
}

function fixesOf(text: string, code: Diagnostic['code'], known: Partial<LanguageFacts> = {}): readonly Fixed[] {
  const file = workspace(text);
  const all = facts(known);
  const diagnostic = diagnoseFiles([file], all).diagnostics.find((candidate) => candidate.code === code);
  assert.ok(diagnostic, `no ${code}`);
  return fixesFor(file, diagnostic, [file], all).map((fix) => ({ fix, text: applyTextEdits(text, fix.edits) }));
}

function fixed(text: string, code: Diagnostic['code'], title: string, known?: Partial<LanguageFacts>): string {
  const all = fixesOf(text, code, known);
  return all.find(({ fix }) => fix.title.startsWith(title))?.text ?? assert.fail(`no "${title}" among ${all.map(({ fix }) => fix.title).join(', ')}`);
}

const s = '[[model_servers]]\nname = "s"\nkind = "ollama"\n';
const d = '[[delegators]]\nname = "d"\nllm_tool = "codex"\nmodel = "m"\n';

describe('a quick fix', () => {
  it('changes to what was probably meant, in the quotes that are there', () => {
    assert.equal(fixed("[[model_servers]]\nname = 'x'\nkind = 'olama' # c\n", 'unknown-kind', 'Change to "ollama"'), "[[model_servers]]\nname = 'x'\nkind = 'ollama' # c\n");
    assert.equal(fixed(d.replace('codex', 'codx'), 'unknown-tool', 'Change to "codex"'), d);
    assert.equal(fixed(`${s}${d}model_server = "z"\n`, 'unknown-server', 'Change to "s"'), `${s}${d}model_server = "s"\n`);
    assert.equal(fixed(`${s}base-ulr = "http://h"\n`, 'unknown-key', 'Change to base_url'), `${s}base_url = "http://h"\n`);
    assert.equal(fixed(`${s}${d}model_server = "s"\n`, 'unlisted-model', 'Change to "n"', { servers: [status('s', { models: [{ id: 'n' }] })] }), `${s}${d.replace('"m"', '"n"')}model_server = "s"\n`);
    assert.equal(fixed(`${s}base_url = "https://me:pw@h.example/v1"\n`, 'url-credentials', 'Take user and password out'), `${s}base_url = "https://h.example/v1"\n`);
  });

  it('gives a free name where the better one is taken', () => {
    const text = `${s.replace('"s"', '"my-server"')}${s.replace('"s"', '"my server"')}`;
    assert.equal(fixed(text, 'invalid-name', 'Change to "my-server-2"'), text.replace('"my server"', '"my-server-2"'));
  });

  it('does not rename a key to one that is there already', () => {
    assert.deepEqual(fixesOf(`${s}base_url = "http://a"\nbase_ulr = "http://b"\n`, 'unknown-key').map(({ fix }) => fix.title), ['Remove base_ulr']);
  });

  it('declares the missing server before the delegators, with the kind that its name tells', () => {
    assert.equal(
      fixed(`# mine\n${d}model_server = "lab-ollama"\n`, 'unknown-server', 'Declare the model server'),
      `[[model_servers]]\nname = "lab-ollama"\nkind = "ollama"\nbase_url = "http://localhost:11434"\n\n# mine\n${d}model_server = "lab-ollama"\n`,
    );
    assert.equal(
      fixed(`${s}\n${d}model_server = "gpu"\n`.replaceAll('\n', '\r\n'), 'unknown-server', 'Declare the model server'),
      `${s}\n\n[[model_servers]]\nname = "gpu"\nkind = "openai-compat"\nbase_url = "http://localhost:8000/v1"\n\n${d}model_server = "gpu"\n`.replaceAll('\n', '\r\n').replace('ollama"\r\n\r\n\r\n', 'ollama"\r\n\r\n'),
    );
  });

  it("falls back to the tool's own vendor", () => {
    assert.equal(fixed(`${d}model_server = "gpu"\nroute = "auto"\n`, 'unknown-server', 'Run Codex on its own service'), `${d}route = "auto"\n`);
  });

  it('describes a missing tool', () => {
    assert.match(fixed(d.replace('codex', 'aider'), 'unknown-tool', 'Describe the LLM tool'), /\n\n\[\[llm_tools\.custom\]\]\nname = "aider"\ncommand = "aider"\nprotocol = "openai-chat"\n/);
  });

  it('moves a key into secret storage and puts the reference in its place', () => {
    const key = 'sk-proj-s3cret0123456789abcdef';
    const [first] = fixesOf(`${s}api_key = "${key}"\n`, 'literal-key');
    assert.equal(first?.text, `${s}api_key = "secret:s"\n`);
    assert.deepEqual(first?.fix.action, { type: 'store-secret', secret: 's', range: { start: { line: 3, column: 10 }, end: { line: 3, column: 12 + key.length } }, prefix: '' });
    assert.ok(!JSON.stringify(first?.fix).includes(key));
    assert.equal(fixed(`${s}api_key_env = "${key}"\n`, 'literal-key', 'Move the key'), `${s}api_key = "secret:s"\n`);
    const headers = fixesOf(`${s}headers = { Authorization = "Bearer ${key}", "X-Team" = "a" }\n`, 'literal-key');
    assert.equal(headers[0]?.text, `${s}api_key = "secret:s"\nauth = "bearer"\nheaders = { "X-Team" = "a" }\n`);
    assert.deepEqual(headers[0]?.fix.action?.type === 'store-secret' && headers[0].fix.action.prefix, 'Bearer ');
    assert.equal(fixed(`${s}auth = "none"\n[model_servers.headers]\nX-Api-Key = "${key}"\n`, 'literal-key', 'Move the key'), `${s}api_key = "secret:s"\nauth = "x-api-key"\n[model_servers.headers]\n`);
  });

  it('takes a key from an environment variable instead', () => {
    const [, second] = fixesOf('[[model_servers]]\nname = "or"\nkind = "openrouter"\napi_key = "sk-or-v1-0123456789abcdef0123"\n', 'literal-key');
    assert.match(second?.text ?? '', /api_key = "env:OPENROUTER_API_KEY"/);
    assert.deepEqual(second?.fix.action?.type, 'set-variable');
    assert.match(fixed(`${s}api_key = "sk-or-v1-0123456789abcdef0123"\n`, 'literal-key', 'Take the key from'), /"env:S_API_KEY"/);
  });

  it('asks for the key whose variable is not set', () => {
    const [first] = fixesOf(`${s}api_key_env = "NOT_SET" # c\n`, 'unset-api-key-env');
    assert.equal(first?.text, `${s}api_key = "secret:s" # c\n`);
    assert.deepEqual(first?.fix.action, { type: 'enter-secret', secret: 's' });
  });

  it('understands how others refer to variables', () => {
    for (const text of ['$LAB', '${LAB}', '{env:LAB}', '%LAB%', 'os.environ/LAB']) assert.equal(fixed(`${s}api_key = "${text}"\n`, 'bad-reference', 'Change to'), `${s}api_key = "env:LAB"\n`);
  });

  it('removes a duplicate with its heading and its tables, or gives it a free name', () => {
    const text = `${d}\n# second\n${d}[delegators.launch_config]\nyolo = true\n\n# other\n${s}`;
    assert.equal(fixed(text, 'duplicate-name', 'Remove this d'), `${d}\n# other\n${s}`);
    assert.match(fixed(text, 'duplicate-name', 'Change to "d-2"'), /name = "d-2"/);
    assert.equal(fixed('model_servers = [{ name = "a", kind = "ollama" }, { name = "a", kind = "vllm" }]', 'duplicate-name', 'Remove'), 'model_servers = [{ name = "a", kind = "ollama" }]');
  });

  it('adds a missing key where the documentation has it, with a value that can be right', () => {
    assert.equal(fixed('[[model_servers]]\nname = "s"\nbase_url = "http://127.0.0.1:11434"\n', 'missing-key', 'Add kind'), '[[model_servers]]\nname = "s"\nkind = "ollama"\nbase_url = "http://127.0.0.1:11434"\n');
    assert.equal(fixed('[[delegators]]\nname = "d"\nllm_tool = "claude"\n', 'missing-key', 'Add model'), '[[delegators]]\nname = "d"\nllm_tool = "claude"\nmodel = "opus"\n');
    assert.equal(fixed('  [[delegators]]\n  llm_tool = "claude" # c\n  model = "opus"\n', 'missing-key', 'Add name'), '  [[delegators]]\n  name = "claude-opus"\n  llm_tool = "claude" # c\n  model = "opus"\n');
    assert.equal(fixed('delegators = [{ name = "d", llm_tool = "claude" }]', 'missing-key', 'Add model'), 'delegators = [{ name = "d", llm_tool = "claude", model = "opus" }]');
  });

  it('turns a pairing that nobody serves into one through the gateway', () => {
    const text = `[[model_servers]]\nname = "s"\nkind = "openai-compat"\nbase_url = "http://h"\n${d}model_server = "s"\nroute = 'direct'\n`;
    assert.equal(fixed(text, 'unserved-pairing', 'Go through the gateway'), text.replace("'direct'", "'gateway'"));
  });

  it('gives a value the form that is wanted', () => {
    const change = (line: string): string => fixed(s + line, 'invalid-value', 'Change to').slice(s.length);
    assert.equal(change('request_timeout = "30" # s\n'), 'request_timeout = 30 # s\n');
    assert.equal(change('models = "a"\n'), 'models = ["a"]\n');
    assert.equal(change('display_name = 5\n'), 'display_name = "5"\n');
    assert.equal(change('placement = "selfhosted"\n'), 'placement = "self-hosted"\n');
    assert.equal(fixed(`${d}launch_config.yolo = "true"\n`, 'invalid-value', 'Change to'), `${d}launch_config.yolo = true\n`);
  });

  it('puts text without quotes into quotes', () => {
    assert.equal(fixed('[[model_servers]]\nname = my server # c\n', 'syntax', 'Put the text in quotes'), '[[model_servers]]\nname = "my server" # c\n');
  });

  it('removes the key that does not count', () => {
    assert.equal(fixed(`${s}api_key = "secret:s"\napi_key_env = "SET_KEY"\n`, 'conflicting-keys', 'Remove api_key_env'), `${s}api_key = "secret:s"\n`);
    assert.equal(fixed('model_servers = [{ name = "s", api_key_env = "SET_KEY", kind = "ollama", api_key = "secret:s" }]', 'conflicting-keys', 'Remove'), 'model_servers = [{ name = "s", kind = "ollama", api_key = "secret:s" }]');
  });

  const same = (a: Diagnostic, b: Diagnostic): boolean => a.code === b.code && a.message === b.message;

  /** Every fix of every problem of a text leaves a text that is TOML if it was, with one such problem less. */
  function mends(text: string): number {
    const file = workspace(text);
    const known = facts({ servers: [status('ollama-local', { models: [{ id: 'qwen2.5-coder' }] })] });
    const { diagnostics } = diagnoseFiles([file], known);
    let count = 0;
    for (const diagnostic of diagnostics) {
      for (const fix of fixesFor(file, diagnostic, [file], known)) {
        count++;
        const after = applyTextEdits(text, fix.edits);
        const which = `"${fix.title}" for ${diagnostic.code} ${diagnostic.message} in ${JSON.stringify(text)} gives ${JSON.stringify(after)}`;
        if (diagnostic.code !== 'syntax') assert.ok(parseToml(after).ok, which);
        const left = diagnoseFiles([workspace(after)], known).diagnostics;
        if (diagnostic.code === 'syntax') assert.ok(!left.some((other) => same(other, diagnostic) && other.range?.start.line === diagnostic.range?.start.line && other.range?.start.column === diagnostic.range?.start.column), which);
        else assert.ok(left.filter((other) => same(other, diagnostic)).length < diagnostics.filter((other) => same(other, diagnostic)).length, which);
      }
    }
    return count;
  }

  it('mends its problem, in every fixture', () => {
    assert.ok(fixtures.reduce((sum, text) => sum + mends(text), 0) > 40);
  });

  it('mends its problem, in any text', () => {
    fc.assert(fc.property(damaged, (text) => void mends(text)), { numRuns: 400 });
  });
});
