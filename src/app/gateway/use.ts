/** What launches of this process want of the gateway: sessions, with the keys of their servers. */
import type { Disposable } from '../../base/disposable.ts';
import { lookup, type ModelServer } from '../../core/config/model.ts';
import { describeError, OperatorError } from '../../core/errors.ts';
import type { SessionRequest } from '../../core/gateway/control.ts';
import { gatewayFiles, type GatewayState, type GatewayStatus, type SessionKeys, type SessionSpec } from '../../core/gateway/model.ts';
import { sessionSpec } from '../../core/gateway/session-spec.ts';
import type { LaunchPlan } from '../../core/launch/model.ts';
import type { CredentialRef } from '../../core/servers/auth.ts';
import { resolveCredential } from '../../core/servers/credentials.ts';
import { serverKind } from '../../core/servers/kinds.ts';
import type { Ports } from '../../core/ports.ts';
import type { Facts } from '../facts.ts';
import type { OperatorOptions } from '../options.ts';
import { stateDirOf } from './find.ts';
import { createSupervisor, type GatewaySupervisor } from './supervisor.ts';

export interface GatewayUse extends Disposable {
  readonly logFile: string;
  find(): Promise<GatewayState>;
  start(): Promise<GatewayStatus>;
  stop(): Promise<void>;
  restart(): Promise<GatewayStatus>;
  /** @throws OperatorError 'credential' | 'process' */
  createSession(plan: LaunchPlan): Promise<{ readonly address: string; readonly token: string }>;
  /** The agent of a plan runs: the gateway gets its keys again when it lacks them. */
  adopt(plan: LaunchPlan): void;
  sessionProcess(sessionId: string, pid: number): void;
  endSession(sessionId: string): Promise<void>;
  /** A session that no agent uses, but this process itself. @throws OperatorError 'credential' | 'process' | 'refused' */
  createOwnSession(spec: SessionSpec): Promise<{ readonly address: string; readonly token: string }>;
  endOwnSession(sessionId: string): Promise<void>;
  /** What was left out or approximated for a session so far, each kind of thing once. */
  warningsOf(sessionId: string): Promise<readonly string[]>;
}

export function createGatewayUse(options: OperatorOptions, facts: Facts): GatewayUse {
  const { ports, gatewayCommand, gatewayIdleMs, version, watch } = options;
  const plans = new Map<string, LaunchPlan>();
  /** What the gateway was told last, by session. */
  const told = new Map<string, SessionSpec>();

  async function request(plan: LaunchPlan, spec = specOf(plan, facts)): Promise<SessionRequest> {
    const keys = await keysOf(spec, ports);
    told.set(plan.sessionId, spec);
    return { spec, keys };
  }

  /** A probe found out that a server speaks something else now, after an update for instance, or lists other models. */
  async function tellNews(): Promise<void> {
    for (const [id, plan] of plans) {
      const before = told.get(id);
      // One that is off lists nothing, and speaks what it spoke.
      if (!before || facts.snapshot.servers.find(({ server }) => server.name === plan.modelServer)?.health.state !== 'healthy') continue;
      const spec = specOf(plan, facts);
      // Where the agent's requests and its key go was decided at the launch.
      const isSameServer = JSON.stringify(spec.targets[0]?.server) === JSON.stringify(before.targets[0]?.server);
      if (isSameServer && JSON.stringify(spec) !== JSON.stringify(before)) await supervisor?.updateSession(await request(plan, spec));
    }
  }

  const listening = facts.onDidChange((parts) => {
    if (parts.has('servers')) tellNews().catch((error: unknown) => ports.log.warn(`the gateway could not be told what a server speaks now: ${describeError(error)}`));
  });

  const supervisor: GatewaySupervisor | undefined =
    gatewayCommand &&
    createSupervisor({
      ports: { ...ports, http: options.gatewayHttp ?? ports.http },
      command: gatewayCommand,
      version,
      watch,
      ...(gatewayIdleMs !== undefined && { idleMs: gatewayIdleMs }),
      onState: (state) => facts.setGateway(state),
      describeSession: async (id) => {
        const plan = plans.get(id);
        return plan && request(plan);
      },
    });

  function need(): GatewaySupervisor {
    if (!supervisor) throw new OperatorError('refused', 'There is no gateway here', { hint: 'Install Operator with its gateway' });
    return supervisor;
  }

  return {
    logFile: ports.files.join(stateDirOf(ports), gatewayFiles.log),
    find: () => supervisor?.find() ?? Promise.resolve({ type: 'stopped' }),
    start: async () => (await need().start()).status,
    stop: async () => supervisor?.stop(),
    restart: async () => (await need().restart()).status,
    async createSession(plan) {
      const created = await need().createSession(await request(plan));
      plans.set(plan.sessionId, plan);
      return created;
    },
    adopt(plan) {
      plans.set(plan.sessionId, plan);
      supervisor?.adopt(plan.sessionId);
    },
    sessionProcess: (sessionId, pid) => supervisor?.sessionProcess(sessionId, pid),
    async endSession(sessionId) {
      told.delete(sessionId);
      if (plans.delete(sessionId)) await supervisor?.endSession(sessionId);
    },
    async createOwnSession(spec) {
      return need().createSession({ spec, keys: await keysOf(spec, ports) });
    },
    async endOwnSession(sessionId) {
      await supervisor?.endSession(sessionId);
    },
    async warningsOf(sessionId) {
      const status = await supervisor?.status();
      return status?.sessions.find(({ id }) => id === sessionId)?.warnings ?? [];
    },
    dispose() {
      listening.dispose();
      supervisor?.dispose();
    },
  };
}

/** From what is known now: after a reload of the window the configuration may say something else than at the launch. */
function specOf(plan: LaunchPlan, facts: Facts): SessionSpec {
  const { sessionId, delegator, displayName, llmTool, model, modelServer } = plan;
  const origin = delegator === undefined ? undefined : lookup(facts.configuration.delegators, delegator)?.origin;
  const { modelServers, implied } = facts.configuration;
  const server = lookup(modelServers, modelServer, origin) ?? implied?.find(({ name }) => name === modelServer);
  if (!server) throw new OperatorError('not-found', `The model server ${modelServer} is not in the configuration any more`);
  const health = facts.snapshot.servers.find((status) => status.server === server)?.health;
  return sessionSpec({ sessionId, ...(delegator !== undefined && { delegator }), displayName, llmTool, model, ...(plan.contextWindow !== undefined && { contextWindow: plan.contextWindow }), server, health });
}

/** The keys of all servers of a session, read at the last moment. @throws OperatorError 'credential' */
export async function keysOf(spec: SessionSpec, ports: Ports): Promise<SessionKeys> {
  const servers = new Map(spec.targets.map(({ server }) => [server.name, server]));
  const keys: Record<string, string> = {};
  for (const [name, server] of servers) {
    const ref = credentialOf(server);
    if (!ref) continue;
    const resolved = await resolveCredential(ref, ports);
    if (resolved.ok) keys[name] = resolved.value;
    else if (server.credential) throw new OperatorError('credential', resolved.error.message, { hint: resolved.error.hint });
  }
  return keys;
}

/** A builtin server's key is in the variable that its vendor's tools read. */
function credentialOf(server: ModelServer): CredentialRef | undefined {
  if (server.credential) return server.credential;
  const name = server.origin.layer === 'builtin' ? serverKind(server.kind).defaultApiKeyEnv : undefined;
  return name === undefined ? undefined : { store: 'env', name };
}
