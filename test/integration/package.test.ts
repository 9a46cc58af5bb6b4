/** What users download: the content of the .vsix and the size of what VS Code loads from it. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';
import { buildWithAccount } from '../../scripts/bench/bundle.mts';
import { bundleBudget, lazyChunk, outputName, staticGraphBytes, staticSources } from '../../scripts/bundle-size.mts';
import { packageExtension } from '../vscode/harness/build.mts';

describe('the package', () => {
  let files: ReadonlyMap<string, () => Buffer>;

  before(function () {
    this.timeout(60_000);
    const vsix = packageExtension(undefined, `package-test-${process.pid}`);
    files = readZip(readFileSync(vsix));
    rmSync(vsix);
  });

  it('holds the built code, media, the manifest and the texts for users, and nothing else', () => {
    const content = [...files.keys()].filter((name) => name.startsWith('extension/')).map((name) => name.slice('extension/'.length));
    const expected = /^(package\.json|package\.nls\.json|readme\.md|changelog\.md|LICENSE\.txt|media\/[^/]+\.(svg|png|json|md|css|js)|media\/walkthrough\/[^/]+\.(svg|png|md)|dist\/(extension|cli|gateway)\.js|dist\/chunks\/[\w.-]+\.js)$/;
    assert.deepEqual(content.filter((name) => !expected.test(name)), []);
    for (const name of ['package.json', 'package.nls.json', 'readme.md', 'changelog.md', 'LICENSE.txt', 'dist/extension.js', 'dist/cli.js', 'media/operator.schema.json']) {
      assert.ok(content.includes(name), `${name} is missing`);
    }
  });

  it('has a manifest whose files are in it', () => {
    const manifest = JSON.parse(text(files, 'extension/package.json')) as { main: string; icon?: string; contributes: { viewsContainers: { activitybar: { icon: string }[] } } };
    for (const path of [manifest.main, manifest.icon, ...manifest.contributes.viewsContainers.activitybar.map(({ icon }) => icon)]) {
      assert.ok(path, 'a path is missing in the manifest');
      assert.ok(files.has(`extension/${path.replace(/^\.\//, '')}`), `${path} is not in the package`);
    }
  });

  it('has no demo server, no test code and no path of the machine that built it', () => {
    for (const name of files.keys()) {
      if (!name.endsWith('.js')) continue;
      const code = text(files, name);
      assert.doesNotMatch(code, /startDemoServer|Demo model server|sourceMappingURL/, name);
      assert.ok(!code.includes(process.cwd()), `${name} names ${process.cwd()}`);
    }
  });
});

describe('the bundle', () => {
  it(`stays within ${bundleBudget / 1000} kB for what activation loads, without the command line and the HTTP client`, function () {
    this.timeout(60_000);
    const { account, outdir, remove } = buildWithAccount();
    try {
      const size = staticGraphBytes(account, outputName(outdir, 'extension.js'));
      assert.ok(size <= bundleBudget, `${size} bytes`);
      assert.ok(size > 1_000, `${size} bytes cannot be the extension`);
      assert.deepEqual(staticSources(account, outputName(outdir, 'extension.js')).filter((path) => /^src\/(cli|gateway|core\/language|vscode\/language)\/|node_modules\/undici\//.test(path)), []);
      // The features of an open operator.toml come with the first one, not with the first rows, which need only the places of entries.
      const places = /\/(?:document|entries|escapes|lines|reader|scan|scan-texts|tree)\.ts$/;
      assert.deepEqual(staticSources(account, lazyChunk(account, 'src/vscode/scope.ts')).filter((path) => /^src\/core\/language\/|^src\/vscode\/language\/features/.test(path) && !places.test(path)), []);
    } finally {
      remove();
    }
  });

  it('has REST where it is asked for only: neither in what the gateway starts with, nor in the extension and other commands', function () {
    this.timeout(60_000);
    const { account, outdir, remove } = buildWithAccount();
    const restIn = (entry: string): readonly string[] => staticSources(account, entry).filter((path) => /node_modules\/(?:hono|@hono)\/|^src\/api\/|^src\/app\//.test(path));
    try {
      assert.deepEqual(restIn(outputName(outdir, 'gateway.js')), []);
      for (const entry of [outputName(outdir, 'extension.js'), outputName(outdir, 'cli.js'), lazyChunk(account, 'src/cli/commands/status.ts'), lazyChunk(account, 'src/vscode/scope.ts')]) {
        assert.deepEqual(restIn(entry).filter((path) => !path.startsWith('src/app/') || path.startsWith('src/app/rest/')), [], entry);
      }
      // The check itself sees it where it is.
      assert.ok(restIn(lazyChunk(account, 'src/app/rest/mount.ts')).some((path) => path.includes('hono')));
      // The list of operations needs none of what answers them.
      assert.deepEqual(restIn(lazyChunk(account, 'src/cli/commands/api.ts')).filter((path) => path.includes('hono')), []);
    } finally {
      remove();
    }
  });
});

function text(files: ReadonlyMap<string, () => Buffer>, name: string): string {
  const read = files.get(name);
  assert.ok(read, `${name} is not in the package`);
  return read().toString('utf8');
}

/** The entries of a zip file from its central directory (PKWARE APPNOTE 4.3.12); enough for what vsce writes. */
function readZip(zip: Buffer): ReadonlyMap<string, () => Buffer> {
  const end = zip.lastIndexOf('PK\x05\x06');
  assert.ok(end >= 0, 'not a zip file');
  const entries = new Map<string, () => Buffer>();
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const method = zip.readUInt16LE(at + 10);
    const size = zip.readUInt32LE(at + 20);
    const nameLength = zip.readUInt16LE(at + 28);
    const start = zip.readUInt32LE(at + 42);
    entries.set(zip.toString('utf8', at + 46, at + 46 + nameLength), () => {
      const data = start + 30 + zip.readUInt16LE(start + 26) + zip.readUInt16LE(start + 28);
      const packed = zip.subarray(data, data + size);
      return method === 0 ? packed : inflateRawSync(packed);
    });
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return entries;
}
