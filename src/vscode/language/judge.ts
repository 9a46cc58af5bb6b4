/** What is wrong with the texts as they stand in the editors. */
import type { ConfigProblem } from '../../core/config/model.ts';
import { diagnose } from '../../core/language/diagnose.ts';
import type { Diagnostic } from '../../core/language/model.ts';
import { documentationOf } from '../../core/language/problem-pages.ts';
import type { Operator, Snapshot } from '../../core/operator.ts';
import type { Ports } from '../../core/ports.ts';
import { catalogueTools } from '../../core/tools/catalogue/index.ts';
import type { Sources } from './sources.ts';

/** Computed anew only when a text or what is known changed. */
export type Judge = () => readonly Diagnostic[];

export function createJudge(operator: Operator, ports: Pick<Ports, 'env' | 'files'>, sources: Sources): Judge {
  const toolNames = catalogueTools().map(({ record }) => record.name);
  let asked: readonly unknown[] = [];
  let found: readonly Diagnostic[] = [];

  function judge(snapshot: Snapshot): readonly Diagnostic[] {
    const files = sources.files();
    const { configuration, diagnostics } = diagnose({
      files,
      toolNames,
      variable: (name) => ports.env.get(name),
      resolvePath: (file, path) => ports.files.resolve(ports.files.dirname(file), path),
      facts: snapshot,
    });
    for (const { file, state } of configuration.layers) if (state.type === 'loaded') sources.rememberGood(file, state.text);
    // Of a file that cannot be read there is no text to judge, but what was good of it before.
    const unreadable = snapshot.configuration.problems.filter(({ code, where }) => code === 'unreadable' && sources.documentOf(where.file) === undefined);
    const silent = new Set(unreadable.map(({ where }) => where.file));
    return [...diagnostics.filter(({ file }) => !silent.has(file)), ...unreadable.map(ofProblem)];
  }

  return () => {
    const { snapshot } = operator;
    const now = [sources.files(), snapshot.configuration, snapshot.tools, snapshot.servers];
    if (asked.length > 0 && now.every((part, index) => part === asked[index])) return found;
    found = judge(snapshot);
    asked = [sources.files(), snapshot.configuration, snapshot.tools, snapshot.servers];
    return found;
  };
}

function ofProblem({ where, related = [], ...problem }: ConfigProblem): Diagnostic {
  return { ...problem, file: where.file, related, tags: [], documentation: documentationOf(problem.code) };
}
