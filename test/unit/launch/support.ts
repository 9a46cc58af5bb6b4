/** Minimal entries and facts for planning, all of them data. */
import type { Configuration, CustomTool, Delegator, LaunchConfig, ModelServer, Origin } from '../../../src/core/config/model.ts';
import { entityId } from '../../../src/core/config/model.ts';
import { namedServers } from '../../../src/core/delegators/model-name.ts';
import { type ResolveFacts, resolveDelegator } from '../../../src/core/delegators/resolve.ts';
import type { LaunchFacts, LaunchPlan, Refusal } from '../../../src/core/launch/model.ts';
import { planLaunch } from '../../../src/core/launch/plan.ts';
import type { LaunchOptions, LaunchTarget, ResolvedDelegator, ServerStatus, ToolStatus } from '../../../src/core/operator.ts';
import { builtinServers, defaultRequestTimeoutMs } from '../../../src/core/servers/builtin.ts';
import { type Health, unknownHealth } from '../../../src/core/servers/health.ts';
import { serverKind, type ServerKindId } from '../../../src/core/servers/kinds.ts';
import { impliedServers } from '../../../src/core/servers/local-prefix.ts';
import { catalogueTools, customTool } from '../../../src/core/tools/catalogue/index.ts';
import type { Detection } from '../../../src/core/tools/model.ts';

export const userFile = '/home/me/.operator/operator.toml';
export const userOrigin: Origin = { layer: 'user', file: userFile };
export const workspaceOrigin: Origin = { layer: 'workspace', root: '/home/dev/shop', file: '/home/dev/shop/operator.toml' };

export const sessionId = '6a1f0a52-0000-4000-8000-3f5c11d7e001';

export function aServer(server: Partial<ModelServer> & { readonly kind: ServerKindId }): ModelServer {
  const kind = serverKind(server.kind);
  return {
    name: 'here',
    displayName: 'Here',
    origin: userOrigin,
    baseUrl: kind.defaultBaseUrl ?? 'http://127.0.0.1:9000',
    openaiPath: '/v1',
    protocols: kind.protocols,
    placement: 'local',
    placementDeclared: false,
    auth: kind.auth,
    headers: {},
    extraEnv: {},
    requestTimeoutMs: defaultRequestTimeoutMs,
    models: [],
    ...server,
  };
}

export function aDelegator(delegator: Omit<Partial<Delegator>, 'launchConfig'> & { readonly llmTool: string; readonly launchConfig?: Partial<LaunchConfig> }): Delegator {
  return {
    name: 'mine',
    displayName: 'Mine',
    origin: userOrigin,
    model: 'some-model',
    modelProperties: {},
    route: 'auto',
    ...delegator,
    launchConfig: { yolo: false, flags: [], env: {}, useWorktrees: false, ...delegator.launchConfig },
  };
}

export interface World {
  readonly servers?: readonly ModelServer[];
  readonly delegators?: readonly Delegator[];
  readonly customTools?: readonly CustomTool[];
  readonly detections?: Readonly<Record<string, Detection>>;
  /** By server name. */
  readonly health?: Readonly<Record<string, Partial<Health>>>;
  readonly keys?: Readonly<Record<string, ServerStatus['key']>>;
  readonly configuration?: Partial<Configuration>;
  readonly trusted?: boolean;
  readonly gateway?: boolean;
  /** Variables of the environment, for what prefixes imply. */
  readonly variables?: Readonly<Record<string, string>>;
}

export function resolveFacts(world: World = {}): ResolveFacts {
  const { servers = [], delegators = [], customTools = [], detections = {}, health = {}, keys = {}, configuration = {}, trusted = true, gateway, variables = {} } = world;
  const implied = impliedServers((name) => variables[name]);
  const declared = [...servers, ...builtinServers()];
  const modelServers = [...declared, ...namedServers({ delegators, ...configuration }, { modelServers: declared, implied })];
  const tools: readonly ToolStatus[] = [...catalogueTools(), ...customTools.map(customTool)].map((tool) => ({
    ...tool,
    detection: detections[tool.record.name] ?? (tool.record.name === 'chat' ? { state: 'builtin', version: '0.1.0' } : { state: 'found', path: `/usr/local/bin/${tool.record.command}`, version: '99.0.0', outdated: false }),
  }));
  return {
    configuration: { layers: [], modelServers, implied, delegators, customTools, problems: [], ...configuration },
    tools,
    servers: modelServers.map((server) => ({ id: entityId(server), server, health: { ...unknownHealth(0), ...health[server.name] }, probing: false, key: keys[server.name] ?? 'unknown' })),
    trusted,
    ...(gateway !== undefined && { gateway: { available: gateway } }),
  };
}

export function launchFacts(facts: Partial<LaunchFacts> = {}): LaunchFacts {
  return {
    platform: 'linux',
    inheritedEnv: { HOME: '/home/me', PATH: '/usr/bin' },
    operatorCommand: { argv: ['/opt/node', '/opt/operator/cli.js'], env: { ELECTRON_RUN_AS_NODE: '1' } },
    baseDir: '/home/dev/shop',
    sessionId,
    sessionDir: `/home/me/.operator/state/sessions/${sessionId}`,
    join: (...parts) => parts.join('/').replaceAll(/\/[^/]+\/\.\.(?=\/)/g, ''),
    resolvePath: (base, path) => (path.startsWith('/') ? path : `${base}/${path}`),
    ...facts,
  };
}

/** The delegator of a world, or what its resolution says; throws on a refusal, since most tests want none. */
export function resolved(world: World, target: LaunchTarget = { type: 'delegator', delegator: 'mine' }): ResolvedDelegator {
  const result = resolveDelegator(target, resolveFacts(world));
  if (!result.ok) throw new Error(`refused: ${result.error.map(({ message }) => message).join('; ')}`);
  return result.value;
}

export function refusals(world: World, target: LaunchTarget = { type: 'delegator', delegator: 'mine' }): readonly Refusal[] {
  const result = resolveDelegator(target, resolveFacts(world));
  return result.ok ? [] : result.error;
}

export function planned(world: World, options: LaunchOptions = {}, facts: Partial<LaunchFacts> = {}, target?: LaunchTarget): LaunchPlan {
  const result = planLaunch(resolved(world, target), options, launchFacts(facts));
  if (!result.ok) throw new Error(`refused: ${result.error.map(({ message }) => message).join('; ')}`);
  return result.value;
}

export function planRefusals(world: World, options: LaunchOptions = {}, facts: Partial<LaunchFacts> = {}): readonly Refusal[] {
  const result = planLaunch(resolved(world), options, launchFacts(facts));
  return result.ok ? [] : result.error;
}

/** A world with one tool on one declared server. */
export function pairing(llmTool: string, server: Partial<ModelServer> & { readonly kind: ServerKindId }, delegator: Omit<Partial<Delegator>, 'launchConfig'> & { readonly launchConfig?: Partial<LaunchConfig> } = {}): World {
  return { servers: [aServer(server)], delegators: [aDelegator({ llmTool, modelServer: 'here', ...delegator })] };
}

/** `FLAG value` of an argv. */
export function valueAfter(argv: readonly string[], flag: string): string | undefined {
  const index = argv.indexOf(flag);
  return index < 0 ? undefined : argv[index + 1];
}
