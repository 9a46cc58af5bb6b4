/** How quick an answer was. Pure. */
import type { Speed } from './model.ts';
import type { Told } from './wire.ts';

/** Pieces within so short a time were written before they were sent. */
const oneMomentMs = 20;

export function speedOf({ firstMs, lastMs, pieces, usage, text, reasoning, toolCalls }: Told): Speed {
  if (pieces === 0) return {};
  const first = { firstTokenMs: Math.round(firstMs) };
  const took = lastMs - firstMs;
  if (pieces === 1 || took < oneMomentMs) return { ...first, inOnePiece: true };
  const { tokens, estimated } = tokensOf();
  // The first piece was there when the time began.
  const later = tokens * ((pieces - 1) / pieces);
  if (later <= 0) return first;
  return { ...first, tokensPerSecond: Math.round((later / took) * 10_000) / 10, ...(estimated && { estimated }) };

  function tokensOf(): { readonly tokens: number; readonly estimated: boolean } {
    if (usage?.outputTokens !== undefined && usage.outputTokens > 0) {
      // Thoughts that were not shown took their time before the first piece.
      const hidden = reasoning === '' ? (usage.reasoningTokens ?? 0) : 0;
      return { tokens: Math.max(0, usage.outputTokens - hidden), estimated: false };
    }
    const characters = text.length + reasoning.length + toolCalls.reduce((sum, call) => sum + call.name.length + call.arguments.length, 0);
    return { tokens: characters / 4, estimated: true };
  }
}
