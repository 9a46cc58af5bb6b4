import assert from 'node:assert/strict';
import { join } from 'node:path';
import { createPlace, type Place } from '../../support/cli.ts';

describe('operator config', function () {
  this.timeout(60_000);
  let place: Place;
  beforeEach(() => {
    place = createPlace();
  });
  afterEach(() => place[Symbol.dispose]());

  it('check: lists every problem with its line and ends with 3 for an error', async () => {
    const file = place.write('operator.toml', '[[model_servers]]\nname = "a"\nkind = "olama"\n\n[[delegators]]\nname = "b"\nllm_tool = "chat"\nmodel = "m"\nmodel_server = "x"\nsurprise = 1\n');
    const { code, stdout, stderr } = await place.run(['config', 'check']);
    assert.deepEqual([code, stderr], [3, '']);
    assert.match(stdout, new RegExp(`error: .*olama.*\n {2}at ${file}:3:8\n`));
    assert.match(stdout, new RegExp(`error: .*"x".*\n {2}at ${file}:9:16\n`));
    assert.match(stdout, new RegExp(`note: .*surprise.*\n {2}at ${file}:10:1\n`));
    assert.match(stdout, new RegExp(`\n${file}: 2 errors, 1 note\n$`));
    const json = JSON.parse((await place.run(['config', 'check', '--json'])).stdout) as { files: string[]; problems: { code: string }[] };
    assert.deepEqual([json.files, json.problems.map((problem) => problem.code).sort()], [[file], ['unknown-key', 'unknown-kind', 'unknown-server']]);
  });

  it('check: ends with 0 for a good file, and where there is none', async () => {
    const none = await place.run(['config', 'check']);
    assert.deepEqual([none.code, none.stdout], [0, 'There is no operator.toml in this folder, above it, or in ~/.operator\n']);
    const file = place.write('operator.toml', '[[delegators]]\nname = "a"\nllm_tool = "claude"\nmodel = "opus"\n');
    const good = await place.run(['config', 'check']);
    assert.deepEqual([good.code, good.stdout], [0, `${file}: no problems\n`]);
  });

  it('check PATH: checks that file and no other', async () => {
    place.write('operator.toml', 'broken = \n');
    place.write(join(place.operatorHome, 'operator.toml'), 'broken = \n');
    const file = place.write('sub/x.toml', '');
    assert.deepEqual(await place.run(['config', 'check', 'sub/x.toml']), { code: 0, signal: null, stdout: `${file}: no problems\n`, stderr: '' });
    const missing = await place.run(['config', 'check', 'sub/y.toml']);
    assert.equal(missing.code, 3);
    assert.match(missing.stderr, /y\.toml does not exist/);
    const folder = await place.run(['config', 'check', 'sub']);
    assert.equal(folder.code, 3);
    assert.match(folder.stdout, /is a (folder|directory)/i);
  });

  it('path: prints the files that count, the strongest first', async () => {
    const own = join(place.workspace, 'operator.toml');
    const users = join(place.operatorHome, 'operator.toml');
    assert.equal((await place.run(['config', 'path'])).stdout, `${own}\n${users}\n`);
    place.write('operator.toml', '');
    assert.deepEqual(JSON.parse((await place.run(['config', 'path', '--json'])).stdout), [
      { layer: 'workspace', file: own, state: 'loaded' },
      { layer: 'user', file: users, state: 'absent' },
    ]);
  });
});

describe('operator secret', function () {
  this.timeout(60_000);

  if (process.platform === 'linux') {
    it('says what to use instead where there is no keyring, and does not ask for a key first', async () => {
      using place = createPlace();
      for (const args of [['secret', 'set', 'lab'], ['secret', 'remove', 'lab'], ['secret', 'list']]) {
        const { code, stdout, stderr } = await place.run(args, { input: 'sk-piped-in-0123456789' });
        assert.deepEqual([code, stdout], [4, '']);
        assert.match(stderr, /^error: The operating system's keyring cannot be used: .*\n {2}→ Name the key with api_key = "env:NAME" or api_key = "file:PATH" instead\n$/);
      }
    });
  }
});
