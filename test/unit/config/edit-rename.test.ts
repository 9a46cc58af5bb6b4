import assert from 'node:assert/strict';
import { editsOfRename, type LayerText } from '../../../src/core/config/edit-rename.ts';

const server = (name: string): string => `[[model_servers]]\nname = "${name}"\nkind = "ollama"\n`;
const delegator = (on: string): string => `\n[[delegators]]\nname = "d-${on}"\nllm_tool = "chat"\nmodel = "m"\nmodel_server = "${on}" # ${on}\n`;
const layers = (workspace: string, user: string, second?: string): readonly LayerText[] => [
  { layer: 'workspace', file: '/w/operator.toml', text: workspace },
  ...(second === undefined ? [] : [{ layer: 'workspace' as const, file: '/v/operator.toml', text: second }]),
  { layer: 'user', file: '/u/operator.toml', text: user },
];
const rename = (to = 'new') => ({ type: 'rename', table: 'model_servers', name: 'lab', to }) as const;

describe('renaming across files', () => {
  it('changes the workspaces that mean the user’s server, and no others', async () => {
    const edits = await editsOfRename(layers(delegator('lab'), server('lab') + delegator('lab'), server('lab') + delegator('lab')), '/u/operator.toml', rename());
    assert.deepEqual(edits.map(({ file }) => file), ['/u/operator.toml', '/w/operator.toml']);
    assert.equal(edits[1]?.after, delegator('lab').replace('"lab"', '"new"'));
  });

  it('changes only its own file for a workspace’s server', async () => {
    const edits = await editsOfRename(layers(server('lab') + delegator('lab'), delegator('lab'), delegator('lab')), '/w/operator.toml', rename());
    assert.deepEqual(edits.map(({ file, after }) => [file, after.includes('"lab"')]), [['/w/operator.toml', false]]);
  });

  it('takes entries of model_list along', async () => {
    const pool = '[[model_list]]\nmodel_name = "p"\nmodel = "m"\nmodel_server = "lab"\n';
    const edits = await editsOfRename(layers(pool, `${server('lab')}\n${pool}`), '/u/operator.toml', rename());
    assert.ok(edits.length === 2 && edits.every(({ after }) => after.includes('model_server = "new"')));
  });

  it('refuses a name with which something else would be meant', async () => {
    await assert.rejects(editsOfRename(layers(server('new') + delegator('lab'), server('lab')), '/u/operator.toml', rename()), { code: 'refused', message: /would mean another model server/ });
    await assert.rejects(editsOfRename(layers(server('lab') + delegator('new'), server('new')), '/w/operator.toml', rename()), { code: 'refused', message: /would mean another model server/ });
    // A reference that led nowhere may lead there.
    assert.equal((await editsOfRename(layers(server('lab') + delegator('new'), ''), '/w/operator.toml', rename())).length, 1);
  });

  it('refuses where another file cannot be read', async () => {
    await assert.rejects(editsOfRename(layers('broken', server('lab')), '/u/operator.toml', rename()), { code: 'config', message: /\/w\/operator\.toml .* line 1/ });
  });

  it('renames a delegator in its file alone', async () => {
    const edits = await editsOfRename(layers(delegator('x'), delegator('x')), '/w/operator.toml', { type: 'rename', table: 'delegators', name: 'd-x', to: 'y' });
    assert.deepEqual(edits.map(({ file }) => file), ['/w/operator.toml']);
  });
});
