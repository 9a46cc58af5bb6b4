/**
 * Everything an Operator knows, mutable inside, handed out as immutable snapshots. Changes are announced together
 * shortly after they happen, so that a hundred finished probes make a handful of redraws.
 */
import { type Disposable, DisposableStore } from '../base/disposable.ts';
import { Emitter, type Event } from '../base/event.ts';
import { type Configuration, entityId, findById, type ModelServer, needsTrust } from '../core/config/model.ts';
import { resolveDelegator } from '../core/delegators/resolve.ts';
import type { GatewayState } from '../core/gateway/model.ts';
import type { ChangedPart, DelegatorStatus, ServerStatus, SessionStatus, Snapshot, ToolStatus } from '../core/operator.ts';
import type { Clock } from '../core/ports.ts';
import type { TestReport } from '../core/proving/model.ts';
import { reportKey } from '../core/proving/report-key.ts';
import type { FoundServer } from '../core/servers/discovery.ts';
import { type Health, unknownHealth } from '../core/servers/health.ts';
import { localPrefixes, serverOfPrefix } from '../core/servers/local-prefix.ts';
import type { ModelCatalogue } from '../core/servers/models/model.ts';
import type { RunningPull } from '../core/servers/lifecycle/model.ts';
import { catalogueTools, customTool } from '../core/tools/catalogue/index.ts';
import type { Detection } from '../core/tools/model.ts';

/** How long changes are gathered before they are announced. */
const announceAfterMs = 25;

export const emptyConfiguration: Configuration = { layers: [], modelServers: [], delegators: [], customTools: [], problems: [] };

export class Facts implements Disposable {
  #clock: Clock;
  #disposables = new DisposableStore();
  #changed = this.#disposables.add(new Emitter<ReadonlySet<ChangedPart>>());
  #pending = new Set<ChangedPart>();
  #timer: Disposable | undefined;
  #snapshot: Snapshot | undefined;
  #tools: readonly ToolStatus[] | undefined;
  #servers: readonly ServerStatus[] | undefined;
  #delegators: readonly DelegatorStatus[] | undefined;

  #loaded = false;
  /** When the configuration was read: since then what is not probed is unknown. */
  #knownSince: number;
  #trusted: boolean;
  /** As the files have it. */
  #read = emptyConfiguration;
  /** Implied servers that were named besides the files. */
  #named = new Set<string>();
  /** With what was named besides the files. */
  #configuration = emptyConfiguration;
  #detections = new Map<string, Detection>();
  #health = new Map<string, { readonly signature: string; readonly health: Health }>();
  #catalogues = new Map<string, { readonly signature: string; readonly catalogue: ModelCatalogue }>();
  #probing = new Set<string>();
  /** By server, then by model. */
  #pulls = new Map<string, Map<string, RunningPull>>();
  #keys = new Map<string, ServerStatus['key']>();
  #found: readonly FoundServer[] = [];
  #sessions: readonly SessionStatus[] = [];
  #gateway: Snapshot['gateway'];
  #tests: Snapshot['tests'];

  constructor(clock: Clock, options: { readonly trusted: boolean; readonly hasGateway: boolean }) {
    const { trusted, hasGateway } = options;
    this.#clock = clock;
    this.#gateway = { available: hasGateway, state: { type: 'stopped' } };
    this.#trusted = trusted;
    this.#knownSince = clock.now();
  }

  get onDidChange(): Event<ReadonlySet<ChangedPart>> {
    return this.#changed.event;
  }

