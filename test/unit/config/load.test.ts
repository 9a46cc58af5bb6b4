import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { type Configuration, entityId, lookup, type ModelServer } from '../../../src/core/config/model.ts';
import { FileError, type FileProblem } from '../../../src/core/ports.ts';
import { FakeFiles } from '../fakes.ts';
import { load, loadText, textAt, userFile, workspaceFile } from './support.ts';

const good = readFileSync(join(import.meta.dirname, '../../fixtures/toml/good.toml'), 'utf8');

function server(name: string, more = ''): string {
  return `[[model_servers]]\nname = "${name}"\nkind = "ollama"\n${more}\n`;
}

function delegator(name: string, modelServer?: string): string {
  return `[[delegators]]\nname = "${name}"\nllm_tool = "codex"\nmodel = "m"\n${modelServer === undefined ? '' : `model_server = "${modelServer}"\n`}`;
}

function serverOf({ modelServers }: Configuration, name: string): ModelServer {
  const found = modelServers.find((candidate) => candidate.name === name);
  assert.ok(found, `no ${name}`);
  return found;
}

const ids = (entities: Configuration['modelServers'] | Configuration['delegators'] | Configuration['customTools']): string[] => entities.map(entityId);
const codes = ({ problems }: Configuration): string[] => problems.map(({ code }) => code);

