/**
 * The snapshot as JSON, with the names of operator.toml: what `operator status --json` prints and REST will answer.
 * Times are ISO 8601, lines and columns one-based; nothing in it is secret.
 */
import { type ConfigProblem, type Entity, originName } from '../config/model.ts';
import type { GatewaySession, GatewayState } from '../gateway/model.ts';
import type { Health, ModelInfo } from '../servers/health.ts';
import { formatLocation } from '../source.ts';
import type { DelegatorStatus, ServerStatus, Snapshot, ToolStatus } from '../operator.ts';

export interface LlmToolReport {
  readonly name: string;
  readonly display_name: string;
  readonly detected: boolean;
  readonly version: string | null;
  readonly path: string | null;
  readonly outdated: boolean;
  readonly problem: string | null;
  readonly protocols: readonly string[];
  readonly builtin_server: string | null;
  readonly custom: boolean;
  readonly default: boolean;
  readonly install: { readonly command: string; readonly url: string } | null;
  readonly notice: string | null;
}

export interface ModelReport {
  readonly name: string;
  readonly display_name: string | null;
  readonly type: string;
  readonly size_bytes: number | null;
  readonly parameters: string | null;
  readonly quantization: string | null;
  readonly context_window: number | null;
  readonly loaded: boolean | null;
  readonly loaded_context: number | null;
  readonly capabilities: readonly string[];
}

export interface HealthReport {
  readonly state: string;
  readonly cause: string;
  readonly message: string;
  readonly hint: string | null;
  readonly since: string;
  readonly checked_at: string | null;
  readonly next_probe_at: string | null;
  readonly latency_ms: number | null;
  readonly http_status: number | null;
  readonly version: string | null;
  readonly warnings: readonly string[];
}

export interface ModelServerReport {
  readonly name: string;
  readonly display_name: string;
  readonly kind: string;
  readonly base_url: string;
  readonly placement: string;
  readonly protocols: readonly string[];
  readonly origin: string;
  readonly location: string | null;
  readonly key: string;
  readonly health: HealthReport;
  readonly models: readonly ModelReport[];
}

export interface DelegatorReport {
  readonly name: string;
  readonly display_name: string;
  readonly llm_tool: string;
  readonly model: string;
  readonly model_server: string | null;
  readonly ready: boolean;
  readonly route: 'direct' | 'gateway' | null;
  readonly protocol: string | null;
  readonly reasons: readonly { readonly code: string; readonly message: string; readonly hint: string | null }[];
  readonly origin: string;
  readonly location: string | null;
}

export interface ProblemReport {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  readonly hint: string | null;
  readonly file: string;
  readonly line: number | null;
  readonly column: number | null;
}

export interface GatewaySessionReport {
  readonly id: string;
  readonly delegator: string | null;
  readonly display_name: string;
  readonly llm_tool: string;
  readonly model: string;
  readonly model_server: string;
  readonly since: string;
  /** It lacks its keys since the gateway was restarted. */
  readonly waiting: boolean;
  readonly requests: number;
  readonly failures: number;
  /** null: no model server has reported any. */
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
  readonly last_request_at: string | null;
  readonly last_error: { readonly message: string; readonly at: string } | null;
  /** What was left out or approximated so far. */
  readonly warnings: readonly string[];
}

export interface GatewayReport {
  /** Whether launches from here may go through it. */
  readonly available: boolean;
  readonly state: GatewayState['type'];
  readonly address: string | null;
  readonly version: string | null;
  readonly pid: number | null;
  readonly since: string | null;
  /** Why it does not run although it should. */
  readonly message: string | null;
  readonly hint: string | null;
  readonly sessions: readonly GatewaySessionReport[];
}

export interface StatusReport {
  readonly llm_tools: readonly LlmToolReport[];
  readonly model_servers: readonly ModelServerReport[];
  readonly delegators: readonly DelegatorReport[];
  readonly gateway: GatewayReport;
  readonly problems: readonly ProblemReport[];
}

export function buildReport(snapshot: Snapshot): StatusReport {
  return {
    llm_tools: snapshot.tools.map((tool) => reportTool(tool, snapshot.configuration.defaultTool)),
    model_servers: snapshot.servers.map(reportServer),
    delegators: snapshot.delegators.map(reportDelegator),
    gateway: reportGateway(snapshot.gateway),
    problems: snapshot.configuration.problems.map(reportProblem),
  };
}

