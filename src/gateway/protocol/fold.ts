/**
 * Agents send their whole conversation again with every request. Whatever is made of it item by item goes on from where an
 * earlier request with the same beginning was, so that a turn costs what is new in it.
 *
 * Items that come again are the very same objects, by which a beginning is found; whether all of it is the same is looked at
 * before anything is taken over. What is kept lives as long as its items.
 */
import { isSameValue } from '../../base/same-value.ts';
import type { IrWarning } from './ir.ts';
import { createWarnings, type Warn } from './warnings.ts';

export interface FoldStep<Context> {
  /** Of the item among all. */
  readonly index: number;
  readonly context: Context;
  readonly warn: Warn;
}

/** How items become a state. Neither items nor what is made of them may be changed later, the state itself may. */
export interface FoldRules<Item extends object, State, Context> {
  begin(): State;
  step(state: State, item: Item, at: FoldStep<Context>): void;
  /** Whether what comes from this item on leaves alone what was made of those before it. */
  isBorder(item: Item, previous: Item): boolean;
  /** At each border, in front of its item. */
  atBorder?(state: State, warn: Warn): void;
  /** As it is now, whatever further steps do to the other. Asked for at borders only. */
  copy(state: State): State;
}

export interface FoldOptions<Context> {
  readonly context: Context;
  /** All that the result depends on beside the items; lists and plain objects are compared by value, others by identity. */
  readonly dependsOn?: unknown;
  readonly warn: Warn;
}

/** The state behind all items, which belongs to the caller. */
export type Fold<Item extends object, State, Context> = (items: readonly Item[], options: FoldOptions<Context>) => State;

/** The state in front of an item. */
interface Kept<Item, State> {
  readonly items: readonly Item[];
  /** How many of them are in the state; at least one. */
  readonly count: number;
  readonly state: State;
  readonly warnings: readonly IrWarning[];
  readonly dependsOn: unknown;
  /** The last item before each of the borders that are kept before this one, the nearest last. */
  readonly earlier: readonly Item[];
}

/** An agent may change its last turns once more, as those do that move their marks for the cache. */
const maxKept = 4;

export function createFold<Item extends object, State, Context>(rules: FoldRules<Item, State, Context>): Fold<Item, State, Context> {
  /** By the last item before the border. */
  const known = new WeakMap<Item, Kept<Item, State>>();

  function isBorder(items: readonly Item[], index: number): boolean {
    return index > 0 && rules.isBorder(items[index] as Item, items[index - 1] as Item);
  }

  function find(items: readonly Item[], dependsOn: unknown): Kept<Item, State> | undefined {
    for (let count = items.length - 1; count > 0; count--) {
      const kept = known.get(items[count - 1] as Item);
      // What was in front of a border may go on where there is none.
      if (kept?.count === count && isBorder(items, count) && isSameValue(kept.dependsOn, dependsOn) && beginsWith(items, kept)) return kept;
    }
    return undefined;
  }

  return (items, { context, dependsOn, warn }) => {
    const before = find(items, dependsOn);
    const state = before ? rules.copy(before.state) : rules.begin();
    const warnings = createWarnings();
    const record: Warn = (code, message) => {
      warnings.add(code, message);
      warn(code, message);
    };
    for (const { code, message } of before?.warnings ?? []) record(code, message);

    const from = before?.count ?? 0;
    /** Of the last few borders: the first. */
    let firstKept = items.length;
    for (let index = items.length - 1, left = maxKept; index > from && left > 0; index--) {
      if (!isBorder(items, index)) continue;
      firstKept = index;
      left--;
    }
    const borders: Item[] = before ? [...before.earlier, items[from - 1] as Item] : [];
    for (let index = from; index < items.length; index++) {
      // In front of the first of these the state is what was kept.
      if (index > from && isBorder(items, index)) {
        rules.atBorder?.(state, record);
        if (index >= firstKept) {
          const last = items[index - 1] as Item;
          while (borders.length >= maxKept) known.delete(borders.shift() as Item);
          known.set(last, { items, count: index, state: rules.copy(state), warnings: warnings.list(), dependsOn, earlier: [...borders] });
          borders.push(last);
        }
      }
      rules.step(state, items[index] as Item, { index, context, warn: record });
    }
    return state;
  };
}

/** A fold that makes something of each item by itself: of tools, which agents send again, too. */
export function createFlatMap<Item extends object, Made, Context>(make: (item: Item, at: FoldStep<Context>) => readonly Made[]): Fold<Item, Made[], Context> {
  return createFold({
    begin: (): Made[] => [],
    step: (all, item, at) => void all.push(...make(item, at)),
    isBorder: () => true,
    copy: (all) => [...all],
  });
}

/** What is no turn (instructions) may be another object that says the same. */
function beginsWith<Item>(items: readonly Item[], kept: Kept<Item, unknown>): boolean {
  for (let index = kept.count - 1; index >= 0; index--) {
    if (!isSameValue(items[index], kept.items[index])) return false;
  }
  return true;
}
