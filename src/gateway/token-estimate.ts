/**
 * An estimate of a request's tokens for servers that do not count: four bytes of text each, as OpenAI's and Anthropic's
 * documentation say of English, and a fixed price for an image. Always labelled as an estimate.
 */
import { isJsonObject } from './protocol/json.ts';

const bytesPerToken = 4;
/** Of a picture of common size in Anthropic's documentation (about 1,000 by 1,000 points). */
const tokensPerImage = 1_400;

export function estimateTokens(body: unknown): number {
  let bytes = 0;
  let images = 0;
  const visit = (value: unknown, key: string): void => {
    if (typeof value === 'string') {
      if (key === 'data' && value.length > 1_000) images++;
      else bytes += Buffer.byteLength(value);
    } else if (Array.isArray(value)) {
      for (const item of value) visit(item, key);
    } else if (isJsonObject(value)) {
      for (const [name, inner] of Object.entries(value)) {
        // Names of parameters in schemas are text that the model reads; those of the wire are roughly as long as its own marks.
        bytes += Buffer.byteLength(name);
        visit(inner, name);
      }
    }
  };
  visit(body, '');
  return Math.max(1, Math.ceil(bytes / bytesPerToken) + images * tokensPerImage);
}
