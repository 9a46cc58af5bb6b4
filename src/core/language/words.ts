/** What values mean, in Markdown paragraphs: for hovers and beside completions. */
import { listOf } from '../../base/text.ts';
import type { Protocol } from '../protocol.ts';
import { allServerKinds } from '../servers/kinds.ts';
import { code, escapeMarkdown } from '../status/format.ts';
import type { ToolRecord } from '../tools/model.ts';

export function kindText(id: string): readonly string[] {
  const kind = allServerKinds().find((candidate) => candidate.id === id);
  if (!kind) return [];
  const address = kind.defaultBaseUrl === undefined ? 'It has no usual address: name one with `base_url`.' : `Usually at ${code(kind.defaultBaseUrl)}.`;
  const key = kind.keyRequired ? `Needs a key${kind.defaultApiKeyEnv === undefined ? '' : `, usually in ${code(kind.defaultApiKeyEnv)}`}.` : undefined;
  const speaks = kind.protocols.map((protocol) => code(protocol) + (kind.versionDependent.includes(protocol) ? ' (newer versions)' : ''));
  return [`**${escapeMarkdown(kind.displayName)}**: ${escapeMarkdown(kind.description)}`, [address, `Speaks ${listOf(speaks)}.`, ...(key === undefined ? [] : [key])].join(' '), `[${escapeMarkdown(kind.startHint)}](${kind.url})`];
}

export function toolText(tool: ToolRecord): readonly string[] {
  const own = tool.builtinServer ?? tool.ownService?.name;
  return [
    `**${escapeMarkdown(tool.displayName)}** (${code(tool.command)})`,
    [
      tool.protocols.length > 0 ? `Speaks ${listOf(tool.protocols.map((protocol) => code(protocol)))}.` : "Works only with its vendor's own service.",
      ...(own === undefined ? ['It has no server of its own: name a `model_server`.'] : [`Without a \`model_server\` it runs on ${code(own)}, with your login.`]),
    ].join(' '),
    ...(tool.permissionModes.length > 0 ? [`Permission modes: ${tool.permissionModes.map(code).join(', ')}`] : []),
    ...(tool.modelProperties.length > 0 ? [`Model properties: ${tool.modelProperties.map(code).join(', ')}`] : []),
    ...(tool.notice === undefined ? [] : [`⚠ ${escapeMarkdown(tool.notice)}`]),
  ];
}

const protocols: Readonly<Record<Protocol, string>> = {
  'anthropic-messages': "Anthropic's Messages API (/v1/messages)",
  'openai-chat': "OpenAI's Chat Completions API (/v1/chat/completions), which most servers speak",
  'openai-responses': "OpenAI's Responses API (/v1/responses)",
  gemini: "Google's Gemini API (/v1beta/models/…:generateContent)",
  ollama: "Ollama's own API (/api/chat)",
};

export function protocolText(protocol: string): string | undefined {
  return Object.entries(protocols).find(([id]) => id === protocol)?.[1];
}

const routes: Readonly<Record<string, string>> = {
  auto: 'direct where tool and server speak the same protocol, else through the gateway',
  direct: 'straight to the server; refused where the two have no protocol in common',
  gateway: "through Operator's gateway, which translates between protocols",
};

export function routeText(route: string): string | undefined {
  return Object.hasOwn(routes, route) ? routes[route] : undefined;
}

export function permissionModeText(tool: ToolRecord, mode: string): string {
  return `permission mode ${mode} of ${tool.displayName}`;
}

const authSchemes: Readonly<Record<string, string>> = {
  bearer: 'The key is sent as `Authorization: Bearer KEY`.',
  'x-api-key': 'The key is sent as `x-api-key: KEY`.',
  header: 'The key is sent in a header of its own, as it is.',
  query: 'The key is sent in the query of every request, which servers and proxies may log.',
  none: 'No key is sent.',
};

export function authText(auth: string): string | undefined {
  const scheme = auth.split(':')[0] ?? '';
  return Object.hasOwn(authSchemes, scheme) ? authSchemes[scheme] : undefined;
}
