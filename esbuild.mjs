/**
 * Bundles the extension and the command line into dist/, as ES modules with shared and lazily loaded chunks.
 * `node esbuild.mjs --dev` keeps names readable and adds source maps; `--meta` writes dist/meta.json for the size check.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const dev = process.argv.includes('--dev');
rmSync('dist', { recursive: true, force: true });

const result = await build({
  entryPoints: ['src/extension.ts', 'src/cli.ts'],
  outdir: 'dist',
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
  // Bundled CommonJS packages (undici) ask for node's modules by require().
  banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
});
if (process.argv.includes('--meta')) writeFileSync('dist/meta.json', JSON.stringify(result.metafile));
