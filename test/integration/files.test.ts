/** The file system port on real folders. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, existsSync, linkSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, realpathSync, renameSync, rmSync, statSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { findConfigFiles } from '../../src/core/config/find.ts';
import { loadConfiguration } from '../../src/core/config/load.ts';
import type { Env, FileSystem } from '../../src/core/ports.ts';
import { FileError, type FileProblem } from '../../src/core/ports.ts';
import { createFileSystem } from '../../src/platform/files.ts';

const isRoot = process.getuid?.() === 0;
const windows = process.platform === 'win32';

describe('files on disk', () => {
  let folder: string;
  let files: FileSystem;

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'operator-files-')));
    files = createFileSystem({ homeDir: join(folder, 'home') });
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const path = (...parts: string[]): string => join(folder, ...parts);
  const put = (name: string, content: string | Uint8Array): string => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), content);
    return path(name);
  };
  const read = (file: string, maxBytes = 1000) => files.read(file, { maxBytes });
  const rejectsWith = (problem: FileProblem) => (error: unknown) => {
    assert.ok(error instanceof FileError, String(error));
    assert.equal(error.problem, problem, error.message);
    assert.ok(error.message.startsWith(error.path));
    return true;
  };

  describe('reading', () => {
    it('gives the text with its byte order mark and line endings, and a hash that changes with every byte', async () => {
      const file = put('a', '\uFEFFä😀\r\n');
      const first = await read(file);
      assert.equal(first.text, '\uFEFFä😀\r\n');
      writeFileSync(file, '\uFEFFä😀\n');
      assert.notEqual((await read(file)).hash, first.hash);
      writeFileSync(file, '\uFEFFä😀\r\n');
      assert.equal((await read(file)).hash, first.hash);
      assert.equal((await read(put('empty', ''))).text, '');
    });

    it('tells apart what can be wrong', async () => {
      mkdirSync(path('folder'));
      await assert.rejects(read(path('none')), rejectsWith('not-found'));
      await assert.rejects(read(path('none', 'below')), rejectsWith('not-found'));
      await assert.rejects(read(join(put('file', 'x'), 'below')), rejectsWith('not-found'));
      await assert.rejects(read(path('folder')), rejectsWith('is-directory'));
      await assert.rejects(read(put('latin1', Buffer.from('ä', 'latin1'))), rejectsWith('not-utf8'));
      await assert.rejects(read(put('utf16', Buffer.from('\uFEFFa', 'utf16le'))), rejectsWith('not-utf8'));
      await assert.rejects(read(put('cut', Buffer.from('ä').subarray(0, 1))), rejectsWith('not-utf8'));
    });

    it('takes what is exactly as long as allowed, and no more', async () => {
      assert.equal((await read(put('a', 'x'.repeat(1000)))).text.length, 1000);
      await assert.rejects(read(put('a', 'x'.repeat(1001))), rejectsWith('too-large'));
      assert.equal((await read(put('long', 'ä'.repeat(100_000)), 1_000_000)).text.length, 100_000);
    });

    it('does not read a huge file to say that it is too large', async () => {
      truncateSync(put('huge', ''), 1024 ** 3);
      await assert.rejects(read(path('huge')), rejectsWith('too-large'));
    });

    if (!windows) {
      it('does not wait for a pipe or read a device for ever', async () => {
        execFileSync('mkfifo', [path('pipe')]);
        await assert.rejects(read(path('pipe')), rejectsWith('unreadable'));
        await assert.rejects(read('/dev/zero'), rejectsWith('unreadable'));
      });

      it('follows links, and says so when they lead nowhere or round and round', async () => {
        symlinkSync(put('target', 'x'), path('link'));
        assert.equal((await read(path('link'))).text, 'x');
        symlinkSync('gone', path('dangling'));
        await assert.rejects(read(path('dangling')), rejectsWith('not-found'));
        symlinkSync('loop', path('loop'));
        await assert.rejects(read(path('loop')), rejectsWith('unreadable'));
      });
    }

    if (!windows && !isRoot) {
      it('says when it may not', async () => {
        chmodSync(put('secret', 'x'), 0);
        await assert.rejects(read(path('secret')), rejectsWith('denied'));
      });
    }

    it('stops when it is aborted', async () => {
      await assert.rejects(files.read(put('a', 'x'), { maxBytes: 10, signal: AbortSignal.abort() }), { name: 'AbortError' });
    });
  });

  describe('writing', () => {
    it('makes a new file with the folders above it', async () => {
      const hash = await files.write(path('a', 'b', 'c.toml'), 'x\r\n', { expected: 'new' });
      assert.deepEqual(await read(path('a', 'b', 'c.toml')), { text: 'x\r\n', hash });
      assert.deepEqual(readdirSync(path('a', 'b')), ['c.toml']);
    });

    it('replaces what was read and keeps one backup of it', async () => {
      const file = put('a', 'one');
      let { hash } = await read(file);
      hash = await files.write(file, 'two', { expected: hash });
      hash = await files.write(file, 'three', { expected: hash });
      assert.equal((await read(file)).hash, hash);
      assert.equal(readFileSync(file, 'utf8'), 'three');
      assert.equal(readFileSync(`${file}.bak`, 'utf8'), 'two');
      assert.deepEqual(readdirSync(folder).toSorted(), ['a', 'a.bak']);
    });

    it("never overwrites somebody else's change", async () => {
      const file = put('a', 'one');
      const { hash } = await read(file);
      writeFileSync(file, 'theirs');
      await assert.rejects(files.write(file, 'mine', { expected: hash }), rejectsWith('changed'));
      await assert.rejects(files.write(file, 'mine', { expected: 'new' }), rejectsWith('changed'));
      assert.equal(readFileSync(file, 'utf8'), 'theirs');
      rmSync(file);
      await assert.rejects(files.write(file, 'mine', { expected: hash }), rejectsWith('changed'));
      assert.deepEqual(readdirSync(folder), []);
    });

    it('lets exactly one of many writers win, and the others hear of it', async () => {
      const file = put('a', 'start');
      const { hash } = await read(file);
      const results = await Promise.allSettled(Array.from({ length: 10 }, (_, index) => files.write(file, `writer ${index}`, { expected: hash })));
      const winners = results.flatMap((result, index) => (result.status === 'fulfilled' ? [index] : []));
      assert.equal(winners.length, 1);
      assert.equal(readFileSync(file, 'utf8'), `writer ${winners[0]}`);
      for (const result of results) if (result.status === 'rejected') rejectsWith('changed')(result.reason);

      const fresh = await Promise.allSettled(Array.from({ length: 5 }, () => createFileSystem({ homeDir: folder }).write(path('new'), 'x', { expected: 'new' })));
      assert.equal(fresh.filter(({ status }) => status === 'fulfilled').length, 1);
    });

    it('never shows half of a file to a reader', async () => {
      const file = put('a', 'a'.repeat(200_000));
      let { hash } = await read(file, 1_000_000);
      let writing = true;
      const seen = new Set<string>();
      const reader = (async () => {
        while (writing) {
          const text = readFileSync(file, 'utf8');
          seen.add(`${text.length} ${text[0]} ${text.at(-1)}`);
          await new Promise((resolve) => setImmediate(resolve));
        }
      })();
      for (const letter of 'bcdefgh') hash = await files.write(file, letter.repeat(200_000), { expected: hash });
      writing = false;
      await reader;
      for (const entry of seen) assert.match(entry, /^200000 (\w) \1$/);
    });

    it('refuses a folder in its place', async () => {
      mkdirSync(path('a'));
      await assert.rejects(files.write(path('a'), 'x', { expected: 'new' }), rejectsWith('is-directory'));
    });

    if (!windows) {
      it('keeps the mode, and gives a new file the one that is asked for', async () => {
        const file = put('a', 'one');
        for (const mode of [0o600, 0o640, 0o664, 0o755]) {
          chmodSync(file, mode);
          await files.write(file, `${mode}`, { expected: (await read(file)).hash });
          assert.equal(statSync(file).mode & 0o777, mode);
        }
        await files.write(path('b'), 'x', { expected: 'new', mode: 0o600 });
        assert.equal(statSync(path('b')).mode & 0o777, 0o600);
      });

      it('writes what a link leads to, and leaves the link', async () => {
        const target = put('dotfiles/operator.toml', 'one');
        symlinkSync(join('dotfiles', 'operator.toml'), path('middle'));
        symlinkSync(path('middle'), path('link'));
        await files.write(path('link'), 'two', { expected: (await read(path('link'))).hash });
        assert.equal(readFileSync(target, 'utf8'), 'two');
        assert.equal(readlinkSync(path('link')), path('middle'));
        assert.ok(lstatSync(path('middle')).isSymbolicLink());

        symlinkSync(path('dotfiles', 'later'), path('dangling'));
        await files.write(path('dangling'), 'x', { expected: 'new' });
        assert.equal(readFileSync(path('dotfiles', 'later'), 'utf8'), 'x');
      });

      it('does not follow a link where the backup goes', async () => {
        const victim = put('victim', 'precious');
        const file = put('a', 'one');
        symlinkSync(victim, `${file}.bak`);
        await files.write(file, 'two', { expected: (await read(file)).hash });
        assert.equal(readFileSync(victim, 'utf8'), 'precious');
        assert.equal(readFileSync(`${file}.bak`, 'utf8'), 'one');
      });

      it('keeps the other names of a file on the same content', async () => {
        const file = put('a', 'one one one');
        linkSync(file, path('other'));
        await files.write(file, 'two', { expected: (await read(file)).hash });
        assert.equal(readFileSync(path('other'), 'utf8'), 'two');
        assert.equal(readFileSync(`${file}.bak`, 'utf8'), 'one one one');
      });

      it('loses nothing when many processes write at once, and does not wait for one that died', async function () {
        this.timeout(60_000);
        const file = put('a', '');
        put('.a.lock', '');
        const old = new Date(Date.now() - 60_000);
        utimesSync(path('.a.lock'), old, old);
        const writer = `
          import { createFileSystem } from ${JSON.stringify(join(import.meta.dirname, '../../src/platform/files.ts'))};
          const files = createFileSystem({ homeDir: '/' });
          const [file, name] = process.argv.slice(1);
          for (let round = 0; round < 10; ) {
            const { text, hash } = await files.read(file, { maxBytes: 100_000 });
            await files.write(file, text + name + round + '\\n', { expected: hash }).then(() => round++, (error) => { if (error.problem !== 'changed') throw error; });
          }
        `;
        await Promise.all(['a', 'b', 'c', 'd'].map((name) => promisify(execFile)(process.execPath, ['--input-type=module', '-e', writer, file, name])));
        const lines = readFileSync(file, 'utf8').trim().split('\n');
        assert.deepEqual(lines.toSorted(), ['a', 'b', 'c', 'd'].flatMap((name) => Array.from({ length: 10 }, (_, round) => `${name}${round}`)));
        assert.deepEqual(readdirSync(folder).toSorted(), ['a', 'a.bak']);
      });

      it('leaves what was there when there is no room for the new text, also where it must be written in place', () => {
        const writer = `
          import { createFileSystem } from ${JSON.stringify(join(import.meta.dirname, '../../src/platform/files.ts'))};
          const files = createFileSystem({ homeDir: '/' });
          const { hash } = await files.read(process.argv[1], { maxBytes: 1000 });
          await files.write(process.argv[1], 'x'.repeat(100_000), { expected: hash }).then(() => console.log('written'), ({ cause }) => console.log(cause.code));
        `;
        for (const name of ['a', 'b']) {
          const file = put(name, 'one\n');
          if (name === 'b') linkSync(file, path('other name of b'));
          // The shell lets this process write 8 blocks to a file, far less than the text.
          const said = execFileSync('/bin/sh', ['-c', 'ulimit -f 8; exec "$0" "$@"', process.execPath, '--input-type=module', '-e', writer, file], { encoding: 'utf8' });
          assert.equal(said, 'EFBIG\n');
          assert.equal(readFileSync(file, 'utf8'), 'one\n');
          assert.equal(readFileSync(`${file}.bak`, 'utf8'), 'one\n');
        }
        assert.deepEqual(readdirSync(folder).filter((each) => each.endsWith('.tmp')), []);
      });
    }

    if (!windows && isRoot) {
      it('keeps the owner', async () => {
        const file = put('a', 'one');
        execFileSync('chown', ['12345:23456', file]);
        await files.write(file, 'two', { expected: (await read(file)).hash });
        const { uid, gid } = statSync(file);
        assert.deepEqual([uid, gid], [12345, 23456]);
      });
    }

    if (!windows && !isRoot) {
      it('writes in place where nothing may be made beside the file', async () => {
        const file = put('locked/a', 'one');
        chmodSync(path('locked'), 0o500);
        try {
          await files.write(file, 'two', { expected: (await read(file)).hash });
          assert.equal(readFileSync(file, 'utf8'), 'two');
        } finally {
          chmodSync(path('locked'), 0o700);
        }
      });
    }
  });

  describe('private files', () => {
    it('are for nobody else, in a folder for nobody else', async () => {
      const file = path('state', 'sessions', 's', 'settings.json');
      await files.writePrivate(file, 'one');
      await files.writePrivate(file, 'two');
      assert.equal(readFileSync(file, 'utf8'), 'two');
      assert.deepEqual(readdirSync(dirname(file)), ['settings.json']);
      if (windows) return;
      assert.equal(statSync(file).mode & 0o777, 0o600);
      for (const name of ['state', 'state/sessions', 'state/sessions/s']) assert.equal(statSync(path(name)).mode & 0o777, 0o700);
    });

    if (!windows) {
      it('replace a link instead of writing into what it leads to, and close a folder that is open', async () => {
        const victim = put('victim', 'precious');
        mkdirSync(path('open'), { mode: 0o755 });
        symlinkSync(victim, path('open', 'a'));
        await files.writePrivate(path('open', 'a'), 'mine');
        assert.equal(readFileSync(victim, 'utf8'), 'precious');
        assert.equal(statSync(path('open')).mode & 0o777, 0o700);
      });
    }
  });

  describe('the rest', () => {
    it('tells who besides its owner may read a file', async () => {
      const file = path('key');
      writeFileSync(file, 'k');
      const said: string[] = [];
      for (const mode of [0o600, 0o640, 0o644, 0o604, 0o400]) {
        chmodSync(file, mode);
        said.push(await files.othersWhoMayRead(file));
      }
      assert.deepEqual(said, process.platform === 'win32' ? Array(5).fill('nobody') : ['nobody', 'group', 'everybody', 'everybody', 'nobody']);
      assert.equal(await files.othersWhoMayRead(path('nothing')), 'nobody');
    });

    it('looks and removes', async () => {
      put('folder/deep/file', 'x');
      assert.equal(await files.exists(path('folder', 'deep', 'file')), true);
      assert.equal(await files.exists(path('nothing')), false);
      assert.equal(await files.exists(path('folder', 'deep', 'file', 'below')), false);
      assert.equal(await files.isDirectory(path('folder')), true);
      assert.equal(await files.isDirectory(path('folder', 'deep', 'file')), false);
      assert.equal(await files.isDirectory(path('nothing')), false);
      await files.remove(path('folder'));
      await files.remove(path('folder'));
      assert.equal(existsSync(path('folder')), false);
    });

    it('removes what is old and nothing else', async () => {
      put('sessions/old/settings.json', '{}');
      put('sessions/new/settings.json', '{}');
      const old = new Date(Date.now() - 10_000);
      utimesSync(path('sessions', 'old'), old, old);
      await files.removeOlder(path('sessions'), old.getTime() + 1_000);
      await files.removeOlder(path('nowhere'), Date.now());
      assert.deepEqual(readdirSync(path('sessions')), ['new']);
    });

    if (!windows) {
      it('removes a link and not what it leads to', async () => {
        put('folder/file', 'x');
        symlinkSync(path('folder'), path('link'));
        await files.remove(path('link'));
        assert.equal(existsSync(path('folder', 'file')), true);
      });
    }

    it('resolves paths, ~ being the home folder', () => {
      assert.equal(files.resolve(path('a'), 'b/../c'), path('a', 'c'));
      assert.equal(files.resolve(path('a'), path('b')), path('b'));
      assert.equal(files.resolve(path('a'), '~/keys/k'), path('home', 'keys', 'k'));
      assert.equal(files.resolve(path('a'), '~'), path('home'));
      assert.equal(files.resolve(path('a'), '~other/k'), path('a', '~other', 'k'));
    });
  });

  describe('watching', () => {
    let calls = 0;
    let arrived: (() => void) | undefined;
    const listener = (): void => {
      calls++;
      arrived?.();
    };
    /** Does something and waits until the listener was called because of it. */
    async function hears(what: string, act: () => void): Promise<void> {
      await quiet();
      const before = calls;
      const call = new Promise<void>((resolve) => (arrived = resolve));
      act();
      const timeout = setTimeout(() => assert.fail(`not heard: ${what}`), 5000);
      await call;
      clearTimeout(timeout);
      assert.ok(calls > before);
    }
    /** Until what the system still had to tell has been told: the watcher's own settling time, twice. */
    async function quiet(): Promise<void> {
      for (let seen = -1; seen !== calls; ) {
        seen = calls;
        await new Promise((resolve) => setTimeout(resolve, 120));
      }
    }

    it('hears of everything that can happen to a file', async () => {
      const file = path('w', 'operator.toml');
      mkdirSync(path('w'));
      const watching = files.watch(file, listener);
      try {
        await hears('created', () => writeFileSync(file, '1'));
        await hears('changed', () => writeFileSync(file, '2'));
        await hears('replaced by rename', () => {
          writeFileSync(path('w', 'new'), '3');
          renameSync(path('w', 'new'), file);
        });
        await hears('changed after it was replaced', () => writeFileSync(file, '44'));
        await hears('deleted', () => rmSync(file));
        await hears('made again', () => writeFileSync(file, '5'));
        await hears('its folder deleted', () => rmSync(path('w'), { recursive: true }));
        await hears('its folder made again with it', () => put('w/operator.toml', '6'));
        await hears('changed after all that', () => writeFileSync(file, '777'));
        await hears('written by ourselves', () => void read(file).then(({ hash }) => files.write(file, '8', { expected: hash })));
      } finally {
        watching.dispose();
      }
    });

    it('waits for folders that do not exist yet', async () => {
      const file = path('a', 'b', 'c', 'operator.toml');
      const watching = files.watch(file, listener);
      try {
        await hears('made with all its folders', () => put('a/b/c/operator.toml', '1'));
        await hears('changed', () => writeFileSync(file, '22'));
        await hears('all gone', () => rmSync(path('a'), { recursive: true }));
        mkdirSync(path('a', 'b'), { recursive: true });
        await hears('made again step by step', () => put('a/b/c/operator.toml', '3'));
      } finally {
        watching.dispose();
      }
    });

    it('is not bothered by the neighbours', async () => {
      const file = put('operator.toml', '1');
      const watching = files.watch(file, listener);
      try {
        await quiet();
        const before = calls;
        put('other', 'x');
        put('operator.toml.bak', 'x');
        rmSync(path('other'));
        await quiet();
        assert.equal(calls, before);
        await hears('still there', () => writeFileSync(file, '22'));
      } finally {
        watching.dispose();
      }
    });

    if (!windows) {
      it('hears of a change behind a link, and of the link being turned', async () => {
        put('one/operator.toml', '1');
        put('two/operator.toml', '22');
        mkdirSync(path('w'));
        symlinkSync(path('one', 'operator.toml'), path('w', 'operator.toml'));
        const watching = files.watch(path('w', 'operator.toml'), listener);
        try {
          await hears('changed behind the link', () => writeFileSync(path('one', 'operator.toml'), '333'));
          await hears('turned', () => {
            symlinkSync(path('two', 'operator.toml'), path('w', 'next'));
            renameSync(path('w', 'next'), path('w', 'operator.toml'));
          });
          await hears('changed behind the turned link', () => writeFileSync(path('two', 'operator.toml'), '4444'));
        } finally {
          watching.dispose();
        }
      });
    }

    it('says nothing after it was disposed, and holds nothing', async () => {
      const file = put('operator.toml', '1');
      const before = kernelWatches();
      const watchers = Array.from({ length: 10 }, () => files.watch(file, listener));
      if (process.platform === 'linux') assert.ok(kernelWatches() > before);
      writeFileSync(file, '22');
      for (const watching of watchers) {
        watching.dispose();
        watching.dispose();
      }
      const calledBefore = calls;
      writeFileSync(file, '333');
      await quiet();
      assert.equal(calls, calledBefore);
      assert.equal(kernelWatches(), before);
    });
  });

  describe('a configuration on disk', () => {
    const load = () => {
      const env: Env = { get: () => undefined, all: () => ({}), platform: 'linux', homeDir: path('home'), operatorHome: path('home', '.operator') };
      return loadConfiguration({ layers: findConfigFiles({ roots: [folder], env, files }), files, env, toolNames: ['codex'] });
    };

    for (const [what, make, message] of [
      ['a folder in its place', () => mkdirSync(path('operator.toml')), /is a folder/],
      ['10 MB of it', () => put('operator.toml', `[[model_servers]]\nname = "a"\nkind = "ollama"\n`.repeat(220_000)), /larger than 5 MB/],
      ['bytes that are not UTF-8', () => put('operator.toml', Buffer.from('name = "ä"', 'latin1')), /not UTF-8/],
    ] as const) {
      it(`with ${what} is a clear problem at once`, async () => {
        make();
        const started = performance.now();
        const { problems, modelServers } = await load();
        assert.ok(performance.now() - started < 5000);
        assert.deepEqual(problems.map(({ code }) => code), ['unreadable']);
        assert.match(problems[0]?.message ?? '', message);
        assert.equal(modelServers.length, 3);
      });
    }

    it('just below the limit, full of problems, is read without hanging', async function () {
      this.timeout(60_000);
      put('operator.toml', `[[model_servers]]\nname = "a"\nkind = "olama"\nfoo = 1\n`.repeat(70_000).slice(0, 4_900_000));
      const { problems } = await load();
      assert.ok(problems.length > 1000);
    });
  });
});

/** How many inotify watches this process holds; 0 where there is no /proc. */
function kernelWatches(): number {
  if (process.platform !== 'linux') return 0;
  return readdirSync('/proc/self/fdinfo').reduce((count, fd) => {
    try {
      return count + (readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8').match(/^inotify /gm)?.length ?? 0);
    } catch {
      return count; // closed in the meantime, such as the one that listed the folder
    }
  }, 0);
}
