/** How many bytes VS Code loads to activate the extension, from the build's own account of itself. */
import { join } from 'node:path';

/** The parts of esbuild's metafile that count here. */
export interface BundleAccount {
  readonly outputs: Readonly<Record<string, { readonly bytes: number; readonly entryPoint?: string; readonly inputs: Readonly<Record<string, unknown>>; readonly imports: readonly { readonly path: string; readonly kind: string; readonly external?: boolean }[] }>>;
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

/** Bytes of several graphs together, shared chunks once. */
export function staticGraphBytes(account: BundleAccount, ...entries: readonly string[]): number {
  const paths = new Set(entries.flatMap((entry) => staticGraph(account, entry)));
  return [...paths].reduce((sum, path) => sum + (account.outputs[path]?.bytes ?? 0), 0);
}

/** The chunk that a dynamic import of this source file loads. */
export function lazyChunk(account: BundleAccount, source: string): string {
  const chunk = Object.entries(account.outputs).find(([, { entryPoint }]) => entryPoint === source)?.[0];
  if (chunk === undefined) throw new Error(`nothing loads ${source} lazily`);
  return chunk;
}

/** Source files that ended up in the static graph of `entry`. */
export function staticSources(account: BundleAccount, entry: string): readonly string[] {
  return staticGraph(account, entry).flatMap((path) => Object.keys(account.outputs[path]?.inputs ?? {}));
}

/** Name of an output in the account: relative to the repository, with forward slashes. */
export function outputName(outdir: string, file: string): string {
  return join(outdir, file).replaceAll('\\', '/');
}
