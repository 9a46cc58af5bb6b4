/** One question, one answer on standard output, nothing else there: for pipes and scripts. */
import { chat } from '../../core/chat/chat.ts';
import type { ChatEvent } from '../../core/chat/model.ts';
import { exitCodes } from '../exit-codes.ts';
import { printMessage } from '../output/messages.ts';
import type { Session } from '../session.ts';
import type { ChatEndpoint } from './endpoint.ts';
import { printable } from './render.ts';
import type { NodePorts } from '../../platform/ports.ts';

export async function printAnswer(session: Session, endpoint: ChatEndpoint, prompt: string, { http, clock }: Pick<NodePorts, 'http' | 'clock'>): Promise<number> {
  const { stdout, stderr } = session;
  let answer = '';
  let last: ChatEvent | undefined;
  for await (const event of chat({ ...endpoint, messages: [{ role: 'user', content: prompt }], http, clock })) {
    last = event;
    if (event.type !== 'text-delta') continue;
    answer += event.text;
    // In a file or a pipe the answer stands as it came.
    stdout.write(stdout.isTerminal ? printable(event.text) : event.text);
  }
  if (answer !== '' && !answer.endsWith('\n')) stdout.write('\n');
  if (last?.type === 'error') {
    const { message, hint } = last.failure;
    printMessage(stderr, { severity: 'error', message, hint });
    return exitCodes.refused;
  }
  if (answer.trim() === '') {
    printMessage(stderr, { severity: 'error', message: 'The model answered with nothing', hint: 'Ask again, or ask another model' });
    return exitCodes.refused;
  }
  if (last?.type === 'finish' && last.reason === 'length') printMessage(stderr, { severity: 'warning', message: 'The answer is cut off at the limit of its length' });
  if (last?.type === 'finish' && last.reason === 'refusal') printMessage(stderr, { severity: 'warning', message: 'The server withholds the rest of the answer' });
  return exitCodes.done;
}
