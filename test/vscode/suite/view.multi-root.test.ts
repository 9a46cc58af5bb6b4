/** Two folders, each with its operator.toml. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Host, Scope } from '../../../src/vscode/host.ts';
import { childrenOf, closeEverything, configFile, Person, readConfig, seenRows, showView, start, until, withPerson, writeConfig } from './support.ts';

describe('a window with two folders', () => {
  let host: Host;
  let scope: Scope;
  const originals = [readConfig(0), readConfig(1)];

  before(async () => {
    ({ host, scope } = await start());
    await showView(host);
  });
  afterEach(async () => {
    await closeEverything();
    for (const [index, text] of originals.entries()) await writeConfig(scope, text, index);
  });

  const delegators = async () => (await seenRows(host)).filter(({ label, tags }) => label === 'Try the local model' || (label === 'try-local' && tags.includes('delegator')));

  it('shows the entries of both and says which folder each is from', async () => {
    const rows = await seenRows(host);
    assert.match(rows.find(({ label }) => label === 'Ollama (local)')?.description ?? '', / · api$/);
    assert.match(rows.find(({ label }) => label === 'vllm-lab')?.description ?? '', / · web$/);
    assert.equal((await delegators()).length, 2);
  });

  it('takes a name in each folder for the entry of that folder', async () => {
    const [first, second] = await delegators();
    assert.ok(first && second);
    assert.match((await childrenOf(host, first.row)).join('\n'), /Ollama \(local\)/);
    assert.match((await childrenOf(host, second.row)).join('\n'), /vllm-lab/);
    assert.notEqual(first.row.id, second.row.id);
  });

  it('asks where a new entry goes, and changes the right file only', async () => {
    const person = new Person({ pick: 'Ollama' }, { input: 'http://127.0.0.1:61112', anyway: true }, { input: 'mine' }, { pick: 'In web' });
    await withPerson(host, person, () => vscode.commands.executeCommand('operator.addModelServer'));
    person.done();
    assert.equal(person.asked.at(-1)?.frame.title, 'Add Model Server');
    assert.equal(readConfig(0), originals[0]);
    assert.match(readConfig(1), /name = "mine"/);
  });

  it('puts a delegator where it can refer to its server without asking', async () => {
    const person = new Person({ pick: 'chat' }, { pick: 'vllm-lab' }, { typed: 'any' }, { input: 'new' });
    await withPerson(host, person, () => vscode.commands.executeCommand('operator.createDelegator'));
    person.done();
    assert.equal(readConfig(0), originals[0]);
    assert.match(readConfig(1), /name = "new"/);
  });

  it('deletes the entry of the row’s own folder', async () => {
    const second = await until('both delegators', async () => (await delegators())[1]);
    await withPerson(host, new Person(), () => vscode.commands.executeCommand('operator.deleteDelegator', second.row));
    assert.equal(readConfig(0), originals[0]);
    assert.doesNotMatch(readConfig(1), /\[\[delegators\]\]/);
  });

  it('launches in the folder of the delegator', async () => {
    // The rows follow the files, which were put back a moment ago.
    const second = await until('both delegators', async () => (await delegators())[1]);
    const terminal = await withPerson(host, new Person(), () => vscode.commands.executeCommand<vscode.Terminal | undefined>('operator.launchDelegator', second.row));
    assert.ok(terminal);
    const { cwd } = terminal.creationOptions as vscode.TerminalOptions;
    assert.equal((cwd as vscode.Uri).fsPath, vscode.workspace.workspaceFolders?.[1]?.uri.fsPath);
  });

  it('asks which file to open', async () => {
    const person = new Person({ pick: 'web' });
    await withPerson(host, person, () => vscode.commands.executeCommand('operator.openConfig'));
    await until('the editor', () => vscode.window.activeTextEditor?.document.uri.fsPath === configFile(1));
  });
});
