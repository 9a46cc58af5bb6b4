/**
 * A model by rules that passes every level of a model test, in whatever protocol it is asked, and others that fail at one level each.
 * It looks at what it is sent as a model would: the words, the tools, their results, the pixels of a picture.
 */
import { inflateSync } from 'node:zlib';
import { turns } from '../../src/core/proving/notes.ts';
import { drawNumber } from '../../src/core/proving/picture.ts';
import type { Part } from './dialects/index.ts';

export interface Seen {
  /** The whole request as JSON text. */
  readonly text: string;
  readonly offeredTools: readonly string[];
  /** As JSON text. */
  readonly toolResults: readonly string[];
  /** Base64. */
  readonly pictures: readonly string[];
}

/** What a model does wrong. */
export type ModelFault =
  | 'says nothing'
  | 'never calls the tool'
  | 'writes the call as text'
  | 'calls with wrong arguments'
  | 'calls another tool'
  | 'ignores the result'
  | 'calls again and again'
  | 'forgets the notes'
  | 'calls at a greeting'
  | 'is blind'
  | 'wraps JSON in Markdown'
  | 'answers in words'
  | 'invents a field';

const forecast = { city: 'Lisbon', days: 3, unit: 'celsius' };

/** @returns what it says, or undefined where the request is none of a model test */
export function speakByRules(seen: Seen, fault?: ModelFault): readonly Part[] | undefined {
  if (fault === 'says nothing') return [{ type: 'text', text: '' }];
  if (seen.text.includes('single word: ready')) return say('ready');
  if (seen.text.includes('Count from one to thirty')) return say(numbers.join(', '));
  if (seen.text.includes('weather be like in Lisbon')) return weather(seen, fault);
  if (seen.text.includes("keep the user's notes")) return converse(seen, fault);
  if (seen.text.includes('Which number is written')) return say(fault === 'is blind' ? 'I think that it is 42.' : `It is ${readNumber(seen.pictures[0]) ?? 'not to be seen'}.`);
  if (seen.text.includes('Marie Curie')) return say(person(fault));
  return undefined;
}

function say(text: string): readonly Part[] {
  return [{ type: 'text', text }];
}

function call(name: string, values: Readonly<Record<string, unknown>>): readonly Part[] {
  return [{ type: 'call', name, arguments: values }];
}

function weather({ offeredTools, toolResults }: Seen, fault: ModelFault | undefined): readonly Part[] {
  if (fault === 'never calls the tool' || !offeredTools.includes('get_forecast')) return say('It is always sunny in Lisbon.');
  if (fault === 'writes the call as text') return say('<tool_call>{"name": "get_forecast", "arguments": {"city": "Lisbon"}}</tool_call>');
  if (fault === 'calls another tool') return call('get_time', { city: 'Lisbon' });
  if (fault === 'calls with wrong arguments') return call('get_forecast', { ...forecast, days: '3' });
  if (toolResults.length === 0 || fault === 'calls again and again') return call('get_forecast', forecast);
  const [station] = /LX-\d+/.exec(toolResults.join(' ')) ?? [];
  return say(fault === 'ignores the result' ? 'It will be sunny, as always.' : `Between 21 and 23 degrees, says ${station ?? 'nobody'}.`);
}

/** The last turn that the conversation holds, and whether its tool has answered. */
function converse({ text, toolResults }: Seen, fault: ModelFault | undefined): readonly Part[] {
  const turn = turns.findLastIndex(({ says }) => text.includes(JSON.stringify(says).slice(1, -1)));
  const wanted = [
    undefined,
    call('create_note', { title: 'Groceries', items: ['milk', 'bread'] }),
    call('mark_done', { title: 'Groceries', item: fault === 'forgets the notes' ? 'bread' : 'milk' }),
    call('add_item', { title: 'Groceries', item: 'eggs', done: true }),
    undefined,
  ];
  if (turn === 0 && fault === 'calls at a greeting' && toolResults.length === 0) return call('create_note', { title: 'Hello', items: [] });
  const next = wanted[turn];
  const isDue = wanted.slice(0, turn + 1).filter((each) => each !== undefined).length > toolResults.length;
  return next && isDue ? next : say('Gladly.');
}

function person(fault: ModelFault | undefined): string {
  if (fault === 'answers in words') return 'Marie Curie was a physicist.';
  const json = JSON.stringify({ name: 'Marie Curie', born: 1867, field: 'physics', alive: false, ...(fault === 'invents a field' && { city: 'Warsaw' }) });
  return fault === 'wraps JSON in Markdown' ? `\`\`\`json\n${json}\n\`\`\`` : json;
}

/** The number that stands in a PNG of ours: the one whose picture has the same pixels. */
export function readNumber(base64: string | undefined): string | undefined {
  if (base64 === undefined) return undefined;
  const png = Buffer.from(base64, 'base64');
  const { width, height } = { width: png.readUInt32BE(16), height: png.readUInt32BE(20) };
  const data: Buffer[] = [];
  for (let at = 8; at < png.length; at += png.readUInt32BE(at) + 12) {
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') data.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  const lines = inflateSync(Buffer.concat(data));
  const pixels = Buffer.concat(Array.from({ length: height }, (_, row) => lines.subarray(row * (width + 1) + 1, (row + 1) * (width + 1))));
  for (let number = 100; number < 1000; number++) {
    if (pixels.equals(Buffer.from(drawNumber(String(number)).pixels))) return String(number);
  }
  return undefined;
}

const ones = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const numbers = [...ones, 'ten', 'eleven', 'twelve', 'thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen', 'twenty', ...ones.map((one) => `twenty-${one}`), 'thirty'];
