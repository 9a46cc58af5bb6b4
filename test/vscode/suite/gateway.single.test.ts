/** Launches through the gateway: their sessions in the tree, commands, crashes, and agents that go on whatever happens around them. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { GatewayStatus } from '../../../src/core/gateway/model.ts';
import type { Host, Scope } from '../../../src/vscode/host.ts';
import { type ScriptedModel, startScriptedModel } from '../../support/scripted-model.ts';
import { childrenOf, closeEverything, Person, readConfig, scratchDir, seenRows, type SeenRow, showView, start, tooltipOf, until, waitForRow, withPerson, writeConfig } from './support.ts';

const key = 'canary-0123456789-gateway-key';

/** A stand-in agent that speaks to Anthropic's API: asks once for every file `ask-PID`, and writes what came back. */
const agent = `#!/usr/bin/env node
const { existsSync, renameSync, rmSync, writeFileSync } = process.getBuiltinModule('node:fs');
const { AGENT_DIR: dir, AGENT_URL: url, AGENT_KEY: key } = process.env;
const write = (name, value) => { writeFileSync(dir + '/' + name + '.part', JSON.stringify(value)); renameSync(dir + '/' + name + '.part', dir + '/' + name); };
write('started', { pid: process.pid, url, key, env: process.env, argv: process.argv });
const body = JSON.stringify({ model: 'some-model', max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }] });
async function ask() {
  const response = await fetch(url + '/v1/messages', { method: 'POST', headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', authorization: 'Bearer ' + key }, body });
  return { status: response.status, text: await response.text() };
}
let busy = false;
setInterval(async () => {
  if (busy || !existsSync(dir + '/ask-' + process.pid)) return;
  busy = true;
  rmSync(dir + '/ask-' + process.pid);
  write('answer', await ask().catch((error) => ({ status: 0, text: String(error.cause ?? error) })));
  busy = false;
}, 20);
`;

interface Started {
  readonly pid: number;
  readonly url: string;
  readonly key: string;
  readonly env: Readonly<Record<string, string>>;
  readonly argv: readonly string[];
}

