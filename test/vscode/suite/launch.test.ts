/** Launching in real terminals: argv, environment, folder and key as planned, sessions and how they end. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Host, Scope } from '../../../src/vscode/host.ts';
import { ollama } from '../../support/scripted-server-kinds.ts';
import { type ScriptedServer, startServer } from '../../support/scripted-server.ts';
import { closeEverything, folder, Person, readConfig, scratchDir, seenRows, showView, start, until, waitForRow, withPerson, writeConfig } from './support.ts';

/** What the recorder saw of itself. */
interface Recorded {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

const key = 'canary-0123456789-key';

/** A stand-in agent: writes what it was started with, then waits to be told its exit code. */
const recorder = `#!/usr/bin/env node
const { existsSync, readFileSync, renameSync, writeFileSync } = process.getBuiltinModule('node:fs');
const dir = process.env.RECORDER_DIR;
writeFileSync(dir + '/recorded.part', JSON.stringify({ argv: process.argv.slice(2), cwd: process.cwd(), env: process.env }));
renameSync(dir + '/recorded.part', dir + '/recorded.json');
setInterval(() => { if (existsSync(dir + '/exit')) process.exit(Number(readFileSync(dir + '/exit', 'utf8'))); }, 20);
`;

describe('launching', () => {
  let host: Host;
  let scope: Scope;
  let server: ScriptedServer;
  const original = readConfig();
  const dir = scratchDir();
  const recorded = join(dir, 'recorded.json');
  const exit = join(dir, 'exit');

  before(async () => {
    ({ host, scope } = await start());
    await showView(host);
    server = await startServer(ollama({ models: ['llama3.2:latest'] }));
    const script = join(dir, 'recorder');
    writeFileSync(script, recorder);
    chmodSync(script, 0o755);
    await writeConfig(
      scope,
      `[[model_servers]]
name = "local"
kind = "ollama"
base_url = "${server.url}"

[[model_servers]]
name = "keyed"
kind = "openai-compat"
base_url = "${server.url}"
api_key = "secret:recorder-key"

[[llm_tools.custom]]
name = "recorder"
command = ${JSON.stringify(script)}
protocol = "openai-chat"
args = ["--model", "{model}", "a b", "$HOME", "quote'\\""]
env = { RECORDER_URL = "{base_url}/v1", RECORDER_KEY = "{api_key}", RECORDER_DIR = ${JSON.stringify(dir)} }

[[delegators]]
name = "record"
llm_tool = "recorder"
model = "llama3.2:latest"
model_server = "local"
display_name = "Record it"
[delegators.launch_config]
env = { RECORDER_EXTRA = "two words" }
flags = ["--flag"]

[[delegators]]
name = "record-keyed"
llm_tool = "recorder"
model = "llama3.2:latest"
model_server = "keyed"
`,
    );
    await scope.detectAgain();
    await waitForRow(host, 'delegator', 'Record it', ({ tags }) => tags.includes('ready'));
  });

  beforeEach(() => {
    rmSync(recorded, { force: true });
    rmSync(exit, { force: true });
  });
  afterEach(closeEverything);

  after(async () => {
    await scope.operator.deleteSecret('recorder-key');
    await writeConfig(scope, original);
    await server.close();
  });

  async function run(command: string, target: unknown, person = new Person()): Promise<{ readonly seen: Recorded; readonly terminal: vscode.Terminal }> {
    const terminal = await withPerson(host, person, () => vscode.commands.executeCommand<vscode.Terminal | undefined>(command, target));
    person.done();
    assert.ok(terminal, `nothing was launched: ${person.messages().join(' | ')}`);
    const seen = await until('the agent to start', () => (existsSync(recorded) ? (JSON.parse(readFileSync(recorded, 'utf8')) as Recorded) : undefined));
    return { seen, terminal };
  }

  async function endWith(code: number): Promise<void> {
    writeFileSync(exit, String(code));
    await until('the end', () => !scope.operator.snapshot.sessions.some(({ state }) => state.type === 'running'));
  }

  it('gives the agent exactly the arguments, environment and folder of its plan', async () => {
    const { row } = await waitForRow(host, 'delegator', 'Record it');
    const { seen, terminal } = await run('operator.launchDelegator', row);
    assert.deepEqual(seen.argv.slice(0, 5), ['--model', 'llama3.2:latest', 'a b', '$HOME', `quote'"`]);
    assert.ok(seen.argv.includes('--flag'));
    assert.equal(seen.cwd, folder());
    assert.equal(seen.env['RECORDER_URL'], `${server.url}/v1`);
    assert.equal(seen.env['RECORDER_EXTRA'], 'two words');
    assert.equal(seen.env['HOME'], process.env['HOME'], 'what the plan does not change is inherited');
    assert.match(seen.env['NO_PROXY'] ?? '', /127\.0\.0\.1/);
    assert.equal(terminal.name, 'Record it');
    const options = terminal.creationOptions as vscode.TerminalOptions;
    assert.equal(options.shellPath, join(dir, 'recorder'));
    assert.equal((options.iconPath as vscode.ThemeIcon | undefined) instanceof vscode.ThemeIcon, true);
    assert.equal(options.isTransient, false, 'an agent without a key comes back after a reload');
    await endWith(0);
  });

  it('opens where the setting says', async () => {
    const settings = vscode.workspace.getConfiguration();
    await settings.update('operator.terminal.location', 'editor', vscode.ConfigurationTarget.Workspace);
    try {
      await until('the setting', () => host.settings.terminalLocation === 'editor');
      const { terminal } = await run('operator.launchDelegator', (await waitForRow(host, 'delegator', 'Record it')).row);
      assert.equal((terminal.creationOptions as vscode.TerminalOptions).location, vscode.TerminalLocation.Editor);
      await until('the editor', () => vscode.window.tabGroups.all.some(({ tabs }) => tabs.some(({ label, input }) => label === 'Record it' && input instanceof vscode.TabInputTerminal)));
      await endWith(0);
    } finally {
      await settings.update('operator.terminal.location', undefined, vscode.ConfigurationTarget.Workspace);
    }
  });

  it('gives the agent what terminals get from the settings, but lets the plan win', async () => {
    const section = { linux: 'linux', darwin: 'osx', win32: 'windows' }[String(process.platform)] ?? 'linux';
    const settings = vscode.workspace.getConfiguration('terminal.integrated.env');
    await settings.update(section, { RECORDER_FROM_SETTINGS: 'from ${env:HOME}', RECORDER_EXTRA: 'from the settings' }, vscode.ConfigurationTarget.Workspace);
    try {
      const { seen } = await run('operator.launchDelegator', (await waitForRow(host, 'delegator', 'Record it')).row);
      assert.equal(seen.env['RECORDER_FROM_SETTINGS'], `from ${process.env['HOME']}`);
      assert.equal(seen.env['RECORDER_EXTRA'], 'two words');
      await endWith(0);
    } finally {
      await settings.update(section, undefined, vscode.ConfigurationTarget.Workspace);
    }
  });

  it('hands a stored key over in the environment and nowhere else', async () => {
    await scope.operator.setSecret('recorder-key', key);
    const { row } = await waitForRow(host, 'delegator', 'record-keyed', ({ tags }) => tags.includes('ready'));
    const { seen, terminal } = await run('operator.launchDelegator', row);
    assert.equal(seen.env['RECORDER_KEY'], key);
    const options = terminal.creationOptions as vscode.TerminalOptions;
    assert.ok(!JSON.stringify(options.shellArgs).includes(key) && !seen.argv.join(' ').includes(key));
    assert.equal(options.isTransient, true, 'VS Code would keep the environment of a terminal that it restores');
    assert.ok(!JSON.stringify(host.context.workspaceState.get('operator.sessions')).includes(key));
    for (const shown of await seenRows(host)) assert.ok(!`${shown.label}${shown.description}`.includes(key));
    await endWith(0);
  });

  it('refuses without the key, and offers to set it', async () => {
    await scope.operator.deleteSecret('recorder-key');
    const { row } = await waitForRow(host, 'delegator', 'record-keyed', ({ tags }) => tags.includes('blocked'));
    const person = new Person();
    const terminal = await withPerson(host, person, () => vscode.commands.executeCommand('operator.launchDelegator', row));
    assert.equal(terminal, undefined);
    assert.equal(vscode.window.terminals.length, 0);
    assert.match(person.messages().join(), /record-keyed cannot be launched: The key of keyed is not set \(secret:recorder-key\)/);
    assert.deepEqual(person.told[0]?.actions, ['Set API Key']);
  });

  it('shows a session while it runs, brings its terminal to the front, and keeps the exit code', async () => {
    const { row } = await waitForRow(host, 'delegator', 'Record it');
    const { terminal } = await run('operator.launchDelegator', row);
    const session = await waitForRow(host, 'session', 'Record it');
    assert.match(session.description, /^running since \d\d:\d\d$/);
    assert.equal(session.contextValue, 'running;session;');
    await waitForRow(host, 'delegator', 'Record it', ({ description }) => description.startsWith('running · '));
    const other = vscode.window.createTerminal('other');
    other.show();
    await until('the other terminal in front', () => vscode.window.activeTerminal === other);
    await vscode.commands.executeCommand(session.item.command?.command ?? '', ...(session.item.command?.arguments ?? []));
    await until('its terminal in front', () => vscode.window.activeTerminal === terminal);
    await endWith(3);
    const ended = await waitForRow(host, 'session', 'Record it', ({ tags }) => tags.includes('exited'));
    assert.match(ended.description, /^ended with exit code 3 at /);
    await vscode.commands.executeCommand('operator.forgetSession', ended.row);
    await until('the row to go', async () => !(await seenRows(host)).some((shown) => shown.row.id === ended.row.id));
  });

  it('asks whether to show the running one or start another', async () => {
    const { row } = await waitForRow(host, 'delegator', 'Record it');
    const { terminal } = await run('operator.launchDelegator', row);
    const shown = await run('operator.launchDelegator', row, new Person({ pick: 'Show Running Terminal' }));
    assert.equal(shown.terminal, terminal);
    assert.equal(vscode.window.terminals.length, 1);
    const another = await run('operator.launchDelegator', row, new Person({ pick: 'Start Another' }));
    assert.notEqual(another.terminal, terminal);
    await waitForRow(host, 'delegator', 'Record it', ({ description }) => description.startsWith('2 running'));
    const person = new Person('escape');
    await withPerson(host, person, () => vscode.commands.executeCommand('operator.launchDelegator', row));
    assert.equal(vscode.window.terminals.length, 2, 'whoever leaves the question starts nothing');
    await endWith(0);
  });

  it('stops a session by closing its terminal', async () => {
    const { row } = await waitForRow(host, 'delegator', 'Record it');
    await run('operator.launchDelegator', row);
    await vscode.commands.executeCommand('operator.stopSession', (await waitForRow(host, 'session', 'Record it')).row);
    await until('the terminal to close', () => vscode.window.terminals.length === 0);
    await waitForRow(host, 'session', 'Record it', ({ tags }) => tags.includes('exited'));
  });

  it('launches with a prompt, extra flags and another folder', async () => {
    const { row } = await waitForRow(host, 'delegator', 'Record it');
    const person = new Person({ input: 'Fix the tests' }, { input: `--bad "quote` }, { input: `--verbose "two words"` }, { pick: 'Browse…' });
    person.folder = dir;
    const { seen } = await run('operator.launchWithOptions', row, person);
    assert.match(person.refusals.join(), /the quote " is not closed/);
    assert.ok(seen.argv.includes('--verbose') && seen.argv.includes('two words'), seen.argv.join(' | '));
    assert.equal(seen.cwd, dir);
    await endWith(0);
  });

  it('launches ad hoc: a tool, then a model of the live lists', async () => {
    const person = new Person({ pick: 'recorder' }, { pick: 'llama3.2:latest' }, { pick: 'local' });
    const { seen } = await run('operator.launchAdHoc', undefined, person);
    assert.deepEqual(person.titles(), ['Launch Ad Hoc (1/2)', 'Launch Ad Hoc (2/2)', 'Launch Ad Hoc (3/3)']);
    assert.deepEqual(seen.argv.slice(0, 2), ['--model', 'llama3.2:latest']);
    assert.equal(seen.env['RECORDER_URL'], `${server.url}/v1`);
    await endWith(0);
  });

  it('chats with a model in Operator’s own terminal chat', async () => {
    await vscode.commands.executeCommand('operator.probeModelServers');
    const { row } = await waitForRow(host, 'model', 'llama3.2:latest');
    const terminal = await withPerson(host, new Person(), () => vscode.commands.executeCommand<vscode.Terminal>('operator.chatWithModel', row));
    const options = terminal.creationOptions as vscode.TerminalOptions;
    assert.equal(options.shellPath, process.execPath);
    assert.match(JSON.stringify(options.shellArgs), /cli\.js/);
    const before = server.to('/api/chat').length;
    // A chat that is still starting may miss what is typed, as it may miss a person's.
    const typing = setInterval(() => terminal.sendText('hello'), 500);
    try {
      await until('the question to arrive', () => server.to('/api/chat').length > before);
    } finally {
      clearInterval(typing);
    }
    assert.match(server.to('/api/chat').at(-1)?.body ?? '', /"content":"hello/);
  });

  it('opens a delegator as a terminal profile and knows its session', async () => {
    const person = new Person({ pick: 'Record it' });
    await withPerson(host, person, async () => {
      await vscode.commands.executeCommand('workbench.action.terminal.newWithProfile', { config: { extensionIdentifier: 'operator-dev.operator', id: 'operator.delegator', title: 'Operator delegator', icon: 'rocket' } });
      await until('the agent to start', () => existsSync(recorded));
    });
    const session = await waitForRow(host, 'session', 'Record it', ({ tags }) => tags.includes('running'));
    assert.match(session.description, /^running since/);
    await endWith(0);
  });

  it('finds its sessions again when Operator starts anew beside living terminals', async () => {
    const { row } = await waitForRow(host, 'delegator', 'Record it');
    await run('operator.launchDelegator', row);
    scope = await host.restart();
    const session = await waitForRow(host, 'session', 'Record it', ({ tags }) => tags.includes('running'));
    assert.match(session.description, /^running since/);
    await endWith(5);
    await waitForRow(host, 'session', 'Record it', ({ description }) => /exit code 5/.test(description));
  });

  it('shows the plan without starting anything or telling a key', async () => {
    await scope.operator.setSecret('recorder-key', key);
    await scope.detected();
    const { row } = await waitForRow(host, 'delegator', 'record-keyed', ({ tags }) => tags.includes('ready'));
    await vscode.commands.executeCommand('operator.showLaunchPlan', row);
    const editor = await until('the plan', () => vscode.window.activeTextEditor);
    const text = editor.document.getText();
    assert.match(text, /^# record-keyed\n/);
    assert.match(text, /RECORDER_KEY=.*secret:recorder-key/);
    assert.ok(!text.includes(key));
    assert.equal(vscode.window.terminals.length, 0);
    assert.equal(existsSync(recorded), false);
  });
});
