/** Tools of a Responses client that only OpenAI's own servers understand. */
import type { BodyMarks } from '../codec.ts';

const types = /"type"\s*:\s*"(?:custom|namespace|tool_search\w*|web_search\w*|image_generation|local_shell\w*|code_interpreter|file_search|mcp)"/;
/** Calls of such tools in the conversation, and the item in which codex's small form of a request declares them. */
const items = ['"custom_tool_call"', '"additional_tools"', '"tool_search_call"'];

/**
 * Freeform and hosted tools, namespaces, and calls of them. Other servers of this wire refuse the whole request for one of
 * them, or the model never hears of it (github.com/ggml-org/llama.cpp/issues/20156, github.com/vllm-project/vllm/issues/42475).
 */
export function usesOwnTools(body: BodyMarks): boolean {
  return types.test(body.tools()) || items.some((item) => body.includes(item));
}
