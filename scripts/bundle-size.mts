/** How many bytes VS Code loads to activate the extension, from the build's own account of itself. */
import { join } from 'node:path';

/** The parts of esbuild's metafile that count here. */
export interface BundleAccount {
  readonly outputs: Readonly<Record<string, { readonly bytes: number; readonly inputs: Readonly<Record<string, unknown>>; readonly imports: readonly { readonly path: string; readonly kind: string; readonly external?: boolean }[] }>>;
}

/** The bound of docs/PERFORMANCE.md, in bytes. */
export const bundleBudget = 250_000;

/** `entry` and every chunk that it imports statically, however deep; what is loaded lazily is not in it. @throws Error for an entry that was not built */
export function staticGraph(account: BundleAccount, entry: string): readonly string[] {
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    const output = account.outputs[path];
    if (!output) throw new Error(`${path} is not in the build`);
    for (const { path: next, kind, external } of output.imports) if (kind === 'import-statement' && !external) visit(next);
  };
  visit(entry);
  return [...seen];
}

export function staticGraphBytes(account: BundleAccount, entry: string): number {
  return staticGraph(account, entry).reduce((sum, path) => sum + (account.outputs[path]?.bytes ?? 0), 0);
}

/** Source files that ended up in the static graph of `entry`. */
export function staticSources(account: BundleAccount, entry: string): readonly string[] {
  return staticGraph(account, entry).flatMap((path) => Object.keys(account.outputs[path]?.inputs ?? {}));
}

/** Name of an output in the account: relative to the repository, with forward slashes. */
export function outputName(outdir: string, file: string): string {
  return join(outdir, file).replaceAll('\\', '/');
}