describe('an entry', () => {
  it('becomes a model server with everything in it understood', async () => {
    const configuration = await loadText(good);
    assert.deepEqual(serverOf(configuration, 'team-proxy'), {
      name: 'team-proxy',
      displayName: 'team-proxy',
      origin: { layer: 'workspace', root: '/w', file: workspaceFile },
      where: serverOf(configuration, 'team-proxy').where,
      kind: 'openai-compat',
      baseUrl: 'https://llm.example.com/team',
      openaiPath: '/v1',
      protocols: ['openai-chat'],
      placement: 'third-party',
      placementDeclared: false,
      auth: { type: 'header', name: 'X-Team-Key' },
      credential: { store: 'secret', name: 'team-proxy' },
      headers: { 'X-Team': 'a', 'X-Trace': 'on' },
      extraEnv: { HTTP_TIMEOUT: '30' },
      extraBody: { top_k: 20 },
      proxy: 'http://proxy.example:3128',
      requestTimeoutMs: 500,
      models: ['qwen2.5-coder', 'gpt-oss:120b'],
    });
    const cluster = serverOf(configuration, 'vllm.cluster');
    assert.equal(cluster.baseUrl, 'http://vllm.ml.svc.cluster.local:8000');
    assert.equal(cluster.requestTimeoutMs, 600_000);
    assert.deepEqual([cluster.placement, cluster.placementDeclared], ['self-hosted', true]);
    assert.deepEqual(cluster.protocols, ['openai-chat', 'anthropic-messages']);
    assert.equal(serverOf(configuration, 'zai').openaiPath, '/v4');
    assert.deepEqual(serverOf(configuration, 'zai').credential, { store: 'file', name: '/w/keys/zai' });
  });

  it('keeps what is added to the body of every request, as JSON has it', async () => {
    const configuration = await loadText(server('s', 'extra_body = { top_k = 20, temperature = 0.5, stop = ["a"], provider = { order = ["x"], strict = true } }\n') + server('none') + server('empty', 'extra_body = { }\n'));
    assert.deepEqual(JSON.parse(JSON.stringify(serverOf(configuration, 's').extraBody)), { top_k: 20, temperature: 0.5, stop: ['a'], provider: { order: ['x'], strict: true } });
    assert.deepEqual([serverOf(configuration, 'none').extraBody, serverOf(configuration, 'empty').extraBody, configuration.problems], [undefined, undefined, []]);
  });

  it('cannot be used with additions that JSON has no form for, or that every request says itself', async () => {
    const says = async (value: string): Promise<readonly (readonly [string, string])[]> => {
      const configuration = await loadText(server('s', `extra_body = ${value}\n`));
      assert.ok(serverOf(configuration, 's').unusable, value);
      return configuration.problems.map(({ code, message }) => [code, message] as const);
    };
    for (const value of ['{ a = 2026-01-01 }', '{ a = { b = [inf] } }', '{ a = nan }']) assert.deepEqual(await says(value), [['invalid-value', 'Model server "s": extra_body.a must hold only text, finite numbers, true, false, lists and tables']], value);
    for (const member of ['model', 'stream', 'messages', 'input', 'contents']) assert.deepEqual(await says(`{ ${member} = "x" }`), [['invalid-value', `Model server "s": extra_body.${member} is what every request says itself; take it out`]], member);
    assert.deepEqual(await says('"x"'), [['invalid-value', 'Model server "s": extra_body must be a table, such as { top_k = 20 }, not text']]);
  });

  it('keeps no key that stands in what is added to the body', async () => {
    const configuration = await loadText(server('s', 'extra_body = { top_k = 20, auth = { deep = ["sk-ant-s3cret0123456789abcdef"] } }\n'));
    assert.deepEqual(serverOf(configuration, 's').extraBody, { top_k: 20 });
    assert.deepEqual(configuration.problems.map(({ code, message }) => [code, message]), [['literal-key', 'Model server "s": extra_body."auth" holds a key itself and is ignored']]);
  });

  it('becomes a delegator with everything in it understood', async () => {
    const { delegators } = await loadText(good);
    const [codex, opus] = delegators;
    assert.deepEqual(codex, {
      name: 'codex-local-qwen',
      displayName: 'Codex on Qwen',
      origin: { layer: 'workspace', root: '/w', file: workspaceFile },
      where: codex?.where,
      llmTool: 'codex',
      model: 'qwen2.5-coder',
      modelServer: 'ollama-local',
      modelProperties: { reasoning_effort: 'high', temperature: 0.5, stream: true },
      route: 'direct',
      launchConfig: { yolo: true, permissionMode: 'plan', flags: ['--verbose'], env: { FOO: 'bar' }, promptPrefix: 'Read AGENTS.md first.\n', promptSuffix: 'Be brief.', cwd: 'packages/api', useWorktrees: true },
    });
    assert.equal(opus?.modelServer, undefined);
    assert.equal(opus?.route, 'auto');
    assert.deepEqual(opus?.launchConfig, { yolo: false, flags: [], env: {}, useWorktrees: false });
  });

  it('becomes a custom tool, and defaults are read', async () => {
    const { customTools, defaultTool, defaultModel } = await loadText(good);
    assert.deepEqual([defaultTool, defaultModel], ['claude', 'opus']);
    assert.deepEqual(customTools.map(({ name, command, protocol, args, env, displayName }) => ({ name, command, protocol, args, env, displayName })), [
      { name: 'mytool', command: 'mytool', protocol: 'openai-chat', args: ['--model', '{model}'], env: { OPENAI_BASE_URL: '{base_url}/v1', OPENAI_API_KEY: '{api_key}' }, displayName: 'My tool' },
    ]);
  });

  it('knows where its name stands, however the file is written', async () => {
    const texts = [
      good,
      good.replaceAll('\n', '\r\n'),
      `\uFEFF${good}`,
      good.replaceAll('[[model_servers]]', '  [[ "model_servers" ]]'),
      good.replaceAll(/^name = "([^"]*)"/gm, "\t'name'='$1'"),
      `intro = """\n[[model_servers]]\nname = "fake"\n"""\n${good}`,
      `intro = '''\n[[delegators]]\nname = "fake"\n'''\n${good.replaceAll('ollama-local', 'ollama-\\u006Cocal')}`,
      'model_servers = [{ kind = "ollama", name = "a" }, { name = "ü".x }]'.replace(', { name = "ü".x }', ''),
      `${server('a')}# [[model_servers]]\n# name = "b"\n${server('c')}`,
      `[[model_servers]]\nkind = "ollama"\n[model_servers.extra_env]\nname = "x"\n`.replace('kind', 'name = "a"\nkind'),
      `[[model_servers]]\nextra_env.name = "x"\nname = "a"\nkind = "ollama"\n`,
    ];
    for (const text of texts) {
      const { modelServers, delegators, customTools } = await loadText(text);
      const declared = [...modelServers.filter(({ origin }) => origin.layer !== 'builtin'), ...delegators, ...customTools];
      assert.ok(declared.length > 0);
      for (const { name, where } of declared) {
        const literal = textAt(text, where?.range)?.slice(1, -1).replace('\\u006C', 'l');
        assert.equal(literal, name, `${text.slice(0, 40)}: ${JSON.stringify(where)}`);
      }
    }
  });

  it('uses a variable of the vendor only at the address of the vendor', async () => {
    const at = (kind: string, baseUrl?: string): string => `[[model_servers]]\nname = "${kind}-${baseUrl ? 'x' : 'y'}"\nkind = "${kind}"\n${baseUrl ? `base_url = "${baseUrl}"` : ''}\n`;
    const configuration = await loadText(at('openrouter') + at('openrouter', 'https://proxy.example/api/v1') + at('anthropic-api', 'http://localhost:9') + at('openai-api') + at('ollama'));
    assert.deepEqual(configuration.modelServers.map(({ name, credential }) => [name, credential?.name]).slice(0, 5), [
      ['openrouter-y', 'OPENROUTER_API_KEY'],
      ['openrouter-x', undefined],
      ['anthropic-api-x', undefined],
      ['openai-api-y', 'OPENAI_API_KEY'],
      ['ollama-y', undefined],
    ]);
  });

  it('sends a key that is named also where the kind needs none', async () => {
    const configuration = await loadText(server('a', 'api_key = "env:SET_KEY"') + server('b'));
    assert.deepEqual(serverOf(configuration, 'a').auth, { type: 'bearer' });
    assert.deepEqual(serverOf(configuration, 'b').auth, { type: 'none' });
  });

  it('takes api_key_env for api_key = "env:…"', async () => {
    const configuration = await loadText(server('a', 'api_key_env = "SET_KEY"') + server('b', 'api_key = "env:SET_KEY"') + server('c', 'api_key_env = "$SET_KEY"'));
    for (const name of ['a', 'b', 'c']) assert.deepEqual(serverOf(configuration, name).credential, { store: 'env', name: 'SET_KEY' });
  });

  it('resolves the path of a key from the folder of its file, and ~', async () => {
    const configuration = await load({ [userFile]: server('a', 'api_key = "file:key"') + server('b', 'api_key = "file:~/key"') + server('c', 'api_key = "file:/etc/key"') });
    assert.deepEqual(['a', 'b', 'c'].map((name) => serverOf(configuration, name).credential?.name), ['/home/user/.operator/key', '/home/user/key', '/etc/key']);
  });
});

