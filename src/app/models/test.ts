/** Testing models as a use case: finds out what a target means, gives the test a gateway session of its own, and keeps the report. */
import type { Disposable } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';
import { fail, ok, type Result } from '../../base/result.ts';
import { entityId, lookup, type ModelServer } from '../../core/config/model.ts';
import { findModel } from '../../core/delegators/models.ts';
import { describeError, OperatorError } from '../../core/errors.ts';
import { sessionSpec } from '../../core/gateway/session-spec.ts';
import type { Refusal } from '../../core/launch/model.ts';
import type { DelegatorStatus, LaunchTarget, ResolvedDelegator, ServerStatus, ToolStatus } from '../../core/operator.ts';
import type { Http, Ports } from '../../core/ports.ts';
import type { LevelId, ModelTests, TestOptions, TestPlan, TestReport, TestTarget } from '../../core/proving/model.ts';
import { planTest } from '../../core/proving/plan.ts';
import { findReport, reportKey } from '../../core/proving/report-key.ts';
import { createReportStore } from '../../core/proving/store.ts';
import type { Limits, Wire } from '../../core/proving/wire.ts';
import { adHocServer } from '../../core/servers/builtin.ts';
import type { Health, ModelInfo } from '../../core/servers/health.ts';
import { serverKind } from '../../core/servers/kinds.ts';
import type { Facts } from '../facts.ts';
import type { GatewayUse } from '../gateway/use.ts';
import { stateDirOf } from '../gateway/find.ts';

export interface TestUse {
  readonly facts: Facts;
  readonly ports: Ports;
  readonly gateway: Pick<GatewayUse, 'createOwnSession' | 'endOwnSession' | 'warningsOf'>;
  /** To the gateway on this machine. */
  readonly gatewayHttp: Http;
  /** Follow the file of kept reports, which other processes write too. */
  readonly watch: boolean;
  /** Masks keys in what is kept and shown. */
  readonly redact: (text: string) => string;
  /** Beats the levels' own limits, for tests. */
  readonly limits?: Partial<Readonly<Record<LevelId, Limits>>>;
  resolve(target: LaunchTarget): Result<ResolvedDelegator, readonly Refusal[]>;
  findServer(nameOrId: string): ServerStatus | undefined;
  findDelegator(nameOrId: string): DelegatorStatus | undefined;
  findTool(name: string): ToolStatus | undefined;
  probe(ids: readonly string[], signal?: AbortSignal): Promise<void>;
  /** One that is not declared. */
  probeServer(server: ModelServer, signal: AbortSignal): Promise<Health>;
}

/** A target that was understood. */
interface Meant {
  readonly server: ModelServer;
  readonly model: string;
  /** Declared, builtin or implied: there is a status of it. */
  readonly isKnown: boolean;
}

