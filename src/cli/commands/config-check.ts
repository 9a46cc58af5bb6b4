/** `operator config check [PATH]`: every problem with its place; exit code 3 when one of them is an error. */
import { plural } from '../../base/text.ts';
import type { ConfigProblem } from '../../core/config/model.ts';
import { reportProblem } from '../../core/status/report.ts';
import { exitCodes } from '../exit-codes.ts';
import { printProblem } from '../output/messages.ts';
import { harmless } from '../output/terminal.ts';
import type { GlobalOptions, Session } from '../session.ts';

export async function configCheck(session: Session, path: string | undefined, options: GlobalOptions & { readonly json?: boolean }): Promise<number> {
  const { operator, ports } = await session.open({ config: path ?? options.config });
  const { layers, problems: all } = operator.snapshot.configuration;
  // A file that was named is what is checked; the user's own file beside it is not.
  const named = path ?? options.config;
  const only = named === undefined ? undefined : ports.files.resolve(session.cwd, named);
  const files = layers.filter(({ file, state }) => (only === undefined ? state.type !== 'absent' : file === only));
  const problems = only === undefined ? all : all.filter(({ where }) => where.file === only);
  const code = problems.some(({ severity }) => severity === 'error') ? exitCodes.configuration : exitCodes.done;
  if (options.json) {
    session.stdout.line(JSON.stringify({ files: files.map(({ file }) => file), problems: problems.map(reportProblem) }, null, 2));
    return code;
  }
  for (const problem of problems) printProblem(session.stdout, problem);
  if (problems.length > 0) session.stdout.line();
  if (files.length === 0) session.stdout.line('There is no operator.toml in this folder, above it, or in ~/.operator');
  for (const { file } of files) session.stdout.line(`${harmless(file)}: ${summary(problems.filter(({ where }) => where.file === file))}`);
  return code;
}

function summary(problems: readonly ConfigProblem[]): string {
  const count = (severity: ConfigProblem['severity'], noun: string): string[] => {
    const found = problems.filter((problem) => problem.severity === severity).length;
    return found === 0 ? [] : [plural(found, noun)];
  };
  const parts = [...count('error', 'error'), ...count('warning', 'warning'), ...count('information', 'note')];
  return parts.length === 0 ? 'no problems' : parts.join(', ');
}
