/**
 * `npm run docs`: writes the parts of docs/ that follow from the code (between `<!-- generated: NAME -->` and `<!-- end -->`),
 * the JSON schema of operator.toml, and the OpenAPI document of the REST API.
 * `--check` only says which are out of date; `npm run check` does that through test/docs.test.ts.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { choosingModelsParts } from './docs/choosing-models.mts';
import { configurationParts } from './docs/configuration.mts';
import { corpusParts } from './docs/corpus.mts';
import { healthParts } from './docs/health.mts';
import { launchingParts } from './docs/launching.mts';
import { renderOpenApi } from './docs/openapi.mts';
import { restParts } from './docs/rest.mts';
import { testingModelsParts } from './docs/testing-models.mts';
import { renderSchema } from './schema.mts';

const root = resolve(import.meta.dirname, '..');

const documents: readonly { readonly file: string; readonly parts: () => Readonly<Record<string, string>> }[] = [
  { file: 'docs/CHOOSING-MODELS.md', parts: choosingModelsParts },
  { file: 'docs/CONFIGURATION.md', parts: configurationParts },
  { file: 'docs/CORPUS.md', parts: corpusParts },
  { file: 'docs/HEALTH.md', parts: healthParts },
  { file: 'docs/LAUNCHING.md', parts: launchingParts },
  { file: 'docs/REST.md', parts: restParts },
  { file: 'docs/TESTING-MODELS.md', parts: testingModelsParts },
];

/** Every document as it should be, and as it is. @throws Error for a part without a place, or a place without a part */
export function renderDocuments(): readonly { readonly file: string; readonly before: string; readonly after: string }[] {
  const pages = documents.map(({ file, parts }) => {
    const before = readFileSync(join(root, file), 'utf8');
    return { file, before, after: fillIn(file, before, parts()) };
  });
  const whole = (file: string, after: string) => ({ file, before: existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : '', after });
  return [...pages, whole('media/operator.schema.json', renderSchema()), whole('docs/openapi.json', renderOpenApi())];
}

function fillIn(file: string, text: string, parts: Readonly<Record<string, string>>): string {
  const left = new Set(Object.keys(parts));
  const filled = text.replaceAll(/(<!-- generated: ([\w-]+) -->\n)[\s\S]*?(<!-- end -->)/g, (_whole, start: string, name: string, end: string) => {
    const part = parts[name];
    if (part === undefined) throw new Error(`${file} has a place for "${name}", which nothing generates`);
    left.delete(name);
    return `${start}\n${part.trim()}\n\n${end}`;
  });
  if (left.size > 0) throw new Error(`${file} has no place for ${[...left].join(', ')}`);
  return filled;
}

if (import.meta.main) {
  const { check } = parseArgs({ options: { check: { type: 'boolean', default: false } } }).values;
  const outdated = renderDocuments().filter(({ before, after }) => before !== after);
  for (const { file, after } of outdated) {
    if (!check) writeFileSync(join(root, file), after);
    console.log(`${check ? 'out of date' : 'wrote'}: ${file}`);
  }
  process.exitCode = check && outdated.length > 0 ? 1 : 0;
}
