/** A configuration of another program → what operator.toml gets of it. Pure; the same input gives the same plan, and what is there is not added again. */
import { fail, ok, type Result } from '../../../base/result.ts';
import type { NewEntry, TomlValue } from '../edit-change.ts';
import { sameValue } from '../edit-intent.ts';
import { isTable } from '../entries.ts';
import { parseToml, type TomlDocument } from '../parse.ts';
import { importBackends, importProviderList, isBackends } from './backends.ts';
import { createKeyBook } from './keys.ts';
import { entriesOfProviders, isConfigured } from './legacy-providers.ts';
import type { ImportContext, ImportInput, ImportPlan } from './model.ts';
import { importModel } from './model-list.ts';
import { createServerBook, freeName, nameFrom } from './server-book.ts';

/** Nothing of the file is in it. */
export interface ImportFault {
  readonly message: string;
  readonly hint: string;
}

export function planImport(input: ImportInput): Result<ImportPlan, ImportFault> {
  const parsed = parseToml(input.target);
  if (!parsed.ok) return fail({ message: 'operator.toml is not valid TOML', hint: "Mend it first; 'operator config check' shows the line" });
  const shelf = createShelf(parsed.value, input);
  if (!readInto(input.json, shelf.context)) {
    return fail({ message: 'has no model_list, providers or agents.backends', hint: 'Name the configuration of a program that has one of them' });
  }
  return ok(shelf.plan());
}

type Json = Readonly<Record<string, unknown>>;

/** @returns false for a file that holds nothing of the kind */
function readInto(json: unknown, context: ImportContext): boolean {
  if (Array.isArray(json)) {
    if (!json.some((entry) => isTable(entry) && 'model_name' in entry)) return false;
    json.forEach((entry, index) => importModel(entry, `[${index}]`, context));
    return true;
  }
  if (!isTable(json)) return false;
  const agents = isTable(json.agents) ? json.agents : {};
  const defaults = isTable(agents.defaults) ? agents.defaults : {};
  const { model_list: list, providers } = json;
  if (Array.isArray(list) && list.length > 0) {
    list.forEach((entry, index) => importModel(entry, `model_list[${index}]`, context));
    if (isTable(providers) && Object.entries(providers).some(([key, provider]) => isTable(provider) && isConfigured(key, provider))) context.note('providers was left out: where there is a model_list, that counts');
    noteDefaults(defaults, context);
    return true;
  }
  if (Array.isArray(providers)) {
    importProviderList(providers, context);
    return true;
  }
  if (isTable(providers) && Object.keys(providers).length > 0) {
    const { entries, unknown } = entriesOfProviders(providers, defaults);
    for (const { label, entry } of entries) importModel(entry, label, context);
    if (unknown.length > 0) context.note(`providers: ${unknown.map(nameFrom).join(', ')} is not known here and was left out`);
    noteDefaults(defaults, context);
    return true;
  }
  if (isBackends(agents)) {
    importBackends(agents, context);
    return true;
  }
  return Array.isArray(list);
}

/** What a later version has a place for. */
function noteDefaults(defaults: Json, context: ImportContext): void {
  const left = ['model_name', 'model', 'model_fallbacks', 'image_model', 'image_model_fallbacks', 'routing'].filter((key) => defaults[key] !== undefined && defaults[key] !== '');
  if (left.length > 0) context.note(`agents.defaults was left out (${left.join(', ')}): operator.toml has no place for it yet`);
}

type NamedEntry = Readonly<Record<string, TomlValue>> & { readonly name: string };

interface Shelf {
  readonly context: ImportContext;
  plan(): ImportPlan;
}

function createShelf(document: TomlDocument, input: ImportInput): Shelf {
  const servers = createServerBook(document, (name) => input.isTaken('model_servers', name));
  const keys = createKeyBook((path) => input.resolvePath(path));
  const notes: string[] = [];
  const models: NewEntry[] = [];
  const delegators: { readonly table: 'delegators'; readonly entry: NamedEntry }[] = [];
  const declared = listOf(document.delegators);
  // Two entries that say the same are two: each in the file stands for one of the list.
  const left = [...listOf(document.model_list)];
  let alreadyThere = 0;

  function addModel(entry: Readonly<Record<string, TomlValue>>): void {
    const known = left.findIndex((existing) => sameEntry(existing, entry));
    if (known < 0) models.push({ table: 'model_list', entry });
    else {
      left.splice(known, 1);
      alreadyThere++;
    }
  }

  function addDelegator(entry: NamedEntry): void {
    const { name: wanted, ...rest } = entry;
    const base = nameFrom(wanted);
    const isBase = (name: unknown): boolean => typeof name === 'string' && (name === base || (name.startsWith(`${base}-`) && /^\d+$/.test(name.slice(base.length + 1))));
    const isSame = (existing: Json): boolean => isBase(existing.name) && sameEntry({ ...existing, name: '' }, { ...rest, name: '' });
    if (declared.some(isSame)) alreadyThere++;
    if (declared.some(isSame) || delegators.some((added) => isSame(added.entry))) return;
    const name = freeName(base, (candidate) => declared.some((existing) => existing.name === candidate) || delegators.some((added) => added.entry.name === candidate) || input.isTaken('delegators', candidate));
    delegators.push({ table: 'delegators', entry: { ...rest, name } });
  }

  return {
    context: { servers, keys, addModel, addDelegator, note: (text) => void (notes.includes(text) || notes.push(text)) },
    plan: () => ({ entries: [...servers.added, ...delegators, ...models], alreadyThere, keys: keys.toSet, notes }),
  };
}

function listOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter(isTable) : [];
}

function sameEntry(a: Json, b: Json): boolean {
  return sameValue(plain(a), plain(b));
}

/** Tables of the parser have no prototype, ours have: compared as JSON would. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  return isTable(value) ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)])) : value;
}
