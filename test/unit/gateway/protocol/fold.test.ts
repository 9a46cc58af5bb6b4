import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { createFold } from '../../../../src/gateway/protocol/fold.ts';
import type { IrWarning } from '../../../../src/gateway/protocol/ir.ts';
import { createWarnings } from '../../../../src/gateway/protocol/warnings.ts';

interface Item {
  readonly text: string;
  readonly isBorder: boolean;
}

interface State {
  texts: string[];
  /** What is behind the last border, which the next one closes. */
  open: string;
}

interface Result {
  readonly texts: readonly string[];
  readonly warnings: readonly IrWarning[];
  /** Items that were looked at. */
  readonly steps: number;
}

/** Joins texts between borders, and warns of some. */
function createJoin(): (items: readonly Item[], ending: string) => Result {
  let steps = 0;
  const fold = createFold<Item, State, string>({
    begin: () => ({ texts: [], open: '' }),
    step(state, { text }, { index, context, warn }) {
      steps++;
      state.open += `${index}${text}${context}`;
      if (text.startsWith('!')) warn('approximated', text);
    },
    isBorder: ({ isBorder }, previous) => isBorder && !previous.isBorder,
    atBorder(state, warn) {
      state.texts.push(state.open);
      if (state.open.length > 20) warn('unsupported-part', 'long');
      state.open = '';
    },
    copy: ({ texts, open }) => ({ texts: [...texts], open }),
  });
  return (items, ending) => {
    const warnings = createWarnings();
    const before = steps;
    const { texts, open } = fold(items, { context: ending, dependsOn: [ending], warn: warnings.add });
    return { texts: [...texts, open], warnings: warnings.list(), steps: steps - before };
  };
}

const anew = ({ text, isBorder }: Item): Item => ({ text, isBorder });

describe('a fold over a conversation', () => {
  it('comes to the same as one that begins anew, whatever of the items comes again', () => {
    let saved = 0;
    const item = fc.record({ text: fc.constantFrom('a', 'b', '!c', '!d'), isBorder: fc.boolean() });
    const change = fc.record({ keep: fc.nat(30), add: fc.array(fc.oneof(item, fc.nat(20)), { maxLength: 6 }), isCopied: fc.nat(40), ending: fc.constantFrom('.', '.', '.', '?') });
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 30 }), fc.array(change, { minLength: 2, maxLength: 8 }), (first, changes) => {
        const join = createJoin();
        let items: readonly Item[] = first;
        join(items, '.');
        for (const { keep, add, isCopied, ending } of changes) {
          const old = items;
          // Some come from elsewhere in the conversation, at another place; some say the same and are another object.
          items = [...items.slice(0, keep), ...add.map((one) => (typeof one === 'number' ? (old[one % old.length] as Item) : one))].map((one, index) => (index === isCopied ? anew(one) : one));
          if (items.length === 0) items = first;
          const { steps, ...result } = join(items, ending);
          const { steps: all, ...expected } = createJoin()(items.map(anew), ending);
          assert.deepEqual(result, expected);
          assert.ok(steps <= all);
          saved += all - steps;
        }
      }),
    );
    assert.ok(saved > 200, String(saved));
  });

  it('takes only the steps from the last known border on', () => {
    const join = createJoin();
    const items = Array.from({ length: 100 }, (_, index): Item => ({ text: String(index), isBorder: index % 2 === 1 }));
    assert.equal(join(items, '.').steps, 100);
    assert.equal(join(items, '.').steps, 1, 'the last border is in front of the last item');
    const more = [...items, { text: 'x', isBorder: false }, { text: 'y', isBorder: true }];
    assert.equal(join(more, '.').steps, 3);
    assert.equal(join([...items.slice(0, 97), { text: 'z', isBorder: true }], '.').steps, 1, 'a few borders before the last are kept, too');
    assert.equal(join([...items.slice(0, 97), { text: 'z', isBorder: false }], '.').steps, 3, 'where there is no border any more, the one before it counts');
    assert.equal(join(more, '?').steps, 102, 'what it depends on is another');
    assert.equal(join(items.slice(0, 40), '.').steps, 40, 'no more than a few');
  });

  it('leaves what was kept alone when a step fails', () => {
    const fold = createFold<{ readonly text: string }, string[], undefined>({
      begin: () => [],
      step(texts, { text }) {
        texts.push(text);
        if (text === 'bad') throw new Error('bad');
      },
      isBorder: () => true,
      copy: (texts) => [...texts],
    });
    const run = (items: readonly { readonly text: string }[]): readonly string[] => fold(items, { context: undefined, warn: () => {} });
    const items = ['a', 'b', 'c'].map((text) => ({ text }));
    assert.throws(() => run([...items, { text: 'bad' }]), /bad/);
    assert.deepEqual(run([...items, { text: 'd' }]), ['a', 'b', 'c', 'd']);
  });
});
