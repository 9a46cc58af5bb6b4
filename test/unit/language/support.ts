/** What the tests of the language features share. */
import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { document, textOf } from '../config/arbitrary-toml.ts';

const folder = join(import.meta.dirname, '../../fixtures/toml');

/** The texts of test/fixtures/toml, broken ones included. */
export const fixtures: readonly string[] = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.toml'))
  .map((name) => readFileSync(join(folder, name), 'utf8'));

const piece = fc.constantFrom('"', "'", '"""', "'''", '[', ']', '[[', ']]', '{', '}', '=', '.', ',', '#', '\n', '\r\n', '\\', '\uFEFF', '\u0000', '😀', ' ', 'name = ', '[[model_servers]]', '[delegators.launch_config]', 'model_server = "', 'kind', 'true', '__proto__');

/** Files as they are while somebody types: pieces put in, taken out, at any place. */
export const damaged: fc.Arbitrary<string> = fc
  .tuple(
    fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...fixtures) }, { weight: 2, arbitrary: document.map(textOf) }, { weight: 1, arbitrary: fc.string({ unit: 'binary' }) }),
    fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat({ max: 30 }), fc.oneof(fc.array(piece, { maxLength: 3 }).map((pieces) => pieces.join('')), fc.string({ maxLength: 6 }))), { maxLength: 4 }),
  )
  .map(([text, edits]) => edits.reduce((current, [where, length, inserted]) => {
    const at = Math.floor(where * current.length);
    return current.slice(0, at) + inserted + current.slice(at + (length > 20 ? 0 : length));
  }, text));