export function reportTool(tool: ToolStatus, defaultTool: string | undefined): LlmToolReport {
  const { record, detection } = tool;
  const detected = detection.state === 'found' || detection.state === 'builtin';
  return {
    name: record.name,
    display_name: record.displayName,
    detected,
    version: (detected ? detection.version : undefined) ?? null,
    path: detection.state === 'found' ? detection.path : null,
    outdated: detection.state === 'found' && detection.outdated,
    problem: (detection.state === 'found' ? detection.problem : undefined) ?? null,
    protocols: record.protocols,
    builtin_server: record.builtinServer ?? null,
    custom: tool.custom !== undefined,
    default: record.name === defaultTool,
    install: record.install.command ? record.install : null,
    notice: record.notice ?? null,
  };
}

export function reportServer(status: ServerStatus): ModelServerReport {
  const { server, health } = status;
  return {
    name: server.name,
    display_name: server.displayName,
    kind: server.kind,
    base_url: server.baseUrl,
    placement: server.placement,
    protocols: health.speaks ?? server.protocols,
    ...place(server),
    key: status.key,
    health: reportHealth(health),
    models: health.models.map(reportModel),
  };
}

export function reportHealth(health: Health): HealthReport {
  return {
    state: health.state,
    cause: health.cause,
    message: health.message,
    hint: health.hint ?? null,
    since: new Date(health.since).toISOString(),
    checked_at: isoOrNull(health.checkedAt),
    next_probe_at: isoOrNull(health.nextProbeAt),
    latency_ms: health.latencyMs === undefined ? null : Math.round(health.latencyMs),
    http_status: health.httpStatus ?? null,
    version: health.version ?? null,
    warnings: health.warnings,
  };
}

function reportModel(model: ModelInfo): ModelReport {
  return {
    name: model.id,
    display_name: model.displayName ?? null,
    type: model.type ?? 'chat',
    size_bytes: model.sizeBytes ?? null,
    parameters: model.parameters ?? null,
    quantization: model.quantization ?? null,
    context_window: model.contextWindow ?? null,
    loaded: model.loaded ?? null,
    loaded_context: model.loadedContext ?? null,
    capabilities: model.capabilities ?? [],
  };
}

export function reportDelegator(status: DelegatorStatus): DelegatorReport {
  const { delegator, resolution } = status;
  const route = resolution.ok ? resolution.value.route : undefined;
  return {
    name: delegator.name,
    display_name: delegator.displayName,
    llm_tool: delegator.llmTool,
    model: delegator.model,
    model_server: (resolution.ok ? resolution.value.server.name : delegator.modelServer) ?? null,
    ready: resolution.ok,
    route: route?.type ?? null,
    protocol: route && 'protocol' in route ? route.protocol : null,
    reasons: resolution.ok ? [] : resolution.error.map(({ code, message, hint }) => ({ code, message, hint: hint ?? null })),
    ...place(delegator),
  };
}

export function reportGateway({ available, state }: Snapshot['gateway']): GatewayReport {
  const status = state.type === 'running' ? state.status : undefined;
  return {
    available,
    state: state.type,
    address: status?.address ?? null,
    version: status?.version ?? null,
    pid: status?.pid ?? null,
    since: isoOrNull(status?.since),
    message: state.type === 'failed' ? state.message : null,
    hint: (state.type === 'failed' ? state.hint : undefined) ?? null,
    sessions: status?.sessions.map(reportGatewaySession) ?? [],
  };
}

function reportGatewaySession({ id, delegator, displayName, llmTool, model, modelServer, since, waiting, usage, warnings }: GatewaySession): GatewaySessionReport {
  return {
    id,
    delegator: delegator ?? null,
    display_name: displayName,
    llm_tool: llmTool,
    model,
    model_server: modelServer,
    since: new Date(since).toISOString(),
    waiting,
    requests: usage.requests,
    failures: usage.failures,
    input_tokens: usage.inputTokens ?? null,
    output_tokens: usage.outputTokens ?? null,
    last_request_at: isoOrNull(usage.lastRequestAt),
    last_error: usage.lastError ? { message: usage.lastError.message, at: new Date(usage.lastError.at).toISOString() } : null,
    warnings,
  };
}

export function reportProblem(problem: ConfigProblem): ProblemReport {
  const start = problem.where.range?.start;
  return {
    code: problem.code,
    severity: problem.severity,
    message: problem.message,
    hint: problem.hint ?? null,
    file: problem.where.file,
    line: start ? start.line + 1 : null,
    column: start ? start.column + 1 : null,
  };
}

function place(entity: Entity): { origin: string; location: string | null } {
  return { origin: originName(entity), location: entity.where ? formatLocation(entity.where) : null };
}

function isoOrNull(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString();
}
