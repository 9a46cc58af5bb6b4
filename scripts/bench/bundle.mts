/** Size of what is shipped. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { artefactDir, root } from '../../test/vscode/harness/paths.mts';
import { type BundleAccount, bundleBudget, lazyChunk, outputName, staticGraphBytes } from '../bundle-size.mts';
import type { Measurement } from './measurement.mts';

export async function measureBundle(): Promise<readonly Measurement[]> {
  const { account, outdir, remove } = buildWithAccount();
  try {
    const extension = staticGraphBytes(account, outputName(outdir, 'extension.js'));
    const rows = staticGraphBytes(account, outputName(outdir, 'extension.js'), lazyChunk(account, 'src/vscode/scope.ts'));
    const all = Object.values(account.outputs).reduce((sum, { bytes }) => sum + bytes, 0);
    return [
      { what: 'Extension, loaded to activate (minified)', value: kilobytes(extension), bound: `≤ ${kilobytes(bundleBudget)}`, missed: extension > bundleBudget, hard: true },
      { what: 'Extension, loaded until the first rows are shown', value: kilobytes(rows) },
      { what: 'All of dist, the lazily loaded parts and the command line included', value: kilobytes(all) },
    ];
  } finally {
    remove();
  }
}

/** Builds as for a release, in a folder of its own. */
export function buildWithAccount(): { account: BundleAccount; outdir: string; remove(): void } {
  mkdirSync(artefactDir, { recursive: true });
  const folder = mkdtempSync(join(artefactDir, 'bundle-'));
  const outdir = relative(root, folder);
  const { status, stderr } = spawnSync(process.execPath, ['esbuild.mjs', '--meta', `--outdir=${outdir}`], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the build failed\n${stderr}`);
  return { account: JSON.parse(readFileSync(join(folder, 'meta.json'), 'utf8')) as BundleAccount, outdir, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1000)} kB`;
}
