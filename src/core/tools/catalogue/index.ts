/** The LLM tools that Operator knows: one record per tool, keyed on the protocol in its recipe. */
import type { CustomTool } from '../../config/model.ts';
import type { LlmTool, ToolRecord } from '../model.ts';
import { agy } from './agy.ts';
import { chat } from './chat.ts';
import { claude } from './claude.ts';
import { codex } from './codex.ts';
import { copilot } from './copilot.ts';
import { customTool } from './custom.ts';
import { gemini } from './gemini.ts';
import { opencode } from './opencode.ts';
import { qwen } from './qwen.ts';

export { customTool } from './custom.ts';

const records: readonly ToolRecord[] = [claude, codex, gemini, opencode, qwen, copilot, agy, chat];
const tools: readonly LlmTool[] = records.map((record) => ({ record }));

/** The catalogue, in the order in which it is shown. */
export function catalogueTools(): readonly LlmTool[] {
  return tools;
}

/** The tool of that name: the catalogue first, then the user's own. */
export function findTool(name: string, customTools: readonly CustomTool[] = []): LlmTool | undefined {
  const known = tools.find(({ record }) => record.name === name);
  if (known) return known;
  const custom = customTools.find((tool) => tool.name === name);
  return custom && customTool(custom);
}
