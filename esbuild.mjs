/**
 * Bundles the extension, the command line and the gateway into dist/, as ES modules with shared and lazily loaded chunks.
 * `--dev` keeps names readable and adds source maps; `--meta` adds meta.json for the size check; `--outdir=FOLDER` builds elsewhere.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const { dev, meta, outdir } = parseArgs({
  options: { dev: { type: 'boolean', default: false }, meta: { type: 'boolean', default: false }, outdir: { type: 'string', default: 'dist' } },
}).values;
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
rmSync(outdir, { recursive: true, force: true });

const result = await build({
  entryPoints: ['src/extension.ts', 'src/cli.ts', 'src/gateway.ts'],
  outdir,
  bundle: true,
  platform: 'node',
  format: 'esm',
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  target: 'node22.19',
  minify: !dev,
  sourcemap: dev,
  legalComments: 'none',
  metafile: true,
  external: ['vscode', '@napi-rs/keyring'],
  define: { __OPERATOR_VERSION__: JSON.stringify(version) },
});
// Bundled CommonJS packages ask for node's modules through one helper of the bundler's, which looks for require(). Only there is it
// made: a banner would have each of the many chunks that a start loads make its own.
for (const file of Object.keys(result.metafile.outputs)) {
  const text = file.endsWith('.js') ? readFileSync(file, 'utf8') : '';
  if (text.includes('typeof require')) writeFileSync(file, `import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url); ${text}`);
}
if (meta) writeFileSync(join(outdir, 'meta.json'), JSON.stringify(result.metafile));
