/**
 * Tool names that fit a target's alphabet and length, and the way back. Every wire has its own: 64 letters, digits, `_` and `-`
 * (OpenAI), 128 of them (Anthropic), dots and colons as well (Gemini).
 */

export interface ToolNames {
  /** The target's name for one of ours; a name that was not declared is made to fit all the same. */
  toWire(name: string): string;
  /** Our name for one of the target's. A name that nobody declared (a model may invent one) stays as it is. */
  fromWire(name: string): string;
}

export interface ToolNameRule {
  /** One character that is allowed. */
  readonly allowed: RegExp;
  /** Which characters may begin a name; absent: every allowed one. */
  readonly first?: RegExp;
  readonly maxLength: number;
}

const made = new WeakMap<ToolNameRule, Map<string, ToolNames>>();
/** Of each rule: those of the agents that are at work. */
const maxMade = 50;

/**
 * Names that fit stay; the others are changed, never to a name that is taken. The same names give the same result in every turn,
 * and nearly always the same object.
 */
export function createToolNames(names: Iterable<string>, rule: ToolNameRule): ToolNames {
  const all = [...new Set(names)];
  const key = JSON.stringify(all);
  const ofRule = made.get(rule) ?? new Map<string, ToolNames>();
  const found = ofRule.get(key) ?? makeToolNames(all, rule);
  if (ofRule.size >= maxMade) ofRule.clear();
  made.set(rule, ofRule.set(key, found));
  return found;
}

function makeToolNames(all: readonly string[], rule: ToolNameRule): ToolNames {
  const forward = new Map<string, string>();
  const back = new Map<string, string>();
  const add = (name: string, wire: string): void => {
    forward.set(name, wire);
    back.set(wire, name);
  };
  for (const name of all) if (fit(name, rule) === name) add(name, name);
  for (const name of all) if (!forward.has(name)) add(name, uniqueName(fit(name, rule), rule.maxLength, (candidate) => back.has(candidate)));
  return {
    toWire: (name) => forward.get(name) ?? fit(name, rule),
    fromWire: (name) => back.get(name) ?? name,
  };
}

/** `name`, or `name_2`, `name_3`, … within `maxLength`, the first that is not taken. */
export function uniqueName(name: string, maxLength: number, taken: (name: string) => boolean): string {
  if (!taken(name)) return name;
  for (let number = 2; ; number++) {
    const suffix = `_${number}`;
    const candidate = `${name.slice(0, maxLength - suffix.length)}${suffix}`;
    if (!taken(candidate)) return candidate;
  }
}

function fit(name: string, rule: ToolNameRule): string {
  let text = [...name].map((character) => (rule.allowed.test(character) ? character : '_')).join('');
  const first = text[0];
  if (first === undefined || (rule.first && !rule.first.test(first))) text = `_${text}`;
  return text.slice(0, rule.maxLength);
}
