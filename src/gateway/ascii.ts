/** Bytes that JSON is made of, by name. */
export const quote = 0x22;
export const backslash = 0x5c;
export const space = 0x20;
export const tab = 0x09;
export const lineFeed = 0x0a;
export const carriageReturn = 0x0d;
export const colon = 0x3a;
export const comma = 0x2c;
export const minus = 0x2d;
export const zero = 0x30;
export const nine = 0x39;
export const openBrace = 0x7b;
export const closeBrace = 0x7d;
export const openBracket = 0x5b;
export const closeBracket = 0x5d;

export function isDigit(byte: number): boolean {
  return byte >= zero && byte <= nine;
}

/** White space between the tokens of JSON. */
export function isJsonSpace(byte: number | undefined): boolean {
  return byte === space || byte === lineFeed || byte === carriageReturn || byte === tab;
}
