/** When a server wants to be asked again, from the headers of its answer. */

/** No server is waited for longer than this, whatever it says. */
const maxWaitMs = 24 * 60 * 60 * 1000;

/** @returns milliseconds to wait, at least one second, or undefined when the server does not say (RFC 9110, section 10.2.3) */
export function parseRetryAfter(headers: Readonly<Record<string, string>>, now: number): number | undefined {
  const exact = Number(headers['retry-after-ms']?.trim() || undefined);
  if (Number.isFinite(exact) && exact >= 0) return clamp(exact);
  const text = headers['retry-after']?.trim();
  if (text === undefined || text === '') return undefined;
  if (/^\d+(?:\.\d+)?$/.test(text)) return clamp(Number(text) * 1000);
  // Only the forms of an HTTP date; Date.parse alone would understand much more ("-5" is a year).
  const at = /^[A-Za-z]{3,9},? .*\d{2}:\d{2}:\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : clamp(at - now);
}

function clamp(ms: number): number {
  return Math.min(maxWaitMs, Math.max(1000, Math.ceil(ms)));
}
