/** Writing to operator.toml on behalf of a caller that may not have seen the newest of it. */
import { maxConfigBytes } from '../../core/config/find.ts';
import type { ConfigProblem } from '../../core/config/model.ts';
import type { EditChange } from '../../core/config/edit.ts';
import type { EditPlan, Operator } from '../../core/operator.ts';
import { invalid } from './body.ts';
import { ApiProblem, issueOf } from '../problem.ts';

/** What was to be changed is another one than was seen. */
class Stale extends Error {
  override readonly name = 'Stale';
}

/** Each time another process has changed the same entry, just then: so many do not come at once. */
const maxAttempts = 25;

const turns = new Map<string, Promise<unknown>>();

/** One writer of a file after the other within this process. */
async function inTurn<T>(file: string, work: () => Promise<T>): Promise<T> {
  const turn = (turns.get(file) ?? Promise.resolve()).catch(() => undefined).then(work);
  turns.set(file, turn);
  try {
    return await turn;
  } finally {
    if (turns.get(file) === turn) turns.delete(file);
  }
}

export interface Write {
  readonly operator: Operator;
  readonly change: EditChange;
  readonly file: string;
  /** Whether this is still the text that the change was made for. */
  readonly isCurrent: (text: string) => boolean;
  /** Which problems are of this change, and forbid it. */
  readonly concerns: (problem: ConfigProblem) => boolean;
}

/**
 * @param file whose turn it is
 * @param prepare looks at what there is now and says what to write, or undefined where there is nothing to; called again when that is no longer there
 * @throws ApiProblem 409, 412, 422; OperatorError, as {@link Operator.edit} does
 */
export function writeInTurn(file: string, prepare: () => Promise<Write | undefined>): Promise<void> {
  return inTurn(file, async () => {
    for (let attempt = 1; ; attempt++) {
      const write = await prepare();
      if (!write) return;
      const { operator, change, isCurrent } = write;
      refuseProblems(await operator.planEdit(change, write.file), write);
      try {
        await operator.edit(change, write.file, (text) => {
          if (!isCurrent(text)) throw new Stale();
        });
        return;
      } catch (error) {
        if (!(error instanceof Stale)) throw error;
        if (attempt === maxAttempts) throw new ApiProblem(409, 'config-changed', `${write.file} changes too quickly`, { hint: 'Nothing was written; try again' });
      }
    }
  });
}

/** What would not work, and keys themselves, are not written. */
function refuseProblems({ outcomes, problems }: EditPlan, { concerns }: Write): void {
  const refused = problems.filter((problem) => concerns(problem) && (problem.severity === 'error' || problem.code === 'literal-key' || problem.code === 'invalid-value' || problem.code === 'unknown-tool'));
  if (refused.length > 0) {
    throw invalid(
      refused.map((problem) => {
        const issue = issueOf(problem);
        const key = 'key' in problem.subject ? problem.subject.key : undefined;
        const hint = problem.code === 'literal-key' ? 'Keys never stand in operator.toml: name where it is, as env:NAME, secret:NAME or file:PATH' : issue.hint;
        return { ...issue, ...(hint !== undefined && { hint }), ...(key !== undefined && { pointer: `/${key}` }) };
      }),
    );
  }
  // A file that is too large would not be read any more.
  for (const { file, after } of outcomes) {
    if (after.length > maxConfigBytes / 4 && new TextEncoder().encode(after).length > maxConfigBytes) throw new ApiProblem(409, 'too-large', `${file} would be larger than ${maxConfigBytes / 1024 / 1024} MB, and nothing would read it`, { hint: 'Remove what is not needed' });
  }
}
