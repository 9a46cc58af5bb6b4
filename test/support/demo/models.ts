/** The models of the demo server and what they say. Every name and every answer shows that it is a demo. */
import { BadRequest, field } from './route.ts';

export interface DemoModel {
  readonly name: string;
  readonly sizeBytes: number;
  readonly parameters: string;
  readonly context: number;
  readonly about: string;
  reply(said: Said): Reply;
}

export interface Said {
  /** The last message of the user. */
  readonly last: string;
  /** How many messages of the user there were, this one included. */
  readonly count: number;
}

export interface Reply {
  readonly thinking?: string;
  readonly text: string;
}

export const demoModels: readonly DemoModel[] = [
  {
    name: 'demo-echo',
    sizeBytes: 1_200_000_000,
    parameters: '1.2B',
    context: 8_192,
    about: 'says what you said',
    reply: ({ last, count }) => ({ text: `[demo] You said: ${last}${count > 1 ? `\n\n(That was your message number ${count}; I remember the others.)` : ''}` }),
  },
  {
    name: 'demo-poet',
    sizeBytes: 4_700_000_000,
    parameters: '7.6B',
    context: 32_768,
    about: 'answers in verse',
    reply: ({ last }) => ({
      text: `[demo] A verse on “${shorten(last)}”:\n\nA tool on the left and a model on the right,\nOne file says who talks to whom tonight;\nNo key was harmed, no cloud was near –\nthese lines were canned, but loaded here.`,
    }),
  },
  {
    name: 'demo-thinker',
    sizeBytes: 9_300_000_000,
    parameters: '14.8B',
    context: 131_072,
    about: 'thinks before it answers',
    reply: ({ last }) => ({
      thinking: `The user wrote ${last.length} characters. This is a demo, so there is nothing to work out, but thinking aloud shows how reasoning looks.`,
      text: `[demo] I have thought about “${shorten(last)}” and came to no conclusion, because I am a canned answer.`,
    }),
  },
];

/** Models that the demo has only once they were pulled. */
export const downloadable: readonly DemoModel[] = [
  {
    name: 'demo-novelist',
    sizeBytes: 2_400_000_000,
    parameters: '3.1B',
    context: 16_384,
    about: 'begins a story',
    reply: ({ last }) => ({ text: `[demo] Chapter one, in which somebody asks “${shorten(last)}”.\n\nIt was a canned and stormy night.` }),
  },
];

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}

/** @throws BadRequest 400 */
export function readMessages(body: unknown): Said {
  const messages = field(body, 'messages');
  if (!Array.isArray(messages)) throw new BadRequest(400, 'messages must be a list', 'invalid_messages');
  const texts = messages.filter((message) => field(message, 'role') === 'user').map((message) => textOf(field(message, 'content')));
  return { last: texts.at(-1) ?? '', count: texts.length };
}

/** A text, or a list of parts with texts. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return Array.isArray(content) ? content.map((part) => field(part, 'text')).filter((text) => typeof text === 'string').join('') : '';
}
