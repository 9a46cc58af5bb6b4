/** Commands as VS Code knows them, asked for from the palette with nothing selected. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import * as vscode from 'vscode';
import type { Host, Scope } from '../../../src/vscode/host.ts';
import { commandIds } from '../../../src/vscode/ids.ts';
import { closeEverything, configFile, Person, readConfig, showView, start, until, waitForRow, withPerson, writeConfig } from './support.ts';

interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}

describe('commands', () => {
  let host: Host;
  let scope: Scope;

  before(async () => {
    ({ host, scope } = await start());
  });
  afterEach(closeEverything);

  async function call(id: string, person: Person, target?: unknown): Promise<unknown> {
    const result = await withPerson(host, person, () => vscode.commands.executeCommand(id, target));
    person.done();
    return result;
  }

  it('are all registered, and none is registered that the manifest lacks', async () => {
    const registered = (await vscode.commands.getCommands(true)).filter((id) => /^operator\.\w+$/.test(id));
    const contributed = (host.context.extension.packageJSON as Manifest).contributes.commands.map(({ command }) => command);
    // VS Code makes commands of its own for the view.
    assert.deepEqual(registered.filter((id) => !/^operator\.status/.test(id)).sort(), [...contributed].sort());
    assert.deepEqual([...contributed].sort(), Object.values(commandIds).sort());
  });

  for (const [id, title] of Object.entries({
    launchDelegator: 'Launch Delegator',
    launchWithOptions: 'Launch With Options',
    launchAdHoc: 'Launch Ad Hoc',
    launchTool: 'Launch LLM Tool',
    showLaunchPlan: 'Show Launch Plan',
    chatWithModel: 'Chat With Model',
    setApiKey: 'Set API Key',
    addModelServer: 'Add Model Server',
    addFoundServer: 'Add Model Server',
    createDelegator: 'Create Delegator',
    createDelegatorHere: 'Create Delegator Here',
    probeModelServer: 'Probe Model Server',
    refreshModels: 'Refresh Models',
    copyBaseUrl: 'Copy Base URL',
    copyModelName: 'Copy Model Name',
    editModelServer: 'Edit Model Server',
    deleteModelServer: 'Delete Model Server',
    editDelegator: 'Edit Delegator',
    duplicateDelegator: 'Duplicate Delegator',
    deleteDelegator: 'Delete Delegator',
    installTool: 'Install in Terminal',
    setDefaultTool: 'Set As Default',
    testModel: 'Test Model',
  })) {
    it(`${title} asks when nothing is selected`, async () => {
      const person = new Person('escape');
      await call(`operator.${id}`, person);
      assert.equal(person.asked[0]?.frame.title, title);
      assert.ok((person.asked[0]?.choices.length ?? 0) > 0, 'there is nothing to choose');
      assert.deepEqual(person.told, []);
    });
  }

  for (const [id, message] of Object.entries({ showSession: /No session is running/, stopSession: /No session is running/, forgetSession: /No session has ended/, removeApiKey: /No model server uses a stored key/, startModelServer: /no model server that is offline and that Operator knows how to start/ })) {
    it(`${id} says when there is nothing that it could be for`, async () => {
      const person = new Person();
      await call(`operator.${id}`, person);
      assert.match(person.messages().join(), message);
    });
  }

  it('offer ready delegators first and say of the others why they cannot be launched', async () => {
    const person = new Person({ pick: 'dangling' }, 'escape');
    await call('operator.launchDelegator', person);
    const labels = person.asked[0]?.choices.map(({ label }) => label) ?? [];
    assert.equal(labels.at(-1), 'dangling');
    assert.match(person.refusals.join(), /nowhere/);
  });

  it('take a name, as a key binding gives it, and say when nothing has it', async () => {
    const person = new Person();
    await call('operator.editDelegator', person, 'codex-local-qwen');
    const editor = await until('the editor', () => vscode.window.activeTextEditor);
    assert.match(editor.document.lineAt(editor.selection.active.line).text, /delegators|codex-local-qwen/);
    await call('operator.editDelegator', person, 'no-such');
    assert.match(person.messages().join(), /There is no delegator no-such any more/);
  });

  it('open operator.toml', async () => {
    await call('operator.openConfig', new Person());
    assert.equal(vscode.window.activeTextEditor?.document.uri.fsPath, configFile());
  });

  it('create nothing where operator.toml is there already, but show it', async () => {
    assert.equal(await call('operator.createConfig', new Person()), configFile());
    assert.equal(vscode.window.activeTextEditor?.document.uri.fsPath, configFile());
  });

  it('leave a builtin server alone', async () => {
    const person = new Person();
    await call('operator.deleteModelServer', person, 'anthropic-api');
    assert.match(person.messages().join(), /builtin and cannot be changed/);
    assert.deepEqual(person.confirmed, []);
  });

  it('install a tool in a terminal of the user’s own shell', async () => {
    const terminal = await call('operator.installTool', new Person(), 'gemini');
    assert.ok(vscode.window.terminals.some((candidate) => candidate === terminal || candidate.name === 'Install gemini'));
    const options = vscode.window.terminals[0]?.creationOptions as vscode.TerminalOptions;
    assert.equal(options.shellPath, undefined);
    assert.equal(options.env, undefined);
  });

  it('start a server of this machine and notice when it answers', async () => {
    const original = readConfig();
    // A loopback address that nothing else uses: another Ollama on the usual one must not change the outcome.
    await writeConfig(scope, '[[model_servers]]\nname = "asleep"\nkind = "ollama"\nbase_url = "http://127.0.0.77:11434"\n');
    await showView(host);
    await vscode.commands.executeCommand('operator.probeModelServers');
    const row = await waitForRow(host, 'model_server', 'asleep', ({ tags }) => tags.includes('startable'));
    const fix = (await host.view.provider.getChildren(row.row)).map((child) => host.view.provider.getTreeItem(child).command).find((command) => command?.command === 'operator.startModelServer');
    assert.ok(fix, 'no row offers to start it');
    const ollama = createServer((request, response) => response.end(request.url === '/' ? 'Ollama is running' : request.url === '/api/version' ? '{"version":"0.33.1"}' : '{"models":[]}'));
    try {
      const terminal = await withPerson(host, new Person(), () => vscode.commands.executeCommand<vscode.Terminal>(fix.command, ...(fix.arguments ?? [])));
      assert.equal(terminal.name, 'Start asleep');
      assert.equal((terminal.creationOptions as vscode.TerminalOptions).shellPath, undefined, 'it runs in the user’s own shell');
      await new Promise<void>((resolve) => ollama.listen(11434, '127.0.0.77', resolve));
      await waitForRow(host, 'model_server', 'asleep', ({ tags }) => tags.includes('no-models'));
    } finally {
      ollama.close();
      await writeConfig(scope, original);
    }
  });

  it('probe one server from the palette and tell the outcome where the view is hidden', async () => {
    await vscode.commands.executeCommand('workbench.view.explorer');
    await until('the view to hide', () => !host.view.visible);
    const person = new Person({ pick: 'Ollama (local)' });
    await call('operator.probeModelServer', person);
    assert.match(person.messages().join(), /^Ollama \(local\): .*refused/);
    assert.equal(scope.operator.findServer('ollama-local')?.health.state, 'offline');
  });
});
