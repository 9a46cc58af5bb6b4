/** What stands at a place: the meaning of a key, of a value, the state of a server, the plan of a delegator. */
import { plural } from '../../base/text.ts';
import type { DocumentPath } from '../config/ranges.ts';
import type { Position } from '../source.ts';
import type { ServerStatus } from '../operator.ts';
import { type Placement, placements } from '../protocol.ts';
import { serverKind } from '../servers/kinds.ts';
import { anyBaseUrlVariable, prefixText } from '../servers/local-prefix.ts';
import { knownModels } from '../servers/models/known.ts';
import { inferPlacement } from '../servers/placement.ts';
import { sourceWords } from '../status/catalogue.ts';
import { code, escapeMarkdown, formatDuration, formatTime } from '../status/format.ts';
import { modelDetails } from '../status/servers.ts';
import { testMarks } from '../status/tests.ts';
import { healthWords, placementWords } from '../status/words.ts';
import { findModel } from '../delegators/models.ts';
import { findReport } from '../proving/report-key.ts';
import { keyTextAt } from './completion-keys.ts';
import { type Cursor, cursorAt } from './cursor.ts';
import { type Entry, textOf } from './entries.ts';
import { idOf } from './ids.ts';
import type { Hover, LanguageFacts, LanguageFile, LanguageFiles } from './model.ts';
import { createScope, entryOf, prefixedModelOf, type Scope, serverNameOf, serverStatusOf, statusById, toolNamed } from './scope.ts';
import { keysAt } from './schema-keys.ts';
import { usersOf } from './users.ts';
import { authText, kindText, permissionModeText, protocolText, routeText, toolText } from './words.ts';

