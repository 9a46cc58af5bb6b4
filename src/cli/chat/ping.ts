/** Asks a model one word, to see whether it answers at all. */
import { chat, type ChatOptions } from '../../core/chat/chat.ts';
import { type SwitchOutcome, switchPing } from '../../core/proving/switch.ts';
import type { NodePorts } from '../../platform/ports.ts';
import type { ChatEndpoint } from './endpoint.ts';

/** Leaves at the first sign of an answer, which makes the server stop. */
export async function ping({ server, protocol, key, model }: ChatEndpoint, { http, clock }: Pick<NodePorts, 'http' | 'clock'>, signal: AbortSignal): Promise<SwitchOutcome> {
  const late = new AbortController();
  const timer = clock.after(switchPing.withinMs, () => late.abort());
  const options: ChatOptions = { server, protocol, ...(key !== undefined && { key }), model, messages: [{ role: 'user', content: switchPing.message }], maxTokens: switchPing.maxTokens, http, clock, signal: AbortSignal.any([signal, late.signal]) };
  try {
    for await (const event of chat(options)) {
      if (event.type === 'usage') continue;
      if (event.type !== 'error') return { type: 'answered' };
      if (!late.signal.aborted) return { type: 'failed', failure: event.failure };
      return { type: 'failed', failure: { kind: 'silent', message: `Nothing came within ${switchPing.withinMs / 1000} s`, hint: 'Let the server load it first, and switch then' } };
    }
  } finally {
    timer.dispose();
  }
  return { type: 'answered' };
}
