/** `[[delegators]]` entry → {@link Delegator}. */
import { type Entry, type EntryKind, isTable, reportUnknownKeys } from './entries.ts';
import { looksLikeKey } from './literal-keys.ts';
import type { Delegator, LaunchConfig, Severity } from './model.ts';
import { type FileContext, quote } from './problems.ts';
import { delegatorSchema, launchConfigSchema, type RawLaunchConfig } from './schema.ts';

export const delegatorKind: EntryKind<typeof delegatorSchema> = {
  header: '[[delegators]]',
  noun: 'Delegator',
  subject: 'delegator',
  schema: delegatorSchema,
  harmless: new Set(['display_name']),
};

type DelegatorEntry = Entry<typeof delegatorSchema>;

/** Every entry becomes a delegator; one that must not be launched says so in `unusable`. */
export function buildDelegator(entry: DelegatorEntry, raw: unknown, file: FileContext): Delegator {
  const { values } = entry;
  const launchConfig = buildLaunchConfig(entry, raw, file);
  return {
    name: entry.name,
    displayName: values.display_name ?? entry.name,
    origin: file.origin,
    where: file.where(entry.path),
    llmTool: values.llm_tool ?? '',
    model: values.model ?? '',
    ...(values.model_server !== undefined && { modelServer: values.model_server }),
    modelProperties: values.model_properties ?? {},
    route: values.route ?? 'auto',
    launchConfig,
    ...(entry.unusable && { unusable: entry.unusable }),
  };
}

function buildLaunchConfig(entry: DelegatorEntry, raw: unknown, file: FileContext): LaunchConfig {
  const path = [...entry.path, 'launch_config'];
  const table = isTable(raw) ? raw.launch_config : undefined;
  if (isTable(table)) reportUnknownKeys(table, Object.keys(launchConfigSchema.shape), path, `${entry.label}, launch_config`, entry.subject, file);
  const values: RawLaunchConfig = entry.values.launch_config ?? {};
  return {
    yolo: values.yolo ?? false,
    ...(values.permission_mode !== undefined && { permissionMode: values.permission_mode }),
    flags: readFlags(entry, values.flags ?? [], file),
    env: readEnv(entry, values.env ?? {}, file),
    ...(values.prompt_prefix !== undefined && { promptPrefix: values.prompt_prefix }),
    ...(values.prompt_suffix !== undefined && { promptSuffix: values.prompt_suffix }),
    ...(values.cwd !== undefined && { cwd: values.cwd }),
    useWorktrees: values.use_worktrees ?? false,
  };
}

/** A key among the flags would be seen by everyone who lists processes, and leaving out half of a flag would change its meaning. */
function readFlags(entry: DelegatorEntry, flags: readonly string[], file: FileContext): readonly string[] {
  const index = flags.findIndex(looksLikeKey);
  if (index < 0) return flags;
  reportLiteralKey(entry, ['launch_config', 'flags', index], 'launch_config.flags hold a key itself', file, 'error');
  entry.unusable ??= { message: `${entry.label}: launch_config.flags hold a key itself`, hint: keyHint };
  return [];
}

function readEnv(entry: DelegatorEntry, env: Readonly<Record<string, string>>, file: FileContext): Readonly<Record<string, string>> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (looksLikeKey(value)) reportLiteralKey(entry, ['launch_config', 'env', name], `launch_config.env.${quote(name)} holds a key itself and is ignored`, file);
    else kept[name] = value;
  }
  return kept;
}

const keyHint = 'Name the key on the model server: api_key = "env:NAME" or "secret:NAME"';

function reportLiteralKey(entry: DelegatorEntry, keys: readonly (string | number)[], message: string, file: FileContext, severity: Severity = 'warning'): void {
  file.report({ code: 'literal-key', severity, message: `${entry.label}: ${message}`, hint: keyHint, path: [...entry.path, ...keys], subject: { ...entry.subject, key: 'launch_config' } });
}

