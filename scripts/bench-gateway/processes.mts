/** The processes of the benchmark: built as for a release, started, asked, ended. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { artefactDir } from '../../test/vscode/harness/paths.mts';
import { type Command, now } from './messages.mts';

export interface Worker {
  readonly port: number;
  /** From the start of the process until it listened, ms. */
  readonly startMs: number;
  ask<T = unknown>(command: Command): Promise<T>;
  stop(): Promise<void>;
}

export type Program = 'upstream' | 'load' | 'pipe' | 'gateway';

export interface Programs {
  start(program: Program): Promise<Worker>;
  remove(): void;
}

/** Bundled and minified like what is shipped: neither TypeScript's types nor a hundred files are part of what is measured. */
export async function buildPrograms({ readable }: { /** With names, for a profile. */ readonly readable: boolean }): Promise<Programs> {
  mkdirSync(artefactDir, { recursive: true });
  const folder = mkdtempSync(join(artefactDir, 'bench-gateway-'));
  const entry = (program: Program): string => join(import.meta.dirname, `${program}.mts`);
  await build({
    entryPoints: [entry('upstream'), entry('load'), entry('pipe'), entry('gateway')],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22.19',
    minify: !readable,
    legalComments: 'none',
    banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
  });
  return {
    start: (program) => startWorker(join(folder, `${program}.mjs`)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function startWorker(file: string): Promise<Worker> {
  const began = now();
  const child = fork(file, { stdio: 'inherit', serialization: 'advanced' });
  const [{ ready }] = (await once(child, 'message')) as [{ readonly ready: number }];
  const startMs = (now() - began) / 1000;
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let next = 0;
  child.on('message', ({ id, value, error }: { readonly id: number; readonly value?: unknown; readonly error?: string }) => {
    const asked = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) asked?.resolve(value);
    else asked?.reject(new Error(error));
  });
  child.on('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`${file} ended with ${code}`));
  });
  return {
    port: ready,
    startMs,
    ask: <T,>(command: Command) =>
      new Promise<T>((resolve, reject) => {
        const id = next++;
        waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
        child.send({ id, command });
      }),
    stop: () => stopChild(child),
  };
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.disconnect();
  child.kill();
  await ended;
}
