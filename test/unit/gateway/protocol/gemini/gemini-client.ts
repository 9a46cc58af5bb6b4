/** The stream parser of gemini 0.61 (@google/genai 1.30), which knows less of event streams than the standard says. */
import assert from 'node:assert/strict';

type Wire = { readonly [key: string]: any };

const event = /^\s*data: (.*)(?:\n\n|\r\r|\r\n\r\n)/;

/** @param pieces as they arrive from the socket @returns the chunks; throws what the client throws */
export function readAsGemini(pieces: Iterable<string>): readonly Wire[] {
  const chunks: Wire[] = [];
  let buffer = '';
  for (const piece of pieces) {
    const error = errorOf(piece);
    if (error !== undefined) throw new Error(`got status: ${error['status']}. ${error['message']}`);
    buffer += piece;
    for (let match = event.exec(buffer); match; match = event.exec(buffer)) {
      chunks.push(JSON.parse(match[1] ?? '') as Wire);
      buffer = buffer.slice(match[0].length);
    }
  }
  if (buffer.trim() !== '') throw new Error('Incomplete JSON segment at the end');
  return chunks;
}

function errorOf(piece: string): Wire | undefined {
  try {
    return (JSON.parse(piece) as Wire)['error'] as Wire | undefined;
  } catch {
    return undefined; // what every good chunk is
  }
}

/** What gemini asks again for, up to four times: an answer without an end, or without a word or a call. */
export function assertAccepted(chunks: readonly Wire[]): void {
  const candidates = chunks.map((chunk) => chunk['candidates'][0] as Wire);
  assert.ok(candidates.at(-1)?.['finishReason'], 'the last chunk has a reason');
  assert.ok(candidates.slice(0, -1).every((candidate) => candidate['finishReason'] === undefined), 'only the last one has');
  for (const candidate of candidates) {
    assert.equal(candidate['content'].role, 'model');
    for (const part of candidate['content'].parts as Wire[]) {
      assert.ok(part['text'] !== '' || part['thoughtSignature'] !== undefined, 'no part is empty');
      if (part['functionCall']) assert.ok(part['functionCall'].id && part['functionCall'].name && typeof part['functionCall'].args === 'object');
    }
  }
}
