/** The *LLM Tools* section. */
import { assertNever } from '../../base/assert.ts';
import { listOf } from '../../base/text.ts';
import type { ToolStatus } from '../operator.ts';
import type { TreeContext } from './context.ts';
import { code, escapeMarkdown } from './format.ts';
import { detailNode, sectionNode } from './nodes.ts';
import type { StatusNode, Tone } from './node.ts';
import { orphanProblems, problemChildren } from './problems.ts';

export function buildTools(context: TreeContext): StatusNode {
  const { tools, configuration } = context.snapshot;
  const rows = tools.filter((tool) => !isMissing(tool)).map((tool) => toolNode(context, tool));
  const missing = tools.filter(isMissing).map((tool) => toolNode(context, tool));
  const found = tools.filter(({ detection }) => detection.state === 'found' || detection.state === 'builtin').length;
  const looking = tools.some(({ detection }) => detection.state === 'detecting');
  // Operator's own tool is there without being looked for.
  const waiting = tools.some(({ detection }) => detection.state === 'unknown') && tools.every(({ detection }) => detection.state === 'unknown' || detection.state === 'builtin');
  return sectionNode({
    section: 'llm_tools',
    label: 'LLM Tools',
    description: looking ? 'looking…' : waiting ? 'not looked for yet' : `${found} of ${tools.length} found`,
    tone: 'neutral',
    about: 'The coding agents on this machine. `chat` is Operator’s own and always there.',
    children: [...rows, ...missingGroup(missing, rows.length > 1), ...orphanProblems(context, 'llm_tool', configuration.customTools)],
  });
}

/** One row for all that could be installed; it opens by itself only while there is no agent at all. */
function missingGroup(missing: readonly StatusNode[], hasAgents: boolean): readonly StatusNode[] {
  if (missing.length === 0) return [];
  const names = listOf(missing.map(({ label }) => label));
  return [
    {
      ...detailNode('llm_tools/missing', 'Not installed', String(missing.length), 'circle-slash', 'missing tools'),
      accessibilityLabel: `${missing.length} LLM tools that are not installed: ${names}`,
      tooltip: () => [`Not on this machine: ${names}. Each can be installed from its row.`],
      expanded: !hasAgents,
      children: missing,
    },
  ];
}

function isMissing(tool: ToolStatus): boolean {
  return tool.detection.state === 'missing';
}

interface ToolWords {
  readonly words: string;
  readonly icon: string;
  readonly tone: Tone;
  readonly tag: string;
}

function toolWords({ detection, record }: ToolStatus): ToolWords {
  switch (detection.state) {
    case 'unknown':
      return { words: 'not looked for yet', icon: record.icon, tone: 'neutral', tag: 'unknown' };
    case 'detecting':
      return { words: 'looking…', icon: 'loading~spin', tone: 'busy', tag: 'detecting' };
    case 'builtin':
      return { words: 'built in', icon: record.icon, tone: 'ok', tag: 'found' };
    case 'missing':
      return { words: 'not installed', icon: 'circle-slash', tone: 'neutral', tag: 'missing' };
    case 'found':
      if (detection.problem) return { words: detection.version ? `${detection.version} · ${detection.problem}` : detection.problem, icon: 'warning', tone: 'warning', tag: 'found' };
      if (detection.outdated) return { words: `${detection.version ?? 'unknown version'} · outdated, needs ${record.minVersion ?? 'a newer one'}`, icon: 'warning', tone: 'warning', tag: 'found' };
      return { words: detection.version ?? 'unknown version', icon: record.icon, tone: 'ok', tag: 'found' };
    default:
      return assertNever(detection);
  }
}

function toolNode(context: TreeContext, tool: ToolStatus): StatusNode {
  const { record, detection, custom } = tool;
  const id = `llm_tool/${record.name}`;
  const words = toolWords(tool);
  const isDefault = context.snapshot.configuration.defaultTool === record.name;
  const description = [words.words, ...(isDefault ? ['default'] : []), ...(custom ? ['custom'] : [])].join(' · ');
  const problems = custom ? context.problemsOf('llm_tool', custom) : [];
  const children: StatusNode[] = [...problemChildren(problems, id)];
  if (detection.state === 'found') children.push(detailNode(`${id}/path`, detection.path, '', 'file-symlink-file', 'path'));
  if (detection.state === 'missing' && record.install.command) {
    children.push({
      ...detailNode(`${id}/install`, record.install.command, 'install', 'cloud-download', 'install'),
      action: { type: 'install-tool', tool: record.name },
    });
  }
  if (record.protocols.length > 0) children.push(detailNode(`${id}/protocols`, listOf(record.protocols), 'speaks', 'arrow-swap', 'protocols'));
  if (record.builtinServer) children.push(detailNode(`${id}/server`, record.builtinServer, 'builtin server', 'server', 'server'));
  if (record.notice) children.push(detailNode(`${id}/notice`, record.notice, '', 'info', 'notice'));
  return {
    id,
    kind: 'llm_tool',
    label: record.name,
    description,
    icon: words.icon,
    tone: words.tone,
    tags: ['llm_tool', words.tag, ...(isDefault ? ['default'] : []), ...(custom ? ['custom'] : []), ...(record.install.command ? ['installable'] : [])].sort(),
    subject: { type: 'llm_tool', name: record.name },
    accessibilityLabel: `LLM tool ${record.displayName}, ${description}`,
    tooltip: () => [
      `**${escapeMarkdown(record.displayName)}** ${escapeMarkdown(words.words)}`,
      ...(detection.state === 'found' ? [`Found at ${code(detection.path)}`] : []),
      ...(detection.state === 'missing' && record.install.command ? [`Install with ${code(record.install.command)}`] : []),
      ...(record.protocols.length > 0 ? [`Speaks ${listOf(record.protocols.map(code))}`] : []),
      ...(record.notice ? [escapeMarkdown(record.notice)] : []),
      ...(record.install.url ? [`[About ${escapeMarkdown(record.displayName)}](${record.install.url})`] : []),
    ],
    expanded: false,
    children,
  };
}
