/** The *Model Servers* section: servers, their models, and servers found running that nobody declared. */
import { plural } from '../../base/text.ts';
import { isOfUser, type ModelServer, type Origin } from '../config/model.ts';
import type { FoundServer } from '../servers/discovery.ts';
import { type ModelInfo, needsAttention } from '../servers/health.ts';
import { serverKind } from '../servers/kinds.ts';
import { type Curation, hiddenWords } from '../servers/models/curate.ts';
import { curatedModels } from '../servers/models/known.ts';
import type { CatalogueModel, ModelCatalogue } from '../servers/models/model.ts';
import { startCommandOf } from '../servers/start.ts';
import type { ServerStatus } from '../operator.ts';
import { findReport } from '../proving/report-key.ts';
import { ageWords, priceWords, sourceWords } from './catalogue.ts';
import type { TreeContext } from './context.ts';
import { code, escapeMarkdown, formatBytes, formatDuration, formatTime, formatTokens } from './format.ts';
import { modelLifecycleTags, pullNodes, pullWords, serverLifecycleTags } from './lifecycle.ts';
import { detailNode, sectionNode } from './nodes.ts';
import type { NodeAction, StatusNode, Tone } from './node.ts';
import { orphanProblems, problemChildren } from './problems.ts';
import { testMarks } from './tests.ts';
import { healthWords, originWords, placementWords } from './words.ts';

export function buildServers(context: TreeContext): StatusNode {
  const { servers, found, configuration } = context.snapshot;
  return sectionNode({
    section: 'model_servers',
    label: 'Model Servers',
    ...sectionState(servers),
    about: 'Where models run: declared in `operator.toml`, or builtin with each LLM tool.',
    children: [
      ...servers.map((status) => serverNode(context, status)),
      ...orphanProblems(context, 'model_server', configuration.modelServers),
      ...found.map(offerNode),
    ],
  });
}

function sectionState(servers: readonly ServerStatus[]): { description: string; tone: Tone } {
  const declared = servers.filter(({ server }) => isOfUser(server));
  if (declared.length === 0) return { description: 'builtins only', tone: 'neutral' };
  const wrong = declared.filter(({ health }) => needsAttention(health.state));
  const healthy = declared.filter(({ health }) => health.state === 'healthy' || health.state === 'busy').length;
  if (wrong.length === 1 && wrong[0]) return { description: `${plural(declared.length, 'server')} · ${wrong[0].server.name} ${healthWords(wrong[0].health.state).words}`, tone: healthWords(wrong[0].health.state).tone };
  if (wrong.length > 1) return { description: `${healthy} of ${declared.length} healthy`, tone: 'error' };
  return { description: healthy === declared.length ? `${plural(declared.length, 'server')} · healthy` : plural(declared.length, 'server'), tone: 'neutral' };
}

function serverNode(context: TreeContext, status: ServerStatus): StatusNode {
  const { server, health, probing } = status;
  const id = `model_server/${status.id}`;
  const problems = context.problemsOf('model_server', server);
  const builtin = server.origin.layer === 'builtin';
  const words = healthWords(health.state);
  const known = health.state !== 'unknown';
  const icon = probing && !known ? 'loading~spin' : known ? words.icon : serverKind(server.kind).icon;
  const tone: Tone = known ? words.tone : problems.some(({ severity }) => severity === 'error') ? 'error' : 'neutral';
  const origin = originText(context, server.origin);
  const curation = curatedModels(status, context.now, context.usersOf(status.id).map(({ delegator }) => delegator.model));
  const description = [
    ...pullWords(status),
    probing && !known ? 'probing…' : health.cause === 'not-trusted' ? 'not trusted' : !isOfUser(server) && !known ? 'vendor login' : words.words,
    ...modelCount(context, status, curation),
    server.placement,
    origin,
  ].join(' · ');
  return {
    id,
    kind: 'model_server',
    label: server.displayName,
    description,
    icon,
    tone,
    tags: ['model_server', health.state, server.placement, server.origin.layer, ...(builtin ? [] : ['declared']), ...(probing ? ['probing'] : []), ...(startCommandOf(status) === undefined ? [] : ['startable']), ...serverLifecycleTags(status)].sort(),
    subject: { type: 'model_server', id: status.id, name: server.name },
    accessibilityLabel: `Model server ${server.displayName}, ${description}${known && needsAttention(health.state) ? `: ${health.message}` : ''}`,
    tooltip: () => serverTooltip(context, status),
    expanded: false,
    children: [...problemChildren(problems, id), ...pullNodes(id, status), ...healthChildren(id, status), ...modelRows(context, status, curation)],
  };
}

function originText(context: TreeContext, origin: Origin): string {
  return originWords(origin, origin.layer === 'workspace' ? context.rootName(origin.root) : undefined);
}

