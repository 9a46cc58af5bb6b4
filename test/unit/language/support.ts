/** What the tests of the language features share. */
import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { entityId, type ModelServer, type Origin } from '../../../src/core/config/model.ts';
import { diagnose } from '../../../src/core/language/diagnose.ts';
import { readDocument } from '../../../src/core/language/document.ts';
import type { Diagnosis, LanguageFacts, LanguageFile, LanguageFiles } from '../../../src/core/language/model.ts';
import type { ServerStatus } from '../../../src/core/operator.ts';
import { adHocServer } from '../../../src/core/servers/builtin.ts';
import type { Health, ModelInfo } from '../../../src/core/servers/health.ts';
import type { ServerKindId } from '../../../src/core/servers/kinds.ts';
import { impliedServers } from '../../../src/core/servers/local-prefix.ts';
import type { Position } from '../../../src/core/source.ts';
import { catalogueTools } from '../../../src/core/tools/catalogue/index.ts';
import { document, textOf } from '../config/arbitrary-toml.ts';
import { env } from '../config/support.ts';
import { FakeFiles } from '../fakes.ts';

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

export const workspaceFile = '/w/operator.toml';
export const userFile = '/home/user/.operator/operator.toml';

export function workspace(text: string, file = workspaceFile): LanguageFile {
  return { layer: 'workspace', root: dirname(file), file, text };
}

export function user(text: string): LanguageFile {
  return { layer: 'user', file: userFile, text };
}

/** What a test knows besides the texts: the catalogue, and what it says. */
export function facts(more: Partial<LanguageFacts> = {}): LanguageFacts {
  return { tools: catalogueTools(), servers: [], implied: impliedServers(() => undefined), variables: ['HOME', 'LAB_TOKEN', 'SET_KEY'], now: Date.UTC(2026, 10, 20, 12), ...more };
}

/** A server as a probe found it. */
export function status(name: string, more: { readonly kind?: ServerKindId; readonly models?: readonly ModelInfo[]; readonly state?: Health['state']; readonly origin?: Origin } = {}): ServerStatus {
  const origin: Origin = more.origin ?? { layer: 'workspace', root: '/w', file: workspaceFile };
  const server: ModelServer = { ...adHocServer(more.kind ?? 'ollama', 'http://localhost:11434'), name, displayName: name, origin };
  const health: Health = { state: more.state ?? 'healthy', cause: 'listed', message: 'Answers', since: 0, checkedAt: Date.UTC(2026, 10, 20, 11, 59), latencyMs: 12, models: more.models ?? [], warnings: [] };
  return { id: entityId(server), server, health, probing: false, key: 'none-needed' };
}

/** Splits a text at `|`, where the cursor is. */
export function withCursor(marked: string): { readonly text: string; readonly position: Position } {
  const offset = marked.indexOf('|');
  const text = marked.slice(0, offset) + marked.slice(offset + 1);
  return { text, position: readDocument(text).lines.positionAt(offset) };
}

export function diagnoseFiles(files: LanguageFiles, known?: LanguageFacts): Diagnosis {
  const fake = new FakeFiles({});
  return diagnose({ files, toolNames: ['claude', 'codex', 'gemini', 'chat'], variable: (name) => env.get(name), resolvePath: (file, path) => fake.resolve(fake.dirname(file), path), ...(known && { facts: known }) });
}
