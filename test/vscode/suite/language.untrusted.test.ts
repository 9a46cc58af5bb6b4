/** operator.toml in an editor of an untrusted window: it is read, judged and explained; nothing of it is run, contacted or stored. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Host, Scope } from '../../../src/vscode/host.ts';
import { type ScriptedServer, startServer } from '../../support/scripted-server.ts';
import { ollama } from '../../support/scripted-server-kinds.ts';
import { closeEverything, configFile, Person, readConfig, start, until, withPerson, writeConfig } from './support.ts';

describe('operator.toml in an editor of an untrusted window', () => {
  let host: Host;
  let scope: Scope;
  let server: ScriptedServer;
  let document: vscode.TextDocument;
  const original = readConfig();
  const uri = vscode.Uri.file(configFile());
  const key = 'sk-test47114711471147114711';

  before(async () => {
    assert.equal(vscode.workspace.isTrusted, false, 'the harness opened a trusted window');
    server = await startServer(ollama());
    ({ host, scope } = await start());
    await writeConfig(scope, `[[model_servers]]\nname = "lab"\nkind = "ollama"\nbase_url = "${server.url}"\napi_key = "${key}"\n\n[[delegators]]\nname = "one"\nllm_tool = "chat"\nmodel = "llama3.2:latest"\nmodel_server = "lub"\n`);
    document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document);
    await until('the outline', async () => ((await vscode.commands.executeCommand<readonly unknown[] | undefined>('vscode.executeDocumentSymbolProvider', uri)) ?? []).length === 2);
  });
  after(async () => {
    await closeEverything();
    await writeConfig(scope, original);
    await server.close();
  });

  function placeOf(text: string): vscode.Position {
    return document.positionAt(document.getText().indexOf(text) + 1);
  }

  async function fixesAt(text: string): Promise<readonly vscode.CodeAction[]> {
    const at = placeOf(text);
    return vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', uri, new vscode.Range(at, at), vscode.CodeActionKind.QuickFix.value);
  }

  it('judges the text and mends it', async () => {
    await until('the problem', () => vscode.languages.getDiagnostics(uri).some(({ message }) => message.includes('lub')));
    assert.ok((await fixesAt('"lub"')).some(({ title }) => title === 'Change to "lab"'));
  });

  it('completes and explains, without links that run something', async () => {
    const { items } = await vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', uri, placeOf('"ollama"'));
    assert.ok(items.some(({ label }) => label === 'vllm' || (typeof label === 'object' && label.label === 'vllm')));
    const [hover] = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', uri, placeOf('"lab"'));
    const text = hover?.contents.map((content) => (content instanceof vscode.MarkdownString ? content.value : '')).join('\n') ?? '';
    assert.match(text, /not trusted/);
    assert.doesNotMatch(text, /command:/);
  });

  it('offers no lens that launches or probes, and refuses them in code', async () => {
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri, 100);
    assert.deepEqual(lenses.map(({ command }) => command?.title), ['not used', 'Plan']);
    const id = scope.operator.snapshot.delegators[0]?.id;
    for (const action of [{ type: 'launch', delegatorId: id }, { type: 'probe', serverId: scope.operator.snapshot.servers[0]?.id }]) {
      const person = new Person();
      await withPerson(host, person, () => vscode.commands.executeCommand('_operator.runLens', action, uri));
      assert.match(person.messages().join(), /in an untrusted workspace/);
    }
  });

  it('stores no key', async () => {
    assert.deepEqual((await fixesAt(`"${key}"`)).filter(({ command }) => command !== undefined), []);
  });

  it('contacted and started nothing in all this', () => {
    assert.deepEqual(server.requests, []);
    assert.equal(vscode.window.terminals.length, 0);
  });
});
