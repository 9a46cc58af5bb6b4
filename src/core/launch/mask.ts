/** Hides what looks like a key wherever a plan is shown: people do put keys where they do not belong. */

/** What stands in the place of a hidden value. */
export const hidden = '‹hidden›';

/** Would a variable, header or flag of this name hold a secret? */
export function isSecretName(name: string): boolean {
  return /(?:^|[_-])(?:api[_-]?key|apikey|access[_-]?key|private[_-]?key|secret|secrets|token|auth[_-]?token|password|passwd|passphrase|credentials?|authorization|cookie)$/i.test(name) && !/^(?:.*_)?max_.*tokens?$/i.test(name);
}

/** The beginnings of well-known kinds of keys, JSON web tokens, bearer values, and long random words. */
const keyPatterns: readonly RegExp[] = [
  /\b(?:sk|pk|rk)-[A-Za-z0-9_-]{8,}/g,
  /\bAIza[0-9A-Za-z_-]{20,}/g,
  /\b(?:ghp|gho|ghu|ghs|ghr|github_pat|glpat|hf|xox[abprs]|gsk|xai|nvapi|AKIA|ASIA|r8|pplx|tgp_v1)[_-]?[A-Za-z0-9_-]{12,}/g,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?/g,
  /\bBearer\s+(?![‹{$])[^\s"',;]{8,}/gi,
];

/** Text with everything hidden that looks like a key, like credentials in a URL, or like a header or JSON member of a secret name. */
export function maskText(text: string): string {
  let masked = text.replaceAll(/([a-z][a-z0-9+.-]*:\/\/)([^\s/@:]*:[^\s/@]*|[^\s/@:]{16,})@/gi, `$1${hidden}@`);
  masked = masked.replaceAll(/("?)([A-Za-z][\w-]{2,})\1(:[ \t]*)("?)([^"\s,;{}‹$][^"\n,;}]*)/g, (whole, quote: string, name: string, colon: string, open: string, value: string) =>
    isSecretName(name) && !isReference(value) ? `${quote}${name}${quote}${colon}${open}${hidden}` : whole,
  );
  for (const pattern of keyPatterns) masked = masked.replaceAll(pattern, (match) => (/^bearer\s/i.test(match) ? `Bearer ${hidden}` : hidden));
  return masked.replaceAll(/[A-Za-z0-9_+=-]{40,}/g, (word) => (looksRandom(word) ? hidden : word));
}

/** The value of a variable for people; `name` tells more than the value does. */
export function maskValue(name: string, value: string): string {
  return value !== '' && isSecretName(name) ? hidden : maskText(value);
}

/** argv for people: also hides what follows `--api-key` and stands behind `--token=`. */
export function maskArgv(argv: readonly string[]): readonly string[] {
  return argv.map((arg, index) => {
    const [, flag, value] = /^(--?[A-Za-z][\w-]*)=(.+)$/s.exec(arg) ?? [];
    if (flag !== undefined && value !== undefined && isSecretName(flag.replace(/^-+/, ''))) return `${flag}=${hidden}`;
    const before = argv[index - 1];
    if (before !== undefined && /^--?[A-Za-z][\w-]*$/.test(before) && isSecretName(before.replace(/^-+/, '')) && !arg.startsWith('-')) return hidden;
    return maskText(arg);
  });
}

/** Names where a key comes from, or stands for none. */
function isReference(value: string): boolean {
  return /^(?:Bearer )?[{$‹]/.test(value) || value === 'no-key-needed';
}

/** Upper and lower case and digits mixed in one long word: no identifier that a person gave. Hashes (one case) are no keys. */
function looksRandom(word: string): boolean {
  return /[a-z]/.test(word) && /[A-Z]/.test(word) && (word.match(/[0-9]/g)?.length ?? 0) >= 4;
}