export function createModelTests(use: TestUse): ModelTests & Disposable {
  const { facts, ports } = use;
  const store = createReportStore(ports.files, ports.files.join(stateDirOf(ports), 'model-tests.json'));
  const changed = new Emitter<void>();
  const ended = new AbortController();
  let reports: readonly TestReport[] = [];
  let byKey: ReadonlyMap<string, TestReport> = new Map();

  function setReports(next: readonly TestReport[]): void {
    if (ended.signal.aborted || JSON.stringify(next) === JSON.stringify(reports)) return;
    reports = next;
    byKey = new Map(next.map((report) => [reportKey(report), report]));
    changed.fire();
  }

  async function load(): Promise<void> {
    setReports(await store.read());
  }

  function meant(target: TestTarget): Result<Meant, readonly Refusal[]> {
    if (target.type === 'address') return ok({ server: adHocServer(target.kind, target.baseUrl, target.credential), model: target.model, isKnown: false });
    const named = target.type === 'model' && target.modelServer !== undefined ? use.findServer(target.modelServer) : undefined;
    const login = named && vendorLogin(named.server, named.key);
    if (login) return fail([login]);
    const resolved = target.type === 'delegator' ? ofDelegator(target.delegator) : use.resolve({ type: 'ad-hoc', llmTool: 'chat', model: target.model, ...(target.modelServer !== undefined && { modelServer: target.modelServer }) });
    if (!resolved.ok) return resolved;
    const { server, model } = resolved.value;
    facts.nameServer(server.name);
    const status = statusOf(server);
    const ownLogin = vendorLogin(server, status?.key);
    if (ownLogin) return fail([ownLogin]);
    if (!status) return fail([{ code: 'unknown-server', message: `${server.name} is the LLM tool's own service, which only that tool can use` }]);
    return ok({ server: status.server, model, isKnown: true });
  }

  /** Its LLM tool need not be installed. */
  function ofDelegator(name: string): Result<{ readonly server: ModelServer; readonly model: string }, readonly Refusal[]> {
    const resolved = use.resolve({ type: 'delegator', delegator: name });
    const delegator = use.findDelegator(name)?.delegator;
    if (resolved.ok || !delegator) return resolved;
    const { modelServer, model, origin, llmTool } = delegator;
    const asChat = (server: string | undefined) => use.resolve({ type: 'ad-hoc', llmTool: 'chat', model, ...(server !== undefined && { modelServer: server }) });
    if (modelServer === undefined) {
      const byPrefix = asChat(undefined);
      return byPrefix.ok ? byPrefix : asChat(use.findTool(llmTool)?.record.builtinServer);
    }
    const server = lookup(facts.configuration.modelServers, modelServer, origin);
    return asChat(server ? entityId(server) : modelServer);
  }

  function statusOf(server: ModelServer): ServerStatus | undefined {
    return facts.snapshot.servers.find((status) => status.server === server) ?? facts.snapshot.servers.find(({ id }) => id === entityId(server));
  }

  function infoOf({ server, model, isKnown }: Meant): ModelInfo | undefined {
    const status = isKnown ? statusOf(server) : undefined;
    return status && findModel(status.health, model);
  }

  function serverIdOf({ server, isKnown }: Meant): string {
    return isKnown ? entityId(server) : server.baseUrl;
  }

  function plan(target: TestTarget, options: Pick<TestOptions, 'levels'> = {}): Result<TestPlan, readonly Refusal[]> {
    const found = meant(target);
    if (!found.ok) return found;
    const { server, model } = found.value;
    return ok(planTest({ server, serverId: serverIdOf(found.value), model, info: infoOf(found.value), levels: options.levels }));
  }

  async function run(target: TestTarget, options: TestOptions = {}): Promise<TestReport> {
    const found = meant(target);
    if (!found.ok) {
      const [first] = found.error;
      throw new OperatorError(first?.code === 'unknown-delegator' || first?.code === 'unknown-server' ? 'not-found' : 'refused', first?.message ?? 'This cannot be tested', { hint: first?.hint });
    }
    const { server, model, isKnown } = found.value;
    const planned = planTest({ server, serverId: serverIdOf(found.value), model, info: infoOf(found.value), levels: options.levels });
    if (planned.paid && options.allowPaid !== true) throw new OperatorError('refused', planned.words, { hint: 'Agree to it first' });

    const { runTest } = await import('../../core/proving/run.ts');
    const sessionId = ports.random.uuid();
    const signal = options.signal ? AbortSignal.any([options.signal, ended.signal]) : ended.signal;
    const said = new Set<string>();
    let health: Health | undefined;
    let hasSession = false;

    async function probe(): Promise<Health> {
      if (isKnown) await use.probe([entityId(server)], signal);
      health = isKnown ? statusOf(server)?.health : await use.probeServer(server, signal);
      if (!health || signal.aborted) throw new OperatorError('cancelled', 'Cancelled');
      return health;
    }

    async function open(): Promise<Wire> {
      const spec = sessionSpec({ sessionId, displayName: `Test of ${model}`, llmTool: 'test', model, server, health });
      const [own] = spec.targets;
      const { address, token } = await use.gateway.createOwnSession({ ...spec, ...(own && { targets: [own] }), strictNames: true });
      hasSession = true;
      return {
        http: use.gatewayHttp,
        clock: ports.clock,
        baseUrl: `${address}/v1`,
        token,
        model,
        serverName: server.name,
        maxTokensField: server.kind === 'openai-api' ? 'max_completion_tokens' : 'max_tokens',
      };
    }

    async function warnings(): Promise<readonly string[]> {
      const fresh = (await use.gateway.warningsOf(sessionId)).filter((warning) => !said.has(warning));
      for (const warning of fresh) said.add(warning);
      return fresh;
    }

    let report: TestReport;
    try {
      const { serverId, modelServer, placement, levels } = planned;
      report = await runTest(
        { tested: { serverId, modelServer, model, placement }, server, levels, named: new Set(options.levels), clock: ports.clock, probe, open, warnings, redact: use.redact, number: () => threeDigits(ports.random.uuid()), ...(use.limits && { limits: use.limits }) },
        { signal, ...(options.onLevel && { onLevel: options.onLevel }) },
      );
    } finally {
      if (hasSession) await use.gateway.endOwnSession(sessionId);
    }
    // Half a test says less than the whole one before it.
    if (isKnown && report.outcome !== 'cancelled' && options.levels === undefined) await keep(report);
    return report;
  }

  /** A report that cannot be kept is told all the same. */
  async function keep(report: TestReport): Promise<void> {
    try {
      setReports(await store.keep(report));
    } catch (error) {
      ports.log.warn(`the report of a model test could not be kept: ${describeError(error)}`);
    }
  }

  const watcher = use.watch ? ports.files.watch(store.file, () => void load()) : undefined;

  return {
    plan,
    run,
    last(server, model) {
      const serverId = use.findServer(server)?.id ?? server;
      return findReport(byKey, serverId, model);
    },
    all: () => reports,
    load,
    onDidChange: changed.event,
    dispose() {
      watcher?.dispose();
      ended.abort();
      changed.dispose();
    },
  };
}

/** A vendor's own login is the LLM tool's, and nobody else may use it. */
function vendorLogin({ name, origin, kind }: ModelServer, key: ServerStatus['key'] | undefined): Refusal | undefined {
  const { keyRequired, defaultApiKeyEnv } = serverKind(kind);
  if (origin.layer !== 'builtin' || !keyRequired || key === 'set') return undefined;
  return { code: 'credential', message: `${name} is used with the LLM tool's own login here, and Operator has no key of it to test with`, ...(defaultApiKeyEnv !== undefined && { hint: `Set the environment variable ${defaultApiKeyEnv} to test its models` }) };
}

/** 100 to 999, from the random digits of an id. */
function threeDigits(uuid: string): string {
  return String(100 + (Number.parseInt(uuid.replaceAll('-', '').slice(0, 8), 16) % 900));
}
