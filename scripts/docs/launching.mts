/** What each tool is given on each protocol: the real plans, made for an example server. */
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { planLaunch } from '../../src/core/launch/plan.ts';
import type { LaunchFacts } from '../../src/core/launch/model.ts';
import { renderPlan } from '../../src/core/launch/render.ts';
import type { ModelServer } from '../../src/core/config/model.ts';
import type { Protocol } from '../../src/core/protocol.ts';
import { allServerKinds } from '../../src/core/servers/kinds.ts';
import { catalogueTools } from '../../src/core/tools/catalogue/index.ts';
import type { LlmTool } from '../../src/core/tools/model.ts';
import { code, table } from './markdown.mts';

const catalogue = resolve(import.meta.dirname, '..', '..', 'src', 'core', 'tools', 'catalogue');

const facts: LaunchFacts = {
  platform: 'linux',
  inheritedEnv: {},
  operatorCommand: { argv: ['operator'], env: {} },
  baseDir: '/home/me/project',
  sessionId: '00000000-0000-4000-8000-000000000000',
  sessionDir: '/home/me/.operator/state/sessions/ID',
  trusted: true,
  join: (...parts) => parts.join('/'),
  resolvePath: (base, path) => `${base}/${path}`,
};

export function launchingParts(): Readonly<Record<string, string>> {
  return { tools: tools(), matrix: matrix(), plans: catalogueTools().map(plansOf).join('\n\n') };
}

function tools(): string {
  return table(
    ['LLM tool', 'Speaks', 'Without `model_server`', '`permission_mode`', '`model_properties`'],
    catalogueTools().map(({ record }) => [
      `${code(record.name)}${record.minVersion ? ` (from ${record.minVersion})` : ''}`,
      record.protocols.join(', ') || "only its vendor's",
      record.builtinServer ? code(record.builtinServer) : (record.ownService?.displayName ?? 'a server must be named'),
      record.permissionModes.map(code).join(' ') || 'none',
      record.modelProperties.map(code).join(' ') || 'none',
    ]),
  );
}

/** How each tool reaches each kind: the protocol that both speak, the gateway, or not at all. */
function matrix(): string {
  const kinds = allServerKinds();
  const cell = ({ record }: LlmTool, protocols: readonly Protocol[], unsure: readonly Protocol[]): string => {
    const common = record.protocols.filter((protocol) => protocols.includes(protocol));
    const chosen = common.find((protocol) => !unsure.includes(protocol)) ?? common[0];
    if (record.protocols.length === 0) return '—';
    return chosen === undefined ? 'gateway' : `${chosen}${unsure.includes(chosen) ? '*' : ''}`;
  };
  const list = catalogueTools();
  return table(['`kind`', ...list.map(({ record }) => code(record.name))], kinds.map(({ id, protocols, versionDependent }) => [code(id), ...list.map((tool) => cell(tool, protocols, versionDependent))]));
}

function plansOf(tool: LlmTool): string {
  const { record } = tool;
  const sections = record.protocols.map((protocol) => `#### ${record.name}, ${protocol}\n\n${planText(tool, protocol)}`);
  const links = record.sources.length > 0 ? `\n\nSources: ${record.sources.map((url) => `<${url}>`).join(', ')}` : '';
  const intro = record.protocols.length === 0 ? `${record.displayName} cannot be pointed at a server of one's own; it is launched on its vendor's service.` : `The plan of a launch on \`https://models.example.com\` with a key in \`MY_KEY\`:`;
  return `### ${record.displayName}\n\n${record.notice ? `${record.notice}.\n\n` : ''}${intro}\n\n${sections.join('\n\n')}${links}`;
}

function planText(tool: LlmTool, protocol: Protocol): string {
  const server: ModelServer = {
    name: 'example',
    displayName: 'Example',
    origin: { layer: 'user', file: '/home/me/.operator/operator.toml' },
    kind: protocol === 'gemini' ? 'google-api' : protocol === 'anthropic-messages' ? 'anthropic-api' : protocol === 'ollama' ? 'ollama' : 'openai-compat',
    baseUrl: 'https://models.example.com',
    openaiPath: '/v1',
    protocols: [protocol],
    placement: 'self-hosted',
    placementDeclared: true,
    auth: { type: 'bearer' },
    credential: { store: 'env', name: 'MY_KEY' },
    headers: {},
    extraEnv: {},
    requestTimeoutMs: 120_000,
    models: [],
  };
  const detection = tool.record.name === 'chat' ? ({ state: 'builtin', version: '' } as const) : ({ state: 'found', path: tool.record.command, outdated: false } as const);
  const plan = planLaunch(
    { tool: { ...tool, detection }, server, model: 'example-model', route: { type: 'direct', vendor: false, protocol, baseUrl: server.baseUrl } },
    { prompt: 'Fix the tests' },
    { ...facts, inheritedEnv: everything },
  );
  if (!plan.ok) return plan.error.map(({ message, hint }) => `Refused: ${message}. ${hint ?? ''}`).join('\n');
  // The headings of the rendered plan would be chapters of this document; in bold they structure it just as well.
  const [, ...rest] = renderPlan(plan.value).split('\n## ');
  return rest.map((part) => `**${part.replace('\n', '**\n')}`).join('\n').trim();
}

/** An environment with every variable that the catalogue mentions, so that the plans show all that they leave out. */
const everything: Readonly<Record<string, string>> = Object.fromEntries(
  globSync('*.ts', { cwd: catalogue })
    .flatMap((name) => readFileSync(join(catalogue, name), 'utf8').match(/(?<=')[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?=')|(?<=')CLAUDECODE(?=')/g) ?? [])
    .map((name) => [name, 'x']),
);
