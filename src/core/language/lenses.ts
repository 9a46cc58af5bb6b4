/** What can be done with an entry, above it. */
import { plural } from '../../base/text.ts';
import { isBuiltinName } from '../servers/builtin.ts';
import { healthWords } from '../status/words.ts';
import type { Entry } from './entries.ts';
import { idOf } from './ids.ts';
import type { LanguageFacts, LanguageFile, LanguageFiles, Lens, LensAction } from './model.ts';
import { createScope, type Scope, statusById } from './scope.ts';
import { usersOf } from './users.ts';

/** Of entries that count: with a name of their own, and the first one of it. @param file one of `files` */
export function lensesOf(file: LanguageFile, files: LanguageFiles, facts: LanguageFacts): readonly Lens[] {
  const scope = createScope(file, files, facts);
  const seen = new Set<string>();
  return scope.document.entries.flatMap((entry) => {
    const key = `${entry.list}:${entry.name}`;
    if (entry.name === undefined || entry.name === '' || seen.has(key)) return [];
    seen.add(key);
    const titles = entry.list === 'delegators' ? ofDelegator(scope, entry.name) : entry.list === 'model_servers' ? ofServer(scope, entry, entry.name) : [];
    if (titles.length === 0) return [];
    const at = entry.start;
    const range = scope.document.lines.rangeOf({ start: at, end: at });
    return titles.map(([title, action]) => ({ range, title, action }));
  });
}

type Title = readonly [title: string, action: LensAction];

function ofDelegator({ file }: Scope, name: string): readonly Title[] {
  const delegatorId = idOf(file, name);
  return [
    ['Launch', { type: 'launch', delegatorId }],
    ['Plan', { type: 'show-plan', delegatorId }],
  ];
}

function ofServer(scope: Scope, entry: Entry, name: string): readonly Title[] {
  if (isBuiltinName(name)) return [];
  const serverId = idOf(scope.file, name);
  const status = statusById(scope.facts, serverId);
  const users = usersOf(scope, name).length;
  const models = status?.health.models.length ?? 0;
  const state = status && status.health.state !== 'unknown' ? `: ${healthWords(status.health.state).words}` : '';
  return [
    [status?.probing ? 'Probing…' : `Probe${state}`, { type: 'probe', serverId }],
    ...(models > 0 ? [[plural(models, 'model'), { type: 'show-models', serverId }] as const] : []),
    [users === 0 ? 'not used' : `used by ${plural(users, 'delegator')}`, { type: 'show-references', position: scope.document.lines.positionAt(entry.place.start + 1) }],
  ];
}
