/** Under which name a list of models is kept: another server or another key is another list, and nothing of the key can be read from it. */
import type { ModelServer } from '../../config/model.ts';
import { formatAuth } from '../auth.ts';

/** What decides about the answer of a server. */
export type KeyedServer = Pick<ModelServer, 'kind' | 'baseUrl' | 'openaiPath' | 'auth' | 'headers' | 'proxy'>;

/** A kind and 64 bits of SHA-256: `openrouter-1f0c…`. Fit for a file name. */
export async function cacheKey(server: KeyedServer, key: string | undefined): Promise<string> {
  const { kind, baseUrl, openaiPath, auth, headers, proxy } = server;
  const sorted = Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify([baseUrl, openaiPath, formatAuth(auth), sorted, proxy ?? null, key ?? null]);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return `${kind}-${[...digest.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
