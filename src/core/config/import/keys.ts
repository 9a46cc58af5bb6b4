/** Keys of an imported file: none is copied; each gets a place to be kept in and a name there. */
import { maskText } from '../../launch/mask.ts';
import { looksLikeKey } from '../literal-keys.ts';

/** Would it be hidden where it is shown? Keys do stand where they do not belong. */
export function mayHoldKey(text: string): boolean {
  return looksLikeKey(text) || maskText(text) !== text;
}

/** A key that a person has to put somewhere. */
export interface KeyToSet {
  /** As operator.toml names it: `env:NAME`. */
  readonly reference: string;
  /** Which key it is, without showing it: "the key of gpt4 (model_list[0])". */
  readonly what: string;
}

export interface KeyBook {
  /**
   * The reference for what stands where a key is expected. The same key gets the same reference, another one another.
   * @param variable what the environment variable of a key that stands there itself would be called
   */
  refer(text: string, variable: string, owner: string): string;
  /** A key that is needed and not in the file. */
  missing(variable: string, owner: string): string;
  readonly toSet: readonly KeyToSet[];
}

/** @param resolvePath absolute form of a path that counts from the imported file */
export function createKeyBook(resolvePath: (path: string) => string): KeyBook {
  const toSet: KeyToSet[] = [];
  /** By variable: the keys that it could stand for, in the order of their numbers. Only in memory. */
  const literals = new Map<string, string[]>();

  function add(reference: string, what: string): string {
    if (!toSet.some((known) => known.reference === reference)) toSet.push({ reference, what });
    return reference;
  }

  return {
    toSet,
    refer(text, variable, owner) {
      const named = /^(?:<([A-Za-z_]\w*)>|\$\{?([A-Za-z_]\w*)\}?|env:\/?\/?([A-Za-z_]\w*))$/.exec(text.trim());
      const name = named?.[1] ?? named?.[2] ?? named?.[3];
      if (name !== undefined) return add(`env:${name}`, `the key of ${owner}`);
      const [, path] = /^file:\/\/(.+)$/.exec(text.trim()) ?? [];
      if (path !== undefined) return `file:${resolvePath(path)}`;
      const known = literals.get(variable) ?? [];
      literals.set(variable, known);
      if (!known.includes(text)) known.push(text);
      const number = known.indexOf(text) + 1;
      const isSealed = text.trim().startsWith('enc://');
      return add(`env:${variable}${number === 1 ? '' : `_${number}`}`, isSealed ? `the key of ${owner}, which is encrypted in the file` : `the key of ${owner}`);
    },
    missing: (variable, owner) => add(`env:${variable}`, `a key for ${owner}; the file holds none`),
  };
}
