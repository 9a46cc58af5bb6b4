import assert from 'node:assert/strict';
import { type Write, writeInTurn } from '../../../src/api/entries/write.ts';
import { ApiProblem, problemOf } from '../../../src/api/problem.ts';
import { OperatorError } from '../../../src/core/errors.ts';
import type { Operator } from '../../../src/core/operator.ts';

const file = '/w/operator.toml';

describe('writing to operator.toml for a client of REST', () => {
  /** @param texts what stands in the file at each attempt; the last one stays */
  const write = async (texts: readonly string[], edit: () => void = () => {}): Promise<{ readonly seen: readonly string[]; readonly edits: number; readonly error?: unknown }> => {
    const seen: string[] = [];
    let edits = 0;
    const text = (): string => texts[Math.min(edits, texts.length - 1)] ?? '';
    const operator = {
      planEdit: async () => ({ outcomes: [{ file, before: '', after: '' }], problems: [] }),
      edit: async (_change, _file, check) => {
        edits++;
        check?.(text());
        edit();
        return { file, before: '', after: '' };
      },
    } satisfies Pick<Operator, 'planEdit' | 'edit'>;
    const prepare = async (): Promise<Write> => {
      const before = text();
      seen.push(before);
      return { operator: operator as unknown as Operator, change: { type: 'set-default', tool: 'chat' }, file, isCurrent: (now) => now === before, concerns: () => true };
    };
    try {
      await writeInTurn(file, prepare);
      return { seen, edits };
    } catch (error) {
      return { seen, edits, error };
    }
  };

  it('looks again at an entry that somebody changed just then', async () => {
    assert.deepEqual(await write(['mine', 'theirs']), { seen: ['mine', 'theirs'], edits: 2 });
  });

  it('gives up on an entry that never stays as it is, and says what to do', async () => {
    const { edits, error } = await write(Array.from({ length: 100 }, (_, index) => String(index)));
    assert.equal(edits, 25);
    assert.ok(error instanceof ApiProblem);
    const { status, code, hint } = error.body;
    assert.deepEqual({ status, code, hint }, { status: 409, code: 'config-changed', hint: 'Nothing was written; try again' });
  });

  it('leaves it to the edit itself how often a file that changes is read again', async () => {
    const { edits, error } = await write(['same'], () => {
      throw new OperatorError('config-changed', `${file} changed since it was read`, { hint: 'Nothing was written; try again' });
    });
    assert.equal(edits, 1);
    const { status, code, hint } = problemOf(error)?.body ?? assert.fail();
    assert.deepEqual({ status, code, hint }, { status: 409, code: 'config-changed', hint: 'Nothing was written; try again' });
  });
});
