/** operator.toml in an editor, as a person meets it: squiggles, fixes, completion, hovers, lenses, navigation, renaming. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import type { Host, Scope } from '../../../src/vscode/host.ts';
import { type ScriptedServer, startServer } from '../../support/scripted-server.ts';
import { ollama } from '../../support/scripted-server-kinds.ts';
import { activate, closeEverything, configFile, folder, Person, readConfig, start, until, withPerson, writeConfig } from './support.ts';

describe('operator.toml in an editor', () => {
  let host: Host;
  let scope: Scope;
  let server: ScriptedServer;
  let userFile: string;
  const original = readConfig();
  const file = configFile();
  const uri = vscode.Uri.file(file);

  before(async () => {
    server = await startServer(ollama());
    ({ host, scope } = await start());
    const user = scope.operator.snapshot.configuration.layers.find(({ layer }) => layer === 'user');
    assert.ok(user);
    userFile = user.file;
  });
  after(async () => {
    await closeEverything();
    rmSync(userFile, { force: true });
    await writeConfig(scope, original);
    await server.close();
  });
  afterEach(async () => {
    await closeEverything();
    rmSync(userFile, { force: true });
    await writeConfig(scope, entries());
    await until('nothing wrong', () => diagnostics().length === 0); // so that a test meets no problem of the one before
  });

  /** The file with this text, saved and open. `|` marks the place that the test is about. */
  async function open(marked: string): Promise<{ readonly document: vscode.TextDocument; readonly editor: vscode.TextEditor; readonly at: vscode.Position }> {
    const offset = marked.indexOf('|');
    const text = marked.replace('|', '');
    await writeConfig(scope, text);
    const document = await vscode.workspace.openTextDocument(uri);
    const editor = await vscode.window.showTextDocument(document);
    await until('the editor to have the newest file', () => document.getText() === text);
    const at = document.positionAt(Math.max(0, offset));
    editor.selection = new vscode.Selection(at, at);
    return { document, editor, at };
  }

  /** Waits until the features of an open file are loaded. */
  async function ready(): Promise<void> {
    await until('the outline', async () => ((await vscode.commands.executeCommand<readonly unknown[] | undefined>('vscode.executeDocumentSymbolProvider', uri)) ?? []).length > 0);
  }

  async function writeUser(text: string): Promise<void> {
    mkdirSync(dirname(userFile), { recursive: true });
    writeFileSync(userFile, text);
    await scope.operator.reload();
  }

  function diagnostics(of = uri): readonly vscode.Diagnostic[] {
    return vscode.languages.getDiagnostics(of).filter(({ source }) => source === 'operator');
  }

  function codeOf({ code }: vscode.Diagnostic): string {
    return typeof code === 'object' ? String(code.value) : String(code);
  }

  async function diagnostic(code: string): Promise<vscode.Diagnostic> {
    return until(`the problem ${code}`, () => diagnostics().find((candidate) => codeOf(candidate) === code));
  }

  /** The fixes at a problem, as the light bulb offers them. */
  async function fixes({ range }: vscode.Diagnostic): Promise<readonly vscode.CodeAction[]> {
    return vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', uri, range, vscode.CodeActionKind.QuickFix.value);
  }

  /** The problem is looked up each time: what is shown may be about the text of a moment ago. */
  async function fix(code: string, title: string | RegExp): Promise<vscode.CodeAction> {
    return until(`the fix ${String(title)}`, async () => {
      const problem = diagnostics().find((candidate) => codeOf(candidate) === code);
      return problem && (await fixes(problem)).find((candidate) => (typeof title === 'string' ? candidate.title === title : title.test(candidate.title)));
    });
  }

  async function choose(code: string, title: string | RegExp): Promise<void> {
    const action = await fix(code, title);
    if (action.edit) assert.ok(await vscode.workspace.applyEdit(action.edit));
    if (action.command) await vscode.commands.executeCommand(action.command.command, ...(action.command.arguments ?? []));
  }

  async function completions(at: vscode.Position, trigger?: string): Promise<readonly vscode.CompletionItem[]> {
    return (await vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', uri, at, trigger)).items;
  }

  function labelOf({ label }: vscode.CompletionItem): string {
    return typeof label === 'string' ? label : label.label;
  }

  async function lenses(): Promise<readonly { readonly line: number; readonly title: string; readonly command: vscode.Command }[]> {
    const found = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri, 1_000);
    return found.map(({ range, command }) => ({ line: range.start.line, title: command?.title ?? '', command: command ?? { command: '', title: '' } }));
  }

  const entries = (): string => `[[model_servers]]
name = "lab"
kind = "ollama"
base_url = "${server.url}"

[[delegators]]
name = "one"
llm_tool = "chat"
model = "llama3.2:latest"
model_server = "lab"
`;

  describe('diagnostics', () => {
    it('come while typing, from the text that is not saved, at their exact place, and go the same way', async () => {
      const { document, editor } = await open(entries());
      await until('nothing wrong', () => diagnostics().length === 0);
      const at = document.getText().indexOf('"lab"', document.getText().indexOf('model_server ='));
      const range = new vscode.Range(document.positionAt(at), document.positionAt(at + 5));
      await editor.edit((edit) => edit.replace(range, '"lub"'));
      const problem = await diagnostic('unknown-server');
      assert.equal(document.isDirty, true);
      assert.equal(document.getText(problem.range), '"lub"');
      assert.match(problem.message, /lub/);
      assert.match(problem.message, /Did you mean "lab"/);
      assert.equal(diagnostics().filter((candidate) => codeOf(candidate) === 'unknown-server').length, 1, 'told twice');
      await editor.edit((edit) => edit.replace(range, '"lab"'));
      await until('nothing wrong', () => diagnostics().length === 0);
    });

    it('stay single when the file is saved with the problem in it', async () => {
      const { document, editor, at } = await open(entries().replace('kind = "ollama"', 'kind = "|ollama"'));
      await editor.edit((edit) => edit.insert(at, 'x'));
      await diagnostic('unknown-kind');
      await document.save();
      await until('the saved file to be read', () => scope.operator.snapshot.configuration.problems.some(({ code }) => code === 'unknown-kind'));
      assert.equal(diagnostics().filter((candidate) => codeOf(candidate) === 'unknown-kind').length, 1);
    });

    it('link to an explanation that opens without network', async () => {
      await open(entries().replace('kind = "ollama"', 'kind = "nonsense"'));
      const { code } = await diagnostic('unknown-kind');
      assert.ok(typeof code === 'object');
      const page = await vscode.workspace.openTextDocument(code.target);
      assert.match(page.getText(), /^# unknown-kind\n\n.*kind of model server/);
      assert.doesNotMatch(page.getText(), /\]\(#/);
    });

    it('show the other place of a duplicate and fade what nobody uses', async () => {
      await open(`${entries()}\n[[model_servers]]\nname = "lab"\nkind = "vllm"\nbase_url = "http://127.0.0.1:61112"\n\n[[model_servers]]\nname = "idle"\nkind = "vllm"\nbase_url = "http://127.0.0.1:61113"\n`);
      const duplicate = await diagnostic('duplicate-name');
      assert.deepEqual(duplicate.relatedInformation?.map(({ location, message }) => [location.uri.fsPath, location.range.start.line, /declared here first/.test(message)]), [[file, 1, true]]);
      const unused = await diagnostic('unused-server');
      assert.deepEqual(unused.tags, [vscode.DiagnosticTag.Unnecessary]);
      assert.equal(unused.severity, vscode.DiagnosticSeverity.Hint);
      assert.match(unused.message, /idle/);
    });

    it('tell of broken syntax while it is typed, and keep the entries of before for the rest', async () => {
      const { editor, at } = await open(entries().replace('kind = "ollama"', 'kind = "ollama|"'));
      await until('nothing wrong', () => diagnostics().length === 0);
      await editor.edit((edit) => edit.delete(new vscode.Range(at, at.translate(0, 1))));
      const problem = await diagnostic('syntax');
      assert.equal(problem.range.start.line, 2);
      assert.deepEqual(diagnostics().map(codeOf), ['syntax']);
    });

    it('are about the file on disk again once its editor was closed without saving', async () => {
      const { editor } = await open(entries());
      await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), 'nonsense = 1\n'));
      await diagnostic('unknown-key');
      await closeEverything();
      await until('nothing wrong', () => diagnostics().length === 0);
    });

    it('leave an operator.toml alone that does not count', async () => {
      const other = vscode.Uri.file(`${folder()}/src/operator.toml`);
      await vscode.workspace.fs.writeFile(other, new TextEncoder().encode('[[model_servers]]\nname = "x"\nkind = "nonsense"\n'));
      await open(entries().replace('kind = "ollama"', 'kind = "nonsense"'));
      await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(other));
      await diagnostic('unknown-kind');
      assert.deepEqual(diagnostics(other), []);
      assert.deepEqual((await vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', other, new vscode.Position(2, 9))).items.filter(({ kind }) => kind === vscode.CompletionItemKind.EnumMember), []);
      await vscode.workspace.fs.delete(other);
    });
  });

  describe('quick fixes', () => {
    it('put in what was meant, and can be undone', async () => {
      const { document } = await open(entries().replace('model_server = "lab"', 'model_server = "lub"'));
      const before = document.getText();
      assert.equal((await fix('unknown-server', 'Change to "lab"')).isPreferred, true);
      await fix('unknown-server', 'Declare the model server "lub"');
      await choose('unknown-server', 'Change to "lab"');
      assert.equal(document.getText(), entries());
      assert.equal(document.isDirty, true);
      await vscode.commands.executeCommand('undo');
      assert.equal(document.getText(), before);
    });

    it('declare the missing server', async () => {
      const { document } = await open(entries().replace('model_server = "lab"', 'model_server = "vllm-two"'));
      await choose('unknown-server', 'Declare the model server "vllm-two"');
      assert.match(document.getText(), /\[\[model_servers\]\]\nname = "vllm-two"\nkind = "vllm"/);
      await until('the problem to go', () => !diagnostics().some((candidate) => codeOf(candidate) === 'unknown-server'));
    });

    it('move a literal key into secret storage and put the reference in its place; undo brings the text back', async () => {
      const key = `sk-${'test4711'.repeat(4)}`;
      const literal = entries().replace(`base_url = "${server.url}"\n`, `base_url = "${server.url}"\napi_key = "${key}" # ours\n`);
      const { document } = await open(literal);
      assert.ok(!(await diagnostic('literal-key')).message.includes(key));
      const { title, command } = await fix('literal-key', /^Move the key/);
      assert.ok(!JSON.stringify([title, command]).includes(key), 'the key is in a title or an argument');
      const person = new Person();
      await withPerson(host, person, () => choose('literal-key', 'Move the key into secret storage (secret:lab)'));
      assert.equal(document.getText(), literal.replace(key, 'secret:lab'));
      assert.equal(await scope.operator.readCredential({ store: 'secret', name: 'lab' }), key);
      assert.equal(readConfig(), literal, 'saving is the person’s');
      assert.ok(!person.messages().join().includes(key));
      assert.match(person.messages().join(), /stored in VS Code's secret storage as lab/);
      await until('the problem to go', () => !diagnostics().some((candidate) => codeOf(candidate) === 'literal-key'));
      await vscode.commands.executeCommand('undo');
      assert.equal(document.getText(), literal);
      await scope.operator.deleteSecret('lab');
    });

    it('ask before another key of that name is replaced, and leave the text alone when the person says no', async () => {
      await scope.operator.setSecret('lab', 'the-old-one');
      const { document } = await open(entries().replace('kind = "ollama"', 'kind = "ollama"\napi_key = "sk-test47114711471147114711"'));
      const before = document.getText();
      const person = new Person();
      person.confirms = false;
      await withPerson(host, person, () => choose('literal-key', /^Move the key into secret storage/));
      assert.match(person.confirmed.join(), /Replace the stored key lab/);
      assert.equal(document.getText(), before);
      assert.equal(await scope.operator.readCredential({ store: 'secret', name: 'lab' }), 'the-old-one');
      await scope.operator.deleteSecret('lab');
    });

    it('hand a literal key to the clipboard for an environment variable', async () => {
      const { document } = await open(entries().replace('kind = "ollama"', 'kind = "ollama"\napi_key = "sk-test47114711471147114711"'));
      const person = new Person();
      await withPerson(host, person, () => choose('literal-key', /^Take the key from the environment variable LAB_API_KEY/));
      assert.match(document.getText(), /api_key = "env:LAB_API_KEY"/);
      assert.equal(await vscode.env.clipboard.readText(), 'sk-test47114711471147114711');
      assert.match(person.messages().join(), /LAB_API_KEY/);
      await vscode.env.clipboard.writeText('');
    });

    it('ask for the key of a variable that is not set, hidden, and store it', async () => {
      const { document } = await open(entries().replace('kind = "ollama"', 'kind = "ollama"\napi_key = "env:OPERATOR_TEST_NOT_SET"'));
      const person = new Person({ input: 'sk-entered' });
      await withPerson(host, person, () => choose('unset-api-key-env', /^Enter the key/));
      person.done();
      assert.equal(person.asked[0]?.password, true);
      assert.match(document.getText(), /api_key = "secret:lab"/);
      assert.equal(await scope.operator.readCredential({ store: 'secret', name: 'lab' }), 'sk-entered');
      await scope.operator.deleteSecret('lab');
    });

    it('do nothing when the text changed since they were offered', async () => {
      const { document, editor } = await open(entries().replace('kind = "ollama"', 'kind = "ollama"\napi_key = "sk-test47114711471147114711"'));
      const action = await fix('literal-key', /^Move/);
      assert.ok(action.command);
      await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '# new\n'));
      const text = document.getText();
      const person = new Person();
      await withPerson(host, person, () => vscode.commands.executeCommand(action.command?.command ?? '', ...(action.command?.arguments ?? [])));
      assert.equal(document.getText(), text);
      assert.match(person.messages().join(), /changed meanwhile/);
      assert.equal(await scope.operator.readCredential({ store: 'secret', name: 'lab' }), undefined);
    });
  });

  describe('completion', () => {
    it('offers the models that the server lists, asking for them in the background', async () => {
      const { at } = await open(entries().replace('"llama3.2:latest"', '"|"'));
      await ready();
      const found = await until('the models', async () => {
        const items = await completions(at);
        return items.some((item) => item.kind === vscode.CompletionItemKind.Constant) && items;
      });
      const models = found.filter(({ kind }) => kind === vscode.CompletionItemKind.Constant);
      assert.ok(models.map(labelOf).includes('llama3.2:latest'), models.map(labelOf).join());
    });

    it('puts a value in with its quotes once', async () => {
      const { document, editor, at } = await open(entries().replace('kind = "ollama"', 'kind = "|"'));
      await ready();
      const item = (await completions(at, '"')).find((candidate) => labelOf(candidate) === 'vllm');
      assert.ok(item?.range instanceof vscode.Range && typeof item.insertText === 'string', JSON.stringify(item));
      const { range, insertText } = item;
      await editor.edit((edit) => edit.replace(range, insertText));
      assert.match(document.getText(), /^kind = "vllm"$/m);
    });

    it('offers keys with their documentation, servers of both layers, variables by name only, and whole entries', async () => {
      await writeUser('[[model_servers]]\nname = "mine"\nkind = "vllm"\nbase_url = "http://127.0.0.1:61114"\n');
      const inKeys = await open(entries().replace('kind = "ollama"\n', 'kind = "ollama"\n|\n'));
      await ready();
      const keys = await completions(inKeys.at);
      const placement = keys.find((item) => labelOf(item) === 'placement');
      assert.ok(placement, keys.map(labelOf).join());
      assert.ok(placement.documentation instanceof vscode.MarkdownString && placement.documentation.value.length > 20);

      const inServer = await open(entries().replace('model_server = "lab"', 'model_server = "|"'));
      const servers = (await completions(inServer.at)).map(labelOf);
      for (const name of ['lab', 'mine', 'anthropic-api']) assert.ok(servers.includes(name), servers.join());

      const inKey = await open(entries().replace('kind = "ollama"\n', 'kind = "ollama"\napi_key_env = "|"\n'));
      const variables = (await completions(inKey.at)).map(labelOf);
      assert.ok(variables.includes('PATH') || variables.length > 0, variables.join());
      assert.ok(!variables.some((name) => name.includes(process.env['PATH'] ?? '\0')), 'a value is offered');

      const atEnd = await open(`${entries()}\n|`);
      const snippet = (await completions(atEnd.at)).find((item) => labelOf(item).startsWith('[[model_servers]] lmstudio'));
      assert.ok(snippet?.insertText instanceof vscode.SnippetString);
      await atEnd.editor.insertSnippet(snippet.insertText, atEnd.at);
      assert.match(atEnd.document.getText(), /kind = "lmstudio"/);
    });
  });

  describe('hovers and lenses', () => {
    async function hover(at: vscode.Position): Promise<vscode.MarkdownString | undefined> {
      const [found] = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', uri, at);
      const content = found?.contents[0];
      return content instanceof vscode.MarkdownString ? content : undefined;
    }

    it('tell how a server is, live, with a link that probes it and nothing else', async () => {
      const { at } = await open(entries().replace('model_server = "lab"', 'model_server = "l|ab"'));
      await ready();
      const text = await until('a healthy server', async () => {
        const found = await hover(at);
        return found && /healthy/.test(found.value) && found;
      });
      assert.match(text.value, /llama3\.2:latest/);
      assert.match(text.value, /\[Probe\]\(command:operator\.probeModelServer\?/);
      assert.deepEqual(typeof text.isTrusted === 'object' && text.isTrusted.enabledCommands, ['operator.launchDelegator', 'operator.showLaunchPlan', 'operator.probeModelServer']);
    });

    it('tell what a delegator would do', async () => {
      const { at } = await open(entries().replace('name = "one"', 'name = "o|ne"'));
      await ready();
      const text = await until('the plan', async () => {
        const found = await hover(at);
        return found && /Route: direct/.test(found.value) && found;
      });
      assert.match(text.value, /Command: /);
      assert.match(text.value, /\[Launch\]\(command:operator\.launchDelegator\?/);
    });

    it('stand above each entry, and follow what is known', async () => {
      await open(entries());
      await ready();
      const found = await until('the models', async () => {
        const all = await lenses();
        return all.some(({ title }) => /^\d+ models?$/.test(title)) && all;
      });
      assert.deepEqual(found.map(({ line, title }) => `${line} ${title}`), ['0 Probe: healthy', '0 1 model', '0 used by 1 delegator', '5 Launch', '5 Plan']);
    });

    it('can be switched off', async () => {
      await open(entries());
      await ready();
      assert.ok((await lenses()).length > 0);
      const settings = vscode.workspace.getConfiguration();
      await settings.update('operator.editor.codeLens', false, vscode.ConfigurationTarget.Global);
      try {
        await until('no lenses', async () => (await lenses()).length === 0);
      } finally {
        await settings.update('operator.editor.codeLens', undefined, vscode.ConfigurationTarget.Global);
      }
      await until('lenses', async () => (await lenses()).length > 0);
    });

    it('launch, asking to save first what is unsaved', async () => {
      const { document, editor } = await open(entries());
      await ready();
      const launch = (await lenses()).find(({ title }) => title === 'Launch');
      assert.ok(launch);
      await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '# unsaved\n'));
      const person = new Person();
      const run = (): Thenable<unknown> => vscode.commands.executeCommand(launch.command.command, ...(launch.command.arguments ?? []));
      await withPerson(host, person, run);
      assert.match(person.messages().join(), /unsaved changes/);
      assert.equal(vscode.window.terminals.length, 0);
      person.buttons.push({ message: /unsaved changes/, button: 'Save' });
      await withPerson(host, person, run);
      await until('the terminal', () => vscode.window.terminals.some(({ name }) => name === 'one'));
      assert.equal(document.isDirty, false);
    });

    it('list the models of a server, and copy the one that is chosen', async () => {
      await open(entries());
      await ready();
      const models = await until('the models', async () => (await lenses()).find(({ title }) => /models?$/.test(title)));
      const person = new Person({ pick: 'llama3.2:latest' });
      await withPerson(host, person, () => vscode.commands.executeCommand(models.command.command, ...(models.command.arguments ?? [])));
      assert.deepEqual(person.titles(), ['Models of lab']);
      assert.equal(await vscode.env.clipboard.readText(), 'llama3.2:latest');
    });
  });

  describe('names', () => {
    it('lead from the delegator to its server and back', async () => {
      const { at, document } = await open(entries().replace('model_server = "lab"', 'model_server = "l|ab"'));
      await ready();
      const [definition] = await vscode.commands.executeCommand<vscode.Location[]>('vscode.executeDefinitionProvider', uri, at);
      assert.equal(definition && document.getText(definition.range), 'lab');
      assert.equal(definition?.range.start.line, 1);
      const references = await vscode.commands.executeCommand<vscode.Location[]>('vscode.executeReferenceProvider', uri, at);
      assert.deepEqual(references.map(({ range }) => range.start.line).sort((a, b) => a - b), [1, 9]);
    });

    it('are renamed in both layers, the user’s file being open and unsaved', async () => {
      await writeUser('[[model_servers]]\nname = "mine"\nkind = "ollama"\nbase_url = "http://127.0.0.1:61114"\n');
      const { at, document } = await open(entries().replace('model_server = "lab"', 'model_server = "m|ine"'));
      await ready();
      const user = await vscode.workspace.openTextDocument(userFile);
      const editor = await vscode.window.showTextDocument(user, { viewColumn: vscode.ViewColumn.Beside });
      await editor.edit((edit) => edit.insert(new vscode.Position(4, 0), '\n[[delegators]]\nname = "typed"\nllm_tool = "chat"\nmodel = "m"\nmodel_server = "mine"\n'));
      assert.equal(user.isDirty, true);
      const prepared = await vscode.commands.executeCommand<{ readonly range: vscode.Range; readonly placeholder: string }>('vscode.prepareRename', uri, at);
      assert.equal(prepared.placeholder, 'mine');
      const edit = await vscode.commands.executeCommand<vscode.WorkspaceEdit>('vscode.executeDocumentRenameProvider', uri, at, 'ours');
      assert.deepEqual(edit.entries().map(([target, edits]) => [target.fsPath, edits.length]).sort(), [[file, 1], [userFile, 2]].sort());
      assert.ok(await vscode.workspace.applyEdit(edit));
      assert.match(document.getText(), /model_server = "ours"/);
      assert.match(user.getText(), /name = "ours"[\s\S]*name = "typed"[\s\S]*model_server = "ours"/);
      assert.equal(readFileSync(userFile, 'utf8').includes('typed'), false, 'what is unsaved stays the person’s');
      await until('nothing wrong', () => !diagnostics().some((candidate) => codeOf(candidate) === 'unknown-server'));
      await vscode.window.showTextDocument(user);
      await vscode.commands.executeCommand('workbench.action.files.revert');
    });

    it('are not renamed where that cannot be, and it is said why', async () => {
      const { at } = await open(entries().replace('model_server = "lab"', 'model_server = "anthr|opic-api"'));
      await ready();
      await assert.rejects(async () => vscode.commands.executeCommand('vscode.prepareRename', uri, at), /builtin/);
    });

    it('make the outline', async () => {
      await open(entries());
      await ready();
      const symbols = await vscode.commands.executeCommand<vscode.DocumentSymbol[]>('vscode.executeDocumentSymbolProvider', uri);
      assert.deepEqual(symbols.map(({ name, kind }) => [name, vscode.SymbolKind[kind]]), [['lab', 'Class'], ['one', 'Function']]);
    });
  });

  it('folds entries and opens addresses and folders', async () => {
    await open(`${entries()}[delegators.launch_config]\ncwd = "src"\n`);
    await ready();
    const folding = await vscode.commands.executeCommand<vscode.FoldingRange[]>('vscode.executeFoldingRangeProvider', uri);
    assert.ok(folding.some(({ start: line, end }) => line === 0 && end === 3), JSON.stringify(folding));
    const links = await vscode.commands.executeCommand<vscode.DocumentLink[]>('vscode.executeLinkProvider', uri, 10);
    const targets = links.map(({ target }) => target?.toString() ?? '');
    assert.ok(targets.some((target) => target.startsWith(server.url)), targets.join());
    assert.ok(targets.some((target) => target.startsWith('command:revealInExplorer')), targets.join());
  });

  it('is coloured without an extension for TOML, the names of entries in their own colours', async () => {
    const { document } = await open(`# above\n${entries()}`);
    await ready();
    assert.equal(document.languageId, 'toml');
    const legend = await vscode.commands.executeCommand<vscode.SemanticTokensLegend>('vscode.provideDocumentSemanticTokensLegend', uri);
    const { data } = await vscode.commands.executeCommand<vscode.SemanticTokens>('vscode.provideDocumentSemanticTokens', uri);
    const seen: string[] = [];
    let line = 0;
    let column = 0;
    for (let index = 0; index < data.length; index += 5) {
      const [lines = 0, columns = 0, length = 0, type = 0] = data.slice(index, index + 5);
      column = lines === 0 ? column + columns : columns;
      line += lines;
      seen.push(`${legend.tokenTypes[type]} ${document.getText(new vscode.Range(line, column, line, column + length))}`);
    }
    assert.deepEqual(seen.slice(0, 8), ['comment # above', 'namespace model_servers', 'property name', 'string "', 'class lab', 'string "', 'property kind', 'string "ollama"']);
  });

  it('is nobody’s language but for this name: other TOML files stay what they are', async () => {
    const other = vscode.Uri.file(`${folder()}/Cargo.toml`);
    await vscode.workspace.fs.writeFile(other, new TextEncoder().encode('[package]\n'));
    assert.equal((await vscode.workspace.openTextDocument(other)).languageId, 'plaintext');
    await vscode.workspace.fs.delete(other);
    await activate();
  });
});
