/** The composition root: puts core and ports together behind the `Operator` interface. */
import { DisposableStore } from '../base/disposable.ts';
import type { Event } from '../base/event.ts';
import type { Result } from '../base/result.ts';
import type { EditChange } from '../core/config/edit.ts';
import { findConfigFiles } from '../core/config/find.ts';
import { loadConfiguration } from '../core/config/load.ts';
import { entityId, lookup, type Origin } from '../core/config/model.ts';
import { resolveDelegator } from '../core/delegators/resolve.ts';
import { describeError, OperatorError } from '../core/errors.ts';
import { gatewayPlaceholder, type GatewayState, type GatewayStatus } from '../core/gateway/model.ts';
import type { LaunchFacts, LaunchPlan, Refusal, SpawnRequest } from '../core/launch/model.ts';
import { planLaunch } from '../core/launch/plan.ts';
import { prepareSpawn } from '../core/launch/spawn.ts';
import type { ChangedPart, DelegatorStatus, EditOutcome, EditPlan, LaunchOptions, LaunchTarget, Operator, Polling, ResolvedDelegator, ServerStatus, Snapshot, ToolStatus } from '../core/operator.ts';
import type { Ports } from '../core/ports.ts';
import type { CredentialRef } from '../core/servers/auth.ts';
import { adHocServer } from '../core/servers/builtin.ts';
import { resolveCredential } from '../core/servers/credentials.ts';
import type { Health } from '../core/servers/health.ts';
import type { ModelLifecycle } from '../core/servers/lifecycle/model.ts';
import { serverKind, type ServerKindId } from '../core/servers/kinds.ts';
import { prefixNamed, serverOfPrefix } from '../core/servers/local-prefix.ts';
import type { ModelCatalogues } from '../core/servers/models/model.ts';
import type { ModelTests } from '../core/proving/model.ts';
import type { ProbeRequest } from '../core/servers/probe.ts';
import { resolveServerKey } from '../core/servers/server-key.ts';
import { catalogueTools } from '../core/tools/catalogue/index.ts';
import { detectTool, locateTool } from '../core/tools/detect.ts';
import type { Detection } from '../core/tools/model.ts';
import { createEditor, type Editor } from './edits.ts';
import { Facts } from './facts.ts';
import { createGatewayUse, type GatewayUse } from './gateway/use.ts';
import { createModelDiscovery } from './models/discovery.ts';
import { createFollower, type Follower } from './models/follow.ts';
import { createModelLifecycle } from './models/lifecycle.ts';
import { createModelTests } from './models/test.ts';
import type { OperatorOptions } from './options.ts';
import { createProber, type Prober } from './prober.ts';

/** Private folders of sessions that ended without us. */
const forgottenAfterMs = 30 * 24 * 60 * 60 * 1000;

export function createOperator(options: OperatorOptions): Operator {
  return new OperatorService(options);
}

class OperatorService implements Operator {
  readonly lifecycle: ModelLifecycle;
  #options: OperatorOptions;
  #ports: Ports;
  #disposables = new DisposableStore();
  #facts: Facts;
  #prober: Prober;
  #watchers: DisposableStore | undefined;
  #roots: readonly string[];
  #editor: Editor;
  #reloading: Promise<void> | undefined;
  #reloadAgain = false;
  #gateway: GatewayUse;
  readonly models: ModelCatalogues;
  #follower: Follower;
  readonly tests: ModelTests;
  #sessionDirs = new Map<string, string>();

