/** An Operator over real sockets and a real folder, whose clock a test can set forward. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOperator } from '../../src/app/operator.ts';
import type { Operator } from '../../src/core/operator.ts';
import type { Clock, Env, Log } from '../../src/core/ports.ts';
import { createSystemClock } from '../../src/platform/clock.ts';
import { createNodePorts } from '../../src/platform/ports.ts';

/** Real time, and as much more as a test says. */
export interface MovableClock extends Clock {
  forward(ms: number): void;
}

function createMovableClock(): MovableClock {
  const system = createSystemClock();
  let offset = 0;
  return { now: () => system.now() + offset, after: system.after, forward: (ms) => void (offset += ms) };
}

export interface TestWindow extends AsyncDisposable {
  readonly operator: Operator;
  readonly clock: MovableClock;
  /** Everything that was logged. */
  readonly logged: readonly string[];
}

export interface TestHome extends AsyncDisposable {
  readonly dir: string;
  /** Where lists of models are kept. */
  readonly cacheDir: string;
  /** Another window or terminal of the same person. */
  window(toml: string, variables?: Readonly<Record<string, string>>, clock?: MovableClock): Promise<TestWindow>;
}

export async function createHome(): Promise<TestHome> {
  const dir = await mkdtemp(join(tmpdir(), 'operator-models-'));
  const open: TestWindow[] = [];
  return {
    dir,
    cacheDir: join(dir, 'home', 'state', 'models'),
    async window(toml, variables = {}, clock = createMovableClock()) {
      await writeFile(join(dir, 'operator.toml'), toml);
      const window = await openWindow(dir, variables, clock);
      open.push(window);
      return window;
    },
    async [Symbol.asyncDispose]() {
      for (const window of open) await window[Symbol.asyncDispose]();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function openWindow(dir: string, variables: Readonly<Record<string, string>>, clock: MovableClock): Promise<TestWindow> {
  const logged: string[] = [];
  const note = (text: string): void => void logged.push(text);
  const log: Log = { trace: note, debug: note, info: note, warn: note, error: (text, error) => note(`${text} ${String(error)}`) };
  const env = (own: Env): Env => ({ get: (name) => variables[name], all: () => ({ PATH: own.get('PATH') ?? '', ...variables }), platform: own.platform, homeDir: dir, operatorHome: join(dir, 'home') });
  const ports = { ...createNodePorts({ log, env }), clock };
  const operator = createOperator({ ports, roots: [dir], cwd: dir, trusted: true, version: '0.0.0', operatorCommand: { argv: ['operator'], env: {} }, watch: false });
  await operator.reload();
  return {
    operator,
    clock,
    logged,
    async [Symbol.asyncDispose]() {
      operator.dispose();
      ports.http.dispose();
    },
  };
}
