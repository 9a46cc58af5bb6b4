import assert from 'node:assert/strict';
import { findConfigFiles, findWorkspaceRoot } from '../../../src/core/config/find.ts';
import { FakeFiles } from '../fakes.ts';
import { env, userFile } from './support.ts';

describe('findConfigFiles', () => {
  const files = new FakeFiles();
  const user = { layer: 'user', file: userFile };

  it('takes the file of every root in order, then the one of the user', () => {
    assert.deepEqual(findConfigFiles({ roots: ['/w', '/x'], env, files }), [
      { layer: 'workspace', root: '/w', file: '/w/operator.toml' },
      { layer: 'workspace', root: '/x', file: '/x/operator.toml' },
      user,
    ]);
    assert.deepEqual(findConfigFiles({ roots: [], env, files }), [user]);
  });

  it('takes an explicit file instead of the workspace, its folder being the root', () => {
    assert.deepEqual(findConfigFiles({ roots: ['/w'], explicitFile: '/etc/op/team.toml', env, files }), [{ layer: 'workspace', root: '/etc/op', file: '/etc/op/team.toml' }, user]);
  });

  it('reads no file twice', () => {
    assert.deepEqual(findConfigFiles({ roots: ['/w', '/w', '/home/user/.operator'], env, files }).map(({ file }) => file), ['/w/operator.toml', userFile]);
    assert.deepEqual(findConfigFiles({ roots: [], explicitFile: userFile, env, files }), [user]);
  });
});

describe('findWorkspaceRoot', () => {
  const files = new FakeFiles({ '/w/operator.toml': '', '/w/a/b/operator.toml': '', [userFile]: '' });

  for (const [cwd, root] of [
    ['/w', '/w'],
    ['/w/a', '/w'],
    ['/w/a/b', '/w/a/b'],
    ['/w/a/b/c/d', '/w/a/b'],
    ['/', undefined],
    ['/x/y', undefined],
    // The user's own file makes no workspace of the folder that it is in.
    ['/home/user/.operator', undefined],
  ] as const) {
    it(`from ${cwd} is ${root}`, async () => assert.equal(await findWorkspaceRoot(cwd, files, env), root));
  }
});
