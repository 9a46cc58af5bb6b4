/** A key in a file that others may read is told, with what mends it. */
import assert from 'node:assert/strict';
import { keyFileWarnings } from '../../../src/core/servers/key-file.ts';
import { FakeFiles } from '../fakes.ts';

describe('a key file', () => {
  const warningsFor = (path: string, readableBy?: 'group' | 'everybody'): Promise<readonly string[]> => {
    const files = new FakeFiles({ [path]: 'sk-canary' });
    if (readableBy) files.readableBy.set(path, readableBy);
    return keyFileWarnings({ store: 'file', name: path }, files);
  };

  it('is worth a warning when others may read it, with the command that mends it', async () => {
    assert.deepEqual(await warningsFor('/home/me/key', 'everybody'), ['The key file /home/me/key may be read by everybody on this machine; keep it to yourself with: chmod 600 /home/me/key']);
    assert.deepEqual(await warningsFor('/home/me/key', 'group'), ['The key file /home/me/key may be read by its group; keep it to yourself with: chmod 600 /home/me/key']);
    assert.deepEqual(await warningsFor('/home/me/key'), []);
  });

  it('may have any name in that command', async () => {
    assert.match((await warningsFor("/home/me/my key's; rm -rf ~", 'group'))[0] ?? '', /chmod 600 '\/home\/me\/my key'\\''s; rm -rf ~'$/);
  });

  it('is the only place that is looked at', async () => {
    const files = new FakeFiles();
    files.readableBy.set('NAME', 'everybody');
    for (const store of ['env', 'secret'] as const) assert.deepEqual(await keyFileWarnings({ store, name: 'NAME' }, files), []);
    assert.deepEqual(await keyFileWarnings(undefined, files), []);
  });
});