  get snapshot(): Snapshot {
    return (this.#snapshot ??= this.#build());
  }

  get configuration(): Configuration {
    return this.#configuration;
  }

  get trusted(): boolean {
    return this.#trusted;
  }

  setConfiguration(read: Configuration): void {
    this.#read = read;
    const configuration = withNamed(read, this.#named);
    this.#configuration = configuration;
    this.#loaded = true;
    this.#knownSince = this.#clock.now();
    const known = new Map(configuration.modelServers.map((server) => [entityId(server), signatureOf(server)]));
    for (const [id, { signature }] of this.#health) if (known.get(id) !== signature) this.#health.delete(id);
    for (const [id, { signature }] of this.#catalogues) if (known.get(id) !== signature) this.#catalogues.delete(id);
    for (const id of this.#keys.keys()) if (!known.has(id)) this.#keys.delete(id);
    this.#tools = this.#servers = undefined;
    this.#change('configuration');
  }

  /** Somebody names a server that a prefix implies, and no file does: from now on it is one like the others. */
  nameServer(name: string): void {
    const isKnown = this.#configuration.modelServers.some((server) => server.name === name);
    if (isKnown || !this.#read.implied?.some((server) => server.name === name)) return;
    this.#named.add(name);
    this.setConfiguration(this.#read);
  }

  setTrusted(trusted: boolean): boolean {
    if (this.#trusted === trusted) return false;
    this.#trusted = trusted;
    this.#servers = undefined;
    this.#change('trust');
    return true;
  }

  setDetection(name: string, detection: Detection): void {
    this.#detections.set(name, detection);
    this.#tools = undefined;
    this.#change('tools');
  }

  health(id: string): Health | undefined {
    return this.#health.get(id)?.health;
  }

  /** Drops a result that arrived after its server was changed or removed. */
  setHealth(server: ModelServer, health: Health): void {
    const id = entityId(server);
    const signature = signatureOf(server);
    const current = findById(this.#configuration.modelServers, id);
    if (!current || signatureOf(current) !== signature) return;
    this.#health.set(id, { signature, health });
    this.#servers = undefined;
    this.#change('servers');
  }

  /** Drops one of a server that was changed or removed. */
  setCatalogue(server: ModelServer, catalogue: ModelCatalogue | undefined): void {
    const id = entityId(server);
    if (catalogue) this.#catalogues.set(id, { signature: signatureOf(server), catalogue });
    else if (!this.#catalogues.delete(id)) return;
    this.#servers = undefined;
    this.#change('servers');
  }

  setProbing(id: string, probing: boolean): void {
    if (this.#probing.has(id) === probing) return;
    if (probing) this.#probing.add(id);
    else this.#probing.delete(id);
    this.#servers = undefined;
    this.#change('servers');
  }

  /** False: that model is being pulled there already. */
  startPull(id: string, model: string): boolean {
    if (this.#pulls.get(id)?.has(model)) return false;
    this.setPull(id, { model, progress: { status: 'starting', doneBytes: 0, totalBytes: 0 } });
    return true;
  }

  setPull(id: string, pull: RunningPull): void {
    const pulls = this.#pulls.get(id) ?? new Map<string, RunningPull>();
    this.#pulls.set(id, pulls.set(pull.model, pull));
    this.#servers = undefined;
    this.#change('servers');
  }

  endPull(id: string, model: string): void {
    const pulls = this.#pulls.get(id);
    pulls?.delete(model);
    if (pulls?.size === 0) this.#pulls.delete(id);
    this.#servers = undefined;
    this.#change('servers');
  }

  setKey(id: string, key: ServerStatus['key']): void {
    if (this.#keys.get(id) === key) return;
    this.#keys.set(id, key);
    this.#servers = undefined;
    this.#change('servers');
  }

  setFound(found: readonly FoundServer[]): void {
    if (JSON.stringify(found) === JSON.stringify(this.#found)) return;
    this.#found = found;
    this.#change('found');
  }

  updateSessions(update: (sessions: readonly SessionStatus[]) => readonly SessionStatus[]): void {
    this.#sessions = update(this.#sessions);
    this.#change('sessions');
  }

  setGateway(state: GatewayState): void {
    this.#gateway = { ...this.#gateway, state };
    this.#change('gateway');
  }

  setTests(reports: readonly TestReport[]): void {
    this.#tests = new Map(reports.map((report) => [reportKey(report), report]));
    this.#change('tests');
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#disposables.dispose();
  }

  #change(part: ChangedPart): void {
    if (this.#disposables.disposed) return;
    this.#snapshot = undefined;
    if (part !== 'sessions' && part !== 'found' && part !== 'gateway' && part !== 'tests') this.#delegators = undefined;
    this.#pending.add(part);
    this.#timer ??= this.#clock.after(announceAfterMs, () => {
      this.#timer = undefined;
      const parts = this.#pending;
      this.#pending = new Set();
      this.#changed.fire(parts);
    });
  }

  #build(): Snapshot {
    const tools = (this.#tools ??= this.#buildTools());
    const servers = (this.#servers ??= this.#configuration.modelServers.map((server) => this.#buildServer(server)));
    const facts = { configuration: this.#configuration, tools, servers, trusted: this.#trusted, gateway: this.#gateway };
    const delegators = (this.#delegators ??= this.#configuration.delegators.map((delegator) => {
      const id = entityId(delegator);
      return { id, delegator, resolution: resolveDelegator({ type: 'delegator', delegator: id }, facts) };
    }));
    return { loaded: this.#loaded, trusted: this.#trusted, configuration: this.#configuration, tools, servers, delegators, found: this.#found, sessions: this.#sessions, gateway: this.#gateway, ...(this.#tests && { tests: this.#tests }) };
  }

  #buildTools(): readonly ToolStatus[] {
    const catalogue = catalogueTools();
    const known = new Set(catalogue.map(({ record }) => record.name));
    const custom = this.#configuration.customTools.filter(({ name }) => !known.has(name)).map(customTool);
    return [...catalogue, ...custom].map((tool) => ({ ...tool, detection: this.#detections.get(tool.record.name) ?? { state: 'unknown' } }));
  }

  #buildServer(server: ModelServer): ServerStatus {
    const id = entityId(server);
    const health = this.#blocked(server) ?? this.health(id) ?? unknownHealth(this.#knownSince);
    const pulls = this.#pulls.get(id);
    const catalogue = this.#catalogues.get(id)?.catalogue;
    return { id, server, health, probing: this.#probing.has(id), key: this.#keys.get(id) ?? 'unknown', ...(catalogue && { catalogue }), ...(pulls && { pulls: [...pulls.values()] }) };
  }

  /** Broken entries and those of an untrusted workspace are never contacted, so their state is known without a probe. */
  #blocked(server: ModelServer): Health | undefined {
    if (server.unusable) return { ...unknownHealth(this.#knownSince), state: 'misconfigured', cause: 'bad-configuration', message: server.unusable.message, hint: server.unusable.hint };
    if (this.#trusted || !needsTrust(server)) return undefined;
    return { ...unknownHealth(this.#knownSince), cause: 'not-trusted', message: 'Not contacted: this workspace is not trusted', hint: 'Trust the workspace to probe it' };
  }
}

function withNamed(configuration: Configuration, names: ReadonlySet<string>): Configuration {
  // Meanwhile an entry may be what the prefix means.
  const isMeant = (server: ModelServer): boolean => localPrefixes().some((prefix) => prefix.names[0] === server.name && serverOfPrefix(prefix, configuration) === server);
  const more = configuration.implied?.filter((server) => names.has(server.name) && !configuration.modelServers.includes(server) && isMeant(server)) ?? [];
  return more.length === 0 ? configuration : { ...configuration, modelServers: [...configuration.modelServers, ...more] };
}

/** What a probe's result depends on; when it changes, the result is void. */
function signatureOf(server: ModelServer): string {
  const { kind, baseUrl, openaiPath, protocols, auth, credential, headers, proxy, models } = server;
  return JSON.stringify([kind, baseUrl, openaiPath, protocols, auth, credential, headers, proxy, models]);
}