describe('a bad entry', () => {
  it('never hides the good ones', async () => {
    const configuration = await loadText(`${server('a')}[[model_servers]]\nname = 3\n[[model_servers]]\nname = "b"\nkind = "nonsense"\nbase_url = 5\n${server('c')}${delegator('d')}`);
    assert.deepEqual(ids(configuration.modelServers).slice(0, 3), ['workspace:/w:a', 'workspace:/w:b', 'workspace:/w:c']);
    assert.equal(configuration.delegators.length, 1);
  });

  it('stays to be seen, says why it cannot be used, and has nothing of the credentials in its address', async () => {
    const configuration = await loadText('[[model_servers]]\nname = "s"\nkind = "openai-compat"\nbase_url = "https://user:s3cret@h.example/v1"\n');
    const entry = serverOf(configuration, 's');
    assert.equal(entry.baseUrl, 'https://h.example');
    assert.match(entry.unusable?.message ?? '', /must not contain a user or password/);
    assert.deepEqual(codes(configuration), ['url-credentials']);
  });

  const unusable = ['base_url = "x y"', 'auth = "magic"', 'headers = { "a b" = "c" }', 'proxy = "nonsense"', 'proxy = 5', 'placement = "moon"', 'api_key = "$X"', 'kind2 = 1\nprotocols = []'];
  for (const line of unusable) {
    it(`is unusable with ${line.replaceAll('\n', ', ')}`, async () => {
      assert.ok(serverOf(await loadText(server('s', line)), 's').unusable);
    });
  }

  for (const line of ['display_name = 5', 'request_timeout = "x"', 'request_timeout = -1', 'models = "x"', 'api_key = "sk-proj-0123456789abcdefghij"', 'api_key_env = "UNSET_KEY"', 'unknown = 1']) {
    it(`is usable with ${line}`, async () => {
      const entry = serverOf(await loadText(server('s', line)), 's');
      assert.equal(entry.unusable, undefined);
      assert.equal(entry.displayName, 's');
      assert.equal(entry.requestTimeoutMs, 120_000);
    });
  }

  it('does not let a user entry take its name', async () => {
    const configuration = await load({ [workspaceFile]: server('gpu', 'base_url = "x y"') + delegator('d', 'gpu'), [userFile]: server('gpu', 'base_url = "http://other:1"') });
    const found = lookup(configuration.modelServers, 'gpu', configuration.delegators[0]?.origin);
    assert.ok(found?.unusable);
  });

  it('of a delegator stays to be seen too', async () => {
    const { delegators } = await loadText('[[delegators]]\nname = "d"\n');
    assert.deepEqual([delegators[0]?.llmTool, delegators[0]?.model], ['', '']);
    assert.match(delegators[0]?.unusable?.message ?? '', /llm_tool is missing/);
  });

  it('of a custom tool is left out, and who uses it is told why', async () => {
    const configuration = await loadText('[[llm_tools.custom]]\nname = "t"\ncommand = "t"\n[[delegators]]\nname = "d"\nllm_tool = "t"\nmodel = "m"\n');
    assert.deepEqual(configuration.customTools, []);
    assert.match(configuration.problems.find(({ code }) => code === 'unknown-tool')?.message ?? '', /declared, but not completely/);
  });

  it('with a duplicate name points at the first one', async () => {
    const text = `${server('a')}\n${server('a')}`;
    const [problem] = (await loadText(text)).problems;
    assert.equal(problem?.related?.[0]?.where.range?.start.line, 1);
    assert.equal(problem?.where.range?.start.line, 6);
  });
});

