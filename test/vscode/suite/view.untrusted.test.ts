/** A window whose workspace is not trusted: the file is shown, nothing of it is run, probed, sent or written. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as vscode from 'vscode';
import type { Host, Scope } from '../../../src/vscode/host.ts';
import { closeEverything, Person, readConfig, seenRows, showView, start, tooltipOf, until, withPerson, writeConfig } from './support.ts';

describe('an untrusted window', () => {
  let host: Host;
  let scope: Scope;
  const original = readConfig();
  const contacts: string[] = [];
  const server = createServer((request, response) => {
    contacts.push(request.url ?? '');
    response.end('{}');
  });
  let toml = '';

  before(async () => {
    assert.equal(vscode.workspace.isTrusted, false, 'the harness opened a trusted window');
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    toml = original.replaceAll('http://127.0.0.1:61111', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    ({ host, scope } = await start());
    await writeConfig(scope, toml);
    await showView(host);
  });
  after(async () => {
    await closeEverything();
    server.close();
  });

  it('shows the file, under a row that explains and leads to trust', async () => {
    const rows = await seenRows(host);
    const [banner] = rows;
    assert.match(banner?.label ?? '', /Restricted Mode/);
    assert.equal(banner?.item.command?.command, 'workbench.trust.manage');
    assert.match(banner ? await tooltipOf(host, banner) : '', /not trusted/);
    const labels = rows.map(({ label }) => label);
    for (const name of ['Ollama (local)', 'codex-local-qwen']) assert.ok(labels.includes(name), name);
    assert.equal(rows.find(({ label }) => label === 'LLM Tools')?.description, 'not looked for yet');
    assert.equal(rows.find(({ label }) => label === 'Gateway')?.description, 'not running');
    assert.match(rows.find(({ label }) => label === 'Ollama (local)')?.description ?? '', /^not trusted/);
  });

  for (const [id, target] of Object.entries({
    launchDelegator: 'codex-local-qwen',
    launchWithOptions: 'codex-local-qwen',
    launchAdHoc: undefined,
    launchTool: 'codex',
    chatWithModel: 'ollama-local',
    probeModelServer: 'ollama-local',
    probeModelServers: undefined,
    refreshModels: 'ollama-local',
    pullModel: 'ollama-local',
    loadModel: 'ollama-local',
    unloadModel: 'ollama-local',
    deleteModel: 'ollama-local',
    copyModel: 'ollama-local',
    showModelDetails: 'ollama-local',
    startGateway: undefined,
    restartGateway: undefined,
    installTool: 'gemini',
    startModelServer: 'ollama-local',
    setApiKey: 'ollama-local',
    removeApiKey: 'ollama-local',
    addModelServer: undefined,
    addFoundServer: undefined,
    createConfig: undefined,
    createDelegator: undefined,
    createDelegatorHere: 'ollama-local',
    duplicateDelegator: 'codex-local-qwen',
    deleteDelegator: 'codex-local-qwen',
    deleteModelServer: 'ollama-local',
    setDefaultTool: 'codex',
  })) {
    it(`refuses ${id} in code, with trust as the one thing that helps`, async () => {
      const person = new Person();
      await withPerson(host, person, () => vscode.commands.executeCommand(`operator.${id}`, target));
      assert.deepEqual(person.asked, [], 'it asked before it refused');
      assert.deepEqual(person.confirmed, []);
      assert.match(person.messages().join(), /in an untrusted workspace/);
      assert.deepEqual(person.told.map(({ actions }) => actions), [['Manage Workspace Trust']]);
    });
  }

  it('refuses the terminal profile', async () => {
    const person = new Person();
    await withPerson(host, person, async () => {
      await vscode.commands.executeCommand('workbench.action.terminal.newWithProfile', { config: { extensionIdentifier: 'operator-dev.operator', id: 'operator.delegator', title: 'Operator delegator', icon: 'rocket' } }).then(undefined, () => undefined);
      // VS Code may refuse by itself to open a terminal here; then the profile is not even asked.
      await until('an end', () => vscode.window.terminals.length === 0);
    });
    assert.deepEqual(person.asked, []);
  });

  it('still opens the file and shows the log', async () => {
    await vscode.commands.executeCommand('operator.openConfig');
    assert.match(vscode.window.activeTextEditor?.document.uri.path ?? '', /operator\.toml$/);
    await vscode.commands.executeCommand('operator.editDelegator', 'codex-local-qwen');
  });

  it('refreshes by reading the file again, and nothing more', async () => {
    await vscode.commands.executeCommand('operator.refresh');
    await scope.detected();
    assert.ok(scope.operator.snapshot.tools.every(({ record, detection }) => detection.state === (record.name === 'chat' ? 'builtin' : 'unknown')), 'a tool was run');
  });

  it('contacted nothing, started nothing and wrote nothing in all this', () => {
    assert.deepEqual(contacts, []);
    assert.equal(vscode.window.terminals.length, 0);
    assert.equal(readConfig(), toml);
  });
});
