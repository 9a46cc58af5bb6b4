import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createBodyMemory } from '../../../src/gateway/body-memory.ts';
import { type BodyOutline, outlineOf, type Span } from '../../../src/gateway/body-outline.ts';
import { commonLength } from '../../../src/gateway/common-length.ts';

const page = 'A line of a file that was read, and another one. '.repeat(60);

function bodyOf(turns: readonly string[], more: object = {}): Buffer {
  return Buffer.from(JSON.stringify({ model: 'm', messages: turns.map((content, index) => ({ role: index % 2 === 0 ? 'user' : 'assistant', content })), tools: [{ description: page }], ...more }));
}

/** What an outline says, whatever it was told before. */
function said({ bytes: _, knownTurns: __, knownMembers: ___, cuts, ...rest }: BodyOutline): unknown {
  return { ...rest, cuts: cuts.map(({ start, end }) => ({ start, end })) };
}

/** Members that are known are the same bytes as before, and their cuts have the ids from there. */
function assertKnown({ bytes, cuts, isPlain, knownTurns, knownMembers }: BodyOutline, before: BodyOutline): void {
  const idsIn = (outline: BodyOutline, { start, end }: Span): readonly number[] => outline.cuts.filter((cut) => cut.start >= start && cut.end <= end).map(({ id }) => id);
  for (const member of knownMembers) {
    const same = before.members.find(({ name }) => name === member.name);
    assert.ok(same && bytes.subarray(member.start, member.end).equals(before.bytes.subarray(same.start, same.end)), member.name);
    if (isPlain) assert.deepEqual(idsIn({ bytes, cuts } as BodyOutline, member), idsIn(before, same));
  }
  if (knownTurns === 0) assert.equal(knownMembers.size, 0);
}

describe('the memory of bodies', () => {
  const turns = Array.from({ length: 20 }, (_, index) => `${index} ${page}`);

  it('knows the turns that were sent before, and reads the rest', () => {
    const memory = createBodyMemory();
    assert.equal(memory.read(bodyOf(turns))?.outline.knownTurns, 0);
    assert.equal(memory.read(bodyOf([...turns, 'more']))?.outline.knownTurns, 20);
    assert.equal(memory.read(bodyOf([...turns.slice(0, 15), 'another', ...turns.slice(16)]))?.outline.knownTurns, 15);
    assert.equal(memory.read(bodyOf(turns.slice(0, 12), { model: 'other' }))?.outline.knownTurns, 0, 'what stands before them is another');
    assert.equal(memory.read(Buffer.from('{"messages":[]}'))?.outline.knownTurns, 0);
    assert.equal(memory.read(Buffer.from('[]')), undefined);
  });

  it('keeps conversations that go on side by side apart, and no more than a few', () => {
    const memory = createBodyMemory();
    const conversation = (name: string, length: number): Buffer => bodyOf([name.repeat(10), ...turns.slice(0, length)]);
    for (const name of 'abcd') memory.read(conversation(name, 12));
    for (const name of 'abcd') assert.equal(memory.read(conversation(name, 14))?.outline.knownTurns, 13, name);
    memory.read(conversation('e', 12));
    assert.equal(memory.read(conversation('a', 16))?.outline.knownTurns, 0, 'the oldest made way');
    assert.equal(memory.read(conversation('d', 16))?.outline.knownTurns, 15);
  });

  it('tells the same as reading all of it, whatever changed', () => {
    const part = fc.oneof(fc.constantFrom(page, `"${page}`, `${page}\\`, 'é'.repeat(2000) + page, '1e999', ''), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(fc.array(part, { minLength: 14, maxLength: 24 }), fc.array(fc.record({ at: fc.nat(), by: fc.nat({ max: 60 }), with: fc.string({ unit: 'binary', maxLength: 20 }) }), { minLength: 1, maxLength: 4 }), (texts, changes) => {
        const memory = createBodyMemory();
        let bytes = bodyOf([...texts, page.repeat(14)]);
        let before = memory.read(bytes)?.outline;
        for (const change of changes) {
          // Anywhere, in the middle of a character or of JSON, too.
          const at = change.at % bytes.length;
          bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(change.with), bytes.subarray(at + change.by)]);
          const read = memory.read(bytes);
          const anew = outlineOf(bytes);
          assert.deepEqual(read && said(read.outline), anew && said(anew));
          if (read && before) assertKnown(read.outline, before);
          if (read) before = read.outline;
          for (const mark of ['"role"', 'file', '\\"', change.with.replaceAll(/[^ -~]/g, '')]) if (mark !== '') assert.equal(read?.includes(mark), anew && bytes.includes(mark), mark);
        }
      }),
    );
  });

  it('finds how far two bodies are the same', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), fc.nat({ max: 40_000 }), fc.nat({ max: 40_000 }), (some, length, change) => {
        const one = Buffer.concat([Buffer.alloc(length, 'x'), some]);
        const other = Buffer.from(one);
        if (change < other.length) other[change] = (other[change] ?? 0) ^ 1;
        assert.equal(commonLength(one, other), Math.min(change, one.length));
        assert.equal(commonLength(one, one.subarray(0, change)), Math.min(change, one.length));
      }),
    );
  });
});
