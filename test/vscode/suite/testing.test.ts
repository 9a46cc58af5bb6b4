/** Testing models from the tree and the palette: what is asked before, what the row says after, what a closed tab ends. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { TestReport } from '../../../src/core/proving/model.ts';
import type { Host, Scope } from '../../../src/vscode/host.ts';
import { type ProvingServer, startProvingServer } from '../../support/proving-server.ts';
import { closeEverything, Person, readConfig, showView, start, tooltipOf, until, waitForRow, withPerson, writeConfig } from './support.ts';

describe('testing models', () => {
  let host: Host;
  let scope: Scope;
  const servers: ProvingServer[] = [];
  const original = readConfig();

  before(async () => {
    ({ host, scope } = await start());
    await showView(host);
    const [good, bad, far, slow] = await Promise.all([startProvingServer('openai-chat'), startProvingServer('ollama', { model: 'never calls the tool' }), startProvingServer('openai-chat'), startProvingServer('openai-chat', { server: 'hangs' })]);
    servers.push(good, bad, far, slow);
    const entry = (name: string, { kind, url }: ProvingServer, more = ''): string => `[[model_servers]]\nname = "${name}"\nkind = "${kind}"\nbase_url = "${url}"\n${more}\n`;
    await writeConfig(scope, `${entry('good', good)}${entry('bad', bad)}${entry('far', far, 'placement = "third-party"')}${entry('slow', slow)}[[delegators]]\nname = "coder"\nllm_tool = "codex"\nmodel = "lab-model"\nmodel_server = "good"\n\n[[delegators]]\nname = "poet"\nllm_tool = "codex"\nmodel = "lab-model"\nmodel_server = "bad"\n`);
    await scope.operator.probe();
  });
  after(async () => {
    await scope.operator.stopGateway();
    await writeConfig(scope, original);
    for (const server of servers) await server[Symbol.asyncDispose]();
  });
  afterEach(closeEverything);

  async function test(person: Person, target?: unknown): Promise<readonly TestReport[] | undefined> {
    const reports = await withPerson(host, person, () => vscode.commands.executeCommand<readonly TestReport[] | undefined>('operator.testModel', target));
    person.done();
    return reports;
  }
  const modelRow = async (server: string) => {
    const { row } = await waitForRow(host, 'model_server', server);
    return until(`the model of ${server}`, async () => (await host.view.provider.getChildren(row)).find((child) => child.id.includes('/model/')));
  };
  const describeRow = async (server: string): Promise<string> => String(host.view.provider.getTreeItem(await modelRow(server)).description);
  const tabs = (): readonly string[] => vscode.window.tabGroups.all.flatMap(({ tabs: all }) => all.map(({ label }) => label));

  it('runs from a row, shows a table in a tab, and marks the row', async () => {
    const reports = await test(new Person(), await modelRow('good'));
    assert.deepEqual(reports?.map(({ modelServer, outcome }) => [modelServer, outcome]), [['good', 'passed']]);
    assert.deepEqual(tabs(), ['Test: lab-model']);
    await until('the mark', async () => (await describeRow('good')).includes('tested just now: all passed'));
    const { row } = await waitForRow(host, 'model_server', 'good');
    const [model] = (await host.view.provider.getChildren(row)).filter((child) => child.id.includes('/model/'));
    assert.ok(model);
    const item = host.view.provider.getTreeItem(model);
    assert.match(item.accessibilityInformation?.label ?? '', /all passed/);
    assert.match(await tooltipOf(host, { row: model, item } as never), /first token after/);
  });

  it('says on the row which level a model fails, and why in its tooltip', async () => {
    const reports = await test(new Person(), await modelRow('bad'));
    assert.equal(reports?.[0]?.outcome, 'failed');
    await until('the mark', async () => (await describeRow('bad')).includes('fails: calls a tool'));
    const model = await modelRow('bad');
    const item = host.view.provider.getTreeItem(model);
    assert.match(item.contextValue ?? '', /test-failed;/);
    assert.match(await tooltipOf(host, { row: model, item } as never), /does not call the tool/);
  });

  it('asks which models are meant when nothing is selected, and tests several side by side', async () => {
    const person = new Person({ tick: ['coder', 'poet'] });
    const reports = await test(person);
    assert.equal(person.asked[0]?.frame.title, 'Test Model');
    assert.ok(person.asked[0].choices.some(({ description }) => description?.includes('fails: calls a tool')), 'what is known already stands beside a model');
    assert.deepEqual(reports?.map(({ modelServer, outcome }) => [modelServer, outcome]), [
      ['good', 'passed'],
      ['bad', 'failed'],
    ]);
    assert.deepEqual(tabs(), ['Test: 2 models']);
  });

  it("sends nothing to a third party before somebody has agreed", async () => {
    const far = servers[2];
    assert.ok(far);
    const asked = far.asked.length;
    const person = new Person();
    person.confirms = false;
    assert.equal(await test(person, await modelRow('far')), undefined);
    assert.match(person.confirmed.join(), /Test lab-model on far\?\nTesting lab-model sends at most \d+ requests to far \(third-party\).*which may be charged\./);
    assert.equal(far.asked.length, asked);
    const agreed = new Person();
    assert.equal((await test(agreed, await modelRow('far')))?.[0]?.outcome, 'passed');
    assert.equal(agreed.confirmed.length, 1);
  });

  it('tries a model out before a delegator is created on it', async () => {
    const create = (person: Person, server: string) => withPerson(host, person, async () => vscode.commands.executeCommand('operator.createDelegator', await modelRow(server)));
    const good = new Person({ pick: 'codex' }, 'button', 'escape');
    await create(good, 'good');
    good.done();
    assert.match(good.found.join(), /^ok: lab-model answers, streams and calls tools, first token after/);
    assert.ok(good.steps.some(({ message }) => message === 'Testing lab-model: streams…'), JSON.stringify(good.steps));
    const bad = new Person({ pick: 'codex' }, 'button', { input: 'all-the-same' });
    await create(bad, 'bad');
    assert.match(bad.found.join(), /^warning: lab-model:latest fails: calls a tool: The model does not call the tool/);
    assert.match(readConfig(), /name = "all-the-same"/);
  });

  it('ends when its tab is closed', async () => {
    const running = test(new Person(), await modelRow('slow'));
    await servers[3]?.hanging;
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    assert.equal((await running)?.[0]?.outcome, 'cancelled');
  });

  it('says of a name that is gone, and of a server that only the tool itself may use', async () => {
    const gone = new Person();
    await test(gone, 'nobody');
    assert.match(gone.messages().join(), /no delegator nobody/);
    const login = new Person();
    await test(login, { modelServer: 'anthropic-api', model: 'claude-opus-4-5' });
    assert.match(login.messages().join(), /own login.*ANTHROPIC_API_KEY/);
  });
});