describe('layers', () => {
  it('lets the workspace win over the user per name, and builtins come last', async () => {
    const configuration = await load({ [workspaceFile]: server('a') + server('b'), [userFile]: server('b') + server('c') });
    assert.deepEqual(ids(configuration.modelServers), ['workspace:/w:a', 'workspace:/w:b', 'user:c', 'builtin:anthropic-api', 'builtin:openai-api', 'builtin:google-api']);
  });

  it('keeps the entries of every root, and a user entry unless every root shadows it', async () => {
    const contents = { '/w/operator.toml': server('a') + server('both'), '/x/operator.toml': server('a') + server('both') + server('x'), [userFile]: server('a') + server('x') };
    const configuration = await load(contents, { roots: ['/w', '/x'] });
    assert.deepEqual(ids(configuration.modelServers).slice(0, -3), ['workspace:/w:a', 'workspace:/w:both', 'workspace:/x:a', 'workspace:/x:both', 'workspace:/x:x', 'user:x']);
    const from = (root: string) => ({ layer: 'workspace', root, file: `${root}/operator.toml` }) as const;
    assert.equal(entityId(lookup(configuration.modelServers, 'x', from('/w')) ?? assert.fail()), 'user:x');
    assert.equal(entityId(lookup(configuration.modelServers, 'x', from('/x')) ?? assert.fail()), 'workspace:/x:x');
  });

  it("keeps the user's server for the user's delegator, where the workspace has another of that name", async () => {
    const configuration = await load({ [workspaceFile]: server('gpu'), [userFile]: server('gpu') + delegator('d', 'gpu') });
    assert.deepEqual(codes(configuration), []);
    const [mine] = configuration.delegators;
    assert.equal(entityId(lookup(configuration.modelServers, 'gpu', mine?.origin) ?? assert.fail()), 'user:gpu');
  });

  it("lets a workspace delegator use the user's server, and not the reverse", async () => {
    const fine = await load({ [workspaceFile]: delegator('d', 'mine'), [userFile]: server('mine') });
    assert.deepEqual(codes(fine), []);
    const dangling = await load({ [workspaceFile]: server('theirs'), [userFile]: delegator('d', 'theirs') });
    assert.deepEqual(codes(dangling), ['unknown-server']);
    assert.match(dangling.problems[0]?.message ?? '', /another place/);
  });

  it('does not let one root use the servers of another', async () => {
    const configuration = await load({ '/w/operator.toml': server('a'), '/x/operator.toml': delegator('d', 'a') }, { roots: ['/w', '/x'] });
    assert.deepEqual(codes(configuration), ['unknown-server']);
  });

  it('has every custom tool once: the first folder beats the others and the user', async () => {
    const tool = (command: string): string => `[[llm_tools.custom]]\nname = "t"\ncommand = "${command}"\nprotocol = "openai-chat"\n`;
    const configuration = await load({ '/w/operator.toml': tool('one'), '/x/operator.toml': tool('two'), [userFile]: tool('mine') }, { roots: ['/w', '/x'] });
    assert.deepEqual(configuration.customTools.map(({ command }) => command), ['one']);
    assert.deepEqual(configuration.problems.map(({ code, severity, where, related }) => [code, severity, where.file, related?.[0]?.where.file]), [['duplicate-name', 'warning', '/x/operator.toml', '/w/operator.toml']]);
    assert.deepEqual((await load({ [userFile]: tool('mine') })).customTools.map(({ command }) => command), ['mine']);
  });

  it('takes the default tool of the workspace with its own model', async () => {
    const user = '[llm_tools]\ndefault_tool = "claude"\ndefault_model = "opus"\n';
    const both = await load({ [workspaceFile]: '[llm_tools]\ndefault_tool = "codex"\n', [userFile]: user });
    assert.deepEqual([both.defaultTool, both.defaultModel], ['codex', undefined]);
    const modelOnly = await load({ [workspaceFile]: '[llm_tools]\ndefault_model = "sonnet"\n', [userFile]: user });
    assert.deepEqual([modelOnly.defaultTool, modelOnly.defaultModel], ['claude', 'sonnet']);
    const none = await load({ [workspaceFile]: '', [userFile]: user });
    assert.deepEqual([none.defaultTool, none.defaultModel], ['claude', 'opus']);
  });

  it('orders problems by file and place', async () => {
    const configuration = await load({ [workspaceFile]: `${server('a', 'x = 1')}${server('a b')}`, [userFile]: 'y = 1\nz = 1\n' });
    assert.deepEqual(configuration.problems.map(({ code, where }) => [code, where.file, where.range?.start.line]), [
      ['unknown-key', workspaceFile, 3],
      ['invalid-name', workspaceFile, 5],
      ['unknown-key', userFile, 0],
      ['unknown-key', userFile, 1],
    ]);
  });

  it('is there with builtins alone when there is no file at all', async () => {
    const configuration = await load({});
    assert.equal(configuration.modelServers.length, 3);
    assert.deepEqual(configuration.layers.map(({ layer, state }) => [layer, state.type]), [['workspace', 'absent'], ['user', 'absent']]);
    assert.deepEqual(configuration.problems, []);
  });
});

