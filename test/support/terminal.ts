/** The command line in a real pseudo-terminal, as a person has it. */
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { buildCli } from './build.ts';
import { type Place, until } from './cli.ts';
import { ensureInstalled } from './ensure-installed.ts';

const host = resolve(import.meta.dirname, '..', 'vscode', 'host');

interface Pty {
  readonly pid: number;
  onData(listener: (data: string) => void): void;
  onExit(listener: (end: { readonly exitCode: number; readonly signal?: number }) => void): void;
  write(data: string): void;
  resize(columns: number, rows: number): void;
  kill(signal?: string): void;
}

export interface Terminal extends Disposable {
  readonly pid: number;
  /** Everything that was written to the screen, escape sequences included. */
  readonly raw: string;
  /** The same without escape sequences, lines ending with LF. */
  readonly text: string;
  write(keys: string): void;
  resize(columns: number, rows: number): void;
  kill(signal: string): void;
  /** Resolves once the text behind `from` (an earlier `text.length`) matches. */
  waitFor(pattern: RegExp, from?: number): Promise<void>;
  /** The exit code and signal number. */
  readonly ended: Promise<{ readonly code: number; readonly signal: number }>;
}

export interface TerminalOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Another bundle than the usual one. */
  readonly cli?: string;
}

export async function openTerminal(place: Place, args: readonly string[], { env = {}, cli }: TerminalOptions = {}): Promise<Terminal> {
  await ensureInstalled(host);
  const { spawn } = createRequire(resolve(host, 'package.json'))('node-pty') as { spawn(file: string, args: readonly string[], options: object): Pty };
  const pty = spawn(process.execPath, [cli ?? (await buildCli()), ...args], { cwd: place.workspace, env: { ...place.env, ...env }, cols: 100, rows: 30, name: env['TERM'] ?? 'xterm-256color' });
  let raw = '';
  let over = false;
  pty.onData((data) => (raw += data));
  const ended = new Promise<{ code: number; signal: number }>((done) => {
    pty.onExit(({ exitCode, signal = 0 }) => {
      over = true;
      done({ code: exitCode, signal });
    });
  });
  const text = (): string => stripVTControlCharacters(raw).replaceAll(/\r+\n/g, '\n');
  return {
    pid: pty.pid,
    get raw() {
      return raw;
    },
    get text() {
      return text();
    },
    write: (keys) => pty.write(keys),
    resize: (columns, rows) => pty.resize(columns, rows),
    kill: (signal) => pty.kill(signal),
    waitFor: (pattern, from = 0) => until(() => pattern.test(text().slice(from)), () => `${String(pattern)} in ${JSON.stringify(text().slice(from))}`),
    ended,
    [Symbol.dispose]() {
      if (!over) pty.kill('SIGKILL');
    },
  };
}
