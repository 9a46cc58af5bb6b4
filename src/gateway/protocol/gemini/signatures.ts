/** `thoughtSignature`: Gemini's own, an envelope of ours, or the words by which a client says that it has none. */
import { isSealed, seal, type SealedItem, unseal } from '../sealed.ts';
import type { IrReasoning, IrSignature } from '../ir.ts';
import type { Warn } from '../warnings.ts';

const protocol = 'gemini';

/**
 * Accepted by Gemini 3 in place of a signature, for calls that another model made
 * (https://ai.google.dev/gemini-api/docs/thought-signatures); gemini itself fills it in where a server gave none.
 */
export const noSignature = 'skip_thought_signature_validator';
const placeholders = new Set([noSignature, 'context_engineering_is_the_way_to_go', '']);

/** Thoughts, and how much text stood between them and the call that carries them. */
export interface CarriedThought {
  readonly reasoning: IrReasoning;
  readonly textBehind: number;
}

export interface OpenedSignature {
  readonly own?: IrSignature;
  /** Thoughts that another vendor's server wants to see again, in the order in which they were thought. */
  readonly thoughts: readonly CarriedThought[];
  /** Another vendor's signature of the call itself. */
  readonly call?: IrSignature;
}

/** @param text what the part says, for envelopes that hold only a check of it */
export function openSignature(value: string | null | undefined, text: string, warn: Warn): OpenedSignature {
  if (typeof value !== 'string' || placeholders.has(value)) return { thoughts: [] };
  if (!isSealed(value)) return { own: { origin: protocol, value }, thoughts: [] };
  const opened = unseal(value, text);
  if (opened === undefined) {
    warn('dropped-signature', 'a signature in a form that this version does not know was left out');
    return { thoughts: [] };
  }
  const call = opened.find((entry) => entry.type === 'call');
  return {
    thoughts: opened.flatMap((entry) => (entry.type === 'reasoning' ? [{ reasoning: entry.reasoning, textBehind: entry.textBehind ?? 0 }] : [])),
    ...(call === undefined ? {} : { call: call.signature }),
  };
}

/**
 * The signature for a client's call. gemini forgets thoughts and keeps what is beside calls, so the thoughts before a call
 * that their server wants to see again travel there, words included.
 */
export function signatureForCall(callId: string, signature: IrSignature | undefined, thoughts: readonly CarriedThought[]): string | undefined {
  if (signature?.origin === protocol) return signature.value;
  const items: SealedItem[] = thoughts.filter(({ reasoning }) => isWanted(reasoning)).map((thought) => ({ type: 'reasoning', ...thought }));
  if (signature !== undefined) items.push({ type: 'call', callId, signature });
  return seal(items, { carryText: true });
}

/** Gemini's own thoughts go back as they are; of a summary without a proof nobody has any use. */
function isWanted(thought: IrReasoning): boolean {
  const proof = thought.signature ?? thought.sealed;
  return proof === undefined ? !thought.summary && thought.text !== '' : proof.origin !== protocol;
}