describe('a file that does not parse', () => {
  const broken = `${server('a')}models =\n`;

  it('is a problem with line and column, and takes nothing else with it', async () => {
    const configuration = await load({ [workspaceFile]: broken, [userFile]: server('mine') });
    assert.deepEqual(configuration.problems.map(({ code, severity, where }) => [code, severity, where.range?.start]), [['syntax', 'error', { line: 4, column: 7 }]]);
    assert.equal(ids(configuration.modelServers)[0], 'user:mine');
    const state = configuration.layers[0]?.state;
    assert.ok(state?.type === 'broken' && !state.lastGood && state.text === broken);
  });

  it('leaves the last good entries of its layer in force, again and again, until it parses', async () => {
    const files = new FakeFiles({ [workspaceFile]: `${server('a')}${delegator('d', 'gone')}`, [userFile]: server('mine') });
    let configuration = await load(files);
    for (const text of [broken, `${broken}\n`, '[[[']) {
      files.change(workspaceFile, text);
      configuration = await load(files, { previous: configuration });
      assert.deepEqual(ids(configuration.modelServers).slice(0, 2), ['workspace:/w:a', 'user:mine']);
      assert.deepEqual(ids(configuration.delegators), ['workspace:/w:d']);
      // What was wrong with the old text is not told any more: its places are gone.
      assert.deepEqual(codes(configuration), ['syntax']);
      const state = configuration.layers[0]?.state;
      assert.ok(state?.type === 'broken' && state.lastGood);
    }
    files.change(workspaceFile, server('b'));
    configuration = await load(files, { previous: configuration });
    assert.deepEqual(ids(configuration.modelServers).slice(0, 2), ['workspace:/w:b', 'user:mine']);
    assert.deepEqual(codes(configuration), []);
  });

  it('keeps layering right while it is broken: what another layer stops shadowing comes back', async () => {
    const files = new FakeFiles({ [workspaceFile]: server('x'), [userFile]: server('x') });
    const first = await load(files);
    files.change(userFile, '[[');
    files.change(workspaceFile, '');
    const second = await load(files, { previous: first });
    assert.equal(ids(second.modelServers)[0], 'user:x');
  });

  it('is forgotten when the file is deleted', async () => {
    const files = new FakeFiles({ [workspaceFile]: server('a') });
    const first = await load(files);
    files.change(workspaceFile, undefined);
    assert.equal((await load(files, { previous: first })).modelServers.length, 3);
  });

  it('never shows the text around the error, where a key may stand', async () => {
    for (const text of ['api_key = "sk-s3cret\n', 'api_key = sk-s3cret\n', 'sk-s3cret', '[sk-s3cret', 'a = "\\s3cret"', '"s3cret" = 1\n"s3cret" = 2\n', 'a = 1979-s3-cret']) {
      const { problems } = await loadText(text);
      assert.deepEqual(problems.map(({ code }) => code), ['syntax'], text);
      assert.doesNotMatch(JSON.stringify(problems), /s3-?cret/);
    }
  });
});