  constructor(options: OperatorOptions) {
    this.#options = options;
    this.#ports = options.ports;
    this.#roots = options.roots;
    this.#facts = this.#disposables.add(new Facts(options.ports.clock, { trusted: options.trusted, hasGateway: options.gatewayCommand !== undefined }));
    this.#editor = createEditor(options.ports, options.writer, () => this.#facts.configuration);
    // Operator's own tool is there without being looked for, in untrusted windows too.
    this.#facts.setDetection('chat', { state: 'builtin', version: options.version });
    this.#prober = this.#disposables.add(createProber(this.#facts, options.ports));
    this.#gateway = this.#disposables.add(createGatewayUse(options, this.#facts));
    this.lifecycle = this.#disposables.add(createModelLifecycle({ facts: this.#facts, ports: this.#ports, findServer: (name) => this.findServer(name), probe: (ids, signal) => this.#prober.probe(ids, signal) }));
    const discovery = this.#disposables.add(createModelDiscovery(this.#facts, options.ports, (nameOrId) => this.findServer(nameOrId)));
    this.models = discovery;
    this.#follower = this.#disposables.add(createFollower(this.#facts, discovery, options.ports.log));
    this.tests = this.#disposables.add(
      createModelTests({
        facts: this.#facts,
        ports: this.#ports,
        gateway: this.#gateway,
        gatewayHttp: options.gatewayHttp ?? options.ports.http,
        watch: options.watch,
        redact: options.redact ?? ((text) => text),
        resolve: (target) => this.resolve(target),
        findServer: (name) => this.findServer(name),
        findDelegator: (name) => this.findDelegator(name),
        findTool: (name) => this.findTool(name),
        probe: (ids, signal) => this.#prober.probe(ids, signal),
        probeServer: async (server, signal) => this.#probe({ server, key: await resolveServerKey(server, this.#ports), http: this.#ports.http, clock: this.#ports.clock, signal }),
      }),
    );
    this.#disposables.add(this.tests.onDidChange(() => this.#facts.setTests(this.tests.all())));
  }

  get snapshot(): Snapshot {
    return this.#facts.snapshot;
  }

  get onDidChange(): Event<ReadonlySet<ChangedPart>> {
    return this.#facts.onDidChange;
  }

  /** One at a time; a call during a reload is answered by one more reload after it, so that nothing is missed. */
  async reload(): Promise<void> {
    if (this.#reloading) {
      this.#reloadAgain = true;
      return this.#reloading;
    }
    this.#reloading = (async () => {
      do {
        this.#reloadAgain = false;
        await this.#load();
      } while (this.#reloadAgain && !this.#disposables.disposed);
    })().finally(() => {
      this.#reloading = undefined;
    });
    return this.#reloading;
  }

  async #load(): Promise<void> {
    const { files, env } = this.#ports;
    const layers = findConfigFiles({ roots: this.#roots, explicitFile: this.#options.explicitFile, env, files });
    this.#watch(layers.map(({ file }) => file));
    const previous = this.#facts.snapshot.loaded ? this.#facts.configuration : undefined;
    const configuration = await loadConfiguration({ layers, files, env, toolNames: catalogueTools().map(({ record }) => record.name), previous });
    if (this.#disposables.disposed) return;
    this.#facts.setConfiguration(configuration);
    await this.#prober.checkKeys();
  }

  #watch(paths: readonly string[]): void {
    if (!this.#options.watch || this.#watchers) return;
    this.#watchers = this.#disposables.add(new DisposableStore());
    for (const path of new Set(paths)) {
      this.#watchers.add(this.#ports.files.watch(path, () => void this.reload()));
    }
  }

  setTrusted(trusted: boolean): void {
    this.#facts.setTrusted(trusted);
  }

  async setRoots(roots: readonly string[]): Promise<void> {
    this.#roots = roots;
    if (this.#watchers) {
      this.#disposables.remove(this.#watchers);
      this.#watchers.dispose();
      this.#watchers = undefined;
    }
    await this.reload();
  }

  async locate(name: string): Promise<void> {
    const tool = this.findTool(name);
    if (tool && this.#mayRun(tool) && tool.detection.state === 'unknown') await this.#detectOne(tool, () => locateTool(tool, { processes: this.#ports.processes }));
  }

  async detect(signal?: AbortSignal): Promise<void> {
    await Promise.all(
      this.#facts.snapshot.tools.map(async (tool) => {
        if (!this.#mayRun(tool)) return;
        if (tool.detection.state === 'unknown') this.#facts.setDetection(tool.record.name, { state: 'detecting' });
        const options = { processes: this.#ports.processes, signal };
        // Looking at a cloned folder must run nothing that it names, not even for a version, and the command line knows no trust.
        const look = tool.custom?.origin.layer === 'workspace' ? locateTool : detectTool;
        await this.#detectOne(tool, () => look(tool, options), signal);
      }),
    );
  }

  /** A custom tool's command is named by the file: nothing of it is run or looked for until the workspace is trusted. */
  #mayRun(tool: ToolStatus): boolean {
    return tool.detection.state !== 'builtin' && (this.#facts.trusted || tool.custom?.origin.layer !== 'workspace');
  }

  async #detectOne({ record }: ToolStatus, look: () => Promise<Detection>, signal?: AbortSignal): Promise<void> {
    try {
      this.#facts.setDetection(record.name, await look());
    } catch (error) {
      this.#facts.setDetection(record.name, { state: 'unknown' });
      if (!signal?.aborted) this.#ports.log.error(`looking for ${record.name} failed`, error);
    }
  }

  probe(ids?: readonly string[], signal?: AbortSignal): Promise<void> {
    return this.#prober.probe(ids, signal);
  }

  setPolling(polling: Polling | undefined): void {
    this.#prober.setPolling(polling);
    this.#follower.setFollowing(polling !== undefined);
  }

  discover(signal?: AbortSignal): Promise<void> {
    return this.#prober.discover(signal);
  }

  async probeAddress(kind: ServerKindId, baseUrl: string, credential?: CredentialRef, signal?: AbortSignal): Promise<Health> {
    const server = adHocServer(kind, baseUrl, credential);
    const resolved = credential ? await resolveCredential(credential, this.#ports) : undefined;
    const key = resolved === undefined ? ({ state: 'none' } as const) : resolved.ok ? ({ state: 'set', value: resolved.value } as const) : ({ state: 'unset', message: resolved.error.message } as const);
    return this.#probe({ server, key, http: this.#ports.http, clock: this.#ports.clock, signal: signal ?? new AbortController().signal });
  }

  async #probe(request: ProbeRequest): Promise<Health> {
    const { probeServer } = await import('../core/servers/probe.ts');
    return probeServer(request);
  }

  findServer(nameOrId: string, origin?: Origin): ServerStatus | undefined {
    const { servers } = this.#facts.snapshot;
    const byId = servers.find(({ id }) => id === nameOrId);
    if (byId) return byId;
    const server = lookup(this.#facts.configuration.modelServers, nameOrId, origin);
    return server && servers.find((status) => status.server === server);
  }

  resolveServer(nameOrId: string): ServerStatus | undefined {
    const found = this.findServer(nameOrId);
    const prefix = found ? undefined : prefixNamed(nameOrId);
    const server = prefix && serverOfPrefix(prefix, this.#facts.configuration);
    if (!server) return found;
    this.#facts.nameServer(server.name);
    return this.findServer(entityId(server));
  }

  findDelegator(nameOrId: string): DelegatorStatus | undefined {
    const { delegators } = this.#facts.snapshot;
    const byId = delegators.find(({ id }) => id === nameOrId);
    if (byId) return byId;
    const delegator = lookup(this.#facts.configuration.delegators, nameOrId);
    return delegator && delegators.find((status) => status.delegator === delegator);
  }

  findTool(name: string): ToolStatus | undefined {
    return this.#facts.snapshot.tools.find(({ record }) => record.name === name);
  }

  async learn(target: LaunchTarget, signal?: AbortSignal): Promise<void> {
    const named = this.#serverOf(target);
    if (named) this.#facts.nameServer(named.name);
    const server = this.#serverOf(target);
    const status = server && this.#facts.snapshot.servers.find((candidate) => candidate.server === server);
    if (!status || status.health.speaks || status.server.placement === 'third-party') return;
    const { versionDependent } = serverKind(status.server.kind);
    const resolved = this.resolve(target);
    const route = resolved.ok ? resolved.value.route : undefined;
    // What every version speaks needs no question; through the gateway, or with a reason against the launch, the answer decides.
    const isCertain = route?.type === 'direct' && (route.vendor || !versionDependent.includes(route.protocol));
    if (versionDependent.length > 0 && !isCertain) await this.#prober.probe([status.id], signal);
  }

  #serverOf(target: LaunchTarget): ServerStatus['server'] | undefined {
    const resolved = this.resolve(target);
    if (resolved.ok) return resolved.value.server;
    const delegator = target.type === 'delegator' ? this.findDelegator(target.delegator)?.delegator : undefined;
    const name = target.type === 'delegator' ? delegator?.modelServer : target.modelServer;
    return name === undefined ? undefined : this.findServer(name, delegator?.origin)?.server;
  }

  resolve(target: LaunchTarget): Result<ResolvedDelegator, readonly Refusal[]> {
    return resolveDelegator(target, this.#facts.snapshot);
  }

  plan(target: LaunchTarget, options: LaunchOptions = {}): Result<LaunchPlan, readonly Refusal[]> {
    const resolved = this.resolve(target);
    return resolved.ok ? planLaunch(resolved.value, options, this.#launchFacts(resolved.value)) : resolved;
  }

  #launchFacts({ delegator }: ResolvedDelegator): LaunchFacts {
    const { files, env, random } = this.#ports;
    const sessionId = random.uuid();
    return {
      platform: env.platform,
      inheritedEnv: env.all(),
      operatorCommand: this.#options.operatorCommand,
      baseDir: this.#baseDir(delegator),
      sessionId,
      sessionDir: files.join(env.operatorHome, 'state', 'sessions', sessionId),
      stateDir: files.join(env.operatorHome, 'state'),
      trusted: this.#facts.trusted,
      ...(this.#options.gatewayCommand && { gateway: { baseUrl: gatewayPlaceholder, token: { type: 'session-token' } } }),
      join: files.join,
      resolvePath: files.resolve,
    };
  }

  /** A relative `cwd` counts from the file that says it; everything else starts in the workspace. */
  #baseDir(delegator: ResolvedDelegator['delegator']): string {
    if (delegator?.origin.layer === 'workspace') return delegator.origin.root;
    if (delegator?.origin.layer === 'user' && delegator.launchConfig.cwd !== undefined) return this.#ports.files.dirname(delegator.origin.file);
    return this.#roots[0] ?? this.#options.cwd;
  }

  async prepare(plan: LaunchPlan): Promise<SpawnRequest> {
    if (!this.#facts.trusted) throw new OperatorError('refused', 'Nothing is launched in an untrusted workspace', { hint: 'Trust the workspace first' });
    const { env, files } = this.#ports;
    this.#facts.nameServer(plan.modelServer);
    this.#sessionDirs.set(plan.sessionId, plan.sessionDir);
    // What was killed could not clean up after itself. No agent reads its start files again after a month.
    files.removeOlder(files.dirname(plan.sessionDir), this.#ports.clock.now() - forgottenAfterMs).catch((error: unknown) => this.#ports.log.warn(`old session folders could not be removed: ${describeError(error)}`));
    const gateway = plan.route.type === 'gateway' ? await this.#gateway.createSession(plan) : undefined;
    try {
      return await prepareSpawn(plan, { env, files, resolveCredential: (ref) => this.#requireCredential(ref), ...(gateway && { gateway }) });
    } catch (error) {
      if (gateway) await this.#gateway.endSession(plan.sessionId);
      throw error;
    }
  }

  /** @throws OperatorError 'credential' that says exactly what is wrong with the reference */
  async #requireCredential(ref: CredentialRef): Promise<string> {
    const resolved = await resolveCredential(ref, this.#ports);
    if (!resolved.ok) throw new OperatorError('credential', resolved.error.message, { hint: resolved.error.hint });
    return resolved.value;
  }

  sessionStarted(plan: LaunchPlan, delegatorId?: string, since = this.#ports.clock.now()): void {
    const { sessionId: id, displayName, llmTool, model, modelServer } = plan;
    this.#sessionDirs.set(id, plan.sessionDir);
    if (plan.route.type === 'gateway') this.#gateway.adopt(plan);
    this.#facts.updateSessions((sessions) => [
      // An ended session of the same delegator has told its story once the next one runs.
      ...sessions.filter((session) => session.state.type === 'running' || session.delegatorId !== delegatorId),
      { id, delegatorId, displayName, llmTool, model, modelServer, since, state: { type: 'running' } },
    ]);
  }

  sessionProcess(sessionId: string, pid: number): void {
    this.#gateway.sessionProcess(sessionId, pid);
  }

  async sessionEnded(sessionId: string, code: number | undefined): Promise<void> {
    const at = this.#ports.clock.now();
    this.#facts.updateSessions((sessions) => sessions.map((session) => (session.id === sessionId ? { ...session, state: { type: 'exited', code, at } } : session)));
    const dir = this.#sessionDirs.get(sessionId);
    this.#sessionDirs.delete(sessionId);
    await Promise.all([dir === undefined ? undefined : this.#ports.files.remove(dir), this.#gateway.endSession(sessionId)]);
  }

  forgetSession(sessionId: string): void {
    this.#facts.updateSessions((sessions) => sessions.filter(({ id }) => id !== sessionId));
  }

  findGateway(): Promise<GatewayState> {
    return this.#gateway.find();
  }

  startGateway(): Promise<GatewayStatus> {
    return this.#gateway.start();
  }

  stopGateway(): Promise<void> {
    return this.#gateway.stop();
  }

  restartGateway(): Promise<GatewayStatus> {
    return this.#gateway.restart();
  }

  get gatewayLog(): string {
    return this.#gateway.logFile;
  }

  async readCredential(ref: CredentialRef): Promise<string | undefined> {
    const resolved = await resolveCredential(ref, this.#ports);
    return resolved.ok ? resolved.value : undefined;
  }

  async setSecret(name: string, value: string): Promise<void> {
    await this.#ports.secrets.set(name, value);
    await this.#prober.checkKeys();
  }

  async deleteSecret(name: string): Promise<void> {
    await this.#ports.secrets.delete(name);
    await this.#prober.checkKeys();
  }

  planEdit(change: EditChange, file?: string): Promise<EditPlan> {
    return this.#editor.plan(change, file);
  }

  async edit(change: EditChange, file?: string, check?: (text: string) => void): Promise<EditOutcome> {
    try {
      return await this.#editor.apply(change, file, check);
    } finally {
      // Also where it failed: what was written in one file was taken back when another one refused.
      await this.reload();
    }
  }

  dispose(): void {
    this.#disposables.dispose();
  }
}

