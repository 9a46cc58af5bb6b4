/** What an edit would make wrong: the configuration as it would be, judged as if it were loaded. */
import { buildConfiguration, type BuildInput } from './build.ts';
import type { ConfigProblem, Configuration } from './model.ts';
import { layerOfText } from './text-layer.ts';

/** @param texts of the changed files, by path. @returns the problems that there are not now */
export function problemsOfEdit(configuration: Configuration, texts: ReadonlyMap<string, string>, input: Omit<BuildInput, 'sources'>): readonly ConfigProblem[] {
  const judge = (textOf: (file: string, now: string | undefined) => string | undefined): readonly ConfigProblem[] =>
    buildConfiguration({
      ...input,
      sources: configuration.layers.flatMap(({ state, ...layer }) => {
        const text = textOf(layer.file, state.type === 'absent' ? undefined : state.type === 'loaded' ? state.text : state.lastGoodText);
        return text === undefined ? [] : [layerOfText(layer, { text, hash: '' }, undefined)];
      }),
    }).problems;
  const now = new Map<string, number>();
  for (const problem of judge((_, text) => text)) now.set(keyOf(problem), (now.get(keyOf(problem)) ?? 0) + 1);
  return judge((file, text) => texts.get(file) ?? text).filter((problem) => {
    const left = now.get(keyOf(problem)) ?? 0;
    now.set(keyOf(problem), left - 1);
    return left <= 0;
  });
}

function keyOf({ code, message, where }: ConfigProblem): string {
  return `${code} ${where.file} ${message}`;
}
