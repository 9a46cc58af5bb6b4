/**
 * What stands behind a command shim on Windows. npm, pnpm and yarn install `codex.cmd` beside `codex`; a `.cmd` runs in cmd.exe,
 * which reads its arguments as commands however they are quoted (CVE-2024-27980, "BatBadBut"), so that Node refuses to start one
 * without a shell. Operator starts what the shim would start: `node script.js` or an .exe, with argv as it is.
 */
import { readFile } from 'node:fs/promises';
import { win32 } from 'node:path';

const maxBytes = 16 * 1024;

/** argv that starts the program behind the shim at `path`, or undefined when it is none that is understood. */
export async function unwrapCommandShim(path: string, which: (command: string) => Promise<string | undefined>): Promise<readonly string[] | undefined> {
  if (!/\.(?:cmd|bat)$/i.test(path)) return undefined;
  const text = await readFile(path, 'utf8');
  const target = text.length > maxBytes ? undefined : parseCommandShim(text);
  if (!target) return undefined;
  const file = win32.resolve(win32.dirname(path), target.file);
  if (target.type === 'program') return [file];
  const node = await which('node');
  return node === undefined ? undefined : [node, file];
}

export interface ShimTarget {
  readonly type: 'program' | 'node-script';
  /** Relative to the shim. */
  readonly file: string;
}

/**
 * Understands the shims of npm (`"%_prog%"  "%dp0%\node_modules\…\codex.js" %*`), pnpm and yarn (`node "%~dp0\…" %*`), and of
 * packages whose command is an .exe (`"%dp0%\node_modules\…\claude.exe"   %*`).
 */
export function parseCommandShim(text: string): ShimTarget | undefined {
  const targets = [...text.matchAll(/"%(?:~dp0|dp0%)[\\/]*([^"%\r\n]+)"[ \t]+%\*/gi)].map((match) => match[1] ?? '');
  const file = targets.find((target) => !/(?:^|[\\/])node\.exe$/i.test(target));
  if (file === undefined) return undefined;
  if (/\.exe$/i.test(file)) return { type: 'program', file };
  return /\.[cm]?js$/i.test(file) && /\bnode(?:\.exe)?\b/i.test(text) ? { type: 'node-script', file } : undefined;
}
