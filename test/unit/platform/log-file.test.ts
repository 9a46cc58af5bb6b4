import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogFile } from '../../../src/platform/log-file.ts';

describe('a log file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'operator-log-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const mode = (file: string): number => statSync(file).mode & 0o777;
  const size = (file: string): number => statSync(file).size;
  const kilobyte = `${'x'.repeat(1023)}\n`;

  it('comes into being with its first line', () => {
    const file = join(folder, 'state', 'a.log');
    const write = createLogFile(file);
    assert.ok(!existsSync(file));
    write('one\n');
    write('two\n');
    assert.equal(readFileSync(file, 'utf8'), 'one\ntwo\n');
    if (process.platform !== 'win32') assert.deepEqual([mode(file), mode(join(folder, 'state'))], [0o600, 0o700]);
  });

  it('goes on with what is there, and makes it private', () => {
    const file = join(folder, 'a.log');
    writeFileSync(file, 'before\n');
    chmodSync(file, 0o644);
    createLogFile(file)('after\n');
    assert.equal(readFileSync(file, 'utf8'), 'before\nafter\n');
    if (process.platform !== 'win32') assert.equal(mode(file), 0o600);
  });

  it('does not grow beyond its bound, and keeps the part before', () => {
    const file = join(folder, 'a.log');
    const write = createLogFile(file);
    for (let count = 0; count < 2500; count++) {
      write(kilobyte);
      assert.ok(size(file) <= 1024 * 1024);
    }
    assert.equal(size(`${file}.1`), 1024 * 1024);
    assert.equal(size(file), 2500 * 1024 - 2 * 1024 * 1024);
    if (process.platform !== 'win32') assert.deepEqual([mode(file), mode(`${file}.1`)], [0o600, 0o600]);
  });

  it('counts bytes, not characters', () => {
    const file = join(folder, 'a.log');
    const write = createLogFile(file);
    for (let count = 0; count < 1100; count++) write(`${'ü'.repeat(511)}\n`);
    assert.ok(size(file) <= 1024 * 1024);
    assert.ok(existsSync(`${file}.1`));
  });

  it('does not throw away what another writer has just begun', () => {
    const file = join(folder, 'a.log');
    const [one, other] = [createLogFile(file), createLogFile(file)];
    for (let count = 0; count < 1020; count++) one(kilobyte);
    for (let count = 0; count < 10; count++) other(kilobyte);
    // `one` believes it has written nearly everything there is; the file is a new one by now.
    for (let count = 0; count < 10; count++) one(kilobyte);
    assert.equal(size(file) + size(`${file}.1`), 1040 * 1024);
  });

  it('that cannot be written stops nobody, and is written again when it can', () => {
    const blocked = join(folder, 'state');
    writeFileSync(blocked, 'a file where the folder should be');
    const file = join(blocked, 'a.log');
    const write = createLogFile(file);
    write('lost\n');
    rmSync(blocked);
    write('kept\n');
    assert.equal(readFileSync(file, 'utf8'), 'kept\n');
  });
});
