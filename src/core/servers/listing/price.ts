/** Prices as vendors write them, as whole millionths of a dollar per million tokens. Exact: decimal digits are moved, never multiplied. */
import type { ModelPrice } from '../health.ts';

/**
 * `digits` is how far the decimal point moves: 12 for a price per token, 6 for one per million tokens. Numbers are read by their
 * shortest decimal form, which is what the server wrote. Below a millionth is rounded half up. Undefined for what is no price:
 * negative ones stand for "depends" (OpenRouter's routers have -1).
 */
export function toMicros(value: string | number | null | undefined, digits: 6 | 12): number | undefined {
  const match = /^\+?(\d{0,30})(?:\.(\d{0,60}))?(?:e([+-]?\d{1,2}))?$/i.exec(String(value ?? '').trim());
  if (!match) return undefined;
  const [, whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  const moved = digits + Number(exponent);
  const all = whole + fraction;
  const point = whole.length + moved;
  const kept = point <= 0 ? '0' : all.slice(0, point).padEnd(point, '0');
  const next = point < 0 ? 0 : Number(all[point] ?? '0');
  const micros = BigInt(kept) + (next >= 5 ? 1n : 0n);
  return micros <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(micros) : undefined;
}

/** Undefined where neither is known. */
export function priceOf(input: number | undefined, output: number | undefined): ModelPrice | undefined {
  if (input === undefined && output === undefined) return undefined;
  return { ...(input !== undefined && { inputMicros: input }), ...(output !== undefined && { outputMicros: output }) };
}
