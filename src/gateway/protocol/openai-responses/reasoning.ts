/** Reasoning items ↔ thoughts, with what OpenAI encrypted itself and what travels in an envelope of ours. */
import { isSealed, seal, unseal } from '../sealed.ts';
import type { IrReasoning, IrSignature, JsonObject } from '../ir.ts';
import type { Warn } from '../warnings.ts';

const protocol = 'openai-responses';

interface WireTexts {
  readonly text?: string | null | undefined;
}

export interface WireReasoning {
  readonly id?: string | null | undefined;
  readonly summary?: readonly WireTexts[] | null | undefined;
  readonly content?: readonly WireTexts[] | null | undefined;
  readonly encrypted_content?: string | null | undefined;
}

/** Takes note of the signature of a call that travelled in the item; the call's own item comes before or after it. */
export type NoteSignature = (callId: string, signature: IrSignature) => void;

/** The thoughts of an item: none, one, or several. What was thought (`content`) is preferred to its summary. */
export function decodeReasoning(item: WireReasoning, warn: Warn, note: NoteSignature): readonly IrReasoning[] {
  const content = joined(item.content);
  const text = content === '' ? joined(item.summary) : content;
  const value = item.encrypted_content;
  const plain: IrReasoning = { type: 'reasoning', text, summary: content === '', ...(typeof item.id === 'string' && item.id !== '' ? { id: item.id } : {}) };
  const withText = text === '' ? [] : [plain];
  if (typeof value !== 'string' || value === '') return withText;
  if (!isSealed(value)) return [{ ...plain, sealed: { origin: protocol, value } }];

  const opened = unseal(value, text);
  if (opened === undefined) {
    warn('dropped-signature', 'a signature in a form that this version does not know was left out');
    return withText;
  }
  for (const entry of opened) {
    if (entry.type === 'call') note(entry.callId, entry.signature);
    else if (entry.altered) warn('dropped-signature', 'thoughts that the client changed lost their signature');
  }
  const thoughts = opened.flatMap((entry) => (entry.type === 'reasoning' ? [entry.reasoning] : []));
  return thoughts.length > 0 ? thoughts : withText;
}

function joined(parts: readonly WireTexts[] | null | undefined): string {
  return (parts ?? []).map((part) => part.text ?? '').filter((text) => text !== '').join('\n\n');
}

/** What goes into `encrypted_content`, if anything: OpenAI's own value as it is, everything else in an envelope. */
export function encryptedContent(reasoning: IrReasoning): string | undefined {
  if (reasoning.sealed?.origin === protocol) return reasoning.sealed.value;
  // An envelope without a proof still says that the "summary" is the thoughts themselves.
  const worthIt = reasoning.signature !== undefined || reasoning.sealed !== undefined || (!reasoning.summary && reasoning.text !== '');
  return worthIt ? seal([{ type: 'reasoning', reasoning }]) : undefined;
}

/** Carries the signature of a call, for which a call item has no field. */
export function sealedCallItem(id: string, callId: string, signature: IrSignature): JsonObject | undefined {
  const value = seal([{ type: 'call', callId, signature }]);
  return value === undefined ? undefined : { id, type: 'reasoning', summary: [], encrypted_content: value };
}

/**
 * Thoughts are always shown as a summary, even when they are the thoughts themselves (`content`): every client shows
 * summaries and sends them back word for word, while codex hides `content` and drops it, and others do not know it at all.
 */
export function reasoningItem(id: string, text: string, encrypted: string | undefined): JsonObject {
  return { id, type: 'reasoning', summary: text === '' ? [] : [{ type: 'summary_text', text }], ...(encrypted === undefined ? {} : { encrypted_content: encrypted }) };
}
