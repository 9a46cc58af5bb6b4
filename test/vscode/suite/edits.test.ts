/** Writing operator.toml from the window: everything else stays, undo works, unsaved work and other people's changes are respected. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { edit } from '../../../src/vscode/edits.ts';
import type { Host, Scope } from '../../../src/vscode/host.ts';
import { closeEverything, configFile, Person, readConfig, start, until, waitForRow, withPerson, writeConfig } from './support.ts';

const commented = `# Ours. Keep this.
[[model_servers]]   # aligned by hand
name       = 'lab'  # single quotes
kind       = "vllm"
base_url   = "http://127.0.0.1:61111"

[unknown.table]
kept = true

[[delegators]] # first
name = "one"
llm_tool = "chat"
model = "m"
model_server = "lab"
# the end
`;

describe('editing operator.toml', () => {
  let host: Host;
  let scope: Scope;
  const original = readConfig();
  const file = configFile();

  before(async () => {
    ({ host, scope } = await start());
  });
  beforeEach(async () => {
    await closeEverything();
    await writeConfig(scope, commented);
  });
  after(async () => {
    await closeEverything();
    await writeConfig(scope, original);
  });

  const rename = (): Promise<unknown> => scope.operator.edit({ type: 'set', table: 'delegators', name: 'one', values: { model: 'other' } }, file);

  async function openDirty(addition: string): Promise<vscode.TextDocument> {
    const document = await vscode.workspace.openTextDocument(file);
    const editor = await vscode.window.showTextDocument(document);
    // An editor that is behind the file by a moment could not save it; VS Code tells no other way that it caught up.
    await until('the editor to have the newest file', () => document.getText() === commented && Date.now() - statSync(file).mtimeMs > 1_000);
    await editor.edit((edit) => edit.insert(document.positionAt(document.getText().length), addition));
    assert.equal(document.isDirty, true);
    return document;
  }

  it('changes the one line and keeps every comment, quote, blank and unknown table', async () => {
    await rename();
    assert.equal(readConfig(), commented.replace('model = "m"', 'model = "other"'));
  });

  it('does not call its own writing unsaved changes', async () => {
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(file));
    const messages: (string | undefined)[] = [];
    let changes = 0;
    const listener = vscode.workspace.onDidChangeTextDocument(({ document }) => {
      if (document.uri.fsPath !== file) return;
      if (document.isDirty) changes++;
      messages.push(host.view.message);
    });
    try {
      await rename();
    } finally {
      listener.dispose();
    }
    assert.ok(changes > 0, 'the editor was never unsaved, so this proves nothing');
    assert.deepEqual([...messages, host.view.message].filter((message) => message !== undefined), []);
  });

  it('can be undone in the editor', async () => {
    const document = await vscode.workspace.openTextDocument(file);
    await vscode.window.showTextDocument(document);
    await rename();
    assert.equal(document.isDirty, false, 'a file without unsaved changes is saved');
    assert.match(document.getText(), /"other"/);
    await vscode.commands.executeCommand('undo');
    await until('the undone text', () => document.getText() === commented);
  });

  it('keeps Windows line endings', async () => {
    const text = commented.replaceAll('\n', '\r\n');
    await writeConfig(scope, text);
    await rename();
    assert.equal(readConfig(), text.replace('model = "m"', 'model = "other"'));
  });

  it('keeps lines of a file that mixes line endings, which an editor would make equal', async () => {
    const text = commented.replace('[unknown.table]\nkept = true\n', '[unknown.table]\r\nkept = true\r\n');
    await writeConfig(scope, text);
    await rename();
    assert.equal(readConfig(), text.replace('model = "m"', 'model = "other"'));
  });

  it('keeps a byte order mark', async () => {
    const text = `\uFEFF${commented}# with a mark\n`;
    writeFileSync(file, text);
    await scope.operator.reload();
    await rename();
    assert.equal(readFileSync(file, 'utf8'), text.replace('model = "m"', 'model = "other"'));
  });

  it('adds to unsaved changes of an editor and leaves saving to the person', async () => {
    const document = await openDirty('# typed by hand\n');
    const person = new Person({ input: 'two' });
    await withPerson(host, person, async () => vscode.commands.executeCommand('operator.duplicateDelegator', (await waitForRow(host, 'delegator', 'one')).row));
    assert.match(document.getText(), /# typed by hand/);
    assert.match(document.getText(), /name = "two"/);
    assert.equal(document.isDirty, true);
    assert.equal(readConfig(), commented, 'the file itself is untouched');
    assert.match(person.messages().join(), /unsaved changes/);
    assert.match(host.view.message ?? '', /unsaved changes/);
    await document.save();
    await waitForRow(host, 'delegator', 'two');
    await until('the notice to go', () => host.view.message === undefined);
  });

  it('saves unsaved changes when the person says so', async () => {
    await openDirty('# typed by hand\n');
    const person = new Person({ input: 'two' });
    person.buttons.push({ message: /unsaved changes/, button: 'Save' });
    await withPerson(host, person, async () => vscode.commands.executeCommand('operator.duplicateDelegator', (await waitForRow(host, 'delegator', 'one')).row));
    await waitForRow(host, 'delegator', 'two');
    assert.match(readConfig(), /# typed by hand/);
  });

  it('offers to save every editor that a change reached, not only the first', async () => {
    const mine = join(scope.ports.env.operatorHome, 'operator.toml');
    const text = '[[model_servers]]\nname = "shared"\nkind = "vllm"\nbase_url = "http://127.0.0.1:61112"\n';
    mkdirSync(dirname(mine), { recursive: true });
    writeFileSync(mine, text);
    try {
      await writeConfig(scope, commented.replace('model_server = "lab"', 'model_server = "shared"'));
      await until('both files', () => scope.operator.findServer('shared') !== undefined);
      const documents: vscode.TextDocument[] = [];
      for (const path of [mine, file]) {
        const document = await vscode.workspace.openTextDocument(path);
        const editor = await vscode.window.showTextDocument(document, { preview: false });
        await until('the editor to have the newest file', () => Date.now() - statSync(path).mtimeMs > 1_000);
        await editor.edit((change) => change.insert(document.positionAt(document.getText().length), '# typed by hand\n'));
        documents.push(document);
      }
      const person = new Person();
      const change = { type: 'rename', table: 'model_servers', name: 'shared', to: 'ours' } as const;
      assert.equal(await withPerson(host, person, () => edit(host, scope, change, mine)), false);
      assert.match(person.messages().join(), /The change is in the editors of .*operator\.toml and .*operator\.toml, which have unsaved changes/);
      assert.deepEqual(documents.map(({ isDirty }) => isDirty), [true, true]);
      person.buttons.push({ message: /unsaved changes/, button: 'Save All' });
      assert.equal(await withPerson(host, person, () => edit(host, scope, { ...change, name: 'ours', to: 'theirs' }, mine)), true);
      assert.deepEqual(documents.map(({ isDirty }) => isDirty), [false, false]);
      assert.match(readFileSync(mine, 'utf8'), /name = "theirs"[\s\S]*# typed by hand/);
      assert.match(readConfig(), /model_server = "theirs"[\s\S]*# typed by hand/);
    } finally {
      await closeEverything();
      rmSync(mine, { force: true });
      await scope.operator.reload();
    }
  });

  it('writes nothing when the file changed since it was read', async () => {
    const other = commented.replace('# the end', '# somebody was here');
    const { writer } = scope;
    const outcome = { file, before: commented, after: commented.replace('"m"', '"x"'), hash: (await scope.ports.files.read(file, { maxBytes: 1e6 })).hash };
    writeFileSync(file, other);
    await assert.rejects(writer.write(outcome), { code: 'config-changed' });
    assert.equal(readConfig(), other);
  });

  it('does not overwrite a file that appeared meanwhile', async () => {
    await assert.rejects(scope.writer.write({ file, before: '', after: 'lost = true\n' }), { code: 'config-changed' });
    assert.equal(readConfig(), commented);
  });

  it('creates a file that was not there', async () => {
    rmSync(file);
    await scope.operator.reload();
    await scope.operator.edit({ type: 'add', table: 'delegators', entry: { name: 'new', llm_tool: 'claude', model: 'opus' } }, file);
    assert.match(readConfig(), /name = "new"/);
    await waitForRow(host, 'delegator', 'new');
  });

  it('refuses to change a broken file and opens it at the line', async () => {
    await writeConfig(scope, '[[delegators]]\nname = "one\n');
    const person = new Person();
    person.buttons.push({ message: /./, button: 'Open File' });
    await withPerson(host, person, () => vscode.commands.executeCommand('operator.addModelServer'));
    assert.match(person.messages().join(), /cannot be changed while it is broken/);
    const editor = await until('the file', () => vscode.window.activeTextEditor);
    assert.equal(editor.document.uri.fsPath, file);
    assert.equal(editor.selection.active.line, 1);
    assert.equal(readConfig(), '[[delegators]]\nname = "one\n');
  });

  it('shows problems of the file in the Problems view, at their place', async () => {
    await writeConfig(scope, commented.replace('model_server = "lab"', 'model_server = "gone"'));
    const uri = vscode.Uri.file(file);
    const found = await until('the problem', () => vscode.languages.getDiagnostics(uri).find(({ source, message }) => source === 'operator' && message.includes('gone')));
    assert.match(commented.split('\n')[found.range.start.line] ?? '', /model_server/);
    await writeConfig(scope, commented);
    await until('the problem to go', () => !vscode.languages.getDiagnostics(uri).some(({ message }) => message.includes('gone')));
  });
});
