/** Collects what a conversion left out. */
import type { IrWarning } from './ir.ts';

export type Warn = (code: IrWarning['code'], message: string) => void;

export interface Warnings {
  readonly add: Warn;
  /** Each once, in the order in which they came up. */
  list(): readonly IrWarning[];
}

export function createWarnings(): Warnings {
  const seen = new Map<string, IrWarning>();
  return {
    add(code, message) {
      const key = `${code}\u0000${message}`;
      if (!seen.has(key)) seen.set(key, { code, message });
    },
    list: () => [...seen.values()],
  };
}
