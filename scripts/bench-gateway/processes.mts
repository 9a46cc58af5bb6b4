/** The processes of the benchmark: built as for a release, started, asked, ended. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { bundlePrograms } from '../bench/programs.mts';
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

export async function buildPrograms(options: { /** With names, for a profile. */ readonly readable: boolean }): Promise<Programs> {
  const programs: readonly Program[] = ['upstream', 'load', 'pipe', 'gateway'];
  const { folder, remove } = await bundlePrograms(programs.map((program) => join(import.meta.dirname, `${program}.mts`)), options);
  return {
    start: (program) => startWorker(join(folder, `${program}.mjs`)),
    remove,
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