describe('the gateway', () => {
  let host: Host;
  let scope: Scope;
  let model: ScriptedModel;
  /** Of the agent that was launched last; one whose terminal closed may still be ending. */
  let agentPid = 0;
  const original = readConfig();
  const dir = scratchDir();
  const file = (name: string): string => join(dir, name);

  before(async () => {
    ({ host, scope } = await start());
    await showView(host);
    model = await startScriptedModel({ answer: 'Hello from the model' });
    writeFileSync(file('agent'), agent);
    chmodSync(file('agent'), 0o755);
    await writeConfig(
      scope,
      `[[model_servers]]
name = "chat-only"
kind = "openai-compat"
base_url = "${model.url}"
api_key = "secret:gateway-suite"

[[llm_tools.custom]]
name = "agent"
command = ${JSON.stringify(file('agent'))}
protocol = "anthropic-messages"
env = { AGENT_URL = "{base_url}", AGENT_KEY = "{api_key}", AGENT_DIR = ${JSON.stringify(dir)} }

[[delegators]]
name = "bridged"
llm_tool = "agent"
model = "scripted-model"
model_server = "chat-only"
display_name = "Bridged agent"
`,
    );
    await scope.operator.setSecret('gateway-suite', key);
    await scope.detectAgain();
    await waitForRow(host, 'delegator', 'Bridged agent', ({ tags }) => tags.includes('ready'));
  });

  beforeEach(() => {
    for (const name of ['answer', 'started']) rmSync(file(name), { force: true });
  });
  afterEach(closeEverything);

  after(async () => {
    const pid = status()?.pid;
    await scope.operator.stopGateway();
    await scope.operator.deleteSecret('gateway-suite');
    await writeConfig(scope, original);
    await model.close();
    if (pid !== undefined) await until('the gateway process to end', () => !isAlive(pid));
  });

  function status(): GatewayStatus | undefined {
    const { state } = scope.operator.snapshot.gateway;
    return state.type === 'running' ? state.status : undefined;
  }

  async function running(): Promise<GatewayStatus> {
    return until('the gateway to run', status);
  }

  async function launch(): Promise<{ readonly terminal: vscode.Terminal; readonly started: Started }> {
    const { row } = await waitForRow(host, 'delegator', 'Bridged agent');
    const person = new Person();
    const terminal = await withPerson(host, person, () => vscode.commands.executeCommand<vscode.Terminal | undefined>('operator.launchDelegator', row));
    assert.ok(terminal, `nothing was launched: ${person.messages().join(' | ')}`);
    const started = await until('the agent to start', () => (existsSync(file('started')) ? (JSON.parse(readFileSync(file('started'), 'utf8')) as Started) : undefined));
    agentPid = started.pid;
    return { terminal, started };
  }

  /** What the agent gets when it asks its model. */
  async function ask(): Promise<{ readonly status: number; readonly text: string }> {
    rmSync(file('answer'), { force: true });
    writeFileSync(file('ask.part'), '');
    renameSync(file('ask.part'), file(`ask-${agentPid}`));
    return until('the answer', () => (existsSync(file('answer')) ? (JSON.parse(readFileSync(file('answer'), 'utf8')) as { status: number; text: string }) : undefined));
  }

  async function assertAnswers(): Promise<void> {
    const before = model.requests.length;
    const { status: code, text } = await ask();
    assert.deepEqual([code, /Hello from the model/.test(text)], [200, true], text);
    const sent = model.requests.slice(before).filter(({ method }) => method === 'POST');
    assert.deepEqual(sent.map(({ path, headers }) => [path, headers['authorization']]), [['/v1/chat/completions', `Bearer ${key}`]]);
  }

  function section(matches: (row: SeenRow) => boolean = () => true): Promise<SeenRow> {
    return waitForRow(host, 'gateway', 'Gateway', matches);
  }

  const sessionRow = (matches?: (row: SeenRow) => boolean): Promise<SeenRow> => waitForRow(host, 'gateway-session', 'Bridged agent', matches);

  it('is not started by a window that only looks', async () => {
    assert.equal((await section()).description, 'not running');
    assert.deepEqual(await scope.operator.findGateway(), { type: 'stopped' });
    assert.equal(existsSync(scope.operator.gatewayLog), false);
  });

  it('says so where something of it is asked for while it does not run', async () => {
    const person = new Person();
    await withPerson(host, person, async () => {
      await vscode.commands.executeCommand('operator.showGatewayLog');
      await vscode.commands.executeCommand('operator.copyGatewayAddress');
      await vscode.commands.executeCommand('operator.stopGateway');
    });
    assert.deepEqual(person.messages(), ['The gateway has not written a log yet', 'The gateway is not running', 'The gateway is not running']);
    assert.deepEqual(person.confirmed, []);
  });

  it('says beforehand that a delegator goes through it, and why', async () => {
    const row = await waitForRow(host, 'delegator', 'Bridged agent', ({ tags }) => tags.includes('gateway'));
    assert.match((await childrenOf(host, row.row)).join('\n'), /^through the gateway: anthropic-messages → openai-chat · route$/m);
    assert.match(await tooltipOf(host, row), /translates between anthropic\\-messages and openai\\-chat/);
    await vscode.commands.executeCommand('operator.showLaunchPlan', row.row);
    const editor = await until('the plan', () => vscode.window.activeTextEditor);
    assert.match(editor.document.getText(), /- Goes through Operator’s gateway, which translates between anthropic-messages and openai-chat: chat-only does not speak anthropic-messages/);
    assert.equal((await section()).description, 'not running', 'a plan starts nothing');
  });

  it('starts with a launch that needs it, and the agent gets a token instead of the key', async () => {
    const { terminal, started } = await launch();
    const { address } = await running();
    assert.equal(started.url, address);
    assert.ok(!JSON.stringify(started).includes(key), 'the agent has the key');
    assert.equal((terminal.creationOptions as vscode.TerminalOptions).isTransient, false, 'it survives a reload');
    const kept = JSON.stringify(host.context.workspaceState.get('operator.sessions'));
    assert.ok(!kept.includes(key) && !kept.includes(started.key), 'what is remembered holds a key or token');
    await assertAnswers();
    for (const { label, description } of await seenRows(host)) assert.ok(!`${label}${description}`.includes(key) && !`${label}${description}`.includes(started.key));
  });

  it('shows the session with what it used, and leads to its terminal', async () => {
    const { terminal } = await launch();
    // The session of the test before may still be on its way out.
    await until('the session alone', async () => / · 1 session$/.test((await section()).description));
    const fresh = await sessionRow(({ description }) => /no requests yet/.test(description));
    assert.match(fresh.description, /^agent · scripted-model on chat-only · no requests yet · since \d\d:\d\d$/);
    await assertAnswers();
    const used = await sessionRow(({ description }) => /1 request · .* tokens/.test(description));
    assert.match(used.description, /^agent · scripted-model on chat-only · 1 request · [\d.k]+ tokens · since \d\d:\d\d$/);
    assert.equal(used.contextValue, 'gateway-session;running;session;');
    assert.match((await section()).description, /^running · 127\.0\.0\.1:\d+ · 1 session$/);
    const other = vscode.window.createTerminal('other');
    other.show();
    await until('the other terminal in front', () => vscode.window.activeTerminal === other);
    await vscode.commands.executeCommand(used.item.command?.command ?? '', ...(used.item.command?.arguments ?? []));
    await until('its terminal in front', () => vscode.window.activeTerminal === terminal);
  });

  it('knows the agent’s process, so that the session ends with it in any case', async () => {
    const { started } = await launch();
    const stored = join(scope.operator.gatewayLog, '..', 'gateway-sessions.json');
    await until('the process id', () => existsSync(stored) && readFileSync(stored, 'utf8').includes(`"pid":${started.pid}`));
    assert.ok(!readFileSync(stored, 'utf8').includes(started.key) && !readFileSync(stored, 'utf8').includes(key));
  });

  it('ends the session when its terminal closes', async () => {
    const { terminal, started } = await launch();
    await sessionRow();
    terminal.dispose();
    await section(({ description }) => description.endsWith('no sessions'));
    const response = await fetch(`${started.url}/v1/models`, { headers: { authorization: `Bearer ${started.key}` } });
    assert.equal(response.status, 401);
    await response.body?.cancel();
  });

  it('copies its address', async () => {
    const { address } = await running();
    await vscode.commands.executeCommand('operator.copyGatewayAddress', (await waitForRow(host, 'gateway-address', address)).row);
    assert.equal(await vscode.env.clipboard.readText(), address);
  });

  it('opens its log in an editor', async () => {
    await vscode.commands.executeCommand('operator.showGatewayLog', (await section()).row);
    const editor = await until('the log', () => vscode.window.activeTextEditor);
    assert.equal(editor.document.uri.fsPath, scope.operator.gatewayLog);
    assert.ok(editor.document.getText().includes('\n'), 'the log is empty');
    assert.ok(!editor.document.getText().includes(key));
  });

  it('restarts on the same port, and agents go on', async () => {
    await launch();
    await assertAnswers();
    const before = await running();
    await vscode.commands.executeCommand('operator.restartGateway', (await section()).row);
    const after = await running();
    assert.equal(after.address, before.address);
    assert.notEqual(after.pid, before.pid);
    await assertAnswers();
    await sessionRow(({ description }) => !description.startsWith('waiting'));
  });

  it('comes back after a crash: same port, same token, the key handed over again', async () => {
    const { started } = await launch();
    const before = await running();
    process.kill(before.pid, 'SIGKILL');
    const after = await until('another gateway', () => (status()?.pid === before.pid ? undefined : status()));
    assert.equal(after.address, before.address);
    await assertAnswers();
    const row = await sessionRow(({ description }) => description.includes('1 request'));
    assert.ok(!row.description.startsWith('waiting'), row.description);
    assert.equal((JSON.parse(readFileSync(file('started'), 'utf8')) as Started).pid, started.pid, 'the agent itself never ended');
  });

  it('outlives an Operator that starts anew, and so do the agent and its session', async () => {
    await launch();
    const before = await running();
    const next = await host.restart();
    assert.ok(isAlive(before.pid), 'the gateway ended with its starter');
    scope = next;
    assert.equal((await running()).pid, before.pid);
    await assertAnswers();
    await sessionRow(({ contextValue, description }) => contextValue.includes('running') && description.includes('1 request'));
    // The new one takes over: it, too, brings the gateway back.
    process.kill(before.pid, 'SIGKILL');
    await until('another gateway', () => (status()?.pid === before.pid ? undefined : status()));
    await assertAnswers();
  });

  it('is started again for an agent whose gateway ended while nobody looked', async () => {
    await launch();
    const before = await running();
    scope.dispose();
    process.kill(before.pid, 'SIGKILL');
    await until('its end', () => !isAlive(before.pid));
    scope = await host.restart();
    assert.equal((await running()).address, before.address);
    await assertAnswers();
  });

  it('opens the row of a delegator again whose session is found again', async () => {
    await launch();
    await waitForRow(host, 'delegator', 'Bridged agent', ({ description }) => description.startsWith('running'));
    const opened: string[] = [];
    const { open } = host.view;
    Object.assign(host.view, { open: (id: string) => (opened.push(id), open(id)) });
    try {
      scope = await host.restart();
      const { row } = await waitForRow(host, 'delegator', 'Bridged agent', ({ description }) => description.startsWith('running'));
      await until('the row to open', () => opened.includes(row.id));
    } finally {
      Object.assign(host.view, { open });
    }
  });

  it('tells an error of the model server in the session’s row', async () => {
    await launch();
    await sessionRow();
    const url = model.url;
    await model.close();
    const { status: code } = await ask();
    assert.ok(code >= 400, String(code));
    const row = await sessionRow(({ description }) => description.includes('1 failed'));
    assert.match((await childrenOf(host, row.row)).join('\n'), /· last error, \d\d:\d\d$/m);
    assert.match(row.item.accessibilityInformation?.label ?? '', /last error: /);
    model = await startScriptedModel({ answer: 'Hello from the model' });
    await writeConfig(scope, readConfig().replace(url, model.url));
  });

  it('asks before it stops while agents use it', async () => {
    await launch();
    const { pid } = await running();
    await sessionRow();
    const careful = new Person();
    careful.confirms = false;
    await withPerson(host, careful, async () => vscode.commands.executeCommand('operator.stopGateway', (await section()).row));
    assert.deepEqual(careful.confirmed, ['Stop the gateway?\nBridged agent uses it and cannot reach its model then.\nRestart the gateway instead to keep the agents going.']);
    await assertAnswers();
    await withPerson(host, new Person(), async () => vscode.commands.executeCommand('operator.stopGateway', (await section()).row));
    await section(({ description }) => description === 'not running');
    await until('its end', () => !isAlive(pid));
    assert.equal((await ask()).status, 0, 'the agent is refused');
  });

  it('starts without a launch, and stops without a question while nobody uses it', async () => {
    const person = new Person();
    await withPerson(host, person, async () => {
      await vscode.commands.executeCommand('operator.startGateway', (await section()).row);
      await section(({ description }) => /^running · .* · no sessions$/.test(description));
      await vscode.commands.executeCommand('operator.stopGateway');
    });
    await section(({ description }) => description === 'not running');
    assert.deepEqual(person.confirmed, []);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
