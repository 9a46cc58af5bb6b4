/** The tree is made where it is looked at; nobody can tell when. */
import '../../support/properties.ts';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { scan } from '../../../src/core/language/scan.ts';
import { buildTree, nodeAt, pathOf, type Tree, type TreeNode } from '../../../src/core/language/tree.ts';
import { damaged } from './support.ts';

/** Few names, so that tables, lists, dotted keys and values meet at one path, as they do in no TOML. */
const line = fc.constantFrom('[a]', '[[a]]', '[a.b]', '[[a.b]]', '[a.b.c]', '[a.name]', '["a".b]', '[b]', '[]', 'a = [1, { x = 1 }]', 'a.b = 1', 'a.name = "a"', 'b = { c = 1 }', 'b.c = 2', 'x = 1', 'x', '= 1', 'name = "n"', 'name = 2', 'name.x = 1', 'name');
const text = fc.oneof(damaged, fc.array(line, { maxLength: 14 }).map((lines) => lines.join('\n')));

/** Places to look at before anything else: a table's node, and whether at what is below it. */
const looks = fc.array(fc.tuple(fc.nat({ max: 20 }), fc.constantFrom('place', 'name', 'children', 'below')));

function look({ nodeOf }: Tree, [index, what]: readonly [number, string]): void {
  const node = nodeOf(index);
  if (what === 'name') node?.literalAt('name');
  if (what === 'children') node?.child('b');
  if (what === 'below') node?.children.forEach((child) => child.children);
}

function plain({ parent: _, children, ...node }: TreeNode): unknown {
  return { ...node, children: children.map(plain) };
}

function everyNode(node: TreeNode): readonly TreeNode[] {
  return [node, ...node.children.flatMap(everyNode)];
}

describe('the tree of a document', () => {
  it('is the same in whatever order it is looked at', () => {
    fc.assert(
      fc.property(text, looks, (source, order) => {
        const syntax = scan(source);
        const tree = buildTree(syntax);
        for (const one of order) look(tree, one);
        assert.deepEqual(plain(tree.root), plain(buildTree(syntax).root));
      }),
      { numRuns: 1000 },
    );
  });

  it('knows what a key holds before its node is made', () => {
    fc.assert(
      fc.property(text, (source) => {
        const syntax = scan(source);
        const made = buildTree(syntax);
        for (const node of everyNode(made.root)) {
          const path = pathOf(node);
          for (const key of ['name', 'b', 'x']) {
            const fresh = nodeAt(buildTree(syntax).root, path);
            assert.equal(fresh?.literalAt(key), nodeAt(made.root, path)?.child(key)?.literal, `${key} of ${path.join('.')}`);
          }
        }
      }),
    );
  });

  it('has each table at the node that its header names', () => {
    fc.assert(
      fc.property(text, (source) => {
        const syntax = scan(source);
        const { root, nodeOf } = buildTree(syntax);
        syntax.tables.forEach((table, index) => {
          const node = nodeOf(index);
          if (table.header) assert.ok(node?.tables.includes(table));
          else assert.equal(node, root);
          assert.deepEqual(node && pathOf(node).filter((part) => typeof part === 'string'), table.header?.keys.map(({ name }) => name) ?? []);
        });
      }),
    );
  });
});
