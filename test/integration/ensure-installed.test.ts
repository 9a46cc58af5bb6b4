import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureInstalled } from '../support/ensure-installed.ts';

/** An npm project that depends on a package in a folder of its own, so that npm needs no registry. */
function writeProject(folder: string, name = 'used'): void {
  mkdirSync(join(folder, 'packages', name), { recursive: true });
  writeFileSync(join(folder, 'packages', name, 'package.json'), JSON.stringify({ name, version: '1.0.0' }));
  const dependencies = { [name]: `file:packages/${name}` };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'project', version: '1.0.0', dependencies }));
  const packages = { '': { name: 'project', version: '1.0.0', dependencies }, [`node_modules/${name}`]: { resolved: `packages/${name}`, link: true }, [`packages/${name}`]: { version: '1.0.0' } };
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ name: 'project', version: '1.0.0', lockfileVersion: 3, requires: true, packages }));
}

describe('installing a folder with its own lock', () => {
  let folder: string;
  let lines: string[];
  const install = (): Promise<void> => ensureInstalled(folder, (line) => lines.push(line));
  const installations = (): number => lines.filter((line) => line.startsWith('Installing')).length;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'operator-install-'));
    lines = [];
    writeProject(folder);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('installs once, also when asked from several sides at the same time', async () => {
    await Promise.all([install(), install(), install()]);
    assert.ok(existsSync(join(folder, 'node_modules', 'used', 'package.json')));
    await install();
    assert.equal(installations(), 1);
  });

  it('installs again after the lock file changed', async () => {
    await install();
    writeProject(folder, 'other');
    await install();
    assert.ok(existsSync(join(folder, 'node_modules', 'other', 'package.json')));
    assert.equal(installations(), 2);
  });

  it('takes over from a process that ended while it installed', async () => {
    writeFileSync(join(folder, '.install-lock'), '2147483646'); // above every process id
    await install();
    assert.equal(installations(), 1);
    assert.ok(!existsSync(join(folder, '.install-lock')));
  });

  it("fails with npm's own words, and can be tried again", async () => {
      writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ name: 'project', lockfileVersion: 3, packages: {} }));
    await assert.rejects(install(), /npm ci failed in .*\(exit code 1\)[\s\S]*package-lock\.json/);
    writeProject(folder);
    await install();
    assert.ok(existsSync(join(folder, 'node_modules', 'used')));
  });
});
