/**
 * Which efforts OpenAI's own models take: every other one is refused with status 400, and models that do not think refuse
 * the setting itself (https://platform.openai.com/docs/guides/reasoning, and github.com/openai/openai-agents-python/issues/2089
 * for gpt-5.1: "Supported values are: 'none', 'low', 'medium', and 'high'").
 */
import type { IrEffort } from '../protocol/ir.ts';

const classic: readonly IrEffort[] = ['low', 'medium', 'high'];
const extended: readonly IrEffort[] = [...classic, 'xhigh'];

/** Empty for models that do not think; models of the future are taken for the newest that are known. */
export function openAiEfforts(model: string): readonly IrEffort[] {
  const name = model.toLowerCase();
  if (/^o\d/.test(name)) return /^o1-(?:mini|preview)/.test(name) ? [] : classic;
  const match = /^(?:ft:)?(?:gpt|codex)-(\d+)(?:\.(\d+))?/.exec(name);
  if (!match || name.includes('-chat')) return /codex|gpt-oss/.test(name) ? classic : [];
  const version = Number(`${match[1]}.${match[2] ?? 0}`);
  if (version < 5) return [];
  if (version < 5.1) return name.includes('-pro') ? ['high'] : name.includes('codex') ? classic : ['minimal', ...classic];
  // Models for code always think; "xhigh" came with gpt-5.1-codex-max.
  if (name.includes('codex')) return version >= 5.2 || name.includes('-max') ? extended : classic;
  if (name.includes('-pro')) return ['medium', 'high', 'xhigh'];
  return version < 5.2 ? ['none', ...classic] : ['none', ...extended];
}
