/** Makes what the windows run: the extension from source, the packaged extension, and the bundled suites. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { artefactDir, root } from './paths.mts';

/** Builds the extension readable and with source maps into `folder`, laid out as it is installed. */
export function buildExtension(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of ['package.json', 'package.nls.json', 'media']) cpSync(join(root, name), join(folder, name), { recursive: true });
  run('the build', [join(root, 'esbuild.mjs'), '--dev', `--outdir=${join(folder, 'dist')}`]);
}

/** Builds and packages the extension as it is published, or another extension folder. @returns the path of the .vsix */
export function packageExtension(folder: string = root, name = 'operator'): string {
  const vsix = join(artefactDir, `${name}.vsix`);
  mkdirSync(artefactDir, { recursive: true });
  run('vsce', [join(root, 'node_modules', '@vscode', 'vsce', 'vsce'), 'package', '--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links', '--skip-license', '--out', vsix], folder);
  return vsix;
}

/** CommonJS, because VS Code offers `vscode` and mocha takes files by require; `import.meta` of the sources keeps its meaning. */
const suiteOptions: BuildOptions = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node22',
  sourcemap: 'inline',
  outExtension: { '.js': '.cjs' },
  external: ['vscode', 'mocha'],
  define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename', 'import.meta.url': '__suiteUrl' },
  banner: { js: "const __suiteUrl = require('node:url').pathToFileURL(__filename).href;" },
  logLevel: 'warning',
};

/** Bundles a suite for the extension host with an index that VS Code loads. @returns the path of the index */
export async function bundleSuite(file: string, folder: string): Promise<string> {
  await build({ ...suiteOptions, entryPoints: { suite: file }, outdir: folder });
  await build({ ...suiteOptions, entryPoints: [join(import.meta.dirname, 'suite-index.ts')], outfile: join(folder, 'index.cjs') });
  return join(folder, 'index.cjs');
}

function run(what: string, argv: readonly string[], cwd: string = root): void {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, argv, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${what} failed${error ? `: ${error.message}` : ''}\n${stdout}${stderr}`);
}
