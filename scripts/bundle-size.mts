/** How many bytes VS Code loads to activate the extension, from the build's own account of itself. */
import { join } from 'node:path';

/** The parts of esbuild's metafile that count here. */
export interface BundleAccount {
  readonly outputs: Readonly<Record<string, { readonly bytes: number; readonly imports: readonly { readonly path: string; readonly kind: string; readonly external?: boolean }[] }>>;
}

/** The bound of docs/PERFORMANCE.md, in bytes. */
export const bundleBudget = 250_000;

/** Bytes of `entry` and of every chunk that it imports statically, however deep; what is loaded lazily does not count. @throws Error for an entry that was not built */
export function staticGraphBytes(account: BundleAccount, entry: string): number {
  const seen = new Set<string>();
  const visit = (path: string): number => {
    if (seen.has(path)) return 0;
    seen.add(path);
    const output = account.outputs[path];
    if (!output) throw new Error(`${path} is not in the build`);
    return output.imports.filter(({ kind, external }) => kind === 'import-statement' && !external).reduce((sum, { path: next }) => sum + visit(next), output.bytes);
  };
  return visit(entry);
}

/** Name of an output in the account: relative to the repository, with forward slashes. */
export function outputName(outdir: string, file: string): string {
  return join(outdir, file).replaceAll('\\', '/');
}
