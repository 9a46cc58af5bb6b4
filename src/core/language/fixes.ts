/** What would mend a problem: edits of the text, and what only the host can do. */
import { closest } from '../../base/text.ts';
import { cursorAt } from './cursor.ts';
import { type Entry, textOf } from './entries.ts';
import { keyFixes, referenceFixes, unsetKeyFixes } from './fixes-keys.ts';
import { declareServer, declareTool, missingKeyFix } from './fixes-entries.ts';
import { fix, type Place } from './fix.ts';
import type { Diagnostic, Fix, LanguageFacts, LanguageFile, LanguageFiles } from './model.ts';
import { quoted } from './quoting.ts';
import { createScope, entryOf, type Scope, toolNamed } from './scope.ts';
import { typeAt } from './schema-keys.ts';
import { freeName } from './snippets.ts';
import { insertRow, removeEntry, removeRow, replaceSpan, siblingsOf } from './text-edits.ts';
import { nodeAt } from './tree.ts';

/** Best first; none where nothing is certain enough. The edits count from the file's text. @param file the diagnostic's, one of `files` */
export function fixesFor(file: LanguageFile, diagnostic: Diagnostic, files: LanguageFiles, facts: LanguageFacts): readonly Fix[] {
  if (!diagnostic.range) return [];
  const scope = createScope(file, files, facts);
  const place = placeOf(scope, diagnostic, diagnostic.range);
  return place ? fixesAt(place) : [];
}

function placeOf(scope: Scope, diagnostic: Diagnostic, range: NonNullable<Diagnostic['range']>): Place | undefined {
  const { document } = scope;
  const start = document.lines.offsetAt(range.start);
  const cursor = cursorAt(document, Math.min(start + 1, Math.max(start, document.lines.offsetAt(range.end))));
  if (cursor.type === 'nothing') return undefined;
  const key = cursor.type === 'key' ? cursor.row?.keys.find((part) => part.start === cursor.span.start)?.name : undefined;
  const path = cursor.type === 'key' ? [...cursor.table, ...(key === undefined ? [] : [key])] : cursor.path;
  const node = nodeAt(document.tree.root, path);
  const entry = entryOf(document, path);
  return { scope, diagnostic, path, ...(node && { node }), ...(cursor.type === 'value' && cursor.value && { value: cursor.value }), ...(entry && { entry }) };
}

function fixesAt(place: Place): readonly Fix[] {
  switch (place.diagnostic.code) {
    case 'syntax':
      return missingQuotes(place);
    case 'unknown-kind':
    case 'bad-url':
    case 'invalid-name':
    case 'shadows-builtin':
    case 'unlisted-model':
      return [...suggested(place), ...(place.diagnostic.code === 'unknown-kind' && place.diagnostic.suggestion === undefined ? replaceWith(place, 'openai-compat', false) : [])];
    case 'url-credentials':
      return suggested(place).map((fix) => ({ ...fix, title: 'Take user and password out of the address' }));
    case 'unknown-server':
      return [...suggested(place), ...declareServer(place), ...withoutServer(place)];
    case 'unknown-tool':
      return [...suggested(place), ...declareTool(place)];
    case 'unknown-key':
      return unknownKey(place);
    case 'missing-key':
      return missingKeyFix(place);
    case 'invalid-value':
      return retyped(place);
    case 'duplicate-name':
      return duplicate(place);
    case 'literal-key':
      return keyFixes(place);
    case 'unset-api-key-env':
      return unsetKeyFixes(place);
    case 'bad-reference':
      return referenceFixes(place);
    case 'conflicting-keys':
      return removeKey(place, true);
    case 'unserved-pairing':
      return unserved(place);
    case 'unused-server':
      return unused(place);
    case 'not-used-yet':
    case 'unreadable':
      return [];
  }
}

function suggested(place: Place): readonly Fix[] {
  const { diagnostic, entry } = place;
  if (diagnostic.suggestion === undefined) return [];
  const isName = entry !== undefined && (diagnostic.code === 'invalid-name' || diagnostic.code === 'shadows-builtin');
  return replaceWith(place, isName ? freeName(diagnostic.suggestion, namesIn(place, entry)) : diagnostic.suggestion, true);
}

/** The names that the entry's list has. */
function namesIn({ scope }: Place, entry: Entry): ReadonlySet<string> {
  return new Set(scope.document.entries.filter(({ list }) => list === entry.list).flatMap(({ name }) => (name === undefined ? [] : [name])));
}

function replaceWith({ scope, value }: Place, text: string, isPreferred: boolean): readonly Fix[] {
  if (value?.type !== 'string') return [];
  return [fix(`Change to ${JSON.stringify(text)}`, [replaceSpan(scope.document, value, quoted(text, value))], isPreferred)];
}

