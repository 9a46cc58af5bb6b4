/** Keeps keys out of logs: known values are masked wherever they stand, and so is what looks like a key. */

export interface Redactor {
  /** Remembers a key from now on. Values too short to be one are ignored, or every log line would lose its letters. */
  add(secret: string | undefined): void;
  redact(text: string): string;
}

const mask = '***';
const minSecretLength = 6;

/** Each keeps its first group and masks the rest of the match. */
const shapes: readonly RegExp[] = [
  // `user:password@` in an address.
  /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/?#@]+(?=@)/gi,
  // A key in a query.
  /([?&](?:[a-z_-]*(?:key|token|secret|password|signature))=)[^\s&#"'<>]+/gi,
  // Headers and variables, written as `name: value`, `name=value` or in JSON.
  /(\b(?:authorization|proxy-authorization)"?\s*[:=]\s*"?)(?:(?:bearer|basic|token)\s+)?[^\s",]+/gi,
  /(\b[\w-]*(?:api[-_]?key|auth[-_]?token|access[-_]?token|secret|password)"?\s*[:=]\s*"?)[^\s",&]{6,}/gi,
  /(\bbearer\s+)[\w.~+/=-]{6,}/gi,
  // Prefixes of vendors: OpenAI, Anthropic, OpenRouter, Google, Groq, Hugging Face, xAI, GitHub, GitLab, Perplexity, NVIDIA, Replicate.
  /\b(sk-)[\w-]{8,}/g,
  /\b(AIza)[\w-]{20,}/g,
  /\b(gsk_|hf_|xai-|gh[pousr]_|github_pat_|glpat-|pplx-|nvapi-|r8_)[\w-]{8,}/g,
  // JSON web tokens.
  /\b(eyJ)[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g,
];

/** Variables whose values are keys by their name. */
export const secretVariableName = /(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)$/i;

export function createRedactor(): Redactor {
  const secrets = new Set<string>();
  let known: RegExp | undefined;
  return {
    add(secret) {
      if (secret === undefined || secret.length < minSecretLength || secrets.has(secret)) return;
      for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) secrets.add(form);
      known = undefined;
    },
    redact(text) {
      // Longer ones first, so that a key that contains another one is masked as a whole.
      known ??= secrets.size === 0 ? /(?!)/g : new RegExp([...secrets].sort((a, b) => b.length - a.length).map(escapeForRegExp).join('|'), 'g');
      const withoutKnown = text.replace(known, mask);
      return shapes.reduce((line, shape) => line.replace(shape, `$1${mask}`), withoutKnown);
    },
  };
}

function escapeForRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
