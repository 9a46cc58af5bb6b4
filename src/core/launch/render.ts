/** A launch plan for people and programs. Secrets are shown by where they come from, never by value. */
import { formatCredentialRef } from '../servers/auth.ts';
import { noKeyNeeded } from '../tools/catalogue/support.ts';
import { gatewayPlaceholder } from '../gateway/model.ts';
import { maskArgv, maskText, maskValue } from './mask.ts';
import type { EnvValue, LaunchPlan, Refusal, Route } from './model.ts';

/** What `operator launch --dry-run --json` prints. */
export interface LaunchPlanReport {
  readonly delegator: string | null;
  readonly llm_tool: string;
  readonly model: string;
  readonly model_server: string;
  readonly route: 'direct' | 'gateway';
  /** null: the tool as the user has it, on its vendor's own service. */
  readonly protocol: string | null;
  readonly base_url: string | null;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly unset: readonly string[];
  readonly cwd: string;
  /** `base`: the user's file below ours, or null. */
  readonly files: readonly { readonly path: string; readonly content: string; readonly base: string | null }[];
  readonly notes: readonly { readonly severity: string; readonly message: string }[];
}

export function reportPlan(plan: LaunchPlan): LaunchPlanReport {
  const { route } = plan;
  return {
    delegator: plan.delegator ?? null,
    llm_tool: plan.llmTool,
    model: plan.model,
    model_server: plan.modelServer,
    route: route.type,
    protocol: route.type === 'direct' && route.vendor ? null : route.protocol,
    base_url: route.type === 'direct' && !route.vendor ? maskText(route.baseUrl) : null,
    argv: maskArgv(plan.argv).map(showAddress),
    env: Object.fromEntries(Object.entries(plan.env).map(([name, value]) => [name, renderValue(name, value)])),
    unset: plan.unset.map(({ name }) => name),
    cwd: plan.cwd,
    files: plan.files.map(({ path, content, base }) => ({ path, content: showAddress(maskText(content)), base: base ?? null })),
    notes: plan.notes.map(({ severity, message }) => ({ severity, message: maskText(message) })),
  };
}

/** For *Show Launch Plan* and `--dry-run` on a terminal: Markdown that also reads well as plain text. */
export function renderPlan(plan: LaunchPlan): string {
  const report = reportPlan(plan);
  const lines = [
    `# ${plan.displayName}`,
    '',
    ...(plan.delegator === undefined || plan.delegator === plan.displayName ? [] : [`- Delegator: ${plan.delegator}`]),
    `- LLM tool: ${plan.llmTool}`,
    `- Model: ${plan.model}`,
    `- Model server: ${plan.modelServer}`,
    `- Route: ${renderRoute(plan.route)}`,
    `- Folder: ${plan.cwd}`,
    '',
    '## Command',
    '',
    ...fenced(report.argv.map((arg, index) => (index === 0 ? shellWord(arg) : `  ${shellWord(arg)}`)).join(' \\\n'), 'sh'),
    '',
    '## Environment',
    '',
    ...(Object.keys(report.env).length === 0 ? ['Nothing is set: the tool starts as you have it.'] : fenced(Object.entries(report.env).map(([name, value]) => `${name}=${value}`).join('\n'), 'ini')),
  ];
  if (plan.unset.length > 0) lines.push('', '## Left out of the inherited environment', '', ...plan.unset.map(({ name, reason }) => `- ${name}: ${reason}`));
  for (const { path, content, base } of report.files) lines.push('', `## Private file${path.startsWith(plan.sessionDir) ? ', gone with the session' : ''}: ${path}`, '', ...(base === null ? [] : [`On top of what ${base} says:`, '']), ...fenced(content.trimEnd(), path.endsWith('.json') ? 'json' : ''));
  if (report.notes.length > 0) lines.push('', '## Notes', '', ...report.notes.map(({ severity, message }) => `- ${severity === 'warning' ? 'Warning: ' : ''}${message}`));
  return `${lines.join('\n')}\n`;
}

/** Refusals as lines: what stands in the way, and what would help. */
export function renderRefusals(refusals: readonly Refusal[]): string {
  return refusals.map(({ message, hint }) => (hint === undefined ? message : `${message}\n  ${hint}`)).join('\n');
}

/** `direct, openai-chat at http://…` */
export function renderRoute(route: Route): string {
  if (route.type === 'gateway') return `through Operator's gateway (${route.protocol})`;
  return route.vendor ? "direct, the tool's own login and service" : `direct, ${route.protocol} at ${maskText(route.baseUrl)}`;
}

/** A variable's value for people: `‹env:NAME›` for a key. */
export function renderValue(name: string, value: EnvValue): string {
  if (value.type === 'secret') return `${maskText(value.before ?? '')}‹${formatCredentialRef(value.ref)}›${maskText(value.after ?? '')}`;
  if (value.type === 'session-token') return `${value.before ?? ''}‹token of this session›${value.after ?? ''}`;
  return value.value === noKeyNeeded ? value.value : showAddress(maskValue(name, value.value));
}

/** The gateway's port is known only once it runs. */
function showAddress(text: string): string {
  return text.replaceAll(gatewayPlaceholder, 'http://127.0.0.1:‹port›');
}

/** Quoted as a POSIX shell would need it, to be read and copied; nothing is ever run through a shell. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function fenced(text: string, language: string): readonly string[] {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return [fence + language, text, fence];
}
