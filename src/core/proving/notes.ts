/**
 * The five-message conversation: greeting, make a note, mark an item done, add a done item, praise. Only the tools that were called
 * and the notes that came of it are judged, never the wording. Pure.
 */
import { listOf } from '../../base/text.ts';
import type { ToolCall } from './answer.ts';
import { callWords, normal, parseArguments, shown } from './judge.ts';
import type { LevelFailure } from './model.ts';

export interface Item {
  readonly text: string;
  readonly done: boolean;
}

export interface Note {
  readonly title: string;
  readonly items: readonly Item[];
}

export type Notes = readonly Note[];

export const notesSystem =
  "You keep the user's notes. Notes exist only through your tools: call one whenever the user wants a note made or changed, and never otherwise. When the user only greets, thanks or praises you, answer with a short sentence and call no tool.";

const title = { type: 'string', description: 'Title of the note' };

export const notesTools = [
  {
    type: 'function',
    function: {
      name: 'create_note',
      description: 'Makes a new note with a list of items that are still to be done',
      parameters: { type: 'object', properties: { title, items: { type: 'array', items: { type: 'string' }, description: 'One or two words each' } }, required: ['title', 'items'], additionalProperties: false },
    },
  },
  {
    type: 'function',
    function: {
      name: 'mark_done',
      description: 'Marks an item that is on a note as done',
      parameters: { type: 'object', properties: { title, item: { type: 'string', description: 'The item as it stands on the note' } }, required: ['title', 'item'], additionalProperties: false },
    },
  },
  {
    type: 'function',
    function: {
      name: 'add_item',
      description: 'Adds an item to a note that exists',
      parameters: { type: 'object', properties: { title, item: { type: 'string' }, done: { type: 'boolean', description: 'Whether it is done already' } }, required: ['title', 'item', 'done'], additionalProperties: false },
    },
  },
] as const;

export interface Turn {
  /** For reports. */
  readonly about: string;
  readonly says: string;
  /** Tools without which it cannot have been done; none: none may be called. */
  readonly needs: readonly string[];
  /** What is on the only note afterwards. */
  readonly after: readonly Item[];
}

const milk = (done: boolean): Item => ({ text: 'milk', done });
const bread: Item = { text: 'bread', done: false };
const eggs: Item = { text: 'eggs', done: true };

export const turns: readonly Turn[] = [
  { about: 'a greeting', says: 'Hello there!', needs: [], after: [] },
  { about: 'make a note', says: 'Please make a note called Groceries with two items: milk and bread.', needs: ['create_note'], after: [milk(false), bread] },
  { about: 'mark an item done', says: 'I have bought the milk. Mark it as done on the Groceries note.', needs: ['mark_done'], after: [milk(true), bread] },
  { about: 'add a done item', says: 'I have bought eggs as well. Add eggs to the Groceries note, as an item that is done already.', needs: ['add_item'], after: [milk(true), bread, eggs] },
  { about: 'praise', says: 'Perfect, you did that really well. Thank you!', needs: [], after: [milk(true), bread, eggs] },
];

/** What a tool does to the notes, and what the model is told. A wrong call changes nothing and says why, as a good tool does. */
export function applyCall(notes: Notes, call: ToolCall): { readonly notes: Notes; readonly result: string } {
  const parsed = parseArguments(call);
  if (!parsed.ok) return refuse(notes, parsed.failure.reason);
  const { title: named, items, item, done } = parsed.value;
  if (typeof named !== 'string' || named.trim() === '') return refuse(notes, 'title must be a text');
  const at = notes.findIndex((note) => normal(note.title) === normal(named));
  const note = notes[at];
  if (call.name === 'create_note') {
    if (note) return refuse(notes, `there is a note named ${named} already`);
    if (!Array.isArray(items) || !items.every((text) => typeof text === 'string')) return refuse(notes, 'items must be a list of texts');
    return change([...notes, { title: named, items: items.map((text) => ({ text: String(text), done: false })) }], notes.length);
  }
  if (call.name !== 'mark_done' && call.name !== 'add_item') return refuse(notes, `there is no tool named ${shown(call.name)}`);
  if (!note) return refuse(notes, `there is no note named ${shown(named)}${notes.length === 0 ? '' : `; there is ${listOf(notes.map((each) => each.title))}`}`);
  if (typeof item !== 'string' || item.trim() === '') return refuse(notes, 'item must be a text');
  const known = note.items.some(({ text }) => normal(text) === normal(item));
  if (call.name === 'mark_done') {
    if (!known) return refuse(notes, `there is no item ${shown(item)} on it`);
    return change(notes.with(at, { ...note, items: note.items.map((each) => (normal(each.text) === normal(item) ? { ...each, done: true } : each)) }), at);
  }
  if (known) return refuse(notes, `the item ${shown(item)} is on it already`);
  if (typeof done !== 'boolean') return refuse(notes, 'done must be true or false');
  return change(notes.with(at, { ...note, items: [...note.items, { text: item, done }] }), at);
}

function refuse(notes: Notes, error: string): { readonly notes: Notes; readonly result: string } {
  return { notes, result: JSON.stringify({ error }) };
}

function change(notes: Notes, at: number): { readonly notes: Notes; readonly result: string } {
  return { notes, result: JSON.stringify({ ok: true, note: notes[at] }) };
}

/** @param calls made in this turn, in order; @param notes afterwards */
export function judgeTurn(turn: Turn, number: number, calls: readonly ToolCall[], notes: Notes, text: string): LevelFailure | undefined {
  const where = `Message ${number} of ${turns.length} (${turn.about})`;
  const said = shown(text) || 'nothing';
  if (turn.needs.length === 0 && calls.length > 0) return { reason: `${where}: the model calls a tool where none is wanted`, expected: 'an answer without a tool', came: callWords(calls), hint };
  const missing = turn.needs.filter((name) => !calls.some((call) => call.name === name));
  if (missing.length > 0) return { reason: `${where}: the model does not call ${listOf(missing)}`, expected: `a call of ${listOf(turn.needs)}`, came: calls.length === 0 ? said : callWords(calls), hint };
  const wanted = turn.after.length === 0 ? [] : [{ title: 'Groceries', items: turn.after }];
  if (!sameNotes(notes, wanted)) return { reason: `${where}: the notes are not as they should be`, expected: notesWords(wanted), came: notesWords(notes), hint };
  if (text.trim() === '' && turn.needs.length === 0) return { reason: `${where}: the model answers with nothing`, expected: 'a short sentence', came: 'nothing', hint };
  return undefined;
}

const hint = 'It can call a tool once, but not keep up a conversation with tools; agents need a stronger model';

function sameNotes(notes: Notes, wanted: Notes): boolean {
  const flat = (all: Notes): string => JSON.stringify(all.map(({ title: name, items }) => [normal(name), items.map(({ text, done }) => [itemName(text), done]).toSorted((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1))]));
  return flat(notes) === flat(wanted);
}

/** "The milk." is milk, and an egg is eggs. */
function itemName(text: string): string {
  return normal(text)
    .replace(/^(?:the|some|a|an)\s+/, '')
    .replaceAll(/[.!]+$/g, '')
    .replace(/^egg$/, 'eggs');
}

function notesWords(notes: Notes): string {
  if (notes.length === 0) return 'no note';
  return shown(notes.map(({ title: name, items }) => `${name}: ${items.map(({ text, done }) => `${text}${done ? ' (done)' : ''}`).join(', ') || 'empty'}`).join('; '));
}
