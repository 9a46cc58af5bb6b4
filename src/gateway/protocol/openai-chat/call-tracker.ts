/**
 * Which call a piece of a call belongs to. By the book the index tells, the first piece has the id and the name, and the
 * later ones have only arguments. Servers send two calls under one index, no index at all, the id or the name with every
 * piece, a name that comes late or in pieces, an index that nobody opened, or all arguments as an object.
 */
import type { BlockWriter } from '../block-writer.ts';
import type { IrSignature } from '../ir.ts';
import { isJsonObject, parseJson } from '../json.ts';
import { argumentsOf } from './message-parts.ts';
import type { WireToolCall } from './schema.ts';

interface OpenCall {
  readonly index: number | undefined;
  id: string | undefined;
  name: string;
  input: string;
  /** Set as soon as the call has been announced, which needs its whole name. */
  block: number | undefined;
  signature: IrSignature | undefined;
}

export interface CallTrackerOptions {
  readonly writer: BlockWriter;
  readonly newId: () => string;
  readonly clientName: (name: string) => string;
}

export interface CallTracker {
  readonly count: number;
  /** Whether the arguments of a call are not JSON yet. */
  readonly isCut: boolean;
  take(delta: WireToolCall): void;
  /** Ends all calls. @returns what is wrong with them, if anything */
  finish(): string | undefined;
}

export function createCallTracker({ writer, newId, clientName }: CallTrackerOptions): CallTracker {
  const calls: OpenCall[] = [];

  function take(delta: WireToolCall): void {
    const id = filled(delta.id);
    const name = filled(delta.function?.name ?? delta.custom?.name);
    const index = delta.index ?? undefined;
    const known = find(index, id, name);
    const call = known !== undefined && !isNext(known, id, name) ? known : add(index, id);
    call.id ??= id;
    if (name !== undefined) addName(call, name);
    const signature = filled(delta.extra_content?.google?.thought_signature);
    if (signature !== undefined) call.signature = { origin: 'gemini', value: signature };
    const piece = argumentsOf(delta.function?.arguments ?? delta.custom?.input);
    if (piece === '') return;
    call.input += piece;
    if (call.block !== undefined) writer.callInput(call.block, piece);
    else if (call.name !== '') announce(call);
  }

  function find(index: number | undefined, id: string | undefined, name: string | undefined): OpenCall | undefined {
    if (index !== undefined) {
      const same = calls.findLast((call) => call.index === index);
      if (same) return same;
      // Arguments alone, under an index that nobody opened, go on with what was being written.
      return id === undefined && name === undefined ? calls.at(-1) : undefined;
    }
    if (id !== undefined) return calls.find((call) => call.id === id) ?? (calls.at(-1)?.id === undefined && name === undefined ? calls.at(-1) : undefined);
    return calls.at(-1);
  }

  function add(index: number | undefined, id: string | undefined): OpenCall {
    // A piece of another call means that the name of the last one is complete.
    const last = calls.at(-1);
    if (last && last.block === undefined && last.name !== '') announce(last);
    const call: OpenCall = { index, id, name: '', input: '', block: undefined, signature: undefined };
    calls.push(call);
    return call;
  }

  function announce(call: OpenCall): void {
    call.block = writer.startCall(call.id ?? newId(), clientName(call.name), call.signature);
    writer.callInput(call.block, call.input);
  }

  return {
    get count() {
      return calls.length;
    },
    get isCut() {
      return calls.some(({ input }) => input !== '' && parseJson(input) === undefined);
    },
    take,
    finish() {
      for (const call of calls) {
        if (call.name === '') return 'the model server sent a tool call without a name';
        if (call.block === undefined) announce(call);
        if (call.block !== undefined) writer.endCall(call.block, call.signature);
      }
      return undefined;
    },
  };
}

/** Whether a piece that points at `call` begins another one. */
function isNext(call: OpenCall, id: string | undefined, name: string | undefined): boolean {
  const isOther = id !== undefined && call.id !== undefined && id !== call.id;
  if (isOther) {
    // Some servers make up a new id for every piece: then the arguments so far are not whole.
    const goesOn = call.input !== '' && !isWhole(call.input) && (name === undefined || name === call.name);
    return !goesOn && (name !== undefined || isWhole(call.input));
  }
  // Without ids, a name behind whole arguments is that of the next call.
  return id === undefined && name !== undefined && call.name !== '' && isWhole(call.input);
}

/** A name that is repeated with every piece, or that comes in pieces before the arguments begin. */
function addName(call: OpenCall, name: string): void {
  if (call.name === '') call.name = name;
  else if (call.block === undefined && call.name !== name) call.name += name;
}

function isWhole(input: string): boolean {
  return input !== '' && isJsonObject(parseJson(input));
}

function filled(text: string | null | undefined): string | undefined {
  return text === null || text === undefined || text === '' ? undefined : text;
}
