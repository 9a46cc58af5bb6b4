/** Names for new entries. Pure. */

const allowed = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** Why `name` cannot be the name of a new entry, or undefined. */
export function nameProblem(name: string, taken: ReadonlySet<string>): string | undefined {
  if (name === '') return 'A name is needed';
  if (!allowed.test(name)) return 'A name has letters, digits, "-", "_" and ".", and starts with a letter or digit';
  return taken.has(name) ? `There is already an entry named ${name}` : undefined;
}

/** Makes a name of any text: `qwen2.5-coder:7b` → `qwen2.5-coder-7b`. */
export function toName(text: string): string {
  const name = text.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replaceAll(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
  return name === '' ? 'entry' : name;
}

/** `base`, or `base-2`, `base-3`, … when it is taken. */
export function uniqueName(base: string, taken: ReadonlySet<string>): string {
  let name = base;
  for (let count = 2; taken.has(name); count++) name = `${base}-${count}`;
  return name;
}