/** Text without quotes is what most often keeps a file from being read. */
function missingQuotes({ scope, path, value }: Place): readonly Fix[] {
  const type = typeAt(path);
  const wantsText = type?.type === 'text' || type?.type === 'choice';
  if (value?.type !== 'bare' || !wantsText || /["']/.test(value.text)) return [];
  return [fix('Put the text in quotes', [replaceSpan(scope.document, value, quoted(value.text))], true)];
}

function unknownKey(place: Place): readonly Fix[] {
  const { scope, diagnostic, node } = place;
  const { suggestion } = diagnostic;
  const part = node?.row?.keys.find(({ name }) => name === node.name);
  const isFree = suggestion !== undefined && node?.parent !== undefined && !node.parent.child(suggestion);
  const renamed = isFree && part && diagnostic.range && node?.key === part ? [fix(`Change to ${suggestion}`, [replaceSpan(scope.document, part, suggestion)], true)] : [];
  return [...renamed, ...removeKey(place, false)];
}

function removeKey({ scope, node }: Place, isPreferred: boolean): readonly Fix[] {
  const row = node?.row;
  // A row with dotted keys is that of its last key; a key that opens a table is more than a row.
  if (!node || !row || row.keys.at(-1)?.name !== node.name) return [];
  return [fix(`Remove ${row.keys.map(({ name }) => name).join('.')}`, [removeRow(scope.document, row, siblingsOf(node))], isPreferred)];
}

function withoutServer({ scope, entry, node }: Place): readonly Fix[] {
  const tool = entry && toolNamed(scope, textOf(entry, 'llm_tool'));
  if (!tool || !node?.row || (tool.builtinServer ?? tool.ownService) === undefined) return [];
  return [fix(`Run ${tool.displayName} on its own service (remove model_server)`, [removeRow(scope.document, node.row, siblingsOf(node))], false)];
}

/** The same value in the form that is wanted. */
function retyped({ scope, path, value }: Place): readonly Fix[] {
  const type = typeAt(path);
  if (!type || !value) return [];
  const change = (text: string): readonly Fix[] => [fix(`Change to ${text}`, [replaceSpan(scope.document, value, text)], true)];
  const text = value.type === 'string' ? value.value.trim() : value.type === 'bare' ? value.text : '';
  switch (type.type) {
    case 'number':
      return value.type === 'string' && /^\d{1,5}(?:\.\d+)?$/.test(text) && Number(text) > 0 && Number(text) <= 86_400 ? change(String(Number(text))) : [];
    case 'boolean':
      return /^(?:true|yes|on|1)$/i.test(text) ? change('true') : /^(?:false|no|off|0)$/i.test(text) ? change('false') : [];
    case 'text':
      return value.type === 'bare' ? change(quoted(text)) : [];
    case 'choice': {
      const near = closest(text, type.values);
      return near === undefined ? [] : change(quoted(near, value));
    }
    case 'list':
      return value.type === 'string' && type.item.type === 'text' && text !== '' && !text.includes('\n') ? change(`[${quoted(value.value, value)}]`) : [];
    default:
      return [];
  }
}

function duplicate(place: Place): readonly Fix[] {
  const { scope, entry, diagnostic } = place;
  if (!entry || entry.name === undefined) return [];
  const isHere = diagnostic.related.some(({ where }) => where.file === scope.file.file);
  const names = namesIn(place, entry);
  return [fix(isHere ? `Remove this ${entry.name}; the first one stays` : `Remove this ${entry.name}; the one of the other folder stays`, removeEntry(scope.document, entry), false), ...replaceWith(place, freeName(entry.name, names), false)];
}

/** With a second entry of that name the removal would only let that one count. */
function unused({ scope: { document }, entry }: Place): readonly Fix[] {
  if (!entry || document.entries.filter(({ list, name }) => list === entry.list && name === entry.name).length > 1) return [];
  return [fix(`Remove ${entry.name}`, removeEntry(document, entry), false)];
}

function unserved(place: Place): readonly Fix[] {
  const { scope, entry } = place;
  if (!entry) return [];
  const route = entry.node.literalAt('route');
  const tool = toolNamed(scope, textOf(entry, 'llm_tool'));
  if (tool && tool.protocols.length === 0) {
    const node = entry.node.child('model_server');
    return withoutServer({ ...place, ...(node && { node }) });
  }
  const edit = route ? replaceSpan(scope.document, route, quoted('gateway', route)) : insertRow(scope.document, entry, 'route', quoted('gateway'));
  return [fix('Go through the gateway: route = "gateway"', [edit], true)];
}
