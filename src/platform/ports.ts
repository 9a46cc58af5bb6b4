/** The ports of a Node process, put together. */
import type { Env, Log, Ports, Secrets } from '../core/ports.ts';
import { createSystemClock } from './clock.ts';
import { createEnv, type ProcessEnv } from './env.ts';
import { createFileSystem } from './files.ts';
import { createHttp } from './http.ts';
import { createLineLog, isLogLevel, redactLog } from './log.ts';
import { createProcessRunner } from './processes.ts';
import { createSystemRandom } from './random.ts';
import { createRedactor, type Redactor, secretVariableName } from './redact.ts';
import { rememberRuns } from './remembered-runs.ts';
import { createKeyring } from './secrets.ts';

export interface NodePorts extends Ports {
  /** Knows every key that passed through these ports. */
  readonly redactor: Redactor;
}

/** What a host has better than Node: VS Code its secrets, its log and the variables of its terminals. */
export interface PortOverrides {
  readonly secrets?: Secrets;
  readonly log?: Log;
  readonly redactor?: Redactor;
  readonly env?: (env: Env) => Env;
  /** Take what programs said about their version earlier as long as their files are the same, or ask anew and remember it. */
  readonly rememberVersions?: 'use' | 'refresh';
}

/** `http` must be disposed. Without a log of the host, `OPERATOR_LOG=debug` writes to standard error. */
export function createNodePorts(overrides: PortOverrides = {}): NodePorts {
  const clock = createSystemClock();
  const processEnv = createEnv();
  const env = overrides.env?.(processEnv) ?? processEnv;
  const redactor = overrides.redactor ?? createRedactor();
  for (const [name, value] of Object.entries(env.all())) if (secretVariableName.test(name)) redactor.add(value);
  const files = createFileSystem(env);
  const processes = createProcessRunner(env === processEnv ? processEnv : withAppendPath(env, processEnv));
  return {
    files,
    processes: overrides.rememberVersions ? rememberRuns(processes, { files, clock, file: files.join(env.operatorHome, 'state', 'versions.json'), mode: overrides.rememberVersions }) : processes,
    http: createHttp(),
    clock,
    random: createSystemRandom(),
    secrets: noting(overrides.secrets ?? createKeyring(), redactor),
    env,
    log: overrides.log ?? createStderrLog(env, redactor),
    redactor,
  };
}

/** Folders that are found later are appended to the process's own PATH, which the host's view is made of. */
function withAppendPath(env: Env, processEnv: ProcessEnv): ProcessEnv {
  return {
    get: env.get,
    all: env.all,
    platform: env.platform,
    homeDir: env.homeDir,
    get operatorHome() {
      return env.operatorHome;
    },
    appendPath: processEnv.appendPath,
  };
}

function createStderrLog(env: Env, redactor: Redactor): Log {
  const level = env.get('OPERATOR_LOG') ?? 'off';
  const log = createLineLog((line) => void process.stderr.write(line), isLogLevel(level) ? level : 'off', Date.now);
  return redactLog(log, redactor);
}

/** Keys that are read or written become known to the redactor before anybody can print them. */
function noting(secrets: Secrets, redactor: Redactor): Secrets {
  return {
    description: secrets.description,
    async get(name) {
      const value = await secrets.get(name);
      redactor.add(value);
      return value;
    },
    set(name, value) {
      redactor.add(value);
      return secrets.set(name, value);
    },
    delete: (name) => secrets.delete(name),
  };
}
