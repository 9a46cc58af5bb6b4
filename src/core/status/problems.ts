/** Rows for what is wrong in operator.toml: each says the cause and opens the file at the line. */
import type { ConfigLayer, ConfigProblem, Entity } from '../config/model.ts';
import { formatLocation } from '../source.ts';
import type { TreeContext } from './context.ts';
import { escapeMarkdown } from './format.ts';
import type { NodeAction, StatusNode } from './node.ts';

/** The row of an operator.toml that cannot be used as it is. */
export function brokenLayerNode(layer: ConfigLayer, state: Extract<ConfigLayer['state'], { type: 'broken' }>): StatusNode {
  const { problem, lastGood } = state;
  const kept = lastGood ? 'the last good version stays in force' : 'nothing of it is in force';
  return {
    ...problemNode(problem, `broken:${layer.file}`),
    label: 'operator.toml cannot be used',
    description: `${lineWords(problem)}${problem.message}`,
    accessibilityLabel: `operator.toml cannot be used, ${lineWords(problem)}${problem.message}; ${kept}. Activate to open the file there`,
    tooltip: () => [`**${escapeMarkdown(layer.file)}**`, escapeMarkdown(problem.message), ...(problem.hint ? [escapeMarkdown(problem.hint)] : []), ...(problem.code === 'syntax' && problem.hint ? [] : [`Meanwhile ${kept}.`])],
  };
}

export function problemNode(problem: ConfigProblem, id: string): StatusNode {
  const tone = problem.severity === 'error' ? 'error' : problem.severity === 'warning' ? 'warning' : 'neutral';
  return {
    id,
    kind: 'problem',
    label: problem.message,
    description: problem.hint ?? '',
    icon: problem.severity === 'error' ? 'error' : problem.severity === 'warning' ? 'warning' : 'info',
    tone,
    tags: ['problem', problem.code].sort(),
    subject: { type: 'problem', file: problem.where.file, line: problem.where.range?.start.line ?? 0, column: problem.where.range?.start.column ?? 0 },
    action: openAction(problem),
    accessibilityLabel: `${problem.severity}: ${problem.message}${problem.hint ? `. ${problem.hint}` : ''}`,
    tooltip: () => [escapeMarkdown(problem.message), ...(problem.hint ? [escapeMarkdown(problem.hint)] : []), escapeMarkdown(formatLocation(problem.where))],
    expanded: false,
    children: [],
  };
}

/** Problem rows below an entry's own row. */
export function problemChildren(problems: readonly ConfigProblem[], parentId: string): readonly StatusNode[] {
  return problems.map((problem, index) => problemNode(problem, `${parentId}/problem/${index}:${problem.code}`));
}

/**
 * Problems of entries that did not make it into the configuration (no name, unknown kind, duplicate): without a row
 * of their own they would vanish, so each gets one at the end of its section.
 */
export function orphanProblems(context: TreeContext, type: 'model_server' | 'delegator' | 'llm_tool', entities: readonly Entity[]): readonly StatusNode[] {
  const shown = new Set(entities.flatMap((entity) => context.problemsOf(type, entity)));
  return context.snapshot.configuration.problems
    .filter((problem) => problem.subject.type === type && problem.severity !== 'information' && !shown.has(problem))
    .map((problem, index) => problemNode(problem, `${type}/orphan/${index}:${problem.where.file}:${problem.code}`));
}

function openAction(problem: ConfigProblem): NodeAction {
  const start = problem.where.range?.start;
  return { type: 'open-location', file: problem.where.file, line: start?.line ?? 0, column: start?.column ?? 0 };
}

function lineWords(problem: ConfigProblem): string {
  return problem.where.range ? `line ${problem.where.range.start.line + 1}: ` : '';
}
