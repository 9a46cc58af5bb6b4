/** What a request leaves behind: a line of the log, and a record for those who follow the gateway. Neither holds a body. Pure. */
import type { RequestRecord } from '../core/gateway/control.ts';
import type { Log } from '../core/ports.ts';
import type { ExchangeRecord } from './exchange-context.ts';
import type { EndedRequest } from './server.ts';
import { tokensOf } from './usage/meter.ts';

/** Failures always, the rest for those who look closely. */
export function logExchange(log: Log, { session, server, model, from, to, stream, ms, error, usage, warnings }: ExchangeRecord): void {
  const tokens = usage ? `, ${(usage.inputUncached ?? 0) + (usage.cacheRead ?? 0) + (usage.cacheWrite ?? 0)} + ${(usage.outputText ?? 0) + (usage.outputReasoning ?? 0)} tokens` : '';
  const line = `session ${session}: ${from}${from === to ? '' : ` → ${to}`}${stream ? ', streamed' : ''}, ${model} on ${server}, ${ms} ms${tokens}${warnings.length > 0 ? `, left out: ${warnings.join(', ')}` : ''}`;
  // Not its message: a server may quote what it was sent. The session's row has that, in memory.
  if (error) log.warn(`${line}: ${error.status} ${error.type}`);
  else log.debug(line);
}

/** `at`: epoch ms. */
export function recordOf({ exchange, ...request }: EndedRequest, at: number): RequestRecord {
  if (!exchange) return { at, ...request };
  const { model, server, from, to, usage, error } = exchange;
  const { inputTokens, outputTokens } = usage ? tokensOf(usage) : {};
  return {
    at,
    ...request,
    model,
    modelServer: server,
    from,
    to,
    ...(inputTokens !== undefined && { inputTokens }),
    ...(outputTokens !== undefined && { outputTokens }),
    ...(error && { error: error.message }),
  };
}
