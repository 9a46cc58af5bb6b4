/**
 * Computes a launch: exact argv, environment and folder, before anything starts. Pure. What the tool wants comes from its record;
 * what holds for every tool (flags, proxies, the server's and the delegator's own variables) is decided here.
 */
import { fail, ok, type Result } from '../../base/result.ts';
import { listOf } from '../../base/text.ts';
import type { ModelServer } from '../config/model.ts';
import type { LaunchOptions, ResolvedDelegator } from '../operator.ts';
import type { Protocol } from '../protocol.ts';
import { serverKind } from '../servers/kinds.ts';
import type { Recipe, RecipeInput, ToolRecord } from '../tools/model.ts';
import type { EnvValue, LaunchFacts, LaunchPlan, PlanNote, Refusal, Route, UnsetVariable } from './model.ts';
import { proxyVariables } from './proxy.ts';

export function planLaunch(asked: ResolvedDelegator, options: LaunchOptions, facts: LaunchFacts): Result<LaunchPlan, readonly Refusal[]> {
  const resolved = withoutEffort(asked);
  const { delegator, tool, server, model, route } = resolved;
  const { record } = tool;
  const start = startOf(resolved, facts);
  const refusals: Refusal[] = [...start.refusals, ...contradictions(record, resolved, options)];
  const endpoint = endpointOf(server, route, facts);
  if (!endpoint.ok) return fail([...refusals, endpoint.error]);

  const cwd = options.cwd ?? (delegator?.launchConfig.cwd === undefined ? facts.baseDir : facts.resolvePath(facts.baseDir, delegator.launchConfig.cwd));
  const input = recipeInput(resolved, options, facts, endpoint.value, cwd);
  if (!record.socksProxy && endpoint.value.type === 'server' && endpoint.value.server.proxy?.startsWith('socks')) refusals.push(socksRefusal(record, server));
  const made = endpoint.value.type === 'vendor' ? record.vendor(input) : record.custom(input);
  if ('refusal' in made) return fail([...refusals, { code: made.code, message: made.refusal, hint: made.hint }]);

  const variables = mergeVariables(made, endpoint.value, resolved, facts, start.env);
  const argv = [...start.argv, ...made.args, ...input.flags, ...(made.promptArgs ?? [])];
  refusals.push(...unspeakable(argv, cwd, facts));
  if (refusals.length > 0) return fail(refusals);

  return ok({
    ...(delegator && { delegator: delegator.name }),
    displayName: delegator?.displayName ?? `${record.displayName} · ${model}`,
    llmTool: record.name,
    model,
    modelServer: server.name,
    route,
    ...(input.contextWindow !== undefined && { contextWindow: input.contextWindow }),
    argv,
    env: variables.env,
    unset: variables.unset,
    mustNotInherit: variables.mustNotInherit,
    cwd,
    files: typeof made.files === 'function' ? made.files(variables.env) : (made.files ?? []),
    sessionDir: facts.sessionDir,
    sessionId: facts.sessionId,
    notes: [...(resolved.notes ?? []), ...(made.notes ?? []), ...variables.notes, ...ignoredProperties(record, resolved), ...(record.notice === undefined ? [] : [{ severity: 'information' as const, message: record.notice }])],
  });
}

/** Servers on one's own machine know no effort, and some refuse a request that has one: what a prefix makes local is sent none. */
function withoutEffort(resolved: ResolvedDelegator): ResolvedDelegator {
  const { delegator, prefix, notes = [] } = resolved;
  if (prefix === undefined || delegator?.modelProperties['reasoning_effort'] === undefined) return resolved;
  const { reasoning_effort: _, ...modelProperties } = delegator.modelProperties;
  const note: PlanNote = { severity: 'information', message: `reasoning_effort is left out: it is never sent to a server that is named by ${prefix}` };
  return { ...resolved, delegator: { ...delegator, modelProperties }, notes: [...notes, note] };
}

