/** The words and icons of a state: one table, so that a row, a tooltip and the CLI never differ. */
import { assertNever } from '../../base/assert.ts';
import type { HealthState } from '../servers/health.ts';
import type { Origin } from '../config/model.ts';
import type { Placement } from '../protocol.ts';
import type { Tone } from './node.ts';

export interface StateWords {
  /** Lower case, for descriptions. */
  readonly words: string;
  /** Codicon id. */
  readonly icon: string;
  readonly tone: Tone;
}

const health: Readonly<Record<HealthState, StateWords>> = {
  healthy: { words: 'healthy', icon: 'pass', tone: 'ok' },
  busy: { words: 'busy', icon: 'pass', tone: 'ok' },
  starting: { words: 'starting', icon: 'loading~spin', tone: 'busy' },
  'no-models': { words: 'no models', icon: 'warning', tone: 'warning' },
  unauthorized: { words: 'unauthorized', icon: 'key', tone: 'error' },
  'rate-limited': { words: 'rate limited', icon: 'watch', tone: 'warning' },
  unhealthy: { words: 'unhealthy', icon: 'error', tone: 'error' },
  offline: { words: 'offline', icon: 'debug-disconnect', tone: 'error' },
  unreachable: { words: 'unreachable', icon: 'debug-disconnect', tone: 'error' },
  misconfigured: { words: 'misconfigured', icon: 'error', tone: 'error' },
  unknown: { words: 'not probed', icon: 'circle-outline', tone: 'neutral' },
};

export function healthWords(state: HealthState): StateWords {
  return health[state];
}

export function placementWords(placement: Placement): string {
  switch (placement) {
    case 'local':
      return 'local: runs on this machine';
    case 'self-hosted':
      return 'self-hosted: stays on your infrastructure';
    case 'third-party':
      return 'third-party: data leaves your infrastructure';
    default:
      return assertNever(placement);
  }
}

/** Where an entry comes from; `rootName` is given when there are several workspace roots, and says more than "workspace" then. */
export function originWords(origin: Origin, rootName?: string): string {
  switch (origin.layer) {
    case 'workspace':
      return rootName ?? 'workspace';
    case 'user':
      return 'user';
    case 'builtin':
      return origin.impliedBy === undefined ? 'builtin' : `implied by ${origin.impliedBy}`;
    default:
      return assertNever(origin);
  }
}
