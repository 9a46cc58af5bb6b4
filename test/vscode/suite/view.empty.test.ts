/** A window without a folder. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Host, Scope } from '../../../src/vscode/host.ts';
import { closeEverything, Person, seenRows, showView, start, until, waitForRow, withPerson } from './support.ts';

describe('a window without a folder', () => {
  let host: Host;
  let scope: Scope;
  let file: string;

  before(async () => {
    ({ host, scope } = await start());
    file = join(scope.ports.env.operatorHome, 'operator.toml');
    await showView(host);
  });
  after(closeEverything);

  it('has no rows, so that the welcome text shows', async () => {
    assert.deepEqual(await seenRows(host), []);
    assert.equal(host.view.message, undefined, 'a message would hide the welcome text');
    assert.equal(host.view.badge, undefined);
    assert.equal(host.view.provider.tree?.empty, true);
  });

  it('creates the user’s own operator.toml from what is detected', async () => {
    const person = new Person({ tick: ['Claude Code'] });
    await withPerson(host, person, () => vscode.commands.executeCommand('operator.createConfig'));
    person.done();
    assert.match(person.asked[0]?.choices.map(({ label }) => label).join() ?? '', /Claude Code/);
    assert.match(readFileSync(file, 'utf8'), /^# Operator: .*\n#.*\n\n\[\[delegators\]\]\nname = "claude-opus"\nllm_tool = "claude"\nmodel = "opus"\n$/);
    const row = await waitForRow(host, 'delegator', 'claude-opus', ({ tags }) => tags.includes('ready'));
    assert.match(row.contextValue, /user;/);
    assert.equal(vscode.window.activeTextEditor?.document.uri.fsPath, file);
  });

  it('adds to it', async () => {
    const person = new Person({ pick: 'Ollama' }, { input: 'http://127.0.0.1:61111', anyway: true }, { input: 'mine' });
    await withPerson(host, person, () => vscode.commands.executeCommand('operator.addModelServer'));
    person.done();
    assert.match((await waitForRow(host, 'model_server', 'mine')).description, /user$/);
  });

  it('goes back to the welcome text when the file is deleted', async () => {
    await closeEverything();
    rmSync(file);
    await until('the rows to go', async () => (await seenRows(host)).length === 0);
    assert.equal(existsSync(file), false);
  });
});
