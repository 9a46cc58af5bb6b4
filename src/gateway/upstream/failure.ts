/** What a failed attempt means to a client. The words name the server as the user knows it, and what to do. */
import { assertNever } from '../../base/assert.ts';
import type { ModelServer } from '../../core/config/model.ts';
import { serverKind } from '../../core/servers/kinds.ts';
import { unreachableStatus } from '../protocol/http-errors.ts';
import type { IrError } from '../protocol/ir.ts';
import type { UpstreamFailure } from './upstream-failure.ts';

/**
 * A server that is not there is no matter of trying again in a second: `unreachableStatus` becomes one that agents do not
 * repeat for minutes. An answer that broke off is another matter: the next one may be whole.
 */
export function describeFailure(failure: UpstreamFailure, server: ModelServer): IrError {
  const name = server.displayName === server.name ? server.name : `${server.displayName} (${server.name})`;
  const message = `Model server ${name}: ${failure.message}`;
  switch (failure.kind) {
    case 'refused':
      return { type: 'network', status: unreachableStatus, message: `${message}. ${serverKind(server.kind).startHint}` };
    case 'forbidden':
    case 'dns':
    case 'tls':
    case 'proxy':
    case 'network':
    case 'connect-timeout':
    case 'protocol':
    // It may have died of this very request.
    case 'reset':
      return { type: 'network', status: unreachableStatus, message };
    case 'first-byte-timeout':
    case 'idle-timeout':
      return { type: 'timeout', status: unreachableStatus, message };
    case 'reset-midway':
      return { type: 'truncated', status: 502, message };
    case 'aborted':
      return { type: 'network', status: 499, message: 'The request was aborted' };
    default:
      return assertNever(failure.kind);
  }
}
