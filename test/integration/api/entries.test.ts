/** Model servers, delegators and the default tool over REST: what lands in operator.toml, and who wins when several write. */
import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { createOperator } from '../../../src/app/operator.ts';
import { createNodePorts } from '../../../src/platform/ports.ts';
import { createPlace, type Place, until } from '../../support/cli.ts';
import { createRestPlace, type RestPlace, sendTo } from '../../support/rest/place.ts';
import type { Received } from '../../support/rest/document.ts';

const key = 'sk-ant-api03-canary1234567890abcdef';

const user = `# Mine, since 2024   \r
[[model_servers]]\r
name = 'lab'          # the box under the desk\r
kind = "vllm"\r
base_url = "http://10.0.0.7:8000" # do not touch\r
headers = { "X-Team" = "a", Authorization = "Bearer ${key}" }\r
\r
# the agents\r
[[delegators]]\r
name = "coder"\r
llm_tool = "chat"\r
model = "qwen"\r
model_server = "lab"\r
[delegators.launch_config] # careful\r
yolo = false # never\r
flags = ["--a"]\r
`;

const problemOf = ({ text }: Received): { code: string; detail: string; hint?: string; where?: string; errors?: { code: string; pointer?: string; where?: string; hint?: string }[] } => JSON.parse(text) as never;

