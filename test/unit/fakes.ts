/** Ports in memory for unit tests: what core asks of the world, answered by the test. */
import { toDisposable } from '../../src/base/disposable.ts';
import { OperatorError } from '../../src/core/errors.ts';
import { type Clock, type Env, FileError, type FileSystem, type Http, HttpFailure, type HttpRequest, type HttpResponse, type Log, type Ports, type ProcessResult, type ProcessRunner, type Secrets } from '../../src/core/ports.ts';

/** Time that stands still until the test moves it. */
export class FakeClock implements Clock {
  #now = 1_000_000;
  #timers = new Set<{ readonly at: number; readonly callback: () => void }>();

  now(): number {
    return this.#now;
  }

  after(ms: number, callback: () => void): { dispose(): void } {
    const timer = { at: this.#now + ms, callback };
    this.#timers.add(timer);
    return toDisposable(() => this.#timers.delete(timer));
  }

  /** How many timers wait; for leak tests. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves on and runs what falls due, in order, with the promises in between. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settle();
      const next = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#timers.delete(next);
      this.#now = next.at;
      next.callback();
    }
    this.#now = end;
    await settle();
  }
}

/** Lets everything that is only waiting for promises run. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

export class FakeFiles implements FileSystem {
  readonly contents = new Map<string, string>();
  readonly directories = new Set<string>();
  #watchers = new Map<string, Set<() => void>>();

  constructor(contents: Readonly<Record<string, string>> = {}) {
    for (const [path, text] of Object.entries(contents)) this.contents.set(path, text);
  }

  /** Changes a file as another program would. */
  change(path: string, text: string | undefined): void {
    if (text === undefined) this.contents.delete(path);
    else this.contents.set(path, text);
    for (const listener of [...(this.#watchers.get(path) ?? [])]) listener();
  }

  get watcherCount(): number {
    return [...this.#watchers.values()].reduce((count, listeners) => count + listeners.size, 0);
  }

  async read(path: string, { maxBytes }: { readonly maxBytes: number }): Promise<{ text: string; hash: string }> {
    if (this.directories.has(path)) throw new FileError('is-directory', path, `${path} is a folder`);
    const text = this.contents.get(path);
    if (text === undefined) throw new FileError('not-found', path, `${path} does not exist`);
    if (text.length > maxBytes) throw new FileError('too-large', path, `${path} is too large`);
    return { text, hash: hashOf(text) };
  }

  async write(path: string, text: string, { expected }: { readonly expected: string }): Promise<string> {
    const current = this.contents.get(path);
    if ((current === undefined ? 'new' : hashOf(current)) !== expected) throw new FileError('changed', path, `${path} changed`);
    this.change(path, text);
    return hashOf(text);
  }

  async writePrivate(path: string, text: string): Promise<void> {
    this.contents.set(path, text);
  }

  async exists(path: string): Promise<boolean> {
    return this.contents.has(path) || this.directories.has(path);
  }

  async isDirectory(path: string): Promise<boolean> {
    return this.directories.has(path);
  }

  /** By path; nobody for the others. */
  readonly readableBy = new Map<string, 'group' | 'everybody'>();
  async othersWhoMayRead(path: string): Promise<'nobody' | 'group' | 'everybody'> {
    return this.readableBy.get(path) ?? 'nobody';
  }

  async remove(path: string): Promise<void> {
    for (const name of [...this.contents.keys()]) if (name === path || name.startsWith(`${path}/`)) this.contents.delete(name);
  }

  /** Folder and time of every call. */
  readonly swept: (readonly [folder: string, at: number])[] = [];
  async removeOlder(folder: string, at: number): Promise<void> {
    this.swept.push([folder, at]);
  }

  watch(path: string, listener: () => void): { dispose(): void } {
    const listeners = this.#watchers.get(path) ?? new Set();
    this.#watchers.set(path, listeners);
    listeners.add(listener);
    return toDisposable(() => listeners.delete(listener));
  }

  join(...parts: string[]): string {
    return parts.join('/').replaceAll(/\/+/g, '/');
  }

  resolve(base: string, path: string): string {
    if (path.startsWith('/')) return path;
    return path.startsWith('~') ? `/home/user${path.slice(1)}` : this.join(base, path).replaceAll('/./', '/').replace(/\/\.$/, '');
  }

  dirname(path: string): string {
    return path.slice(0, Math.max(1, path.lastIndexOf('/')));
  }

  basename(path: string): string {
    return path.slice(path.lastIndexOf('/') + 1);
  }
}

/** Readable rather than cryptographic: equal texts, equal hashes. */
function hashOf(text: string): string {
  return `text:${text}`;
}

export class FakeSecrets implements Secrets {
  readonly values = new Map<string, string>();
  readonly description = 'the test’s memory';
  async get(name: string): Promise<string | undefined> {
    return this.values.get(name);
  }
  async set(name: string, value: string): Promise<void> {
    this.values.set(name, value);
  }
  async delete(name: string): Promise<void> {
    this.values.delete(name);
  }
}

export class FakeProcesses implements ProcessRunner {
  /** Command name → path. */
  readonly installed = new Map<string, string>();
  /** Path → answer to its version call. */
  readonly answers = new Map<string, ProcessResult | Error>();
  readonly calls: (readonly string[])[] = [];

  async which(command: string): Promise<string | undefined> {
    return this.installed.get(command);
  }

  /** No unit test starts a program that goes on. */
  start(): Promise<never> {
    return Promise.reject(new OperatorError('process', 'nothing is started in unit tests'));
  }

  async run(argv: readonly string[]): Promise<ProcessResult> {
    this.calls.push(argv);
    const answer = this.answers.get(argv[0] ?? '');
    if (answer instanceof Error) throw answer;
    return answer ?? { code: 0, stdout: '', stderr: '' };
  }
}

export type Responder = (request: HttpRequest) => { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string } | HttpFailure | Promise<{ readonly status?: number; readonly body?: string }>;

export class FakeHttp implements Http {
  readonly requests: HttpRequest[] = [];
  respond: Responder;

  constructor(respond: Responder = () => new HttpFailure('refused', 'nothing listens')) {
    this.respond = respond;
  }

  async request(request: HttpRequest): Promise<HttpResponse> {
    this.requests.push(request);
    const answer = await this.respond(request);
    if (answer instanceof Error) throw answer;
    const { status = 200, body = '' } = answer;
    const headers = 'headers' in answer && answer.headers ? answer.headers : { 'content-type': 'application/json' };
    return {
      status,
      headers,
      body: (async function* () {
        yield new TextEncoder().encode(body);
      })(),
    };
  }

  dispose(): void {}
}

export function fakeEnv(variables: Readonly<Record<string, string>> = {}, values: Partial<Env> = {}): Env {
  return { get: (name) => variables[name], all: () => variables, platform: 'linux', homeDir: '/home/user', operatorHome: '/home/user/.operator', ...values };
}

/** Keeps what was logged, so that a test can look for what must not be there. */
export class FakeLog implements Log {
  readonly lines: string[] = [];
  trace(message: string): void {
    this.lines.push(message);
  }
  debug(message: string): void {
    this.lines.push(message);
  }
  info(message: string): void {
    this.lines.push(message);
  }
  warn(message: string): void {
    this.lines.push(message);
  }
  error(message: string, error?: unknown): void {
    this.lines.push(`${message} ${String(error ?? '')}`);
  }
}

export interface FakePorts extends Ports {
  readonly files: FakeFiles;
  readonly processes: FakeProcesses;
  readonly http: FakeHttp;
  readonly clock: FakeClock;
  readonly secrets: FakeSecrets;
  readonly log: FakeLog;
}

export function fakePorts(options: { readonly files?: Readonly<Record<string, string>>; readonly env?: Readonly<Record<string, string>> } = {}): FakePorts {
  let ids = 0;
  return {
    files: new FakeFiles(options.files),
    processes: new FakeProcesses(),
    http: new FakeHttp(),
    clock: new FakeClock(),
    random: { uuid: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}` },
    secrets: new FakeSecrets(),
    env: fakeEnv(options.env),
    log: new FakeLog(),
  };
}
