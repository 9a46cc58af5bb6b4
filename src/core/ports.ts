/**
 * Everything the core may ask of the outside world. `src/platform` implements these for Node,
 * `src/vscode/ports.ts` the two that VS Code owns (secrets, log), `test/unit/fakes.ts` fakes for unit tests.
 */
import type { Disposable } from '../base/disposable.ts';

export interface FileContent {
  readonly text: string;
  /** Hash of the exact bytes; the token for {@link FileSystem.write}. */
  readonly hash: string;
}

export type FileProblem = 'not-found' | 'is-directory' | 'too-large' | 'not-utf8' | 'denied' | 'changed' | 'unreadable';

/** Thrown by {@link FileSystem}; `problem` is for code, `message` for people. */
export class FileError extends Error {
  override readonly name = 'FileError';
  readonly problem: FileProblem;
  readonly path: string;
  constructor(problem: FileProblem, path: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.problem = problem;
    this.path = path;
  }
}

export interface FileSystem {
  /** @throws FileError: 'too-large' above `maxBytes`, 'not-utf8' for anything that is not strict UTF-8 (a BOM is kept in the text). */
  read(path: string, options: { readonly maxBytes: number; readonly signal?: AbortSignal }): Promise<FileContent>;
  /**
   * Writes atomically (temporary file and rename, in place where renaming is refused), keeping mode, owner and symlinks
   * and one backup beside the file (`<name>.bak`).
   * `expected` is the hash that was read, or 'new' for a file that must not exist yet; otherwise FileError 'changed'.
   * `mode` counts for new files. @returns the new hash.
   */
  write(path: string, text: string, options: { readonly expected: string | 'new'; readonly mode?: number }): Promise<string>;
  /** Writes a private file (0600) in a private folder (0700), replacing what is there. For the files of a session. */
  writePrivate(path: string, text: string): Promise<void>;
  exists(path: string): Promise<boolean>;
  isDirectory(path: string): Promise<boolean>;
  /** Who besides its owner may read the file; nobody where it is not there, and where the platform has no such rights. */
  othersWhoMayRead(path: string): Promise<'nobody' | 'group' | 'everybody'>;
  /** Deletes a file or a whole folder; nothing there is fine. */
  remove(path: string): Promise<void>;
  /** Deletes what lies in `folder` and was last changed before `at` (epoch ms), and the oldest above `keep`; no such folder is fine. */
  removeOlder(folder: string, at: number, options?: { readonly keep?: number }): Promise<void>;
  /** Calls `listener` after the file at `path` was created, changed, replaced or deleted, debounced. The folder may not exist yet. */
  watch(path: string, listener: () => void): Disposable;
  join(...parts: string[]): string;
  /** Absolute form of `path`, relative to `base`; a leading `~` is the home folder. */
  resolve(base: string, path: string): string;
  dirname(path: string): string;
  basename(path: string): string;
}

export interface ProcessResult {
  /** null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process that was started and goes on. */
export interface StartedProcess {
  /** The first line that it printed. */
  readonly line: string;
  readonly pid: number;
  /** Asks it to end; harmless afterwards. */
  end(): void;
  /** Resolves with its exit code when it has ended, null after a signal. Never rejects. */
  readonly ended: Promise<number | null>;
}

export interface ProcessRunner {
  /**
   * Starts argv (never through a shell), hands it `input` on standard input and waits for its first line of output.
   * With `detached` it outlives this process, and its standard input is closed; otherwise that stays open, so that it can see
   * this process end. @throws OperatorError 'process' when it ends or says nothing within `timeoutMs`; it is ended then.
   */
  start(argv: readonly string[], options: { readonly input: string; readonly env: Readonly<Record<string, string>>; readonly cwd: string; readonly detached: boolean; readonly timeoutMs: number }): Promise<StartedProcess>;
  /** Runs argv (never through a shell) to its end with closed standard input. @throws OperatorError 'process' when it cannot start or the time is over; its process tree is ended then. */
  run(argv: readonly string[], options: { readonly timeoutMs: number; readonly env?: Readonly<Record<string, string>>; readonly cwd?: string; readonly maxBytes?: number; readonly signal?: AbortSignal }): Promise<ProcessResult>;
  /** Absolute path of `command` as the user's terminals would find it (PATH, PATHEXT on Windows), or undefined. */
  which(command: string): Promise<string | undefined>;
  /** argv that starts the program at `path` without a shell where that is not the path itself (command shims on Windows). */
  startWith?(path: string): Promise<readonly string[] | undefined>;
}

/** Why no HTTP answer came. */
export type HttpFailureKind = 'refused' | 'dns' | 'timeout' | 'tls' | 'proxy' | 'reset' | 'unreachable' | 'invalid' | 'aborted';

/** Thrown by {@link Http}. `message` never holds a URL's query or credentials. */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure';
  readonly kind: HttpFailureKind;
  constructor(kind: HttpFailureKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** http, https or socks5 URL. A bad or dead one is an error, never a silent direct call. */
  readonly proxy?: string;
  /** Until the response headers. Body reading is bounded by `signal`. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Must be read to its end or left by `break`/`return`, which closes the connection. Decompressed. */
  readonly body: AsyncIterable<Uint8Array>;
  /** From the beginning of the connection to the headers; absent where nobody measured. */
  readonly elapsedMs?: number;
}

export interface Http extends Disposable {
  /** Never follows a redirect: the caller sees the 3xx. @throws HttpFailure */
  request(request: HttpRequest): Promise<HttpResponse>;
}

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Runs `callback` once after `ms`. */
  after(ms: number, callback: () => void): Disposable;
}

export interface Random {
  uuid(): string;
}

/** Named keys of the user: VS Code's SecretStorage or the operating system's keyring. */
export interface Secrets {
  get(name: string): Promise<string | undefined>;
  set(name: string, value: string): Promise<void>;
  delete(name: string): Promise<void>;
  /** For messages: where the keys are, such as "VS Code's secret storage". */
  readonly description: string;
}

export interface Env {
  get(name: string): string | undefined;
  /** The environment a launched agent inherits. */
  all(): Readonly<Record<string, string>>;
  readonly platform: 'linux' | 'darwin' | 'win32' | 'other';
  readonly homeDir: string;
  /** `OPERATOR_HOME`, else `~/.operator`. */
  readonly operatorHome: string;
}

/** Messages go through redaction at the sink; never hand it prompts or bodies. */
export interface Log {
  trace(message: string): void;
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string, error?: unknown): void;
}

export interface Ports {
  readonly files: FileSystem;
  readonly processes: ProcessRunner;
  readonly http: Http;
  readonly clock: Clock;
  readonly random: Random;
  readonly secrets: Secrets;
  readonly env: Env;
  readonly log: Log;
}
