/** Whole entries to fill in. */
import { serverKind, type ServerKind } from '../servers/kinds.ts';
import { choiceInSnippet, inSnippet } from './quoting.ts';

/** A `[[model_servers]]` of a kind, its address and where its key is. */
export function serverSnippet(kind: ServerKind, taken: ReadonlySet<string>): string {
  const address = kind.defaultBaseUrl ?? 'https://host.example/v1';
  const variable = kind.defaultApiKeyEnv ?? 'API_KEY';
  const wantsKey = kind.keyRequired || kind.defaultBaseUrl === undefined;
  return [
    '[[model_servers]]',
    `name = "\${1:${inSnippet(freeName(kind.builtin === undefined ? kind.id : `my-${kind.id.replace(/-api$/, '')}`, taken))}}"`,
    `kind = "${kind.id}"`,
    `base_url = "\${2:${inSnippet(address)}}"`,
    ...(wantsKey ? [`api_key_env = "\${3:${inSnippet(variable)}}"`] : []),
    '',
  ].join('\n');
}

/** How many names a list to choose from may have; beyond it they are completed while typing. */
const maxChoices = 30;

export function delegatorSnippet(tools: readonly string[], servers: readonly string[]): string {
  const server = servers.length === 0 || servers.length > maxChoices ? '$4' : choiceInSnippet(4, servers);
  return ['[[delegators]]', 'name = "${1:name}"', `llm_tool = "${tools.length === 0 ? '$2' : choiceInSnippet(2, tools.slice(0, maxChoices))}"`, 'model = "$3"', `model_server = "${server}"`, ''].join('\n');
}

export function toolSnippet(): string {
  return ['[[llm_tools.custom]]', 'name = "${1:mytool}"', 'command = "${2:mytool}"', 'protocol = "${3|openai-chat,openai-responses,anthropic-messages,gemini,ollama|}"', 'args = ["--model", "{model\\}"]', 'env = { OPENAI_BASE_URL = "{base_url\\}/v1", OPENAI_API_KEY = "{api_key\\}" \\}', ''].join('\n');
}

/** The name, or the first of name-2, name-3 … that is free. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let number = 2; taken.has(free); number++) free = `${name}-${number}`;
  return free;
}

/** What a server of that name probably is: "lab-vllm" is a vLLM. */
export function kindOfName(name: string): ServerKind {
  const ids = ['ollama', 'lmstudio', 'openrouter', 'llamacpp', 'vllm', 'localai', 'huggingface', 'litellm'] as const;
  const plain = name.toLowerCase().replaceAll(/[^a-z]/g, '');
  return serverKind(ids.find((id) => plain.includes(id)) ?? 'openai-compat');
}
