/** Versions of servers with a known hole that reaches whoever can reach the port. */
import coerce from 'semver/functions/coerce.js';
import lessThan from 'semver/functions/lt.js';
import type { ServerKindId } from './kinds.ts';

interface Vulnerability {
  readonly kind: ServerKindId;
  /** First version that has it; absent: all before `fixed`. */
  readonly since?: string;
  readonly fixed: string;
  readonly text: string;
}

const vulnerabilities: readonly Vulnerability[] = [
  // Heap read through /api/create; nvd.nist.gov/vuln/detail/CVE-2026-7482
  { kind: 'ollama', fixed: '0.17.1', text: 'leaks its memory, keys and prompts included, to whoever can reach it (CVE-2026-7482)' },
  // Before any authentication; GHSA-r75f-5x8p-qvmc
  { kind: 'litellm', since: '1.81.16', fixed: '1.83.7', text: 'gives its database, keys included, to whoever can reach it (CVE-2026-42208)' },
  // The option to forbid a model's own code is ignored for parts of a model.
  { kind: 'vllm', since: '0.10.1', fixed: '0.18.0', text: 'may run code of the models it loads even where that is forbidden (CVE-2026-27893)' },
];

/** @param version as the server tells it; a build without a version (`0.0.0`) is not judged */
export function vulnerabilityWarnings(kind: ServerKindId, version: string | undefined, displayName: string): readonly string[] {
  const parsed = coerce(version);
  if (!parsed || parsed.version === '0.0.0') return [];
  return vulnerabilities.filter((entry) => entry.kind === kind && lessThan(parsed, entry.fixed) && !(entry.since !== undefined && lessThan(parsed, entry.since))).map(({ text, fixed }) => `${displayName} ${version} ${text}: update to ${fixed} or later`);
}
