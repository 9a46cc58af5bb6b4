/**
 * Names under which claude takes a model into its list: it shows only ids with "claude" or "anthropic" in them
 * (https://code.claude.com/docs/en/llm-gateway-protocol). Pure; the list and the search for a name use the same function.
 */
import type { UpstreamTarget } from '../../core/gateway/model.ts';

type Named = Pick<UpstreamTarget, 'names' | 'model'>;

const accepted = /claude|anthropic/i;
export const claudeAliasPrefix = 'claude-local-';

/** The preferred name, under which other clients list a model. */
export function preferredName({ names, model }: Named): string {
  return names[0] ?? model;
}

/** One name for each target, in their order: the preferred one where claude accepts it, else an alias that nobody else has. */
export function claudeNames(targets: readonly Named[]): readonly string[] {
  const taken = new Set(targets.flatMap(({ names, model }) => [...names, model]));
  return targets.map((target) => {
    const name = preferredName(target);
    if (accepted.test(name)) return name;
    const alias = claudeAliasPrefix + (slug(name) || 'model');
    let unique = alias;
    for (let count = 2; taken.has(unique); count++) unique = `${alias}-${count}`;
    taken.add(unique);
    return unique;
  });
}

/** `qwen3-coder:30b` → `qwen3-coder-30b`. */
function slug(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9.]+/g, '-').replaceAll(/^[-.]+|[-.]+$/g, '');
}
