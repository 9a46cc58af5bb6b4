/** Conversations that were begun with another server. */
import { sealedMark } from '../sealed.ts';

/**
 * Whether a body has thoughts that no Anthropic server signed: Anthropic refuses them, so that such a body must be translated
 * and not passed on as it is. Looks for the marks only, without parsing; a false alarm costs no more than the translation.
 */
export function carriesForeignThoughts(body: string): boolean {
  return body.includes(sealedMark) || /"signature"\s*:\s*""/.test(body);
}
