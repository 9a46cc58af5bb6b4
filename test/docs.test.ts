/** Documentation that follows from the code is current, and what it points to exists. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { renderDocuments } from '../scripts/docs.mts';

const root = resolve(import.meta.dirname, '..');

describe('documentation', () => {
  it('is what the code says (npm run docs writes it)', () => {
    const documents = renderDocuments();
    assert.ok(documents.length > 0);
    assert.deepEqual(documents.filter(({ before, after }) => before !== after).map(({ file }) => file), []);
  });

  it('links only to files that exist', () => {
    const pages = globSync(['*.md', 'docs/**/*.md', 'test/**/*.md', 'examples/**/*.md'], { cwd: root, exclude: (path) => path.includes('node_modules') });
    assert.ok(pages.length > 5);
    const dead = pages.flatMap((page) =>
      [...readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
        .map((match) => match[1] ?? '')
        .filter((target) => !existsSync(join(root, dirname(page), target)))
        .map((target) => `${page} → ${target}`),
    );
    assert.deepEqual(dead, []);
  });
});