/** Where the tool's requests go: nowhere that we set, to the server itself, or to the gateway. */
type Endpoint =
  | { readonly type: 'vendor'; readonly server: ModelServer }
  | { readonly type: 'server'; readonly server: ModelServer; readonly protocol: Protocol; readonly key: EnvValue | undefined };

function endpointOf(server: ModelServer, route: Route, { gateway }: LaunchFacts): Result<Endpoint, Refusal> {
  if (route.type === 'gateway') {
    if (!gateway) return fail({ code: 'needs-gateway', message: 'The launch needs Operator’s gateway, and there is none here', hint: 'Use a tool that speaks a protocol of the server' });
    // To the tool the gateway is a server like any other, on this machine, with the session's token as its key.
    const seen: ModelServer = { ...server, baseUrl: gateway.baseUrl, openaiPath: '/v1', auth: { type: 'bearer' }, credential: undefined, headers: {}, proxy: undefined };
    return ok({ type: 'server', server: seen, protocol: route.protocol, key: gateway.token });
  }
  if (route.vendor) return ok({ type: 'vendor', server });
  return ok({ type: 'server', server, protocol: route.protocol, key: keyOf(server) });
}

/** The key by reference. A builtin server's key is in the variable that its vendor's tools read. */
function keyOf(server: ModelServer): EnvValue | undefined {
  if (server.credential) return { type: 'secret', ref: server.credential };
  const name = server.origin.layer === 'builtin' ? serverKind(server.kind).defaultApiKeyEnv : undefined;
  return name === undefined ? undefined : { type: 'secret', ref: { store: 'env', name } };
}

function recipeInput(resolved: ResolvedDelegator, options: LaunchOptions, facts: LaunchFacts, endpoint: Endpoint, cwd: string): RecipeInput {
  const lookup = inheritedLookup(facts);
  const { delegator, model, tool, route } = resolved;
  const contextWindow = declaredContext(resolved) ?? resolved.contextWindow;
  const launchConfig = delegator?.launchConfig;
  const prompt = options.prompt?.trim() === '' ? undefined : options.prompt;
  return {
    // The vendor's recipe asks for no protocol; any of the tool's own stands for it.
    protocol: endpoint.type === 'server' ? endpoint.protocol : (tool.record.protocols[0] ?? 'openai-chat'),
    model,
    server: endpoint.server,
    translated: route.type === 'gateway' && !resolved.server.protocols.includes(route.protocol),
    ...(delegator && { delegator }),
    ...(endpoint.type === 'server' && endpoint.key && { key: endpoint.key }),
    ...(contextWindow !== undefined && { contextWindow }),
    ...(prompt !== undefined && { prompt: [launchConfig?.promptPrefix, prompt, launchConfig?.promptSuffix].filter((part) => part !== undefined && part !== '').join('\n\n') }),
    flags: [...(launchConfig?.flags ?? []), ...(options.flags ?? [])],
    headless: options.headless === true,
    yolo: launchConfig?.yolo === true,
    ...(launchConfig?.permissionMode !== undefined && { permissionMode: launchConfig.permissionMode }),
    useWorktrees: launchConfig?.useWorktrees === true,
    trusted: facts.trusted !== false,
    sessionId: facts.sessionId,
    sessionDir: facts.sessionDir,
    stateDir: facts.stateDir ?? facts.sessionDir,
    cwd,
    platform: facts.platform,
    inherited: lookup,
    join: (...parts) => facts.join(...parts),
  };
}

/** `model_properties.context_window`: a person knows better than a probe. */
function declaredContext({ delegator }: ResolvedDelegator): number | undefined {
  const tokens = Number(delegator?.modelProperties['context_window']);
  return Number.isInteger(tokens) && tokens > 0 ? tokens : undefined;
}

