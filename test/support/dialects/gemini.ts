import { type Dialect, field, list, type Part, pieces, proofOf, text, unknownField } from './dialect.ts';

export const gemini: Dialect = {
  protocol: 'gemini',
  streamType: 'text/event-stream',
  serves: (path) => path.endsWith(':streamGenerateContent') || path.endsWith(':generateContent'),
  wantsStream: (_body, path) => path.includes(':streamGenerateContent'),
  offeredTools: (body) => list(field(body, 'tools')).flatMap((tool) => list(field(tool, 'functionDeclarations')).map((declaration) => text(field(declaration, 'name')))),
  toolResults: (body) => parts(body, 'functionResponse').map((part) => JSON.stringify(field(field(part, 'functionResponse'), 'response'))),
  pictures: (body) => [...parts(body, 'inlineData'), ...parts(body, 'functionResponse').flatMap((part) => list(field(field(part, 'functionResponse'), 'parts')))].map((part) => text(field(field(part, 'inlineData'), 'data'))).filter((data) => data !== ''),
  // What proves a thought stands at the call to which it led.
  thoughts: (body) => parts(body, 'thoughtSignature').map((part) => ({ proof: text(field(part, 'thoughtSignature')) })),
  refusal: (body) => unknownField(body, known),
  count: (path) => (path.endsWith(':countTokens') ? { totalTokens: 10 } : undefined),
  reply(said, { body, sequence }) {
    const shows = field(field(field(body, 'generationConfig'), 'thinkingConfig'), 'includeThoughts') === true;
    const thinks = said.some(({ type }) => type === 'thinking');
    // Only the first call of an answer is signed: https://ai.google.dev/gemini-api/docs/thought-signatures
    const firstCall = said.findIndex(({ type }) => type === 'call');
    const answer = said.flatMap((part, index) => (part.type === 'thinking' && !shows ? [] : toParts(part, thinks && index === firstCall ? proofOf(sequence) : undefined)));
    const envelope = { usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 }, modelVersion: 'scripted-model', responseId: `resp_${sequence}` };
    const chunk = (content: readonly object[], last: boolean): object => ({ ...envelope, candidates: [{ content: { role: 'model', parts: content }, ...(last && { finishReason: 'STOP' }), index: 0 }] });
    return {
      // The client's parser takes exactly `data: ` and nothing else: no comments, no `event:` lines.
      frames: answer.map((part, index) => `data: ${JSON.stringify(chunk([part], index === answer.length - 1))}\n\n`),
      whole: chunk(answer, true),
    };
  },
};

const known = new Set(['contents', 'systemInstruction', 'tools', 'toolConfig', 'generationConfig', 'safetySettings', 'cachedContent', 'serviceTier', 'store']);

function toParts(part: Part, proof: string | undefined): readonly object[] {
  if (part.type === 'call') return [{ functionCall: { name: part.name, args: part.arguments }, ...(proof !== undefined && { thoughtSignature: proof }) }];
  return pieces(part.text).map((piece) => ({ text: piece, ...(part.type === 'thinking' && { thought: true }) }));
}

function parts(body: unknown, name: string): readonly unknown[] {
  return list(field(body, 'contents')).flatMap((content) => list(field(content, 'parts')).filter((part) => field(part, name) !== undefined));
}
