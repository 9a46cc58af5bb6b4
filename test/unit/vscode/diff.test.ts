import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { StatusNode, StatusTree } from '../../../src/core/status/node.ts';
import { changedRows, tooltipText } from '../../../src/vscode/tree/diff.ts';

function node(id: string, overrides: Partial<StatusNode> = {}): StatusNode {
  return { id, kind: 'detail', label: id, description: '', icon: 'circle', tone: 'neutral', tags: ['detail'], subject: { type: 'none' }, accessibilityLabel: id, tooltip: () => [id], expanded: false, children: [], ...overrides };
}

function tree(sections: readonly StatusNode[], empty = false): StatusTree {
  return { sections, attention: [], empty };
}

describe('changed rows', () => {
  it('redraws everything at first, and when the top level itself changes', () => {
    const one = tree([node('a')]);
    assert.equal(changedRows(undefined, one), 'all');
    assert.equal(changedRows(one, tree([node('a'), node('b')])), 'all');
    assert.equal(changedRows(one, tree([node('a')], true)), 'all');
  });

  it('redraws nothing when nothing a user sees changed', () => {
    const before = tree([node('a', { children: [node('b')] })]);
    const after = tree([node('a', { children: [node('b')] })]);
    assert.deepEqual(changedRows(before, after), []);
  });

  for (const [what, change] of Object.entries<Partial<StatusNode>>({
    label: { label: 'x' },
    description: { description: 'x' },
    icon: { icon: 'x' },
    tone: { tone: 'error' },
    tags: { tags: ['x'] },
    'screen reader text': { accessibilityLabel: 'x' },
    action: { action: { type: 'manage-trust' } },
    children: { children: [node('new')] },
  })) {
    it(`redraws a row, and not its neighbours, when its ${what} changes`, () => {
      const before = tree([node('a', { children: [node('b'), node('c')] })]);
      const after = tree([node('a', { children: [node('b', change), node('c')] })]);
      assert.deepEqual(changedRows(before, after), ['b']);
    });
  }

  it('redraws the topmost of nested changes once', () => {
    const before = tree([node('a', { children: [node('b')] })]);
    const after = tree([node('a', { description: 'x', children: [node('b', { description: 'y' })] })]);
    assert.deepEqual(changedRows(before, after), ['a']);
  });

  it('redraws a hovered row whose tooltip text changed, and builds no other tooltip', () => {
    const before = tree([node('a'), node('b')]);
    const untouched = (): readonly string[] => assert.fail('a tooltip that nobody saw was built');
    const after = tree([node('a', { tooltip: () => ['newer'] }), node('b', { tooltip: untouched })]);
    assert.deepEqual(changedRows(before, after, new Map([['a', 'a']])), ['a']);
    assert.deepEqual(changedRows(before, after, new Map([['a', 'newer']])), []);
  });

  it('covers every difference: redrawing what it names turns the old view into the new one', () => {
    const tag = fc.constantFrom('x', 'y');
    const leaf = (id: string) => fc.record({ description: tag, tone: fc.constantFrom('ok' as const, 'error' as const) }).map((more) => node(id, more));
    const branch = (id: string) => fc.tuple(tag, fc.subarray(['1', '2', '3']).chain((ids) => fc.tuple(...ids.map((child) => leaf(`${id}/${child}`))))).map(([description, children]) => node(id, { description, children }));
    const anyTree = fc.tuple(branch('a'), branch('b')).map((sections) => tree(sections));
    fc.assert(
      fc.property(anyTree, anyTree, (before, after) => {
        const change = changedRows(before, after);
        assert.ok(change !== 'all');
        const redraw = (old: StatusNode, fresh: StatusNode): StatusNode =>
          change.includes(fresh.id) ? fresh : { ...old, children: old.children.map((child, index) => redraw(child, fresh.children[index] ?? child)) };
        const shown = before.sections.map((section, index) => redraw(section, after.sections[index] ?? section));
        assert.deepEqual(JSON.parse(JSON.stringify(shown)), JSON.parse(JSON.stringify(after.sections)));
      }),
    );
  });
});

describe('tooltip text', () => {
  it('makes paragraphs of lines and keeps lists together', () => {
    assert.equal(tooltipText(node('a', { tooltip: () => ['**Title**', 'Reasons', '- one', '- two', 'End'] })), '**Title**\n\nReasons\n- one\n- two\n\nEnd');
  });
});
