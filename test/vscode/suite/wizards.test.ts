/** The wizards, played by a scripted person: what they ask, refuse and write. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Host, Scope } from '../../../src/vscode/host.ts';
import { anthropic, ollama } from '../../support/scripted-server-kinds.ts';
import { html, type ScriptedServer, startServer } from '../../support/scripted-server.ts';
import { closeEverything, configFile, Person, readConfig, showView, start, waitForRow, withPerson, writeConfig } from './support.ts';

const key = 'canary-key-9876543210';

describe('wizards', () => {
  let host: Host;
  let scope: Scope;
  let local: ScriptedServer;
  let locked: ScriptedServer;
  let website: ScriptedServer;
  const original = readConfig();
  let base = '';

  before(async () => {
    ({ host, scope } = await start());
    await showView(host);
    local = await startServer(ollama({ models: ['qwen2.5-coder:7b', { name: 'nomic-embed-text', capabilities: ['embedding'] }] }));
    locked = await startServer(anthropic({ key, models: ['big-model'] }));
    website = await startServer({ '*': html({ title: 'Sign in' }) });
    base = `# Keep me.
[[model_servers]]
name = "local"
kind = "ollama"
base_url = "${local.url}"
`;
  });
  beforeEach(async () => {
    await closeEverything();
    await writeConfig(scope, base);
    await vscode.commands.executeCommand('operator.probeModelServers');
    await scope.detected();
  });
  after(async () => {
    await closeEverything();
    await writeConfig(scope, original);
    await Promise.all([local.close(), locked.close(), website.close()]);
  });

  async function play<T>(command: string, target: unknown, person: Person): Promise<T> {
    const result = await withPerson(host, person, () => vscode.commands.executeCommand<T>(command, target));
    assert.deepEqual(person.told.filter(({ severity }) => severity === 'error'), [], `${command} failed`);
    person.done();
    return result;
  }

  describe('Add Model Server', () => {
    it('asks kind, address and name, and appends the entry', async () => {
      const other = await startServer(ollama());
      try {
        const person = new Person({ pick: 'Ollama' }, { input: `${other.url}/v1` }, { input: 'second' });
        assert.equal(await play('operator.addModelServer', undefined, person), 'second');
        assert.deepEqual(person.titles(), ['Add Model Server (1/3)', 'Add Model Server (2/3)', 'Add Model Server (3/3)']);
        assert.equal(person.asked[1]?.value, 'http://localhost:11434', 'the usual address is proposed');
        assert.equal(readConfig(), `${base}\n[[model_servers]]\nname = "second"\nkind = "ollama"\nbase_url = "${other.url}/v1"\n`);
        await waitForRow(host, 'model_server', 'second', ({ tags }) => tags.includes('healthy'));
        assert.deepEqual(person.told.at(-1)?.actions, ['Create Delegator']);
      } finally {
        await other.close();
      }
    });

    it('refuses what is no address, what is no such server, and names that are taken', async () => {
      const person = new Person(
        { pick: 'OpenAI-compatible' },
        { input: 'ftp://example.com' },
        { input: 'http://user:pass@example.com' },
        { input: website.url },
        { input: `${local.url}` },
        { input: 'local' },
        { input: 'anthropic-api' },
        { input: 'two words' },
        'escape',
      );
      assert.equal(await play('operator.addModelServer', undefined, person), undefined);
      const [scheme, credentials, page, ...names] = person.refusals;
      assert.match(scheme ?? '', /must start with http/);
      assert.match(credentials ?? '', /user or password/);
      assert.match(page ?? '', /web page/i);
      assert.match(names.join(' | '), /already an entry named local \| anthropic-api is the name of a builtin server \| .*letters, digits/);
      assert.equal(readConfig(), base, 'whoever leaves writes nothing');
    });

    it('warns about a server that does not answer, and adds it when told to', async () => {
      const closed = await startServer();
      await closed.close();
      const person = new Person({ pick: 'vLLM' }, { input: closed.url }, { input: closed.url, anyway: true }, { input: 'later' });
      assert.equal(await play('operator.addModelServer', undefined, person), 'later');
      assert.match(person.refusals.join(), /refused/);
      assert.match(readConfig(), /name = "later"\nkind = "vllm"/);
    });

    it('goes back with what was entered', async () => {
      const person = new Person({ pick: 'Ollama' }, { input: local.url, anyway: true }, 'back', 'back', 'enter', 'escape');
      await play('operator.addModelServer', undefined, person);
      assert.deepEqual(person.asked.map(({ frame }) => frame.step), [1, 2, 3, 2, 1, 2]);
      assert.equal(person.asked[3]?.value, local.url);
    });

    it('stores a key that the server takes, refuses one that it does not, and writes the reference alone', async () => {
      const person = new Person({ pick: 'Anthropic API' }, { input: locked.url }, { input: 'proxy' }, { pick: 'Store a Key' }, { input: 'wrong-key-123' }, { input: key });
      assert.equal(await play('operator.addModelServer', undefined, person), 'proxy');
      assert.match(person.refusals.join(), /refuses this key/);
      assert.ok(person.asked.slice(-2).every(({ password, value }) => password && value === undefined), 'a key is typed hidden and never shown');
      assert.match(readConfig(), /api_key = "secret:proxy"/);
      assert.ok(!readConfig().includes(key));
      assert.equal(await scope.operator.readCredential({ store: 'secret', name: 'proxy' }), key);
      await waitForRow(host, 'model_server', 'proxy', ({ tags }) => tags.includes('healthy'));
      await scope.operator.deleteSecret('proxy');
    });

    it('leaves no key behind when the person leaves', async () => {
      await writeConfig(scope, '[[model_servers]]\nname = "x"\nbroken');
      await writeConfig(scope, base);
      const person = new Person({ pick: 'Anthropic API' }, { input: locked.url }, { input: 'proxy' }, { pick: 'Store a Key' }, { input: 'wrong-key-123' }, 'escape');
      await play('operator.addModelServer', undefined, person);
      assert.equal(await scope.operator.readCredential({ store: 'secret', name: 'proxy' }), undefined);
    });

    it('takes the name of a variable, says whether it is set, and never a key', async () => {
      const person = new Person({ pick: 'Anthropic API' }, { input: locked.url }, { input: 'proxy' }, { pick: 'Environment Variable' }, { input: 'sk-this is a key' }, { input: 'NO_SUCH_VARIABLE', anyway: true });
      await play('operator.addModelServer', undefined, person);
      assert.match(person.refusals.join(), /the key itself does not belong here/);
      assert.match(readConfig(), /api_key = "env:NO_SUCH_VARIABLE"/);
    });

    it('asks only for the name of a server that was found running', async () => {
      const other = await startServer(ollama());
      try {
        const person = new Person({ input: 'found' });
        await play('operator.addModelServer', { kind: 'ollama', address: other.url }, person);
        assert.match(readConfig(), new RegExp(`name = "found"\nkind = "ollama"\nbase_url = "${other.url}"`));
      } finally {
        await other.close();
      }
    });
  });

  describe('Create Delegator', () => {
    it('asks tool, server, model from the live list and name, and appends the entry', async () => {
      const person = new Person({ pick: 'codex' }, { pick: 'local' }, { pick: 'qwen2.5-coder:7b' }, 'enter');
      assert.equal(await play('operator.createDelegator', undefined, person), 'codex-qwen2.5-coder-7b');
      assert.deepEqual(person.titles(), ['Create Delegator (1/4)', 'Create Delegator (2/4)', 'Create Delegator (3/4)', 'Create Delegator (4/4)']);
      assert.equal(readConfig(), `${base}\n[[delegators]]\nname = "codex-qwen2.5-coder-7b"\nllm_tool = "codex"\nmodel = "qwen2.5-coder:7b"\nmodel_server = "local"\n`);
      await waitForRow(host, 'delegator', 'codex-qwen2.5-coder-7b', ({ tags }) => tags.includes('ready'));
    });

    it('leaves model_server out where a tool runs on its own login', async () => {
      const person = new Person({ pick: 'claude' }, { pick: 'Anthropic API' }, { pick: 'sonnet' }, 'enter');
      assert.equal(await play('operator.createDelegator', undefined, person), 'claude-sonnet');
      assert.match(readConfig(), /llm_tool = "claude"\nmodel = "sonnet"\n$/);
    });

    it('refuses tools that are not installed, pairings that cannot work and models that do not chat, each with its reason', async () => {
      const broken = `${base}\n[[model_servers]]\nname = "broken"\nkind = "ollama"\nbase_url = "ftp://nonsense"\n`;
      await writeConfig(scope, broken);
      const person = new Person({ pick: 'gemini' }, { pick: 'codex' }, { pick: 'broken' }, { pick: 'local' }, { pick: 'Show all' }, { pick: 'nomic-embed-text' }, 'escape');
      assert.equal(await play('operator.createDelegator', undefined, person), undefined);
      const [missing, pairing, embedding] = person.refusals;
      assert.match(missing ?? '', /^Not installed\. Install it with: npm/);
      assert.match(pairing ?? '', /base_url must start with http/);
      assert.match(embedding ?? '', /not a model for chat/);
      assert.equal(readConfig(), broken);
    });

    it('offers the shortlist, all on demand, and the list anew on demand', async () => {
      const changing = await startServer(ollama({ models: ['llama3.2:3b', { name: 'bge-m3', capabilities: ['embedding'] }] }));
      try {
        await writeConfig(scope, `${base}\n[[model_servers]]\nname = "changing"\nkind = "ollama"\nbase_url = "${changing.url}"\n`);
        const asked = new Person({ pick: 'codex' }, { pick: 'changing' }, { pick: 'Show all' }, 'escape');
        await play('operator.createDelegator', undefined, asked);
        const labels = asked.asked.map(({ choices }) => choices.map(({ label }) => label));
        assert.deepEqual(labels[2], ['llama3.2:3b', 'Show all', 'Refresh']);
        assert.deepEqual(labels[3], ['llama3.2:3b', 'bge-m3', 'Refresh']);
        changing.play(ollama({ models: ['llama3.2:3b', 'qwen3:8b'] }));
        const person = new Person({ pick: 'codex' }, { pick: 'changing' }, { pick: 'Refresh' }, { pick: 'qwen3:8b' }, 'enter');
        await play('operator.createDelegator', undefined, person);
        assert.match(readConfig(), /model = "qwen3:8b"\nmodel_server = "changing"/);
      } finally {
        await changing.close();
      }
    });

    it('says which servers are reached through the gateway', async () => {
      const translated = await startServer(anthropic({ models: ['big-model'] }));
      try {
        await writeConfig(scope, `${base}\n[[model_servers]]\nname = "messages"\nkind = "anthropic-api"\nbase_url = "${translated.url}"\n`);
        const person = new Person({ pick: 'codex' }, 'escape');
        await play('operator.createDelegator', undefined, person);
        const offered = new Map(person.asked[1]?.choices.map(({ label, description }) => [label, description ?? '']));
        assert.match(offered.get('messages') ?? '', / · through the gateway: openai-responses → anthropic-messages$/);
        assert.ok(!offered.get('local')?.includes('gateway'), offered.get('local'));
      } finally {
        await translated.close();
      }
    });

    it('starts from a server row with the tools that work with it', async () => {
      const { row } = await waitForRow(host, 'model_server', 'local');
      const person = new Person({ pick: 'gemini' }, { pick: 'chat' }, { typed: 'not-listed' }, { input: 'mine' });
      await play('operator.createDelegatorHere', row, person);
      assert.match(person.refusals.join(), /Not installed|gemini/);
      assert.match(readConfig(), /name = "mine"\nllm_tool = "chat"\nmodel = "not-listed"\nmodel_server = "local"/);
    });

    it('starts from a model row: tool and name are all it asks', async () => {
      const { row } = await waitForRow(host, 'model', 'qwen2.5-coder:7b');
      const person = new Person({ pick: 'chat' }, 'enter');
      assert.equal(await play('operator.createDelegator', row, person), 'chat-qwen2.5-coder-7b');
      assert.match(readConfig(), /model = "qwen2\.5-coder:7b"\nmodel_server = "local"/);
    });

    it('names a model of a server that only a prefix implies by that prefix', async () => {
      await writeConfig(scope, `${base}\n[[delegators]]\nname = "first"\nllm_tool = "chat"\nmodel = "vllm/m"\n`);
      const { row } = await waitForRow(host, 'model_server', 'vLLM');
      const person = new Person({ pick: 'chat' }, { typed: 'team/other' }, { input: 'mine' });
      await play('operator.createDelegatorHere', row, person);
      assert.match(readConfig(), /name = "mine"\nllm_tool = "chat"\nmodel = "vllm\/team\/other"\n$/);
      await waitForRow(host, 'delegator', 'mine', ({ tags }) => tags.includes('ready'));
    });

    it('starts from a tool row', async () => {
      const { row } = await waitForRow(host, 'llm_tool', 'chat');
      const person = new Person({ pick: 'local' }, { pick: 'qwen2.5-coder:7b' }, { input: 'mine' });
      await play('operator.createDelegator', row, person);
      assert.match(readConfig(), /name = "mine"\nllm_tool = "chat"/);
    });

    it('offers to launch what it created', async () => {
      const person = new Person({ pick: 'chat' }, { pick: 'local' }, { pick: 'qwen2.5-coder:7b' }, 'enter');
      await play('operator.createDelegator', undefined, person);
      assert.deepEqual(person.told.at(-1)?.actions, ['Launch']);
    });
  });

  describe('keys', () => {
    const entry = (reference: string): string => `${base}\n[[model_servers]] # the proxy\nname = "proxy"\nkind = "anthropic-api"\nbase_url = "${locked.url}"${reference}\n`;
    const proxy = async () => (await waitForRow(host, 'model_server', 'proxy')).row;

    afterEach(() => scope.operator.deleteSecret('proxy'));

    it('are stored and referred to, probed at once, and removable', async () => {
      await writeConfig(scope, entry(''));
      const person = new Person({ input: key });
      await play('operator.setApiKey', await proxy(), person);
      assert.equal(readConfig(), entry('\napi_key = "secret:proxy"'));
      assert.match(person.messages().join(), /is stored/);
      await waitForRow(host, 'model_server', 'proxy', ({ tags }) => tags.includes('healthy'));

      const remover = new Person();
      await play('operator.removeApiKey', await proxy(), remover);
      assert.equal(remover.confirmed.length, 1);
      assert.equal(readConfig(), entry(''));
      assert.equal(await scope.operator.readCredential({ store: 'secret', name: 'proxy' }), undefined);
      await waitForRow(host, 'model_server', 'proxy', ({ tags }) => tags.includes('unauthorized'));
    });

    it('say so when the server refuses the new one', async () => {
      await writeConfig(scope, entry('\napi_key = "secret:proxy"'));
      const person = new Person({ input: 'wrong-key-123' });
      await play('operator.setApiKey', await proxy(), person);
      assert.match(person.messages().join(), /stored, but proxy refuses it/);
      assert.equal(readConfig(), entry('\napi_key = "secret:proxy"'), 'the reference was there already');
    });

    it('from a variable stay there unless the person wants another place', async () => {
      await writeConfig(scope, entry('\napi_key_env = "PROXY_KEY"'));
      const keep = new Person();
      await play('operator.setApiKey', await proxy(), keep);
      assert.match(keep.messages().join(), /environment variable PROXY_KEY, which is not set/);
      assert.equal(readConfig(), entry('\napi_key_env = "PROXY_KEY"'));

      const replace = new Person({ input: key });
      replace.buttons.push({ message: /PROXY_KEY/, button: 'Store a Key Instead' });
      await play('operator.setApiKey', await proxy(), replace);
      assert.match(readConfig(), /api_key = "secret:proxy"/, replace.messages().join());
      assert.doesNotMatch(readConfig(), /api_key_env/);
    });

    it('of builtin servers are explained', async () => {
      const person = new Person();
      await play('operator.setApiKey', (await waitForRow(host, 'model_server', 'Anthropic API')).row, person);
      assert.match(person.messages().join(), /builtin.*ANTHROPIC_API_KEY/);
      assert.deepEqual(person.told[0]?.actions, ['Add Model Server']);
      assert.equal(readConfig(), base);
    });
  });

  describe('entries', () => {
    const withUsers = (): string => `${base}\n[[delegators]]\nname = "a"\nllm_tool = "chat"\nmodel = "m"\nmodel_server = "local"\n\n[[delegators]]\nname = "b"\nllm_tool = "chat"\nmodel = "m"\nmodel_server = "local"\n`;

    it('are deleted after a question that names the delegators which would dangle', async () => {
      await writeConfig(scope, withUsers());
      const { row } = await waitForRow(host, 'model_server', 'local');
      const no = new Person();
      no.confirms = false;
      await play('operator.deleteModelServer', row, no);
      assert.match(no.confirmed[0] ?? '', /^Delete the model server local\?\nIt is removed from operator\.toml\.\nThe delegators a and b use it/);
      assert.equal(readConfig(), withUsers());
      await play('operator.deleteModelServer', row, new Person());
      assert.doesNotMatch(readConfig(), /model_servers/);
      await waitForRow(host, 'delegator', 'a', ({ tags }) => tags.includes('blocked'));
    });

    it('delete a delegator, duplicate one under a new name, set a default tool', async () => {
      await writeConfig(scope, withUsers());
      await play('operator.deleteDelegator', (await waitForRow(host, 'delegator', 'a')).row, new Person());
      assert.doesNotMatch(readConfig(), /name = "a"/);
      const person = new Person({ input: 'b' }, { input: 'c' });
      await play('operator.duplicateDelegator', (await waitForRow(host, 'delegator', 'b')).row, person);
      assert.match(person.refusals.join(), /already/);
      await waitForRow(host, 'delegator', 'c');
      await play('operator.setDefaultTool', (await waitForRow(host, 'llm_tool', 'codex')).row, new Person());
      await waitForRow(host, 'llm_tool', 'codex', ({ tags }) => tags.includes('default'));
      assert.match(readConfig(), /default_tool = "codex"/);
    });

    it('open in the editor at their line', async () => {
      await play('operator.editModelServer', (await waitForRow(host, 'model_server', 'local')).row, new Person());
      const editor = vscode.window.activeTextEditor;
      assert.equal(editor?.document.uri.fsPath, configFile());
      assert.match(editor.document.lineAt(editor.selection.active.line).text, /model_servers|local/);
    });

    it('copy an address and a model name', async () => {
      await play('operator.copyBaseUrl', (await waitForRow(host, 'model_server', 'local')).row, new Person());
      assert.equal(await vscode.env.clipboard.readText(), local.url);
      await play('operator.copyModelName', (await waitForRow(host, 'model', 'qwen2.5-coder:7b')).row, new Person());
      assert.equal(await vscode.env.clipboard.readText(), 'qwen2.5-coder:7b');
    });
  });
});
