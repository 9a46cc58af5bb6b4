/** The two plain rows that every section uses. */
import type { NodeSubject, StatusNode, Tone } from './node.ts';

export function sectionNode(options: {
  readonly section: Extract<NodeSubject, { type: 'section' }>['section'];
  readonly label: string;
  readonly description: string;
  readonly tone: Tone;
  /** One Markdown sentence that explains the section. */
  readonly about: string;
  readonly children: readonly StatusNode[];
}): StatusNode {
  const icons = { llm_tools: 'tools', model_servers: 'server-environment', delegators: 'rocket', gateway: 'plug' } as const;
  return {
    id: `section/${options.section}`,
    kind: 'section',
    label: options.label,
    description: options.description,
    icon: icons[options.section],
    tone: options.tone,
    tags: ['section', options.section].sort(),
    subject: { type: 'section', section: options.section },
    accessibilityLabel: `${options.label}, ${options.description}`,
    tooltip: () => [options.about],
    expanded: true,
    children: options.children,
  };
}

/** A row that only tells something. `what` names it for screen readers and as a tag. */
export function detailNode(id: string, label: string, description: string, icon: string, what: string): StatusNode {
  return {
    id,
    kind: 'detail',
    label,
    description,
    icon,
    tone: 'neutral',
    tags: ['detail', what].sort(),
    subject: { type: 'none' },
    accessibilityLabel: `${what}: ${label}${description ? `, ${description}` : ''}`,
    tooltip: () => [],
    expanded: false,
    children: [],
  };
}
