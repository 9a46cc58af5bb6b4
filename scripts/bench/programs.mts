/** The programs of a benchmark, as files that Node starts without reading TypeScript. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { artefactDir } from '../../test/vscode/harness/paths.mts';

export interface BundledPrograms {
  /** Holds `NAME.mjs` for each `NAME.mts`, and may hold more until it is removed. */
  readonly folder: string;
  remove(): void;
}

/** Bundled and minified like what is shipped: neither TypeScript's types nor a hundred files are part of what is measured. */
export async function bundlePrograms(sources: readonly string[], { readable = false }: { /** With names, for a profile. */ readonly readable?: boolean } = {}): Promise<BundledPrograms> {
  mkdirSync(artefactDir, { recursive: true });
  const folder = mkdtempSync(join(artefactDir, 'bench-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    await build({
      entryPoints: [...sources],
      outdir: folder,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node22.19',
      minify: !readable,
      legalComments: 'none',
      external: ['@napi-rs/keyring'],
      banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
    });
  } catch (error) {
    remove();
    throw error;
  }
  return { folder, remove };
}