describe('a file that cannot be read', () => {
  const failing = (problem: FileProblem | 'other'): FakeFiles =>
    new (class extends FakeFiles {
      override async read(path: string, options: { readonly maxBytes: number }): Promise<{ text: string; hash: string }> {
        if (path !== workspaceFile) return super.read(path, options);
        throw problem === 'other' ? new Error('the disk is on fire') : new FileError(problem, path, 'x');
      }
    })({ [userFile]: server('mine') });

  for (const [problem, message] of [
    ['is-directory', /is a folder/],
    ['too-large', /larger than 5 MB/],
    ['not-utf8', /not UTF-8/],
    ['denied', /may not be read/],
    ['unreadable', /cannot be read/],
    ['other', /the disk is on fire/],
  ] as const) {
    it(`(${problem}) is one clear problem`, async () => {
      const configuration = await load(failing(problem));
      assert.deepEqual(codes(configuration), ['unreadable']);
      assert.match(configuration.problems[0]?.message ?? '', message);
      assert.equal(configuration.problems[0]?.where.file, workspaceFile);
      assert.equal(ids(configuration.modelServers)[0], 'user:mine');
    });
  }

  it('leaves the last good entries in force', async () => {
    const first = await loadText(server('a'));
    assert.equal(ids((await load(failing('denied'), { previous: first })).modelServers)[0], 'workspace:/w:a');
  });
});

describe('odd files', () => {
  it('cannot pollute prototypes', async () => {
    const text = '[__proto__]\npolluted = true\n[constructor.prototype]\npolluted = true\n[[model_servers]]\nname = "__proto__"\nkind = "ollama"\nextra_env = { __proto__ = "x" }\n[model_servers.headers]\n__proto__ = "y"\n[[delegators]]\nname = "constructor"\nllm_tool = "__proto__"\nmodel = "m"\nmodel_server = "toString"\n';
    const configuration = await loadText(text);
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
    assert.deepEqual(Object.getPrototypeOf(serverOf(configuration, '__proto__').extraEnv), Object.prototype);
    assert.deepEqual(codes(configuration).filter((code) => code !== 'unknown-key'), ['unknown-tool', 'unknown-server']);
  });

  it('of every kind are taken without throwing', async () => {
    const key = fc.constantFrom('model_servers', 'delegators', 'llm_tools', 'name', 'kind', 'base_url', 'api_key', 'launch_config', 'custom', '__proto__', 'x');
    const value = fc.constantFrom('1', '"a"', "'ollama'", 'true', '[]', '{}', '[{}]', '[{ name = "a" }]', '1979-05-27', 'inf', '{ name = "a", launch_config = 1 }', '"""\n"""');
    const line = fc.oneof(
      fc.tuple(key, value).map(([k, v]) => `${k} = ${v}`),
      fc.tuple(key, key, value).map(([a, b, v]) => `${a}.${b} = ${v}`),
      key.map((k) => `[${k}]`),
      fc.tuple(key, key).map(([a, b]) => `[${a}.${b}]`),
      key.map((k) => `[[${k}]]`),
      fc.tuple(key, key).map(([a, b]) => `[[${a}.${b}]]`),
      fc.string({ unit: 'binary', maxLength: 5 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 8 }), async (lines) => {
        const text = lines.join('\n');
        const { problems, modelServers, delegators } = await loadText(text);
        for (const { where, message, hint } of problems) {
          assert.ok(where.range, message);
          assert.notEqual(textAt(text, where.range), undefined);
          assert.doesNotMatch(`${message}${hint ?? ''}`, /undefined|\[object|\n|\.$/);
        }
        for (const { name } of [...modelServers, ...delegators]) assert.match(name, /^[\w.-]+$/);
      }),
      { numRuns: 400 },
    );
  });
});