describe('REST: entries of operator.toml', function () {
  this.timeout(60_000);
  let place: RestPlace;
  beforeEach(async () => {
    place = await createRestPlace({ user });
  });
  afterEach(() => place[Symbol.asyncDispose]());

  it('adds, reads, changes and takes out a model server, and leaves every other byte of the file as it was', async () => {
    const created = await place.send('/model-servers', { method: 'POST', body: { name: 'box', kind: 'ollama', base_url: 'http://127.0.0.1:9' } });
    assert.deepEqual([created.status, created.headers.get('location')], [201, '/api/v1/model-servers/box']);
    const added = '\r\n[[model_servers]]\r\nname = "box"\r\nkind = "ollama"\r\nbase_url = "http://127.0.0.1:9"\r\n';
    const withBox = place.read(place.userFile);
    assert.equal(withBox.replace(added, ''), user);

    const read = await place.send('/model-servers/box');
    assert.deepEqual([read.status, read.text, read.headers.get('etag')], [200, created.text, created.headers.get('etag')]);
    const { entry, layer, file, effective } = JSON.parse(read.text) as { entry: object; layer: string; file: string; effective: { placement: string } };
    assert.deepEqual([entry, layer, file, effective.placement], [{ name: 'box', kind: 'ollama', base_url: 'http://127.0.0.1:9' }, 'user', place.userFile, 'local']);

    const changed = await place.send('/model-servers/box', { method: 'PUT', body: { ...entry, display_name: 'Box', base_url: 'http://127.0.0.1:10' } });
    assert.equal(changed.status, 200);
    assert.notEqual(changed.headers.get('etag'), read.headers.get('etag'));
    assert.equal(place.read(place.userFile), withBox.replace('"http://127.0.0.1:9"\r\n', '"http://127.0.0.1:10"\r\ndisplay_name = "Box"\r\n'));

    const gone = await place.send('/model-servers/box', { method: 'DELETE' });
    assert.deepEqual([gone.status, gone.text], [204, '']);
    assert.equal(place.read(place.userFile), user);
    assert.equal((await place.send('/model-servers/box')).status, 404);
  });

  it('changes one value of a delegator and keeps the comments around it', async () => {
    const { entry } = await place.json<{ entry: { launch_config: object } }>('/delegators/coder');
    await place.json('/delegators/coder', { method: 'PUT', body: { ...entry, launch_config: { ...entry.launch_config, yolo: true } } });
    assert.equal(place.read(place.userFile), user.replace('yolo = false # never', 'yolo = true # never'));
    const same = await place.json<{ entry: object }>('/delegators/coder');
    await place.json('/delegators/coder', { method: 'PUT', body: same.entry });
    assert.equal(place.read(place.userFile), user.replace('yolo = false # never', 'yolo = true # never'));
    // What is left out goes.
    await place.json('/delegators/coder', { method: 'PUT', body: { llm_tool: 'chat', model: 'qwen', model_server: 'lab' } });
    assert.doesNotMatch(place.read(place.userFile), /yolo|launch_config/);
  });

  it('never tells a key that stands in the file, and keeps it when the entry comes back as it was read', async () => {
    const { entry } = await place.json<{ entry: { headers: Record<string, string> } }>('/model-servers/lab');
    assert.deepEqual(entry.headers, { 'X-Team': 'a', Authorization: '‹hidden›' });
    await place.json('/model-servers/lab', { method: 'PUT', body: { ...entry, headers: { ...entry.headers, 'X-Team': 'b' } } });
    assert.equal(place.read(place.userFile), user.replace('"X-Team" = "a"', '"X-Team" = "b"'));
    const moved = await place.send('/model-servers/lab', { method: 'PUT', body: { ...entry, headers: { 'X-Other': '‹hidden›' } } });
    assert.equal(moved.status, 422);
    for (const path of ['/model-servers', '/model-servers/lab', '/status', '/config/problems', '/delegators/coder/plan']) assert.ok(!(await place.send(path)).text.includes(key), path);
  });

  it('takes no key itself, and says where keys belong', async () => {
    const before = place.read(place.userFile);
    for (const body of [
      { name: 'x', kind: 'openrouter', api_key: key },
      { name: 'x', kind: 'openrouter', headers: { Authorization: `Bearer ${key}` } },
    ]) {
      const refused = await place.send('/model-servers', { method: 'POST', body });
      assert.equal(refused.status, 422, refused.text);
      const { code, hint } = problemOf(refused);
      assert.equal(code, 'literal-key');
      assert.match(hint ?? '', /env:NAME, secret:NAME or file:PATH/);
      assert.ok(!refused.text.includes(key));
    }
    assert.equal(place.read(place.userFile), before);
    assert.ok(!place.log().includes(key));
  });

  it('refuses what would not work, with the place and what to do', async () => {
    const refused = await place.send('/delegators', { method: 'POST', body: { name: 'x', llm_tool: 'chat', model: 'm', model_server: 'lap' } });
    const { code, hint, errors } = problemOf(refused);
    assert.deepEqual([refused.status, code, hint, errors?.[0]?.pointer], [422, 'unknown-server', 'Did you mean "lab"?', '/model_server']);
    assert.match(errors?.[0]?.where ?? '', /operator\.toml:\d+:\d+$/);
    const several = problemOf(await place.send('/model-servers', { method: 'POST', body: { name: 'a b', kind: 1, request_timeout: -1 } }));
    assert.deepEqual(several.errors?.map(({ pointer }) => pointer), ['/name', '/kind', '/request_timeout']);
    const missing = problemOf(await place.send('/delegators', { method: 'POST', body: { name: 'x' } }));
    assert.deepEqual(missing.errors?.map((issue) => [issue.code, issue.pointer]), [['missing-key', '/llm_tool'], ['missing-key', '/model']]);
    assert.equal(problemOf(await place.send('/model-servers', { method: 'POST', body: { name: 'kinds', kind: 'ollama' } })).code, 'invalid-name');
    assert.equal((await place.send('/model-servers/lab', { method: 'PUT', body: { name: 'other', kind: 'vllm' } })).status, 422);
  });

  it('says of a broken file which line it is, and never writes to it', async () => {
    await place.json('/model-servers');
    const broken = `${user}[[model_servers]\r\n`;
    place.write(place.userFile, broken);
    const refused = await place.send('/model-servers', { method: 'POST', body: { name: 'x', kind: 'ollama' } });
    assert.deepEqual([refused.status, problemOf(refused).code], [409, 'config']);
    assert.match(problemOf(refused).detail, /in line \d+/);
    const { problems } = await place.json<{ problems: { code: string; line: number }[] }>('/config/problems');
    assert.deepEqual(problems.map(({ code }) => code), ['syntax']);
    // What was good of it before is still in force.
    assert.equal((await place.send('/model-servers/lab')).status, 200);
    assert.equal(place.read(place.userFile), broken);
  });

  it('protects what is builtin', async () => {
    const { model_servers: servers } = await place.json<{ model_servers: { name: string; layer: string }[] }>('/model-servers');
    assert.deepEqual(servers.filter(({ layer }) => layer === 'builtin').map(({ name }) => name), ['anthropic-api', 'openai-api', 'google-api']);
    for (const request of [{ method: 'DELETE' }, { method: 'PUT', body: { kind: 'anthropic-api' } }]) {
      const refused = await place.send('/model-servers/anthropic-api', request);
      assert.deepEqual([refused.status, problemOf(refused).code], [409, 'builtin']);
    }
    assert.equal(problemOf(await place.send('/model-servers', { method: 'POST', body: { name: 'openai-api', kind: 'openai-api' } })).code, 'builtin');
  });

  describe('conditions', () => {
    const etagOf = async (path: string): Promise<string> => (await place.send(path)).headers.get('etag') ?? assert.fail();

    it('answers 304 to whoever has the newest', async () => {
      for (const path of ['/model-servers/lab', '/model-servers', '/delegators', '/llm-tools/default', '/config/problems', '/openapi.json', '/health']) {
        const etag = await etagOf(path);
        assert.match(etag, /^"[^"]+"$/);
        for (const condition of [etag, `"x", W/${etag}`, '*']) {
          const same = await place.send(path, { headers: { 'if-none-match': condition } });
          assert.deepEqual([same.status, same.text, same.headers.get('etag')], [304, '', etag], `${path} ${condition}`);
        }
        assert.equal((await place.send(path, { headers: { 'if-none-match': '"x"' } })).status, 200);
      }
    });

    it('refuses a change of what is another one by now, also after an edit by hand', async () => {
      const etag = await etagOf('/delegators/coder');
      const body = { llm_tool: 'chat', model: 'other', model_server: 'lab' };
      place.write(place.userFile, user.replace('model = "qwen"', 'model = "by-hand"'));
      for (const request of [{ method: 'PUT', body }, { method: 'DELETE' }]) {
        const refused = await place.send('/delegators/coder', { ...request, headers: { 'if-match': etag } });
        assert.deepEqual([refused.status, problemOf(refused).code], [412, 'stale']);
      }
      assert.match(place.read(place.userFile), /by-hand/);
      const now = await etagOf('/delegators/coder');
      assert.equal((await place.send('/delegators/coder', { method: 'PUT', body, headers: { 'if-match': `W/${now}` } })).status, 412, 'a weak tag is not enough');
      assert.equal((await place.send('/delegators/coder', { method: 'PUT', body, headers: { 'if-match': `"x", ${now}` } })).status, 200);
      assert.equal((await place.send('/delegators/coder', { method: 'DELETE', headers: { 'if-match': '*' } })).status, 204);
    });

    it('notices a key that was changed by hand although it is hidden', async () => {
      const etag = await etagOf('/model-servers/lab');
      place.write(place.userFile, user.replace(key, `${key}2`));
      assert.notEqual(await etagOf('/model-servers/lab'), etag);
    });

    it('lets exactly one of many writers with the same tag win', async () => {
      const etag = await etagOf('/delegators/coder');
      const answers = await Promise.all(Array.from({ length: 12 }, (_, index) => place.send('/delegators/coder', { method: 'PUT', body: { llm_tool: 'chat', model: `m${index}`, model_server: 'lab' }, headers: { 'if-match': etag } })));
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array.from({ length: 11 }, () => 412)]);
      const winner = answers.findIndex(({ status }) => status === 200);
      assert.match(place.read(place.userFile), new RegExp(`model = "m${winner}"`));
    });

    it('keeps a change that somebody makes at the same time to another entry', async () => {
      await Promise.all([
        ...Array.from({ length: 10 }, (_, index) => place.send('/model-servers', { method: 'POST', body: { name: `s${index}`, kind: 'ollama' } })),
        place.send('/delegators/coder', { method: 'PUT', body: { llm_tool: 'chat', model: 'new', model_server: 'lab' } }),
        place.send('/llm-tools/default', { method: 'PUT', body: { default_tool: 'chat' } }),
      ]).then((answers) => assert.deepEqual(answers.map(({ status }) => status), [...Array.from({ length: 10 }, () => 201), 200, 200]));
      const text = place.read(place.userFile);
      for (let index = 0; index < 10; index++) assert.match(text, new RegExp(`name = "s${index}"`));
      assert.match(text, /model = "new"/);
      assert.match(text, /default_tool = "chat"/);
    });

    it('lets one of many make an entry of a name', async () => {
      const answers = await Promise.all(Array.from({ length: 10 }, (_, index) => place.send('/model-servers', { method: 'POST', body: { name: 'one', kind: 'ollama', display_name: `n${index}` } })));
      assert.deepEqual(answers.map(({ status }) => status).sort(), [201, ...Array.from({ length: 9 }, () => 409)]);
      for (const answer of answers.filter(({ status }) => status === 409)) assert.equal(problemOf(answer).code, 'duplicate');
      assert.equal(place.read(place.userFile).match(/name = "one"/g)?.length, 1);
    });
  });

  describe('several processes at once', () => {
    it('lose nothing: REST of two gateways and the command line write the same file', async () => {
      using cli: Place = createPlace();
      cli.write('operator.toml', '# ours\n[[delegators]]\nname = "coder"\nllm_tool = "chat"\nmodel = "m"\nmodel_server = "anthropic-api"\n');
      await using other = await createRestPlace();
      const query = `workspace=${encodeURIComponent(cli.workspace)}`;
      const gateways = [place, other];
      const posts = Array.from({ length: 16 }, (_, index) => (gateways[index % 2] ?? place).send(`/model-servers?${query}`, { method: 'POST', body: { name: `r${index}`, kind: 'ollama' } }));
      const same = gateways.flatMap((each) => [0, 1].map(() => each.send(`/model-servers?${query}`, { method: 'POST', body: { name: 'same', kind: 'ollama' } })));
      const commands = Array.from({ length: 3 }, (_, index) => cli.run(['server', 'add', `c${index}`, '--kind', 'ollama']));
      const [answers, twins, runs] = await Promise.all([Promise.all(posts), Promise.all(same), Promise.all(commands)]);
      assert.deepEqual(answers.map(({ status, text }) => (status === 201 ? status : text)), answers.map(() => 201));
      assert.deepEqual(twins.map(({ status }) => status).sort(), [201, 409, 409, 409]);
      assert.deepEqual(runs.map(({ code, stderr }) => (code === 0 ? code : stderr)), [0, 0, 0]);
      const { model_servers: servers } = await place.json<{ model_servers: { name: string }[] }>(`/model-servers?${query}`);
      const names = servers.map(({ name }) => name);
      for (const name of [...Array.from({ length: 16 }, (_, index) => `r${index}`), 'same', 'c0', 'c1', 'c2']) assert.ok(names.includes(name), name);

      const etag = (await place.send(`/delegators/coder?${query}`)).headers.get('etag') ?? '';
      assert.equal((await other.send(`/delegators/coder?${query}`)).headers.get('etag'), etag, 'the same entry has the same tag everywhere');
      const writers = await Promise.all(Array.from({ length: 10 }, (_, index) => (gateways[index % 2] ?? place).send(`/delegators/coder?${query}`, { method: 'PUT', body: { llm_tool: 'chat', model: `w${index}`, model_server: 'anthropic-api' }, headers: { 'if-match': etag } })));
      assert.deepEqual(writers.map(({ status }) => status).sort(), [200, ...Array.from({ length: 9 }, () => 412)]);
    });

    it('see at once what another one wrote', async () => {
      using cli: Place = createPlace({ 'operator.toml': '' });
      const query = `?workspace=${encodeURIComponent(cli.workspace)}`;
      for (let round = 0; round < 5; round++) {
        const name = `s${round}`;
        await place.json(`/model-servers${query}`, { method: 'POST', body: { name, kind: 'ollama' } });
        assert.ok(JSON.parse((await cli.run(['servers', '--json'])).stdout).model_servers.some((server: { name: string }) => server.name === name));
        assert.equal((await cli.run(['server', 'remove', name, '--yes'])).code, 0);
        assert.equal((await place.send(`/model-servers/${name}${query}`)).status, 404);
      }
    });
  });

  it('shows in a sidebar without anybody asking it to look', async () => {
    const home = dirname(place.userFile);
    const ports = createNodePorts({ env: (env) => ({ get: env.get, all: env.all, platform: env.platform, homeDir: home, operatorHome: home }) });
    // As the extension makes it; what its rows are drawn from.
    const operator = createOperator({ ports, roots: [place.workspace], cwd: place.workspace, trusted: true, version: '1', operatorCommand: { argv: [], env: {} }, watch: true });
    try {
      await operator.reload();
      const labels = (): readonly string[] => operator.snapshot.servers.map(({ server }) => server.displayName);
      let told = 0;
      operator.onDidChange((parts) => void (told += parts.has('configuration') ? 1 : 0));
      await place.json('/model-servers', { method: 'POST', body: { name: 'box', kind: 'ollama', display_name: 'The box' } });
      await until(() => told > 0 && labels().includes('The box'), () => labels().join());
      await place.json(`/model-servers?workspace=${encodeURIComponent(place.workspace)}`, { method: 'POST', body: { name: 'team', kind: 'ollama', display_name: 'Ours' } });
      await until(() => labels().includes('Ours'), () => labels().join());
      assert.equal((await place.send('/model-servers/box', { method: 'DELETE' })).status, 204);
      await until(() => !labels().includes('The box'), () => labels().join());
    } finally {
      operator.dispose();
      ports.http.dispose();
    }
  });

  describe('layers', () => {
    const team = '[[model_servers]]\nname = "lab"\nkind = "ollama"\n';
    const inWorkspace = (path: string): string => `${path}${path.includes('?') ? '&' : '?'}workspace=${encodeURIComponent(place.workspace)}`;

    it('reads and writes the file that is named, else the one that the entry is in', async () => {
      place.write(place.file, team);
      const kindOf = async (path: string): Promise<string> => (await place.json<{ effective: { kind: string } }>(inWorkspace(path))).effective.kind;
      assert.deepEqual([await kindOf('/model-servers/lab'), await kindOf('/model-servers/lab?layer=workspace'), await kindOf('/model-servers/lab?layer=user')], ['ollama', 'ollama', 'vllm']);
      // With the header as with the parameter.
      const byHeader = await place.json<{ layer: string }>('/model-servers/lab', { headers: { 'operator-workspace': place.workspace } });
      assert.equal(byHeader.layer, 'workspace');
      assert.equal((await place.json<{ layer: string }>('/model-servers/lab')).layer, 'user');

      await place.json(inWorkspace('/model-servers/lab'), { method: 'PUT', body: { kind: 'ollama', display_name: 'Team' } });
      assert.equal(place.read(place.file), `${team}display_name = "Team"\n`);
      assert.equal((await place.send(inWorkspace('/model-servers/lab?layer=user'), { method: 'DELETE' })).status, 204);
      assert.doesNotMatch(place.read(place.userFile), /name = 'lab'/);
      assert.equal((await place.send('/model-servers/lab')).status, 404);
      // The user's delegator is not in the workspace's file.
      await place.json(inWorkspace('/delegators/coder'), { method: 'PUT', body: { llm_tool: 'chat', model: 'x', model_server: 'anthropic-api' } });
      assert.match(place.read(place.userFile), /model = "x"/);
    });

    it('puts what is new into the workspace where one is named, else into the user’s file', async () => {
      const created = await place.send(inWorkspace('/model-servers'), { method: 'POST', body: { name: 'here', kind: 'ollama' } });
      assert.equal(created.status, 201);
      assert.match(place.read(place.file), /name = "here"/);
      const forUser = await place.send(inWorkspace('/model-servers?layer=user'), { method: 'POST', body: { name: 'mine', kind: 'ollama' } });
      assert.deepEqual([forUser.status, forUser.headers.get('location')], [201, '/api/v1/model-servers/mine?layer=user']);
      assert.match(place.read(place.userFile), /name = "mine"/);
      const nowhere = await place.send('/model-servers?layer=workspace', { method: 'POST', body: { name: 'x', kind: 'ollama' } });
      assert.deepEqual([nowhere.status, problemOf(nowhere).code], [400, 'no-workspace']);
    });

    it('takes only a folder for a workspace', async () => {
      for (const workspace of ['relative', '~', '', '/nonexistent/folder', place.userFile, '/tmp\u0000x']) {
        const refused = await place.send(`/model-servers?workspace=${encodeURIComponent(workspace)}`);
        assert.equal(refused.status, 400, workspace);
      }
    });
  });

  it('sets the tool of launches that name none', async () => {
    assert.deepEqual(await place.json('/llm-tools/default'), { default_tool: null, default_model: null });
    assert.deepEqual(await place.json('/llm-tools/default', { method: 'PUT', body: { default_tool: 'claude', default_model: 'opus' } }), { default_tool: 'claude', default_model: 'opus' });
    assert.deepEqual(await place.json('/llm-tools/default', { method: 'PUT', body: { default_tool: 'claude' } }), { default_tool: 'claude', default_model: 'opus' });
    const etag = (await place.send('/llm-tools/default')).headers.get('etag') ?? '';
    assert.deepEqual(await place.json('/llm-tools/default', { method: 'PUT', body: { default_tool: 'chat' }, headers: { 'if-match': etag } }), { default_tool: 'chat', default_model: null });
    assert.equal((await place.send('/llm-tools/default', { method: 'PUT', body: { default_tool: 'codex' }, headers: { 'if-match': etag } })).status, 412);
    const unknown = await place.send('/llm-tools/default', { method: 'PUT', body: { default_tool: 'cluade' } });
    assert.deepEqual([unknown.status, problemOf(unknown).hint], [422, 'Did you mean "claude"?']);
    assert.ok(place.read(place.userFile).startsWith(user));
    const { llm_tools: tools } = await place.json<{ llm_tools: { name: string; default: boolean }[] }>('/llm-tools');
    assert.deepEqual(tools.filter((tool) => tool.default).map(({ name }) => name), ['chat']);
  });

  it('goes on after the file was replaced, removed and made again by hand', async () => {
    for (const text of ['[[model_servers]]\nname = "a"\nkind = "ollama"\n', undefined, '[[model_servers]]\nname = "b"\nkind = "ollama"\n']) {
      if (text === undefined) await (await import('node:fs/promises')).rm(place.userFile);
      else place.write(place.userFile, text);
      const { model_servers: servers } = await place.json<{ model_servers: { name: string; layer: string }[] }>('/model-servers');
      assert.deepEqual(servers.filter(({ layer }) => layer === 'user').map(({ name }) => name), text === undefined ? [] : [/name = "(\w)"/.exec(text)?.[1]]);
    }
    await place.json('/model-servers', { method: 'POST', body: { name: 'c', kind: 'ollama' } });
    await until(() => /name = "c"/.test(place.read(place.userFile)), () => place.read(place.userFile));
  });

  it('is the same to whoever speaks to it with keep-alive, in pieces or with a body that it does not need', async () => {
    assert.equal((await sendTo(place.port, place.token, '/model-servers/lab/probe', { method: 'POST', body: '{}' })).status, 200);
    assert.equal((await sendTo(place.port, place.token, '/model-servers/lab/probe', { method: 'POST' })).status, 200);
    const response = await fetch(`${place.gateway.address}/api/v1/model-servers`, { method: 'POST', headers: { authorization: `bearer ${place.token}`, 'content-type': 'application/json; charset=utf-8' }, body: new Blob(['{"name":"p",', '"kind":"ollama"}']).stream(), duplex: 'half' } as RequestInit);
    assert.equal(response.status, 201, await response.text());
  });
});