/** argv that starts the tool, without its arguments. */
function startOf({ tool: { record, detection } }: ResolvedDelegator, { operatorCommand, platform }: LaunchFacts): { readonly argv: readonly string[]; readonly env: Readonly<Record<string, string>>; readonly refusals: readonly Refusal[] } {
  switch (detection.state) {
    case 'builtin':
      return { argv: operatorCommand.argv, env: operatorCommand.env, refusals: [] };
    case 'found': {
      const argv = detection.startWith ?? [detection.path];
      const isBatch = platform === 'win32' && /\.(?:cmd|bat)$/i.test(argv[0] ?? '');
      return { argv, env: {}, refusals: isBatch ? [batchFile(record, detection.path)] : [] };
    }
    case 'missing':
      return { argv: [], env: {}, refusals: [{ code: 'tool-missing', message: `${record.command} is not on the PATH`, hint: `Install it with: ${record.install.command}` }] };
    case 'unknown':
    case 'detecting':
      // Operator's own is always there, whether or not anybody has looked.
      if (record.name === 'chat') return { argv: operatorCommand.argv, env: operatorCommand.env, refusals: [] };
      return { argv: [], env: {}, refusals: [{ code: 'tool-missing', message: `Operator has not looked for ${record.command} yet`, hint: 'Refresh, and try again' }] };
  }
}

/** cmd.exe would run it, and no quoting keeps cmd.exe from reading a prompt as commands (CVE-2024-24576 and its kin). */
function batchFile(record: ToolRecord, path: string): Refusal {
  return { code: 'invalid', message: `${path} is a batch file, which cannot be given arguments safely`, hint: `Install ${record.displayName} with npm or its own installer, whose commands Operator can start` };
}

/** Measured: none of the agents takes one; two of them would silently talk HTTP to it. */
function socksRefusal(record: ToolRecord, server: ModelServer): Refusal {
  return { code: 'needs-gateway', message: `${server.name} is reached through a SOCKS proxy, which ${record.name} does not support`, hint: 'Use an http proxy for this server, or chat' };
}

function contradictions(record: ToolRecord, { delegator, tool }: ResolvedDelegator, options: LaunchOptions): readonly Refusal[] {
  const refusals: Refusal[] = [];
  const { permissionMode, yolo, useWorktrees } = delegator?.launchConfig ?? {};
  if (permissionMode !== undefined && !record.permissionModes.includes(permissionMode)) {
    const yoloNames = ['yolo', 'bypassPermissions'];
    const hint = yoloNames.includes(permissionMode) && record.yolo ? 'Set yolo = true instead' : record.permissionModes.length > 0 ? `Use ${listOf(record.permissionModes, 'or')}` : 'Leave permission_mode out, or pass what the tool understands with flags';
    refusals.push({ code: 'invalid', message: `${record.name} has no permission_mode "${permissionMode}"`, hint });
  } else if (permissionMode !== undefined && yolo === true) {
    refusals.push({ code: 'invalid', message: `yolo and permission_mode "${permissionMode}" contradict each other`, hint: 'Keep one of the two' });
  }
  if (yolo === true && !record.yolo) {
    const hint = tool.custom ? 'Put the tool\'s own flag into args or flags' : 'Leave yolo out';
    refusals.push({ code: 'invalid', message: `${record.name} cannot be told to ask for no permission`, hint });
  }
  if (useWorktrees === true && !record.worktrees) {
    refusals.push({ code: 'invalid', message: `${record.name} makes no worktrees of its own, and use_worktrees asks for one`, hint: 'Make one with `git worktree add` and name it in cwd, or leave use_worktrees out' });
  }
  if (options.headless === true && (options.prompt === undefined || options.prompt.trim() === '')) {
    refusals.push({ code: 'invalid', message: 'One answer on standard output needs a question', hint: 'Give a prompt' });
  }
  return refusals;
}

