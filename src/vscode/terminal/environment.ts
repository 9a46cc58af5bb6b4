/** The difference between two environments, as a terminal takes it. Pure. */

/**
 * What turns `inherited` into `wanted`: a value to set, null to remove. Names in `unset` are removed even where `inherited`
 * lacks them, because a terminal may inherit more than is known here (settings, a shell's start-up files).
 */
export function environmentChanges(
  inherited: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
  options: { readonly unset: readonly string[]; readonly caseInsensitive: boolean },
): Record<string, string | null> {
  const key = (name: string): string => (options.caseInsensitive ? name.toUpperCase() : name);
  const before = new Map(Object.entries(inherited).map(([name, value]) => [key(name), value]));
  const after = new Set(Object.keys(wanted).map(key));
  const changes: Record<string, string | null> = {};
  for (const name of [...Object.keys(inherited), ...options.unset]) if (!after.has(key(name))) changes[name] = null;
  for (const [name, value] of Object.entries(wanted)) if (before.get(key(name)) !== value) changes[name] = value;
  return changes;
}
