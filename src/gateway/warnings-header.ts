/** Tells a client, in a header, that something of its request did not reach the model. */

export const warningsHeader = 'x-operator-warnings';

const maxLength = 500;

/** Codes of warnings, each once; the session's own list has the words. Those that do not fit are left out. */
export function encodeWarnings(codes: Iterable<string>): string {
  let value = '';
  for (const code of new Set(codes)) {
    const longer = value === '' ? code : `${value}, ${code}`;
    if (longer.length <= maxLength) value = longer;
  }
  return value;
}
