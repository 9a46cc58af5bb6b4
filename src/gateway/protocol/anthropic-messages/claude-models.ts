/**
 * What a Claude model takes, as far as its name tells: https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking
 * and …/about-claude/models/migration-guide. Other servers of this wire (Ollama, llama.cpp, vLLM) take what old Claudes take.
 */
import type { IrEffort } from '../ir.ts';

export interface ClaudeModel {
  /** 4.5 for `claude-haiku-4-5-20251001`; absent for a model of somebody else. */
  readonly version?: number;
  readonly thinkingStyle: 'adaptive' | 'budget';
  /** `thinking: {type: "disabled"}` is refused: the model always thinks. */
  readonly alwaysThinks: boolean;
  /** Temperature, top_p and top_k. Between 4.1 and 4.6 not temperature and top_p at once. */
  readonly sampling: 'all' | 'one' | 'none';
  readonly efforts: readonly IrEffort[];
}

export function claudeModel(name: string): ClaudeModel {
  const version = versionOf(name.toLowerCase());
  if (version === undefined) return { thinkingStyle: 'budget', alwaysThinks: false, sampling: 'all', efforts: [] };
  return {
    version,
    thinkingStyle: version >= 4.6 ? 'adaptive' : 'budget',
    alwaysThinks: /fable|mythos/i.test(name),
    sampling: version >= 4.7 ? 'none' : version >= 4.1 ? 'one' : 'all',
    efforts: version >= 4.7 ? ['low', 'medium', 'high', 'xhigh', 'max'] : version >= 4.6 ? ['low', 'medium', 'high', 'max'] : /opus-4[-.]5/i.test(name) ? ['low', 'medium', 'high'] : [],
  };
}

/** `claude-opus-4-8`, `anthropic/claude-sonnet-4.5`, `claude-3-7-sonnet-20250219`, `claude-sonnet-4-20250514`, `claude-mythos-preview`. */
function versionOf(name: string): number | undefined {
  const match = /claude-(?:[a-z]+-)?(\d)(?:[-.](\d))?(?!\d)/.exec(name);
  if (match) return Number(`${match[1]}.${match[2] ?? 0}`);
  const major = /claude-(?:[a-z]+-)?(\d)-\d{8}/.exec(name);
  if (major) return Number(major[1]);
  return /claude-mythos/.test(name) ? 5 : undefined;
}
