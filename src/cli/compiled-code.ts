/** Keeps what Node made of the code for the next call, which then starts faster. */
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { createEnv } from '../platform/env.ts';
import { ownVersion } from './version.ts';

/** Versions that nobody has begun to use for this long are forgotten; who still uses one has it made anew. */
const forgottenAfterMs = 30 * 24 * 60 * 60 * 1000;

/**
 * In the user's own folder and not in the temporary one, where Node puts it by itself: it is run as it is, so that nobody else may
 * write it. Where there is no such folder yet, to look around does not make one. A folder that cannot be written, or
 * NODE_DISABLE_COMPILE_CACHE=1, only costs the time.
 */
export function keepCompiledCode(): void {
  const { operatorHome } = createEnv();
  const all = join(operatorHome, 'state', 'compiled');
  const own = join(all, ownVersion());
  if (!existsSync(operatorHome)) return;
  try {
    if (!existsSync(own)) {
      mkdirSync(own, { recursive: true, mode: 0o700 });
      for (const name of readdirSync(all)) if (statSync(join(all, name)).mtimeMs < Date.now() - forgottenAfterMs) rmSync(join(all, name), { recursive: true, force: true });
    }
    enableCompileCache(own);
  } catch {
    // Every command works without it.
  }
}
