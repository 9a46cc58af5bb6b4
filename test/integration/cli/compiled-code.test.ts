import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createPlace, type Place } from '../../support/cli.ts';

describe('compiled code of the command line', function () {
  this.timeout(60_000);
  let place: Place;
  let folder: string;
  beforeEach(() => {
    place = createPlace();
    folder = join(place.operatorHome, 'state', 'compiled');
  });
  afterEach(() => place[Symbol.dispose]());

  it('is kept for the next call, where nobody else can write, and older versions of it go', async () => {
    const forgotten = join(folder, '0.0.0-old');
    const recent = join(folder, '0.0.0-recent');
    for (const version of [forgotten, recent]) mkdirSync(version, { recursive: true });
    utimesSync(forgotten, 0, 0);
    const { code, stdout } = await place.run(['status']);
    assert.equal(code, 0);
    const [version, ...others] = readdirSync(folder).filter((name) => name !== '0.0.0-recent');
    assert.ok(version !== undefined && others.length === 0);
    const files = readdirSync(join(folder, version), { recursive: true });
    assert.ok(files.length > 10, `${files.length} files`);
    if (process.platform !== 'win32') assert.equal(statSync(join(folder, version)).mode & 0o077, 0);
    assert.deepEqual([existsSync(forgotten), existsSync(recent)], [false, true]);
    assert.equal((await place.run(['status'])).stdout, stdout);
  });

  it('is not the first thing that Operator leaves in a home', async () => {
    assert.equal((await place.run(['--version'])).code, 0);
    assert.equal(existsSync(place.operatorHome), false);
  });

  it('is done without where it cannot be kept', async () => {
    mkdirSync(dirname(folder), { recursive: true });
    writeFileSync(folder, 'in the way');
    const { code, stderr } = await place.run(['status']);
    assert.deepEqual([code, stderr], [0, '']);
  });
});
