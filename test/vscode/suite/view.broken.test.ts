/** A window whose operator.toml does not parse. */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import * as vscode from 'vscode';
import type { Host, Scope } from '../../../src/vscode/host.ts';
import { closeEverything, configFile, readConfig, render, seenRows, showView, start, tooltipOf, until, waitForRow, writeConfig } from './support.ts';

const good = '[[delegators]]\nname = "fine"\nllm_tool = "claude"\nmodel = "opus"\n';

describe('a window with a broken operator.toml', () => {
  let host: Host;
  let scope: Scope;
  const original = readConfig();
  const file = configFile();

  before(async () => {
    ({ host, scope } = await start());
    await showView(host);
  });
  afterEach(closeEverything);

  const broken = (says: RegExp) => waitForRow(host, 'problem', 'operator.toml cannot be used', ({ description }) => says.test(description));

  it('says so in a row, with the line, and opens the file there', async () => {
    const row = await broken(/^line 4: /);
    assert.match(await tooltipOf(host, row), /nothing of (?:it|this file) is in force/);
    assert.match(row.item.accessibilityInformation?.label ?? '', /cannot be used/);
    await vscode.commands.executeCommand(row.item.command?.command ?? '', ...(row.item.command?.arguments ?? []));
    const editor = await until('the editor', () => vscode.window.activeTextEditor);
    assert.equal(editor.document.uri.fsPath, file);
    assert.equal(editor.selection.active.line, 3);
  });

  it('tells the Problems view and the badge', async () => {
    const [problem] = vscode.languages.getDiagnostics(vscode.Uri.file(file));
    assert.equal(problem?.severity, vscode.DiagnosticSeverity.Error);
    assert.equal(problem.range.start.line, 3);
    assert.equal(host.view.badge?.value, 1);
  });

  it('keeps showing what does not depend on the file', async () => {
    const labels = (await seenRows(host)).map(({ label }) => label);
    for (const name of ['claude', 'chat', 'Anthropic API']) assert.ok(labels.includes(name), name);
  });

  it('shows the entries as soon as the file is mended', async () => {
    writeFileSync(file, good);
    await waitForRow(host, 'delegator', 'fine');
    await until('the problem to go', () => vscode.languages.getDiagnostics(vscode.Uri.file(file)).length === 0);
    assert.ok(!(await seenRows(host)).some(({ label }) => label === 'operator.toml cannot be used'));
  });

  it('keeps the last good entries in force when it breaks again', async () => {
    await writeConfig(scope, good);
    await writeConfig(scope, `${good}[[`);
    const row = await broken(/^line 5: /);
    assert.match(await tooltipOf(host, row), /last good \w+ stays in force/);
    const rows = await seenRows(host);
    assert.ok(rows.some(({ label }) => label === 'fine'), render(rows));
  });

  it('takes a folder in its place, a vanished file and bytes that are no text for what they are', async () => {
    rmSync(file);
    await scope.operator.reload();
    mkdirSync(file);
    await scope.operator.reload();
    await broken(/folder|directory/i);
    rmSync(file, { recursive: true });
    writeFileSync(file, Buffer.from([0xff, 0xfe, 0x00, 0xd8]));
    await scope.operator.reload();
    await broken(/UTF-8/);
    rmSync(file);
    await scope.operator.reload();
    await until('the row to go', async () => !(await seenRows(host)).some(({ label }) => label === 'operator.toml cannot be used'));
    writeFileSync(file, original);
    await broken(/^line 4: /);
  });
});
