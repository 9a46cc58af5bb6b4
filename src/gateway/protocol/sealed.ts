/**
 * Foreign proofs across turns. A server's signature (Anthropic's thinking, Gemini's thoughtSignature, OpenAI's encrypted
 * reasoning) must come back to it in the next request, but a client of another protocol has no field for it. It does have
 * an opaque one of its own: `encrypted_content` (Responses), `signature` and `data` (Anthropic), `thoughtSignature`
 * (Gemini). An envelope of ours travels in there and is opened when it comes back.
 *
 * An envelope is base64 text, because Gemini's field holds bytes, and always begins with the same characters, which name
 * its version. It proves nothing: whoever forges one only spoils their own conversation.
 */
import * as z from 'zod';
import { protocols } from '../../core/protocol.ts';
import { fingerprint } from './hash.ts';
import { parseJson } from './json.ts';
import { base64ToText, textToBase64 } from './media.ts';
import type { IrReasoning, IrSignature } from './ir.ts';

export type SealedItem =
  /** `altered`: the client changed the text, so the signature is gone. Only from {@link unseal}. */
  | {
      readonly type: 'reasoning';
      readonly reasoning: IrReasoning;
      readonly altered?: true;
      /** Length of the text between the thoughts and the call beside which they travel, for wires that forget where they stood. */
      readonly textBehind?: number;
    }
  /** The signature of a call, for wires that cannot carry it at the call itself. */
  | { readonly type: 'call'; readonly callId: string; readonly signature: IrSignature };

export interface SealOptions {
  /** The wire, or its client, loses the thoughts themselves, so that the envelope must hold them. Otherwise it holds a check of them. */
  readonly carryText?: boolean;
}

/** How every envelope begins, whatever its version. Fifteen bytes, and eighteen with it, so that their base64 form does not depend on what follows. */
export const sealedMark = btoa('operator.sealed');
const prefix = btoa('operator.sealed/1:');

/** No envelope is longer (characters): it is sent again with every turn. */
export const maxSealedLength = 512 * 1024;

const entrySchema = z.discriminatedUnion('t', [
  z.object({
    t: z.literal('r'),
    /** origin of the signature and of the sealed content */
    o: z.enum(protocols).optional(),
    s: z.string().optional(),
    e: z.string().optional(),
    /** a summary, not the thoughts */
    u: z.literal(1).optional(),
    i: z.string().optional(),
    /** the text, or its check */
    x: z.string().optional(),
    c: z.string().optional(),
    /** text behind it */
    b: z.number().optional(),
  }),
  z.object({ t: z.literal('c'), o: z.enum(protocols), i: z.string(), s: z.string() }),
]);
type Entry = z.infer<typeof entrySchema>;
const payloadSchema = z.array(entrySchema);

/** An envelope of ours, of whatever version: never to be sent to any server. */
export function isSealed(value: string): boolean {
  return value.startsWith(sealedMark);
}

/** One envelope for all `items`; undefined without items and for more than {@link maxSealedLength}, which the caller reports as a dropped signature. */
export function seal(items: readonly SealedItem[], options: SealOptions = {}): string | undefined {
  if (items.length === 0) return undefined;
  const text = JSON.stringify(items.map((item) => toEntry(item, options)));
  if (text.length > maxSealedLength) return undefined;
  const value = prefix + textToBase64(text);
  return value.length > maxSealedLength ? undefined : value;
}

/**
 * What an envelope holds, or undefined for a value that is none of ours, and for an envelope that cannot be read (a later
 * version's, or one that the client cut).
 * `text` is what the wire carried beside it: thoughts that are not word for word what was signed come back without their
 * signature, which the server would refuse.
 */
export function unseal(value: string, text = ''): readonly SealedItem[] | undefined {
  if (!value.startsWith(prefix) || value.length > maxSealedLength) return undefined;
  // Clients that keep the field as bytes write it again in the alphabet for URLs.
  const json = base64ToText(value.slice(prefix.length).replaceAll('-', '+').replaceAll('_', '/'));
  const payload = payloadSchema.safeParse(json === undefined ? undefined : parseJson(json));
  return payload.success ? payload.data.map((entry) => fromEntry(entry, text)) : undefined;
}

function toEntry(item: SealedItem, options: SealOptions): Entry {
  if (item.type === 'call') return { t: 'c', o: item.signature.origin, i: item.callId, s: item.signature.value };
  const { reasoning } = item;
  return {
    t: 'r',
    o: (reasoning.signature ?? reasoning.sealed)?.origin,
    s: reasoning.signature?.value,
    e: reasoning.sealed?.value,
    ...(reasoning.summary ? { u: 1 as const } : {}),
    i: reasoning.id,
    ...(item.textBehind === undefined ? {} : { b: item.textBehind }),
    ...(options.carryText === true ? { x: reasoning.text } : { c: checkOf(reasoning.text) }),
  };
}

function fromEntry(entry: Entry, wireText: string): SealedItem {
  if (entry.t === 'c') return { type: 'call', callId: entry.i, signature: { origin: entry.o, value: entry.s } };
  const text = entry.x ?? wireText;
  const intact = entry.x !== undefined || entry.c === checkOf(wireText);
  return {
    type: 'reasoning',
    ...(entry.s !== undefined && !intact ? { altered: true as const } : {}),
    ...(entry.b === undefined ? {} : { textBehind: entry.b }),
    reasoning: {
      type: 'reasoning',
      text,
      summary: entry.u === 1,
      ...(entry.i === undefined ? {} : { id: entry.i }),
      ...(entry.o !== undefined && entry.s !== undefined && intact ? { signature: { origin: entry.o, value: entry.s } } : {}),
      ...(entry.o !== undefined && entry.e !== undefined ? { sealed: { origin: entry.o, value: entry.e } } : {}),
    },
  };
}

/** Against texts that a client trimmed or cut, not against anyone's intent. */
function checkOf(text: string): string {
  return `${text.length}.${fingerprint(text)}`;
}
