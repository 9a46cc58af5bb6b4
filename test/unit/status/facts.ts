/** Builders of facts for the tests of the status tree: a valid default, and what differs. */
import type { Delegator, ModelServer, Origin } from '../../../src/core/config/model.ts';
import type { DelegatorStatus, ServerStatus, SessionStatus, Snapshot, ToolStatus } from '../../../src/core/operator.ts';
import { type Health, unknownHealth } from '../../../src/core/servers/health.ts';
import type { Detection } from '../../../src/core/tools/model.ts';

export const workspace: Origin = { layer: 'workspace', root: '/w', file: '/w/operator.toml' };
/** 2026-11-20 12:00 local time. */
export const now = new Date(2026, 10, 20, 12, 0).getTime();

export function server(values: Partial<ModelServer> = {}): ModelServer {
  return {
    name: 'ollama-local',
    displayName: values.name ?? 'ollama-local',
    origin: workspace,
    where: { file: '/w/operator.toml', range: { start: { line: 1, column: 7 }, end: { line: 1, column: 21 } } },
    kind: 'ollama',
    baseUrl: 'http://localhost:11434',
    openaiPath: '/v1',
    protocols: ['ollama', 'openai-chat'],
    placement: 'local',
    placementDeclared: false,
    auth: { type: 'none' },
    headers: {},
    extraEnv: {},
    requestTimeoutMs: 120_000,
    models: [],
    ...values,
  };
}

export function serverStatus(values: Partial<ModelServer> = {}, health: Partial<Health> = {}, rest: Partial<ServerStatus> = {}): ServerStatus {
  const entry = server(values);
  return { id: `workspace:/w:${entry.name}`, server: entry, health: { ...unknownHealth(now), ...health }, probing: false, key: 'none-needed', ...rest };
}

export function delegator(values: Partial<Delegator> = {}): Delegator {
  return {
    name: 'codex-local',
    displayName: values.name ?? 'codex-local',
    origin: workspace,
    where: { file: '/w/operator.toml', range: { start: { line: 5, column: 7 }, end: { line: 5, column: 20 } } },
    llmTool: 'codex',
    model: 'qwen2.5-coder',
    modelServer: 'ollama-local',
    modelProperties: {},
    route: 'auto',
    launchConfig: { yolo: false, flags: [], env: {}, useWorktrees: false },
    ...values,
  };
}

export function tool(name: string, detection: Detection): ToolStatus {
  return {
    record: {
      name,
      displayName: name,
      command: name,
      versionArgs: ['--version'],
      install: { command: `npm install -g ${name}`, url: `https://example.com/${name}` },
      icon: 'terminal',
      builtinServer: 'openai-api',
      protocols: ['openai-responses'],
      modelAliases: [],
      permissionModes: [],
      yolo: true,
      worktrees: false,
      socksProxy: false,
      modelProperties: [],
      sources: [],
      vendor: () => ({ args: [], env: {} }),
      custom: () => ({ args: [], env: {} }),
    },
    detection,
  };
}

export const codex = tool('codex', { state: 'found', path: '/bin/codex', version: '0.169.0', outdated: false });

export function ready(entry: Delegator, status: ServerStatus): DelegatorStatus {
  return {
    id: `workspace:/w:${entry.name}`,
    delegator: entry,
    resolution: { ok: true, value: { delegator: entry, tool: codex, server: status.server, model: entry.model, route: { type: 'direct', vendor: false, protocol: 'openai-responses', baseUrl: status.server.baseUrl } } },
  };
}

export function session(values: Partial<SessionStatus> = {}): SessionStatus {
  return { id: 's1', delegatorId: 'workspace:/w:codex-local', displayName: 'codex-local', llmTool: 'codex', modelServer: 'ollama-local', model: 'qwen2.5-coder', since: now - 60_000, state: { type: 'running' }, ...values };
}

export function snapshot(values: Partial<Snapshot> = {}): Snapshot {
  return {
    loaded: true,
    trusted: true,
    configuration: {
      layers: [
        { layer: 'workspace', root: '/w', file: '/w/operator.toml', state: { type: 'loaded', text: '', hash: 'h' } },
        { layer: 'user', file: '/home/.operator/operator.toml', state: { type: 'absent' } },
      ],
      modelServers: (values.servers ?? []).map((status) => status.server),
      delegators: (values.delegators ?? []).map((status) => status.delegator),
      customTools: [],
      problems: [],
    },
    tools: [],
    servers: [],
    delegators: [],
    found: [],
    sessions: [],
    gateway: { available: true, state: { type: 'stopped' } },
    ...values,
  };
}
