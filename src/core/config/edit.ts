/**
 * Edits of operator.toml as intents, and the engine that turns (text, change) into text. Only the lines that the change is
 * about are touched: comments, blank lines, order, quotes, line endings and a byte order mark of everything else stay as they are.
 */
import { OperatorError } from '../errors.ts';
import type { EditChange } from './edit-change.ts';
import { applyIntent, sameDocument, saysWhatWasMeant } from './edit-intent.ts';
import { parseToml, type TomlDocument } from './parse.ts';

export type { EditChange, EntryTable, NewEntry, TomlValue } from './edit-change.ts';

const newFileHeading = '# Models and agents for Operator. Keys never stand in this file: name them, as in api_key = "env:NAME" or "secret:NAME".\n';

/**
 * @param text the file, '' for one that is not there yet
 * @throws OperatorError 'config' when the text does not parse, 'refused' for duplicate, builtin and invalid names,
 * 'not-found' when there is no such entry, 'internal' when the result would not say exactly what was intended (nothing is lost then)
 */
export async function applyEdit(text: string, change: EditChange): Promise<string> {
  const bom = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const source = text.slice(bom.length);
  const before = documentOf(source);
  const after = applyIntent(before, change);
  if (sameDocument(before, after)) return text;

  const { editText } = await import('./edit-text.ts');
  // Texts stay in their kind of quotes where those can hold them; should that ever go wrong, they are written anew.
  for (const style of ['keep', 'rewrite'] as const) {
    const result = editText({ source: source === '' ? newFileHeading : source, before, after, change, style });
    const parsed = parseToml(result);
    if (parsed.ok && saysWhatWasMeant(parsed.value, after, change)) return bom + result;
  }
  throw new OperatorError('internal', 'The change would not have said exactly what was meant, so nothing was written', { hint: 'Make the change in operator.toml by hand' });
}

function documentOf(source: string): TomlDocument {
  const parsed = parseToml(source);
  if (parsed.ok) return parsed.value;
  const { message, range } = parsed.error;
  throw new OperatorError('config', `operator.toml is not valid TOML in line ${range.start.line + 1}, column ${range.start.column + 1}: ${message}`, { hint: 'Mend it first; a file that does not parse is never written to' });
}
