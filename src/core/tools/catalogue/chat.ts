/** Operator's own terminal chat, always there: how a person tries a server with no agent installed. See `src/cli/commands/chat.ts`. */
import { formatAuth } from '../../servers/auth.ts';
import type { Recipe, RecipeInput, ToolRecord } from '../model.ts';
import { env, literal, when } from './support.ts';

export const chat: ToolRecord = {
  name: 'chat',
  displayName: 'Operator chat',
  command: 'operator',
  versionArgs: ['--version'],
  install: { command: 'operator chat', url: 'https://github.com/operator-dev/operator' },
  icon: 'comment',
  protocols: ['ollama', 'openai-chat', 'anthropic-messages'],
  modelAliases: [],
  permissionModes: [],
  yolo: false,
  worktrees: false,
  socksProxy: true,
  modelProperties: [],
  sources: [],
  vendor: () => ({ code: 'invalid', refusal: 'chat has no server of its own', hint: 'Name a model_server' }),
  custom,
};

function custom({ protocol, server, model, key, prompt, headless }: RecipeInput): Recipe {
  return {
    args: ['chat', '--base-url', server.baseUrl, '--openai-path', server.openaiPath, '--protocol', protocol, '--model', model, '--server-name', server.name, ...when(headless, '--print')],
    promptArgs: prompt === undefined ? [] : [`--prompt=${prompt}`],
    env: env({
      OPERATOR_CHAT_API_KEY: key,
      OPERATOR_CHAT_AUTH: literal(key ? formatAuth(server.auth) : 'none'),
      OPERATOR_CHAT_HEADERS: Object.keys(server.headers).length > 0 ? literal(JSON.stringify(server.headers)) : undefined,
      OPERATOR_CHAT_PROXY: server.proxy === undefined ? undefined : literal(server.proxy),
      OPERATOR_CHAT_PLACEMENT: literal(server.placement),
      OPERATOR_CHAT_TIMEOUT: literal(String(server.requestTimeoutMs / 1000)),
    }),
    unset: ['OPERATOR_CHAT_API_KEY', 'OPERATOR_CHAT_HEADERS', 'OPERATOR_CHAT_PROXY'].map((name) => ({ name, reason: 'belongs to another chat' })),
  };
}
