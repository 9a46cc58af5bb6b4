/** Strong entity tags, and whether a condition on them holds (RFC 9110 §13.1). */

/** SHA-256 over the value's JSON; 128 bits of it are enough to tell versions apart. */
export async function entityTag(value: unknown): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(JSON.stringify(value))));
  return `"${[...digest.subarray(0, 16)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}"`;
}

/** `If-Match`: strong comparison, so that a weak tag never matches. */
export function matches(condition: string, etag: string): boolean {
  return condition.trim() === '*' || tagsOf(condition).includes(etag);
}

/** `If-None-Match`: weak comparison. */
export function noneMatches(condition: string, etag: string): boolean {
  return condition.trim() !== '*' && !tagsOf(condition).some((tag) => tag.replace(/^W\//, '') === etag);
}

function tagsOf(condition: string): readonly string[] {
  return condition.match(/(?:W\/)?"[^"]*"/g) ?? [];
}
