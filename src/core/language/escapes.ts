/** Escapes of TOML's texts in double quotes. */

const escape = /\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{2})|([ \t]*\r?\n\s*)|([^]))/g;

const letters: Readonly<Record<string, string>> = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r', e: '\u001b', '"': '"', '\\': '\\' };

/** What stands between the quotes → what it says. An escape that is none stays as it is written. */
export function unescapeText(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replaceAll(escape, (whole: string, short?: string, long?: string, byte?: string, lineBreak?: string, letter?: string) => {
    const digits = short ?? long ?? byte;
    if (digits !== undefined) return fromCode(Number.parseInt(digits, 16)) ?? whole;
    if (lineBreak !== undefined) return '';
    return letters[letter ?? ''] ?? whole;
  });
}

function fromCode(code: number): string | undefined {
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}
