/**
 * A lab that wants a key and an Ollama without one, and the operator.toml that names both:
 *
 *     await using servers = await startLabAndLocal({ tool: 'chat' });
 *     using place = createPlace({ 'operator.toml': servers.toml });
 *     await place.run(['serve'], { env: { LAB_KEY: labKey } });
 */
import { type ScriptedServer, startServer } from './scripted-server.ts';
import { ollama, openai } from './scripted-server-kinds.ts';

/** operator.toml names it as env:LAB_KEY. */
export const labKey = 'sk-canary-1122334455667788';

export interface LabAndLocal extends AsyncDisposable {
  /** Says `from the lab`, with gpt-x and team/big. */
  readonly lab: ScriptedServer;
  /** Says `from here`, with qwen3:8b. */
  readonly local: ScriptedServer;
  readonly toml: string;
}

/** @param tool of the delegator `coder`, which is on gpt-x of the lab */
export async function startLabAndLocal({ tool }: { readonly tool: string }): Promise<LabAndLocal> {
  const lab = await startServer(openai({ key: labKey, models: ['gpt-x', 'team/big'], answer: 'from the lab' }));
  const local = await startServer(ollama({ models: ['qwen3:8b'], answer: 'from here' }));
  const toml = `[[model_servers]]
name = "lab"
kind = "openai-compat"
base_url = "${lab.url}"
api_key = "env:LAB_KEY"

[[model_servers]]
name = "local"
kind = "ollama"
base_url = "${local.url}"

[[delegators]]
name = "coder"
llm_tool = "${tool}"
model = "gpt-x"
model_server = "lab"
`;
  return {
    lab,
    local,
    toml,
    async [Symbol.asyncDispose]() {
      await Promise.all([lab.close(), local.close()]);
    },
  };
}
