/** Tools of a Responses client that only OpenAI's own servers understand. */

/**
 * Freeform and hosted tools, namespaces, and calls of them. Other servers of this wire refuse the whole request for one of
 * them, or the model never hears of it (github.com/ggml-org/llama.cpp/issues/20156, github.com/vllm-project/vllm/issues/42475).
 */
const marks = /"type"\s*:\s*"(?:custom|custom_tool_call|custom_tool_call_output|namespace|additional_tools|tool_search\w*|web_search\w*|image_generation|local_shell\w*|code_interpreter|file_search|mcp)"/;

/** Looks for the marks only, without parsing: in a text they would be escaped. */
export function usesOwnTools(body: string): boolean {
  return marks.test(body);
}