/** What is wrong, what to do, and what is worth knowing, as rows. */
function healthChildren(id: string, status: ServerStatus): readonly StatusNode[] {
  const { health, server } = status;
  const rows: StatusNode[] = [];
  const attention = needsAttention(health.state);
  if (attention || (health.state === 'unknown' && health.cause !== 'not-probed') || health.state === 'starting') {
    const words = healthWords(health.state);
    rows.push({ ...detailNode(`${id}/cause`, health.message, '', words.icon, 'cause'), tone: words.tone, ...fixAction(status) });
  }
  if (health.hint && !(health.state === 'no-models' && status.pulls) && (attention || health.state === 'unknown')) rows.push({ ...detailNode(`${id}/hint`, health.hint, '', 'lightbulb', 'hint'), ...fixAction(status) });
  rows.push(...health.warnings.map((warning, index) => ({ ...detailNode(`${id}/warning/${index}`, warning, '', 'warning', 'warning'), tone: 'warning' as const })));
  if (rows.length === 0 && health.models.length === 0 && !status.catalogue?.models.length) rows.push(detailNode(`${id}/address`, server.baseUrl, 'address', 'link', 'address'));
  return rows;
}

/** The one thing that helps for this cause. */
function fixAction(status: ServerStatus): { readonly action?: NodeAction } {
  const { health, server } = status;
  if (health.state === 'unauthorized') return { action: { type: 'set-key', serverId: status.id } };
  if (health.cause === 'not-trusted') return { action: { type: 'manage-trust' } };
  if (health.state === 'no-models' && serverLifecycleTags(status).length > 0) return { action: { type: 'pull-model', serverId: status.id } };
  if (startCommandOf(status) !== undefined) return { action: { type: 'start-server', serverId: status.id } };
  if ((health.state === 'misconfigured' || health.cause === 'not-found' || health.cause === 'dns' || health.cause === 'redirect') && server.where) {
    const start = server.where.range?.start;
    return { action: { type: 'open-location', file: server.where.file, line: start?.line ?? 0, column: start?.column ?? 0 } };
  }
  return {};
}

function serverTooltip(context: TreeContext, status: ServerStatus): readonly string[] {
  const { server, health } = status;
  const kind = serverKind(server.kind);
  const users = context.usersOf(status.id);
  return [
    `**${escapeMarkdown(server.displayName)}** ${escapeMarkdown(kind.displayName)}${health.version ? ` ${escapeMarkdown(health.version)}` : ''}`,
    `${code(server.baseUrl)}`,
    `${escapeMarkdown(health.message)}${health.checkedAt === undefined ? '' : ` (since ${formatTime(health.since, context.now)}, checked ${formatTime(health.checkedAt, context.now)}${health.latencyMs === undefined ? '' : ` in ${formatDuration(health.latencyMs)}`})`}`,
    ...(health.hint ? [escapeMarkdown(health.hint)] : []),
    ...(health.nextProbeAt === undefined ? [] : [`Next try at ${formatTime(health.nextProbeAt, context.now)}`]),
    ...health.warnings.map((warning) => `⚠ ${escapeMarkdown(warning)}`),
    `Speaks ${(health.speaks ?? server.protocols).map(code).join(', ')}`,
    `Placement ${escapeMarkdown(placementWords(server.placement))}`,
    keyText(status),
    originLine(context, server),
    ...(status.catalogue ? [catalogueText(status.catalogue, context.now)] : []),
    ...(users.length > 0 ? [`Used by ${users.map(({ delegator }) => code(delegator.name)).join(', ')}`] : []),
  ];
}

function catalogueText(catalogue: ModelCatalogue, now: number): string {
  return `Models ${escapeMarkdown(sourceWords(catalogue, now))}${catalogue.error ? `: ${escapeMarkdown(catalogue.error.message)}` : ''}`;
}

function originLine(context: TreeContext, { origin, where }: ModelServer): string {
  if (origin.layer === 'builtin' && origin.impliedBy !== undefined) return `Implied by ${code(origin.impliedBy)} in the name of a model; no operator.toml declares it`;
  return `From ${escapeMarkdown(originText(context, origin))}${where ? ` (${code(where.file)})` : ''}`;
}

/** Names the reference, never the key. */
function keyText({ server, key }: ServerStatus): string {
  if (!server.credential) return key === 'set' ? 'Key from the environment' : 'No key';
  const place = { env: 'environment variable', secret: 'secret', file: 'file' }[server.credential.store];
  return `Key from ${place} ${code(server.credential.name)}${key === 'unset' ? ', which is **not set**' : ''}`;
}

/** What a server that is off had counts too, with its age. */
function modelCount(context: TreeContext, status: ServerStatus, { shown, hidden }: Curation): readonly string[] {
  const count = shown.length + hidden.length;
  if (count === 0) return [];
  const fetchedAt = status.health.models.length === 0 ? status.catalogue?.fetchedAt : undefined;
  return [`${plural(count, 'model')}${fetchedAt === undefined ? '' : ` from ${ageWords(context.now - fetchedAt)}`}`];
}

