/** What a failed attempt means to a client. The words name the server as the user knows it, and what to do. */
import { assertNever } from '../../base/assert.ts';
import type { ModelServer } from '../../core/config/model.ts';
import { serverKind } from '../../core/servers/kinds.ts';
import type { IrError } from '../protocol/ir.ts';
import type { UpstreamFailure } from './transport.ts';

/**
 * A server that is not there is no matter of trying again in a second: `network` and `timeout` are answered with statuses
 * that agents do not retry for minutes (research on the clients: docs/GATEWAY.md).
 */
export function describeFailure(failure: UpstreamFailure, server: ModelServer): IrError {
  const name = server.displayName === server.name ? server.name : `${server.displayName} (${server.name})`;
  switch (failure.kind) {
    case 'refused':
      return { type: 'network', status: 502, message: `Model server ${name}: ${failure.message}. ${serverKind(server.kind).startHint}` };
    case 'dns':
    case 'tls':
    case 'proxy':
    case 'network':
    case 'connect-timeout':
    case 'protocol':
      return { type: 'network', status: 502, message: `Model server ${name}: ${failure.message}` };
    case 'first-byte-timeout':
      return { type: 'timeout', status: 504, message: `Model server ${name}: ${failure.message}` };
    case 'idle-timeout':
    case 'reset':
      return { type: 'truncated', status: 502, message: `Model server ${name}: ${failure.message}` };
    case 'aborted':
      return { type: 'network', status: 499, message: 'The request was aborted' };
    default:
      return assertNever(failure.kind);
  }
}
