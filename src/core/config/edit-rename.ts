/** A rename in every file that it concerns: an entry of another layer may name what is renamed. */
import { OperatorError } from '../errors.ts';
import { applyEdit } from './edit.ts';
import type { EditChange } from './edit-change.ts';
import { isTable } from './entries.ts';
import { parseToml, type TomlDocument } from './parse.ts';
import { quote } from './problems.ts';

/** One operator.toml as it is now; '' where there is none yet. */
export interface LayerText {
  readonly layer: 'workspace' | 'user';
  readonly file: string;
  readonly text: string;
}

export interface FileChange {
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

type Rename = Extract<EditChange, { type: 'rename' }>;

/**
 * The changed files, the one that declares the entry first. Afterwards every reference means what it meant before.
 * @param layers every operator.toml that counts
 * @param file the one that declares the entry
 * @throws OperatorError as {@link applyEdit}, 'refused' where a reference would mean another server then, 'config' where
 * a file that may have references cannot be read
 */
export async function editsOfRename(layers: readonly LayerText[], file: string, change: Rename): Promise<readonly FileChange[]> {
  const own = layers.find((layer) => layer.file === file);
  if (!own) throw new OperatorError('not-found', `${file} is no operator.toml that counts here`);
  const changes = [{ file, before: own.text, after: await applyEdit(own.text, change) }];
  if (change.table !== 'model_servers' || change.to === change.name) return changes;
  // What the new name meant in the same file until now is another layer's server.
  const others = layers.filter((layer) => layer !== own);
  if (own.layer === 'workspace') {
    const shadowed = others.find((layer) => layer.layer === 'user' && declares(documentOf(layer), change.to));
    if (shadowed && refersTo(documentOf(own), change.to)) throw wouldMeanAnother(change.to, own.file);
    return changes;
  }
  for (const layer of others) {
    const document = documentOf(layer);
    if (declares(document, change.name) || !refersTo(document, change.name)) continue;
    if (declares(document, change.to)) throw wouldMeanAnother(change.to, layer.file);
    changes.push({ file: layer.file, before: layer.text, after: await applyEdit(layer.text, { type: 'repoint', from: change.name, to: change.to }) });
  }
  return changes;
}

function documentOf({ file, text }: LayerText): TomlDocument {
  const parsed = parseToml(text);
  if (parsed.ok) return parsed.value;
  throw new OperatorError('config', `${file} is not valid TOML in line ${parsed.error.range.start.line + 1}, so that nothing in it could follow the new name`, { hint: 'Mend it first' });
}

function declares(document: TomlDocument, name: string): boolean {
  return entriesOf(document.model_servers).some((entry) => entry.name === name);
}

function refersTo(document: TomlDocument, name: string): boolean {
  return [...entriesOf(document.delegators), ...entriesOf(document.model_list)].some((entry) => entry.model_server === name);
}

function entriesOf(list: unknown): readonly Record<string, unknown>[] {
  return Array.isArray(list) ? list.filter(isTable) : [];
}

function wouldMeanAnother(name: string, file: string): OperatorError {
  return new OperatorError('refused', `What refers to ${quote(name)} in ${file} would mean another model server then`, { hint: 'Choose another name' });
}
