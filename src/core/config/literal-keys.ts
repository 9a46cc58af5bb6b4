/** Recognises keys that stand in operator.toml themselves, where only their names belong. */

/** Beginnings that vendors and hosts give their keys, each followed by something long with a digit in it (`sk-local-no-key-required` is none). */
const knownKey = /(?:^|[\s=:"'])(?:sk-[A-Za-z0-9]|sk_|sk-ant-|sk-or-|gsk_|hf_|xai-|AIza|ghp_|gho_|github_pat_|glpat-|nvapi-|pplx-|r8_|AKIA|ya29\.|eyJ[A-Za-z0-9_-]+\.)(?=[A-Za-z0-9_.-]*\d)[A-Za-z0-9_.-]{16,}/;

/** Headers that carry a key and nothing else. */
const keyHeaders = new Set(['authorization', 'proxy-authorization', 'x-api-key', 'api-key', 'x-goog-api-key', 'cookie']);

/** Is it, by its form, a key of a known vendor? Careful: only what is unlikely to be anything else. */
export function looksLikeKey(text: string): boolean {
  return knownKey.test(text);
}

export function isKeyHeader(name: string): boolean {
  return keyHeaders.has(name.toLowerCase());
}
