/** The import rules of docs/ARCHITECTURE.md: who may import whom. Fails with the file and the forbidden import. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const source = join(root, 'src');

interface Rule {
  /** Folders and files below src (without .ts) that may be imported; a prefix with `/` at its end is a whole folder. */
  readonly internal: readonly string[];
  /** Packages; `node:` means all of Node's own modules. */
  readonly packages: readonly string[];
}

/** Keyed by folder below src; the longest match counts. */
const rules: Readonly<Record<string, Rule>> = {
  'base/': { internal: ['base/'], packages: [] },
  'core/': { internal: ['base/', 'core/'], packages: ['zod', 'smol-toml', 'semver', 'eventsource-parser'] },
  'platform/': { internal: ['base/', 'core/ports', 'core/errors', 'core/source', 'platform/'], packages: ['node:', 'undici', 'socks', '@napi-rs/keyring', 'which'] },
  'gateway/protocol/': { internal: ['base/', 'core/', 'gateway/protocol/'], packages: ['zod', 'eventsource-parser'] },
  'gateway/': { internal: ['base/', 'core/', 'gateway/'], packages: ['node:', 'undici', 'zod'] },
  'api/': { internal: ['base/', 'core/', 'api/'], packages: ['zod', 'hono', '@hono/node-server'] },
  'app/': { internal: ['base/', 'core/', 'app/'], packages: [] },
  'app/rest/': { internal: ['base/', 'core/', 'api/', 'app/'], packages: [] },
  'cli/': { internal: ['base/', 'core/', 'app/', 'platform/', 'cli/'], packages: ['node:', 'commander', 'get-east-asian-width'] },
  'vscode/': { internal: ['base/', 'core/', 'app/', 'platform/', 'vscode/'], packages: ['vscode', 'node:'] },
  extension: { internal: ['vscode/'], packages: ['vscode'] },
  cli: { internal: ['cli/'], packages: ['node:'] },
  gateway: { internal: ['base/', 'core/', 'gateway/', 'platform/', 'app/rest/'], packages: ['node:'] },
};

interface Import {
  readonly file: string;
  readonly specifier: string;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
  const pattern = /(?:^|[;}\s])(?:import|export)\s[^'"`;]*?from\s*['"]([^'"]+)['"]|(?:^|[;}\s])import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)|\brequire\(\s*['"]([^'"]+)['"]\s*\)/gm;
  return [...text.matchAll(pattern)].map((match) => ({ file, specifier: match[1] ?? match[2] ?? match[3] ?? match[4] ?? '' }));
}

function below(path: string): string {
  return relative(source, path).replaceAll('\\', '/').replace(/\.ts$/, '');
}

function ruleFor(name: string): Rule | undefined {
  const key = Object.keys(rules).filter((prefix) => (prefix.endsWith('/') ? name.startsWith(prefix) : name === prefix)).sort((a, b) => b.length - a.length)[0];
  return key === undefined ? undefined : rules[key];
}

const files = globSync('**/*.ts', { cwd: source }).map((file) => join(source, file));

describe('architecture', () => {
  it('has a rule for every source file', () => {
    assert.ok(files.length > 10);
    assert.deepEqual(files.filter((file) => !ruleFor(below(file))).map(below), []);
  });

  it('imports only what the layer may import', () => {
    const wrong = files.flatMap(importsOf).filter(({ file, specifier }) => {
      const rule = ruleFor(below(file));
      if (!rule) return true;
      if (specifier.startsWith('.')) {
        const target = below(resolve(dirname(file), specifier));
        return !rule.internal.some((allowed) => (allowed.endsWith('/') ? target.startsWith(allowed) : target === allowed));
      }
      return !rule.packages.some((name) => (name.endsWith(':') ? specifier.startsWith(name) : specifier === name || specifier.startsWith(`${name}/`)));
    });
    assert.deepEqual(wrong.map(({ file, specifier }) => `${below(file)} imports ${specifier}`), []);
  });

  it('keeps protocol folders apart: the hub is the only way from one to another', () => {
    const folder = (name: string): string | undefined => /^gateway\/protocol\/([^/]+)\//.exec(name)?.[1];
    const wrong = files.flatMap(importsOf).filter(({ file, specifier }) => {
      const own = folder(below(file));
      const other = specifier.startsWith('.') ? folder(below(resolve(dirname(file), specifier))) : undefined;
      return own !== undefined && other !== undefined && own !== other;
    });
    assert.deepEqual(wrong.map(({ file, specifier }) => `${below(file)} imports ${specifier}`), []);
  });

  it('has no import cycles', () => {
    const graph = new Map(files.map((file) => [file, importsOf(file).filter(({ specifier }) => specifier.startsWith('.')).map(({ specifier }) => resolve(dirname(file), specifier))]));
    // Type-only cycles are harmless at run time but blur the layers all the same, so they count.
    const state = new Map<string, 'open' | 'done'>();
    const cycles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (state.get(file) === 'done') return;
      if (state.get(file) === 'open') {
        cycles.push([...path.slice(path.indexOf(file)), file].map(below).join(' → '));
        return;
      }
      state.set(file, 'open');
      for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
      state.set(file, 'done');
    };
    for (const file of files) visit(file, []);
    assert.deepEqual(cycles, []);
  });

  it('sees a forbidden import (the check itself works)', () => {
    assert.equal(ruleFor('core/config/load')?.packages.includes('node:'), false);
    assert.equal(ruleFor('vscode/tree/item')?.internal.includes('cli/'), false);
  });
});