/** Recipe, proxies, the server's extra_env, the delegator's env: each beats the one before. */
function mergeVariables(recipe: Recipe, endpoint: Endpoint, { delegator, server }: ResolvedDelegator, facts: LaunchFacts, startEnv: Readonly<Record<string, string>>): { readonly env: Readonly<Record<string, EnvValue>>; readonly unset: readonly UnsetVariable[]; readonly mustNotInherit: readonly string[]; readonly notes: readonly PlanNote[] } {
  const { platform } = facts;
  const sameName = (a: string, b: string): boolean => a === b || (platform === 'win32' && a.toLowerCase() === b.toLowerCase());
  const lookup = inheritedLookup(facts);
  const proxies = endpoint.type === 'server' ? proxyVariables(endpoint.server, platform, lookup) : { env: {}, unset: [], notes: [] };
  const notes: PlanNote[] = [...proxies.notes, ...plainHttp(endpoint, server)];

  const env = new Map<string, EnvValue>();
  const put = (name: string, value: EnvValue): boolean => {
    const before = [...env.keys()].find((known) => sameName(known, name));
    if (before !== undefined) env.delete(before);
    env.set(name, value);
    return before !== undefined;
  };
  for (const [name, value] of Object.entries(startEnv)) put(name, { type: 'literal', value });
  for (const [name, value] of [...Object.entries(recipe.env), ...Object.entries(proxies.env)]) put(name, value);
  const own = [
    ['extra_env', endpoint.server.extraEnv],
    ['env', delegator?.launchConfig.env ?? {}],
  ] as const;
  for (const [key, variables] of own) {
    for (const [name, value] of Object.entries(variables)) {
      if (put(name, { type: 'literal', value })) notes.push({ severity: 'information', message: `${key} sets ${name} in place of what Operator would set` });
    }
  }
  const fighting = [...(recipe.unset ?? []), ...proxies.unset].filter(({ name }) => ![...env.keys()].some((known) => sameName(known, name)));
  const unset = fighting.filter(({ name }) => lookup(name) !== undefined);
  return { env: Object.fromEntries(env), unset, mustNotInherit: fighting.map(({ name }) => name), notes };
}

/** Reads an inherited variable as the platform does: Windows ignores case. */
function inheritedLookup({ platform, inheritedEnv }: LaunchFacts): (name: string) => string | undefined {
  if (platform !== 'win32') return (name) => inheritedEnv[name];
  const byName = new Map(Object.entries(inheritedEnv).map(([name, value]) => [name.toLowerCase(), value]));
  return (name) => byName.get(name.toLowerCase());
}

/** @param server the model server itself, which the gateway talks to as the tool would */
function plainHttp(endpoint: Endpoint, server: ModelServer): readonly PlanNote[] {
  if (endpoint.type === 'vendor' || !keyOf(server) || server.placement !== 'third-party' || !server.baseUrl.startsWith('http:')) return [];
  return [{ severity: 'warning', message: `The key goes unencrypted to ${server.baseUrl}; use https if the server has it` }];
}

function ignoredProperties(record: ToolRecord, { delegator }: ResolvedDelegator): readonly PlanNote[] {
  const ignored = Object.keys(delegator?.modelProperties ?? {}).filter((name) => !record.modelProperties.includes(name));
  if (ignored.length === 0) return [];
  const known = record.modelProperties.length > 0 ? `; it has ${listOf(record.modelProperties)}` : '';
  return [{ severity: 'warning', message: `${record.name} has no setting for ${listOf(ignored)} of model_properties${known}` }];
}

/** No operating system takes a NUL in an argument, and a path that is none ends in a riddle. */
function unspeakable(argv: readonly string[], cwd: string, { platform }: LaunchFacts): readonly Refusal[] {
  const refusals: Refusal[] = [];
  if ([...argv, cwd].some((text) => text.includes('\0'))) refusals.push({ code: 'invalid', message: 'An argument holds a NUL character', hint: 'Take it out of the prompt, the flags or the folder' });
  const length = argv.reduce((sum, arg) => sum + arg.length + 1, 0);
  // CreateProcess takes 32,767 characters in all; Linux takes 128 KiB per argument.
  const tooLong = platform === 'win32' ? length > 32_000 : argv.some((arg) => arg.length * 3 > 393_000 && new TextEncoder().encode(arg).length > 131_000);
  if (tooLong) refusals.push({ code: 'invalid', message: 'The prompt is too long for a command line', hint: 'Put it into a file and ask the agent to read that file' });
  return refusals;
}
