/** Models that are pulled, loaded, unloaded, copied, described and deleted, as a person does it in the view. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Host, Scope } from '../../../src/vscode/host.ts';
import { type LivingLmStudio, livingLmStudio, type LivingOllama, livingOllama } from '../../support/living-servers.ts';
import { type ScriptedServer, startServer } from '../../support/scripted-server.ts';
import { closeEverything, Person, readConfig, seenRows, showView, start, until, waitForRow, withPerson, writeConfig } from './support.ts';

describe('the models of a server', () => {
  let host: Host;
  let scope: Scope;
  let living: LivingOllama;
  let studio: LivingLmStudio;
  const servers: ScriptedServer[] = [];
  const original = readConfig();

  beforeEach(async () => {
    ({ host, scope } = await start());
    living = livingOllama({ models: ['llama3.2:latest'], library: { 'qwen3:8b': [4_000_000_000, 800_000_000], 'gemma3:4b': [3_000_000_000] } });
    studio = livingLmStudio({ models: ['qwen/qwen3-8b'] });
    const [box, desk] = [await startServer(living.script), await startServer(studio.script)];
    servers.push(box, desk);
    await writeConfig(scope, `[[model_servers]]\nname = "box"\nkind = "ollama"\nbase_url = "${box.url}"\n\n[[model_servers]]\nname = "desk"\nkind = "lmstudio"\nbase_url = "${desk.url}"\n\n[[delegators]]\nname = "talker"\nllm_tool = "chat"\nmodel = "llama3.2"\nmodel_server = "box"\n`);
    await showView(host);
    await scope.operator.probe();
    await waitForRow(host, 'model', 'llama3.2:latest');
  });
  afterEach(async () => {
    await closeEverything();
    await writeConfig(scope, original);
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  async function call(id: string, person: Person, target?: unknown): Promise<void> {
    await withPerson(host, person, () => vscode.commands.executeCommand(`operator.${id}`, target));
    person.done();
  }

  it('are pulled with progress, and then are there', async () => {
    const person = new Person({ pick: 'qwen3:8b' });
    const { row } = await waitForRow(host, 'model_server', 'box', ({ tags }) => tags.includes('pullable'));
    living.hold(2_000_000_000);
    const pulling = withPerson(host, person, () => vscode.commands.executeCommand('operator.pullModel', row));
    const shown = await waitForRow(host, 'pull', 'qwen3:8b', ({ description }) => / 50 %/.test(description));
    assert.match(shown.description, /^pulling 50 % · 2 GB of 4 GB/);
    await waitForRow(host, 'model_server', 'box', ({ description }) => description.startsWith('pulling 50 % · '));
    living.open();
    await pulling;
    await waitForRow(host, 'model', 'qwen3:8b');
    assert.equal((await seenRows(host)).some(({ tags }) => tags.includes('pull')), false);
    assert.equal(person.steps[0]?.title, 'Pulling qwen3:8b on box');
    const percents = person.steps.flatMap(({ percent }) => (percent === undefined ? [] : [percent]));
    assert.ok(percents.length > 10 && percents.includes(50), percents.join());
    assert.match(person.steps.map(({ message }) => message).join('\n'), /^50 % · 2 GB of 4 GB/m);
    await until('the notification', () => person.messages().some((message) => message === 'Pulled qwen3:8b on box'));
  });

  it('are proposed, those first that a delegator names', async () => {
    await writeConfig(scope, readConfig().replace('model = "llama3.2"', 'model = "phi4"'));
    await scope.operator.probe();
    const person = new Person('escape');
    await call('pullModel', person, 'box');
    assert.equal(person.asked[0]?.choices[0]?.label, 'phi4');
    assert.match(person.asked[0]?.choices[0]?.description ?? '', /talker/);
    assert.ok(person.asked[0]?.choices.some(({ label }) => label === 'gpt-oss:20b'));
  });

  it('are pulled several at once, each for itself', async () => {
    living.hold(1_000_000_000);
    // With VS Code's own notifications.
    const { progress } = host.ui;
    const [one, two] = [new Person({ pick: 'qwen3:8b' }), new Person({ pick: 'gemma3:4b' })];
    for (const person of [one, two]) person.progress = progress;
    const first = withPerson(host, one, () => vscode.commands.executeCommand('operator.pullModel', 'box'));
    await waitForRow(host, 'pull', 'qwen3:8b');
    const second = withPerson(host, two, () => vscode.commands.executeCommand('operator.pullModel', 'box'));
    await waitForRow(host, 'pull', 'gemma3:4b');
    await waitForRow(host, 'model_server', 'box', ({ description }) => description.includes('pulling 2 models'));
    living.open();
    await Promise.all([first, second]);
    await waitForRow(host, 'model', 'qwen3:8b');
    await waitForRow(host, 'model', 'gemma3:4b');
  });

  it('stop at Cancel, and go on from there', async () => {
    const person = new Person({ pick: 'qwen3:8b' });
    person.cancels = ({ percent = 0 }) => percent >= 30;
    await call('pullModel', person, 'box');
    await until('the connection to be closed', () => living.followers === 0);
    assert.match(person.messages().join(), /Stopped pulling qwen3:8b\. What came is kept: pull it again to go on from there/);
    assert.equal(living.models.length, 1);
    const again = new Person({ pick: 'qwen3:8b' });
    await call('pullModel', again, 'box');
    assert.ok((again.steps.find(({ percent }) => percent !== undefined)?.percent ?? 0) >= 30);
    await waitForRow(host, 'model', 'qwen3:8b');
  });

  it('are told of when they cannot be pulled', async () => {
    const person = new Person({ typed: 'qwen3:9b' });
    await call('pullModel', person, 'box');
    assert.match(person.messages().join(), /There is no model "qwen3:9b" to pull\. Did you mean qwen3:8b\?/);
    assert.equal(person.told[0]?.severity, 'error');
  });

  it('are loaded with a context and unloaded, which their rows show', async () => {
    const { row, tags } = await waitForRow(host, 'model', 'llama3.2:latest');
    assert.ok(tags.includes('loadable') && !tags.includes('unloadable'));
    const person = new Person({ pick: '16k' });
    await call('loadModel', person, row);
    assert.equal(person.steps.length, 0);
    const loaded = await waitForRow(host, 'model', 'llama3.2:latest', (seen) => seen.tags.includes('unloadable'));
    assert.match(loaded.description, /loaded with 16k/);
    await call('unloadModel', new Person(), loaded.row);
    await waitForRow(host, 'model', 'llama3.2:latest', (seen) => seen.tags.includes('loadable'));
  });

  it('of LM Studio are loaded once and cannot be deleted', async () => {
    const { row, tags } = await waitForRow(host, 'model', 'qwen/qwen3-8b');
    assert.ok(!tags.includes('removable') && !tags.includes('copyable'));
    for (let time = 0; time < 2; time++) await call('loadModel', new Person('enter'), row);
    assert.deepEqual(studio.models[0]?.loaded, [4096]);
    const person = new Person();
    await call('deleteModel', person, row);
    assert.match(person.messages().join(), /desk cannot delete models.*Delete it in LM Studio under My Models/);
    assert.deepEqual(person.confirmed, []);
  });

  it('are copied under another name, never onto one that is there', async () => {
    const { row } = await waitForRow(host, 'model', 'llama3.2:latest');
    const person = new Person({ input: 'mine' });
    await call('copyModel', person, row);
    await waitForRow(host, 'model', 'mine:latest');
    const again = new Person({ input: 'mine' }, 'escape');
    await call('copyModel', again, row);
    assert.match(again.refusals.join(), /There is a model of that name/);
  });

  it('are deleted after a question that says who uses them', async () => {
    const { row } = await waitForRow(host, 'model', 'llama3.2:latest');
    const no = new Person();
    no.confirms = false;
    await call('deleteModel', no, row);
    assert.equal(living.models.length, 1);
    assert.match(no.confirmed[0] ?? '', /^Delete the model llama3\.2:latest from box\?\nIts files take 2 GB\. To have it again it must be downloaded again\.\nThe delegator talker uses it\.$/);
    await call('deleteModel', new Person(), row);
    await until('the row to go', async () => !(await seenRows(host)).some(({ label, tags }) => label === 'llama3.2:latest' && tags.includes('model')));
    // Nothing is left, so that its rows offer to pull one.
    const { row: server } = await waitForRow(host, 'model_server', 'box', ({ tags }) => tags.includes('no-models'));
    const actions = (await host.view.provider.getChildren(server)).map((child) => host.view.provider.getTreeItem(child).command?.command);
    assert.ok(actions.includes('operator.pullModel'), actions.join());
  });

  it('are described in a document that cannot be changed', async () => {
    const { row } = await waitForRow(host, 'model', 'llama3.2:latest');
    await call('showModelDetails', new Person(), row);
    const document = await until('the document', () => vscode.window.activeTextEditor?.document);
    assert.equal(document.uri.scheme, 'operator-plan');
    assert.match(document.getText(), /^# llama3\.2:latest\n\nOn box\.\n\n {4}family {8}llama$/m);
    assert.match(document.getText(), /licence {7}Apache License 2\.0/);
  });

  it('are asked for from the palette: the server, where several can, then the model', async () => {
    for (const [id, title] of [['pullModel', 'Pull Model'], ['loadModel', 'Load Model'], ['unloadModel', 'Unload Model'], ['showModelDetails', 'Show Model Details']] as const) {
      const person = new Person('escape');
      await call(id, person);
      assert.deepEqual([person.asked[0]?.frame.title, person.asked[0]?.choices.map(({ label }) => label)], [title, ['box', 'desk']]);
    }
    // Only one of them can copy and delete.
    for (const [id, title] of [['copyModel', 'Copy Model'], ['deleteModel', 'Delete Model']] as const) {
      const person = new Person('escape');
      await call(id, person);
      assert.deepEqual([person.asked[0]?.frame.title, person.asked[0]?.choices.map(({ label }) => label)], [title, ['llama3.2:latest']]);
    }
    const nothing = new Person({ pick: 'box' });
    await call('unloadModel', nothing);
    assert.match(nothing.messages().join(), /None of the 1 model of box is loaded/);
  });
});
