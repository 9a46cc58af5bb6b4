/** The tree as a user reads it: from the file at once, live after a probe, redrawn only where something changed. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Host, Scope } from '../../../src/vscode/host.ts';
import type { Row } from '../../../src/vscode/tree/item.ts';
import { anthropic, ollama } from '../../support/scripted-server-kinds.ts';
import { html, type ScriptedServer, startServer } from '../../support/scripted-server.ts';
import { childrenOf, readConfig, render, seenRows, showView, start, tooltipOf, until, waitForRow, writeConfig } from './support.ts';

describe('rows', () => {
  let host: Host;
  let scope: Scope;
  const original = readConfig();

  before(async () => {
    ({ host, scope } = await start());
  });
  after(() => writeConfig(scope, original));

  it('come from the file at once, in four sections', async () => {
    const rows = await seenRows(host);
    const sections = rows.filter(({ depth }) => depth === 0);
    assert.deepEqual(sections.map(({ label }) => label), ['LLM Tools', 'Model Servers', 'Delegators', 'Gateway']);
    assert.deepEqual(sections.map(({ contextValue }) => contextValue), ['llm_tools;section;', 'model_servers;section;', 'delegators;section;', 'gateway;section;stopped;']);
    const labels = rows.map(({ label }) => label);
    for (const name of ['Ollama (local)', 'codex-local-qwen', 'Try the local model', 'dangling', 'Anthropic API', 'chat']) assert.ok(labels.includes(name), `${name} is missing in\n${render(rows)}`);
  });

  it('have stable ids, words beside the icon, and a text for screen readers', async () => {
    const rows = await seenRows(host);
    const ids = rows.map(({ item }) => item.id ?? '');
    assert.equal(new Set(ids).size, ids.length, 'an id stands for two rows');
    for (const { item, label, contextValue, tags } of rows) {
      assert.ok(item.iconPath instanceof vscode.ThemeIcon, `${label} has no codicon`);
      assert.ok(item.accessibilityInformation?.label.includes(label) || tags.includes('section') || tags.includes('detail') || tags.includes('llm_tool'), `${label} says ${item.accessibilityInformation?.label}`);
      assert.match(contextValue, /^(?:[\w -]+;)+$/, label);
      assert.equal(item.tooltip, undefined, 'tooltips are filled in when asked for');
    }
    const again = await seenRows(host);
    assert.deepEqual(again.map(({ row }) => row), rows.map(({ row }) => row), 'the same rows are the same elements');
  });

  it('know their parents, so that any can be revealed', async () => {
    const { provider } = host.view;
    for (const { row, depth } of await seenRows(host)) {
      let steps = 0;
      for (let parent = provider.getParent(row); parent; parent = provider.getParent(parent)) steps++;
      assert.equal(steps, depth, row.id);
    }
  });

  it('show tools with their versions once the view is open', async () => {
    await showView(host);
    const claude = await waitForRow(host, 'llm_tool', 'claude', ({ tags }) => tags.includes('found'));
    assert.match(claude.description, /^2\.1\.329/);
    const missing = await waitForRow(host, 'llm_tool', 'gemini', ({ tags }) => tags.includes('missing'));
    assert.match(missing.description, /not installed/);
    assert.match(await tooltipOf(host, missing), /npm install -g @google\/gemini-cli/);
  });

  it('tell why a delegator cannot run, and open the file there', async () => {
    const dangling = await waitForRow(host, 'delegator', 'dangling', ({ tags }) => tags.includes('blocked'));
    assert.match(dangling.description, /^not ready/);
    assert.match((await childrenOf(host, dangling.row)).join('\n'), /nowhere/);
    assert.match(await tooltipOf(host, dangling), /Not ready/);
    const row = (await seenRows(host)).find(({ item, label }) => item.command?.command === 'vscode.open' && label.includes('nowhere'));
    assert.ok(row?.item.command, 'no row opens the file');
    await vscode.commands.executeCommand(row.item.command.command, ...(row.item.command.arguments ?? []));
    const editor = await until('the editor', () => vscode.window.activeTextEditor);
    assert.match(editor.document.lineAt(editor.selection.active.line).text, /dangling|nowhere/);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  describe('after a probe of real servers', () => {
    const servers: ScriptedServer[] = [];

    before(async () => {
      const models = [{ name: 'qwen2.5-coder:7b', parameters: '7.6B', size: 4_683_087_332, contextLength: 32_768, loaded: true, loadedContext: 8_192 }, { name: 'llama3.2:3b', parameters: '3.2B' }];
      servers.push(await startServer(ollama({ models })), await startServer(anthropic({ key: 'right' })), await startServer({ '*': html({ title: 'Sign in' }) }));
      await writeConfig(
        scope,
        `[[model_servers]]
name = "live"
kind = "ollama"
base_url = "${servers[0]?.url}/v1/"

[[model_servers]]
name = "locked"
kind = "anthropic-api"
base_url = "${servers[1]?.url}"

[[model_servers]]
name = "website"
kind = "openai-compat"
base_url = "${servers[2]?.url}"

[[delegators]]
name = "chat-live"
llm_tool = "chat"
model = "qwen2.5-coder:7b"
model_server = "live"
`,
      );
      await vscode.commands.executeCommand('operator.probeModelServers');
    });
    after(async () => {
      await Promise.all(servers.map((server) => server.close()));
    });

    it('show the state in words, icon and tags', async () => {
      const live = await waitForRow(host, 'model_server', 'live', ({ tags }) => tags.includes('healthy'));
      assert.match(live.description, /^healthy · 2 models · local · workspace$/);
      assert.equal(live.contextValue, 'declared;healthy;local;model_server;pullable;workspace;');
      assert.equal((live.item.iconPath as vscode.ThemeIcon).id, 'pass');
      const locked = await waitForRow(host, 'model_server', 'locked', ({ tags }) => tags.includes('unauthorized'));
      assert.match(locked.item.accessibilityInformation?.label ?? '', /unauthorized/);
      const website = await waitForRow(host, 'model_server', 'website', ({ tags }) => tags.includes('unhealthy'));
      assert.match((await childrenOf(host, website.row)).join('\n'), /web page/i);
    });

    it('offer to set the key where one is missing', async () => {
      const { row } = await waitForRow(host, 'model_server', 'locked', ({ tags }) => tags.includes('unauthorized'));
      const commands = (await host.view.provider.getChildren(row)).map((child) => host.view.provider.getTreeItem(child).command?.command);
      assert.ok(commands.includes('operator.setApiKey'), commands.join(', '));
    });

    it('list models with size, context and what is loaded', async () => {
      const model = await waitForRow(host, 'model', 'qwen2.5-coder:7b');
      assert.match(model.description, /7\.6B .*4\.7 GB · 32k context · loaded with 8k/);
      assert.equal(model.contextValue, 'copyable;describable;loaded;model;removable;unloadable;');
      const { row } = await waitForRow(host, 'model_server', 'live');
      assert.match((await childrenOf(host, row)).join('\n'), /^llama3\.2:3b .*\nqwen2\.5-coder:7b /);
    });

    it('resolve a delegator to tool, model, server and route', async () => {
      const { row } = await waitForRow(host, 'delegator', 'chat-live', ({ tags }) => tags.includes('ready'));
      assert.match((await childrenOf(host, row)).join('\n'), /^chat · .*\nqwen2\.5-coder:7b · model\nlive · healthy · local\ndirect, ollama · route$/);
    });

    it('count what needs attention on the badge and name it in its tooltip', async () => {
      const badge = await until('the badge', () => host.view.badge);
      assert.equal(badge.value, 2);
      assert.match(badge.tooltip, /^2 things need attention\nlocked: .*\nwebsite: /);
    });

    it('never show a key, whatever a server is configured with', async () => {
      for (const row of await seenRows(host)) assert.doesNotMatch(`${row.label} ${row.description} ${await tooltipOf(host, row)}`, /right|secret-/);
    });

    it('redraw only the server that changed', async () => {
      const { provider } = host.view;
      const fired: (readonly Row[] | undefined)[] = [];
      const listener = provider.onDidChangeTreeData((rows) => fired.push(rows));
      try {
        servers[2]?.play(ollama());
        await vscode.commands.executeCommand('operator.probeModelServer', (await waitForRow(host, 'model_server', 'website')).row);
        await waitForRow(host, 'model_server', 'website', ({ tags }) => tags.includes('healthy'));
      } finally {
        listener.dispose();
      }
      assert.ok(fired.length > 0);
      assert.ok(fired.every((rows) => rows !== undefined), 'everything was redrawn');
      const ids = new Set(fired.flatMap((rows) => (rows ?? []).map(({ id }) => id)));
      assert.ok(![...ids].some((id) => id.startsWith('section/llm_tools') || id.startsWith('section/delegators') || id.startsWith('delegator/')), [...ids].join(', '));
    });

    it('follow a change of the file by another program', async () => {
      const text = readConfig();
      await writeConfig(scope, text.replace('name = "website"', 'name = "renamed"'));
      await waitForRow(host, 'model_server', 'renamed');
      assert.ok(!(await seenRows(host)).some(({ label }) => label === 'website'));
    });
  });
});
