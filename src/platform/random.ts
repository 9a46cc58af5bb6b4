/** Randomness of the operating system. */
import { randomUUID } from 'node:crypto';
import type { Random } from '../core/ports.ts';

export function createSystemRandom(): Random {
  return { uuid: () => randomUUID() };
}