/** The shortlist, and one row that holds the rest. */
function modelRows(context: TreeContext, status: ServerStatus, { shown, hidden }: Curation): readonly StatusNode[] {
  const rows = shown.map((model) => modelNode(context, status, model));
  if (hidden.length === 0) return rows;
  const label = shown.length === 0 ? plural(hidden.length, 'model') : `${hidden.length} more`;
  const why = hiddenWords(hidden);
  return [
    ...rows,
    {
      ...detailNode(`model_server/${status.id}/more`, label, why, 'ellipsis', 'more models'),
      tags: ['more_models'],
      tooltip: () => [`Left out of the shortlist: ${escapeMarkdown(why)}`, 'They can be used all the same.'],
      children: hidden.map((model) => modelNode(context, status, model)),
    },
  ];
}

function modelNode(context: TreeContext, status: ServerStatus, model: CatalogueModel): StatusNode {
  const details = [...(model.tier === 'other' || model.tier === 'embedding' ? [] : [model.tier]), ...modelDetails(model)];
  const test = testMarks(findReport(context.snapshot.tests, status.id, model.id), context.now);
  // What is wrong is not cut off on a narrow screen.
  const description = (test?.tone === 'warning' ? [test.words, ...details] : [...details, ...(test ? [test.words] : [])]).join(' · ');
  return {
    id: `model_server/${status.id}/model/${model.id}`,
    kind: 'model',
    label: model.id,
    description,
    icon: model.loaded ? 'circle-filled' : model.type === 'embedding' ? 'symbol-array' : 'circuit-board',
    tone: test?.tone === 'warning' ? 'warning' : model.loaded ? 'ok' : 'neutral',
    tags: ['model', ...(model.loaded ? ['loaded'] : []), ...(model.type && model.type !== 'chat' ? [model.type] : []), ...modelLifecycleTags(status, model), ...(test ? [test.tag] : [])].sort(),
    subject: { type: 'model', serverId: status.id, serverName: status.server.name, model: model.id },
    accessibilityLabel: `Model ${model.id}${description ? `, ${description}` : ''}`,
    tooltip: () => [
      `**${escapeMarkdown(model.displayName ?? model.id)}** on ${escapeMarkdown(status.server.displayName)}`,
      ...(details.length > 0 ? [escapeMarkdown(details.join(' · '))] : []),
      ...(model.loadedUntil === undefined ? [] : [`Loaded until ${formatTime(model.loadedUntil, context.now)}`]),
      ...(model.loadedBytes === undefined ? [] : [`Uses ${formatBytes(model.loadedBytes)} of memory`]),
      ...(model.capabilities && model.capabilities.length > 0 ? [`Can ${model.capabilities.map(code).join(', ')}`] : []),
      ...(test?.tooltip() ?? []),
      ...(model.supportsTools === false ? ['Cannot call tools, which agents need'] : []),
      ...(model.price && priceWords(model.price) !== '' ? [`Costs ${escapeMarkdown(priceWords(model.price))} per million tokens`] : []),
      ...(model.created === undefined ? [] : [`${status.server.placement === 'third-party' ? 'Published' : 'Here since'} ${new Date(model.created).toISOString().slice(0, 10)}`]),
      ...(model.hidden ? [`Not on the shortlist: ${escapeMarkdown(model.hidden.words)}`] : []),
    ],
    expanded: false,
    children: [],
  };
}

/** "7.6B · Q4_K_M · 4.7 GB · 32k context · loaded with 8k". */
export function modelDetails(model: ModelInfo): readonly string[] {
  return [
    ...(model.type && model.type !== 'chat' ? [model.type === 'embedding' ? 'embedding' : 'not for chat'] : []),
    ...(model.parameters ? [model.parameters] : []),
    ...(model.quantization ? [model.quantization] : []),
    ...(model.sizeBytes === undefined ? [] : [formatBytes(model.sizeBytes)]),
    ...(model.contextWindow === undefined ? [] : [`${formatTokens(model.contextWindow)} context`]),
    ...(model.loaded ? [model.loadedContext === undefined ? 'loaded' : `loaded with ${formatTokens(model.loadedContext)}`] : []),
    ...(model.price && priceWords(model.price) !== '' ? [priceWords(model.price)] : []),
  ];
}

function offerNode(offer: FoundServer): StatusNode {
  const kind = serverKind(offer.kind);
  const port = new URL(offer.baseUrl).port;
  const label = `Found ${kind.displayName} on ${port}: add?`;
  const description = [...(offer.version ? [offer.version] : []), plural(offer.modelCount, 'model')].join(' · ');
  return {
    id: `offer/${offer.kind}/${offer.baseUrl}`,
    kind: 'offer',
    label,
    description,
    icon: 'add',
    tone: 'neutral',
    tags: ['offer'],
    subject: { type: 'offer', kind: offer.kind, baseUrl: offer.baseUrl },
    action: { type: 'add-offer', kind: offer.kind, baseUrl: offer.baseUrl },
    accessibilityLabel: `${label} ${description}`,
    tooltip: () => [`${escapeMarkdown(kind.displayName)} answers at ${code(offer.baseUrl)} and is not in \`operator.toml\` yet.`, 'Select to add it.'],
    expanded: false,
    children: [],
  };
}
