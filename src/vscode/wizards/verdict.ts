/** What a probe's result means for somebody who is about to add the server. Pure. */
import { assertNever } from '../../base/assert.ts';
import { plural } from '../../base/text.ts';
import type { Health } from '../../core/servers/health.ts';
import type { ServerKind } from '../../core/servers/kinds.ts';
import type { Verdict } from '../ui/ui.ts';

/**
 * A server that is not there now may be there later, which is a warning; an answer that no such server gives cannot become right
 * and is refused.
 */
export function verdictOf(health: Health, kind: ServerKind): Verdict {
  const name = [kind.displayName, ...(health.version ? [health.version] : [])].join(' ');
  switch (health.state) {
    case 'healthy':
    case 'busy':
      return { type: 'ok', message: `${name} answers with ${plural(health.models.length, 'model')}` };
    case 'starting':
      return { type: 'ok', message: `${name} answers and is loading a model` };
    case 'no-models':
      return { type: 'ok', message: `${name} answers and has no models yet` };
    case 'rate-limited':
      return { type: 'ok', message: `${name} answers and limits requests right now` };
    case 'unauthorized':
      return health.cause === 'key-refused' ? { type: 'refused', message: reason(health) } : { type: 'ok', message: `${name} answers and asks for a key` };
    case 'unhealthy':
      return cannotBecomeRight(health, kind) ? { type: 'refused', message: reason(health) } : { type: 'warning', message: reason(health) };
    case 'misconfigured':
      return { type: 'refused', message: reason(health) };
    case 'offline':
    case 'unreachable':
      return { type: 'warning', message: reason(health) };
    case 'unknown':
      return { type: 'ok' };
    default:
      return assertNever(health.state);
  }
}

function cannotBecomeRight({ cause }: Health, kind: ServerKind): boolean {
  // Some compatible servers list no models; theirs are named in operator.toml.
  if (cause === 'not-found') return kind.id !== 'openai-compat';
  return cause === 'html' || cause === 'not-http' || cause === 'not-json' || cause === 'wrong-shape' || cause === 'redirect';
}

function reason({ message, hint }: Health): string {
  return hint ? `${message}. ${hint}` : message;
}
