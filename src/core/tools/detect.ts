/** Looks for LLM tools on this machine: on PATH as the user's terminals see it, and by their own word about their version. */
import lessThan from 'semver/functions/lt.js';
import { describeError } from '../errors.ts';
import type { ProcessRunner } from '../ports.ts';
import type { Detection, LlmTool, ToolRecord } from './model.ts';

/** gemini needs two seconds on a fast machine. */
const defaultTimeoutMs = 10_000;

export interface DetectOptions {
  readonly processes: ProcessRunner;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/** Where the tool is, without asking it for its version: milliseconds. `chat` is the caller's to answer. */
export async function locateTool(tool: LlmTool, { processes }: Pick<DetectOptions, 'processes'>): Promise<Detection> {
  const path = await processes.which(commandOf(tool));
  if (path === undefined) return { state: 'missing' };
  const startWith = await processes.startWith?.(path);
  return { state: 'found', path, ...(startWith && { startWith }), outdated: false };
}

/** A relative path counts from the workspace root, or the folder of the user's file, that names it; a bare name from the PATH. */
function commandOf({ record: { command }, custom }: LlmTool): string {
  const isRelative = /[\\/]/.test(command) && !/^(?:[\\/~]|[A-Za-z]:)/.test(command);
  if (!isRelative || !custom || custom.origin.layer === 'builtin') return command;
  const { origin } = custom;
  return `${origin.layer === 'workspace' ? origin.root : origin.file.replace(/[\\/][^\\/]*$/, '')}/${command}`;
}

/**
 * Finds the tool and reads its version. A program that is there and does not tell its version is found with a problem: npm leaves
 * such programs behind when install scripts are switched off.
 */
export async function detectTool(tool: LlmTool, options: DetectOptions): Promise<Detection> {
  const found = await locateTool(tool, options);
  if (found.state !== 'found') return found;
  const { processes, signal, timeoutMs = defaultTimeoutMs } = options;
  const { record } = tool;
  try {
    const { code, stdout, stderr } = await processes.run([...(found.startWith ?? [found.path]), ...record.versionArgs], { timeoutMs, signal, maxBytes: 64 * 1024 });
    const version = findVersion(stdout) ?? findVersion(stderr);
    if (code !== 0) return { ...found, version, problem: `${record.command} ${record.versionArgs.join(' ')} ended with ${code === null ? 'a signal' : `exit code ${code}`}${firstLine(stderr || stdout)}` };
    if (version === undefined) return { ...found, problem: `${record.command} ${record.versionArgs.join(' ')} printed no version` };
    return { ...found, version, ...compare(record, version) };
  } catch (error) {
    if (signal?.aborted) throw error;
    return { ...found, problem: describeError(error) };
  }
}

/** The first `1.2.3` in a text, with its pre-release part. */
export function findVersion(text: string): string | undefined {
  return /(?<![\d.])\d+\.\d+\.\d+(?!\.?\d)(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?/.exec(text)?.[0];
}

function compare({ minVersion, displayName }: ToolRecord, version: string): { readonly outdated: boolean; readonly problem?: string } {
  let outdated = false;
  try {
    outdated = minVersion !== undefined && lessThan(version, minVersion);
  } catch {
    return { outdated: false }; // not a version after all (leading zeros and the like): nothing to compare
  }
  return outdated ? { outdated, problem: `${displayName} ${version} is older than ${minVersion}, the first version that Operator knows how to launch` } : { outdated };
}

function firstLine(text: string): string {
  const line = text.split('\n').map((part) => part.trim()).find((part) => part !== '');
  return line === undefined ? '' : `: ${line.slice(0, 200)}`;
}
