/** What an editor is told about unsaved text: the problems that the file would have, and what only an editor shows. */
import '../../support/properties.ts';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Diagnostic } from '../../../src/core/language/model.ts';
import { load, textAt } from '../config/support.ts';
import { damaged, diagnoseFiles, facts, fixtures, status, user, userFile, workspace, workspaceFile } from './support.ts';

const server = (name: string, more = ''): string => `[[model_servers]]\nname = "${name}"\nkind = "ollama"\n${more}`;
const delegator = (name: string, modelServer?: string, more = ''): string => `[[delegators]]\nname = "${name}"\nllm_tool = "claude"\nmodel = "m"\n${modelServer === undefined ? '' : `model_server = "${modelServer}"\n`}${more}`;

/** "code text" of each. */
function told(diagnostics: readonly Diagnostic[], text: string): string[] {
  return diagnostics.map(({ code, range }) => `${code} ${textAt(text, range)}`);
}

function one(text: string, code: Diagnostic['code']): Diagnostic {
  const found = diagnoseFiles([workspace(text)], facts()).diagnostics.find((diagnostic) => diagnostic.code === code);
  assert.ok(found, `no ${code}`);
  return found;
}

describe('diagnostics of unsaved text', () => {
  async function areThoseOfFile(text: string): Promise<void> {
    const here = diagnoseFiles([workspace(text)]).configuration.problems;
    const { problems } = await load({ [workspaceFile]: text });
    assert.deepEqual(here, problems);
  }

  it('are those of the file, in every fixture', async () => {
    for (const text of fixtures) await areThoseOfFile(text);
  });

  it('are those of the file, in any text', async () => {
    await fc.assert(fc.asyncProperty(damaged, areThoseOfFile), { numRuns: 300 });
  });

  it('cover the same place as those of the file, byte order mark and line endings included', () => {
    for (const text of [server('a', 'base_url = 5\n'), `\uFEFF${server('a', 'base_url = 5\n')}`, server('a', 'base_url = 5\n').replaceAll('\n', '\r\n'), '# 😀\n' + server('😀 x')]) {
      const { diagnostics } = diagnoseFiles([workspace(text)]);
      assert.match(told(diagnostics, text).join(), /^(?:invalid-value 5|invalid-name "😀 x")$/);
    }
  });

  it('judge the other files by their last good text while they are broken', () => {
    const files = [workspace(delegator('d', 'mine')), { ...user('[[model_servers'), lastGood: server('mine') }];
    assert.deepEqual(diagnoseFiles(files).diagnostics.map(({ code, file }) => [code, file]), [['syntax', userFile]]);
  });

  it('link each code to its documentation', () => {
    assert.equal(one(server('a', 'x = 1\n'), 'unknown-key').documentation, 'docs/CONFIGURATION.md#unknown-key');
  });

  it('point at the other definition of a duplicate, at what a builtin is, and at a server that is out of reach', () => {
    assert.equal(one(server('a') + server('a'), 'duplicate-name').related[0]?.where.range?.start.line, 1);
    assert.match(one(server('openai-api'), 'shadows-builtin').related[0]?.message ?? '', /builtin: OpenAI API at https:\/\/api\.openai\.com/);
    const { diagnostics } = diagnoseFiles([workspace(server('theirs')), user(delegator('d', 'theirs'))]);
    assert.deepEqual(diagnostics.find(({ code }) => code === 'unknown-server')?.related.map(({ where }) => where.file), [workspaceFile]);
  });

  it('fade servers that no delegator uses, once there is a delegator', () => {
    const text = server('used') + server('spare') + delegator('d', 'used');
    const { diagnostics } = diagnoseFiles([workspace(text)], facts());
    assert.deepEqual(told(diagnostics, text), ['unused-server "spare"']);
    assert.deepEqual([diagnostics[0]?.severity, diagnostics[0]?.tags], ['hint', ['unnecessary']]);
    assert.deepEqual(diagnoseFiles([workspace(server('a'))], facts()).diagnostics, []);
  });

  it("count a workspace's delegator as a use of the user's server, unless the workspace has its own of that name", () => {
    const used = diagnoseFiles([workspace(delegator('d', 'mine')), user(server('mine'))]);
    assert.deepEqual(used.diagnostics, []);
    const hidden = diagnoseFiles([workspace(server('mine') + delegator('d', 'mine')), user(server('mine') + delegator('e'))]);
    assert.deepEqual(hidden.diagnostics.map(({ code, file }) => [code, file]), []); // what every root hides is not in force at all
  });

  it('tell a pairing that has no protocol in common and may not be translated', () => {
    const text = '[[model_servers]]\nname = "s"\nkind = "openai-compat"\nbase_url = "http://h"\n' + delegator('d', 's', 'route = "direct"\n');
    const { diagnostics } = diagnoseFiles([workspace(text)], facts());
    assert.deepEqual(told(diagnostics, text), ['unserved-pairing "direct"']);
    assert.match(diagnostics[0]?.message ?? '', /claude speaks anthropic-messages, s speaks openai-chat/);
    assert.deepEqual(diagnoseFiles([workspace(text.replace('"direct"', '"auto"'))], facts()).diagnostics, []);
  });

  it('tell a model that the server does not list, with the one that was probably meant', () => {
    const text = server('s') + delegator('d', 's').replace('"m"', '"qwen2.5-codr"');
    const known = facts({ servers: [status('s', { models: [{ id: 'qwen2.5-coder' }, { id: 'llama3.2:latest' }] })] });
    const [diagnostic] = diagnoseFiles([workspace(text)], known).diagnostics;
    assert.deepEqual([diagnostic?.code, diagnostic?.severity, diagnostic?.suggestion], ['unlisted-model', 'information', 'qwen2.5-coder']);
    assert.deepEqual(diagnoseFiles([workspace(text.replace('qwen2.5-codr', 'llama3.2'))], known).diagnostics, []);
  });

  it('take a delegator on a prefix for served, and judge its model by what is behind it', () => {
    const text = delegator('d').replace('"m"', '"ollama/qwen2.5-codr"');
    assert.deepEqual(diagnoseFiles([workspace(text)], facts()).diagnostics, []);
    const known = facts({ servers: [status('ollama', { models: [{ id: 'qwen2.5-coder' }], origin: { layer: 'builtin', impliedBy: 'ollama/' } })] });
    const { diagnostics } = diagnoseFiles([workspace(text)], known);
    assert.deepEqual(diagnostics.map(({ code, suggestion }) => [code, suggestion]), [['unlisted-model', 'ollama/qwen2.5-coder']]);
    const declared = server('s') + text;
    assert.deepEqual(diagnoseFiles([workspace(declared)], facts()).diagnostics, [], 'the server is in use');
    const wrong = delegator('d').replace('"m"', '"openai-compat/x"');
    assert.deepEqual(told(diagnoseFiles([workspace(wrong)], facts()).diagnostics, wrong), ['invalid-value "openai-compat/x"']);
  });

  it('carry what was probably meant', () => {
    assert.equal(one('[[model_servers]]\nname = "a"\nkind = "olama"\n', 'unknown-kind').suggestion, 'ollama');
    assert.equal(one('[[model_servers]]\nname = "a"\nkind = "lm-studio"\n', 'unknown-kind').suggestion, 'lmstudio');
    assert.equal(one(server('a', 'base_ulr = "x"\n'), 'unknown-key').suggestion, 'base_url');
    assert.equal(one(delegator('d').replace('claude', 'cluade'), 'unknown-tool').suggestion, 'claude');
    assert.equal(one(server('lab') + delegator('d', 'lba'), 'unknown-server').suggestion, 'lab');
    assert.equal(one(server('my server'), 'invalid-name').suggestion, 'my-server');
    assert.equal(one(server('openai-api'), 'shadows-builtin').suggestion, 'my-openai-api');
    assert.equal(one(server('a', 'base_url = "localhost:1234/v4"\n'), 'bad-url').suggestion, 'http://localhost:1234/v4');
    assert.equal(one(server('a', 'base_url = "https://me:pw@h.example/v1"\n'), 'url-credentials').suggestion, 'https://h.example/v1');
  });
});