/** @param file one of `files` */
export function hoverAt(file: LanguageFile, position: Position, files: LanguageFiles, facts: LanguageFacts): Hover | undefined {
  const scope = createScope(file, files, facts);
  const { lines } = scope.document;
  const cursor = cursorAt(scope.document, lines.offsetAt(position));
  const hover = (span: { readonly start: number; readonly end: number }, markdown: readonly string[]): Hover | undefined => (markdown.length > 0 ? { range: lines.rangeOf(span), markdown } : undefined);
  switch (cursor.type) {
    case 'nothing':
      return undefined;
    case 'header': {
      const text = keyTextAt(cursor.path);
      return hover(cursor.header, text === undefined ? [] : [text]);
    }
    case 'key': {
      const name = scope.document.source.slice(cursor.span.start, cursor.span.end).replaceAll(/^["']|["']$/g, '');
      const text = name === '' ? undefined : keyTextAt([...cursor.table, name]);
      return hover(cursor.span, text === undefined ? [] : [text]);
    }
    case 'value':
      return cursor.value?.type === 'string' ? hover(cursor.span, valueText(scope, cursor, cursor.value.value)) : undefined;
  }
}

function valueText(scope: Scope, { path }: Extract<Cursor, { type: 'value' }>, text: string): readonly string[] {
  const entry = entryOf(scope.document, path);
  const known = entry && entryValueText(scope, entry, path, text);
  if (known) return known;
  if (path.join('.') === 'llm_tools.default_tool') return toolTextOf(scope, text);
  const choice = choiceText(text);
  const isChoice = ['placement', 'route', 'protocol', 'protocols'].some((key) => path.includes(key));
  if (isChoice && choice !== undefined) return [`${code(text)}: ${choice}`];
  const key = keysAt(path.slice(0, -1)) && keyTextAt(path);
  return key === undefined ? [] : [key];
}

function entryValueText(scope: Scope, entry: Entry, path: DocumentPath, text: string): readonly string[] | undefined {
  const key = path.slice(entry.list === 'llm_tools.custom' ? 3 : 2).join('.');
  switch (`${entry.list}/${key}`) {
    case 'model_servers/name':
      return serverText(scope, entry, text);
    case 'model_servers/kind':
      return kindText(text);
    case 'model_servers/base_url': {
      const placement = textOf(entry, 'placement') === undefined ? inferPlacement(text) : undefined;
      return placement && [`Placement ${placementWords(placement)} (judged by the address)`];
    }
    case 'model_servers/auth': {
      const meaning = authText(text);
      return meaning === undefined ? undefined : [meaning];
    }
    case 'delegators/name':
      return delegatorText(scope, text);
    case 'delegators/llm_tool':
      return toolTextOf(scope, text);
    case 'delegators/model_server': {
      const status = serverStatusOf(scope, text);
      return status && statusText(scope, status);
    }
    case 'delegators/model':
      return modelText(scope, entry, text);
    case 'delegators/launch_config.permission_mode': {
      const tool = toolNamed(scope, textOf(entry, 'llm_tool'));
      if (!tool) return undefined;
      return tool.permissionModes.includes(text) ? [escapeMarkdown(permissionModeText(tool, text))] : [`${escapeMarkdown(tool.displayName)} has no permission mode ${code(text)}. It has ${tool.permissionModes.map(code).join(', ') || 'none'}.`];
    }
    default:
      return undefined;
  }
}

function choiceText(text: string): string | undefined {
  if ((placements as readonly string[]).includes(text)) return placementWords(text as Placement).replace(/^[^:]*: /, '');
  return routeText(text) ?? protocolText(text);
}

function toolTextOf(scope: Scope, name: string): readonly string[] {
  const tool = toolNamed(scope, name);
  return tool ? toolText(tool) : [];
}

function serverText(scope: Scope, entry: Entry, name: string): readonly string[] {
  const status = statusById(scope.facts, idOf(scope.file, name));
  const users = usersOf(scope, name);
  return [...(status ? statusText(scope, status) : kindText(textOf(entry, 'kind') ?? '')), users.length === 0 ? 'Not used by any delegator' : `Used by ${users.slice(0, maxNames).map(code).join(', ')}${users.length > maxNames ? ` and ${users.length - maxNames} more` : ''}`];
}

const maxNames = 10;

function statusText({ facts }: Scope, status: ServerStatus): readonly string[] {
  const { server, health, probing, catalogue } = status;
  const known = knownModels(status, facts.now);
  const checked = health.checkedAt === undefined ? '' : ` (checked ${formatTime(health.checkedAt, facts.now)}${health.latencyMs === undefined ? '' : ` in ${formatDuration(health.latencyMs)}`})`;
  const models = known.slice(0, maxNames).map((model) => `- ${code(model.id)}${detailsOf(modelDetails(model))}`);
  return [
    `**${escapeMarkdown(server.displayName)}** ${code(server.baseUrl)}: ${probing ? 'probing…' : `${healthWords(health.state).words}${checked}`}`,
    `${escapeMarkdown(health.message)}${health.hint === undefined ? '' : `. ${escapeMarkdown(health.hint)}`}`,
    ...health.warnings.map((warning) => `⚠ ${escapeMarkdown(warning)}`),
    `Placement ${placementWords(server.placement)}`,
    ...(models.length > 0 ? [[`${plural(known.length, 'model')}${health.models.length === 0 && catalogue ? ` (${sourceWords(catalogue, facts.now)})` : ''}:`, '', ...models, ...(known.length > maxNames ? [`- … and ${known.length - maxNames} more`] : [])].join('\n')] : []),
  ];
}

function detailsOf(details: readonly string[]): string {
  return details.length === 0 ? '' : ` ${escapeMarkdown(details.join(' · '))}`;
}

function modelText(scope: Scope, delegator: Entry, text: string): readonly string[] | undefined {
  const prefixed = prefixedModelOf(scope, delegator);
  if (prefixed) return prefixedText(scope, prefixed);
  const name = serverNameOf(scope, delegator);
  const status = name === undefined ? undefined : serverStatusOf(scope, name);
  return status && listedText(scope, status, text);
}

/** The model, the server that its prefix means, and why that one. */
function prefixedText(scope: Scope, { prefix, model, status }: NonNullable<ReturnType<typeof prefixedModelOf>>): readonly string[] {
  const { displayName } = serverKind(prefix.kind);
  if (!status) return [`${code(model)} on ${escapeMarkdown(displayName)}: ${code(prefixText(prefix))} needs no entry. The address is in ${code(prefix.baseUrlVariable)}, else in ${code(anyBaseUrlVariable)}, else the usual one.`];
  const why = status.server.origin.layer === 'builtin' ? `implied by ${code(prefixText(prefix))}` : `the model server ${code(status.server.name)}, which ${code(prefixText(prefix))} means here`;
  return [...(listedText(scope, status, model) ?? [`${code(model)} on ${escapeMarkdown(displayName)}`]), `Server: ${why}`, ...statusText(scope, status)];
}

function listedText({ facts }: Scope, status: ServerStatus, model: string): readonly string[] | undefined {
  const models = knownModels(status, facts.now);
  if (models.length === 0) return undefined;
  const found = findModel({ ...status.health, models }, model);
  const test = testMarks(findReport(facts.tests, status.id, found?.id ?? model), facts.now)?.tooltip() ?? [];
  if (found) return [`${code(found.id)} on ${escapeMarkdown(status.server.displayName)}${detailsOf(modelDetails(found))}`, ...test];
  return [`${escapeMarkdown(status.server.displayName)} did not list ${code(model)} when it was last asked`];
}

function delegatorText({ file, facts }: Scope, name: string): readonly string[] {
  const plan = facts.describePlan?.(idOf(file, name));
  return plan ? [`Route: ${plan.route}`, ...plan.lines] : [];
}
