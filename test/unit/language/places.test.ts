import assert from 'node:assert/strict';
import type { DocumentPath, Part } from '../../../src/core/config/ranges.ts';
import { readDocument } from '../../../src/core/language/document.ts';
import { createLocator } from '../../../src/core/language/tree.ts';
import { textAt } from '../config/support.ts';

function textOf(text: string, path: DocumentPath, part: Part): string | undefined {
  const { tree, lines } = readDocument(text);
  return textAt(text, createLocator(tree.root, lines)(path, part));
}

describe('places', () => {
  const text = `\uFEFFtop.dotted = 1 # 😀\r\n[[model_servers]] # s\r\n  "name" = 'a'\r\n  headers = { "X-A" = "😀", b.c = [ 1, { d = 2 } ] }\r\n[model_servers.extra_env]\r\nA = """\r\nx"""\r\n[[model_servers]]\r\nkind = "k"\r\n[llm_tools]\r\n[[llm_tools.custom]]\r\nname = "t"\r\n`;

  for (const [path, key, value] of [
    [['top'], 'top', '1'],
    [['top', 'dotted'], 'dotted', '1'],
    [['model_servers'], 'model_servers', 'model_servers'],
    [['model_servers', 0], 'model_servers', "'a'"],
    [['model_servers', 0, 'name'], '"name"', "'a'"],
    [['model_servers', 0, 'headers', 'X-A'], '"X-A"', '"😀"'],
    [['model_servers', 0, 'headers', 'b', 'c', 1, 'd'], 'd', '2'],
    [['model_servers', 0, 'headers', 'b', 'c', 0], '1', '1'],
    [['model_servers', 0, 'extra_env'], 'model_servers.extra_env', 'model_servers.extra_env'],
    [['model_servers', 0, 'extra_env', 'A'], 'A', '"""\nx"""'],
    [['model_servers', 1], 'model_servers', 'model_servers'],
    [['model_servers', 1, 'kind'], 'kind', '"k"'],
    [['llm_tools', 'custom', 0], 'llm_tools.custom', '"t"'],
    [['model_servers', 2], undefined, undefined],
    [['__proto__'], undefined, undefined],
  ] as const) {
    it(`finds ${path.join('.')}`, () => {
      assert.equal(textOf(text, path, 'key'), key);
      assert.equal(textOf(text, path, 'value'), value);
    });
  }
});
