/** Starts the one gateway of this user unless it runs. Several starters at once end up with the same one. */
import { parseJson } from '../../base/json.ts';
import { OperatorError } from '../../core/errors.ts';
import { type GatewayAnswer, gatewayAnswerSchema, type GatewayOrders } from '../../core/gateway/control.ts';
import { HttpFailure, type Ports, type StartedProcess } from '../../core/ports.ts';
import { createGatewayClient, type GatewayClient } from './client.ts';
import { findGateway, type RunningGateway, stateDirOf } from './find.ts';

/** How the gateway's program is started: argv prefix and extra variables. */
export interface GatewayCommand {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A gateway that nobody needs is gone after this long. */
export const defaultIdleMs = 5 * 60_000;

/** Reading the bundle and binding a port takes a fraction of this, also on a machine that is busy. */
const startTimeoutMs = 20_000;

type StartPorts = Pick<Ports, 'files' | 'http' | 'clock' | 'env' | 'processes' | 'random'>;

/** @throws OperatorError 'process' */
export async function startGateway(ports: StartPorts, command: GatewayCommand, options: { readonly version: string; readonly idleMs?: number }): Promise<RunningGateway> {
  for (let attempt = 1; ; attempt++) {
    const running = await findGateway(ports);
    if (running && !(await makeWay(running, options.version))) return running;
    const orders: GatewayOrders = { mode: 'shared', stateDir: stateDirOf(ports), version: options.version, adminToken: newAdminToken(ports), idleMs: options.idleMs ?? defaultIdleMs, ...logLevel(ports) };
    const { answer } = await startProcess(ports, command, orders, true);
    // Whoever won the race listens by the time that the others are told, and may have ended again since.
    const started = await findGateway(ports);
    if (started && !started.status.ending) return started;
    if (answer.state === 'listening' || attempt === 3) throw new OperatorError('process', 'The gateway was started and does not answer', { hint: 'Its log says why: operator gateway logs' });
  }
}

/**
 * Whether another one shall be started. One of another version that nobody uses makes way for ours; one with sessions goes on, for the
 * sake of their agents.
 */
async function makeWay({ client, status }: RunningGateway, version: string): Promise<boolean> {
  if (status.ending) return true;
  if (status.version === version || status.sessions.length > 0) return false;
  try {
    await client.stop({ restart: false });
    return true;
  } catch (error) {
    if (error instanceof HttpFailure) return true; // it went by itself
    return false; // it does not understand us: what it does for agents is what counts
  }
}

/** A gateway of its own, that ends with this process. @throws OperatorError 'process' */
export async function startForeground(
  ports: StartPorts,
  command: GatewayCommand,
  options: { readonly version: string; readonly host?: string; readonly port?: number; readonly hosts?: readonly string[]; readonly workspace?: GatewayOrders['workspace'] },
): Promise<{ readonly client: GatewayClient; readonly address: string; readonly process: StartedProcess }> {
  const { hosts, ...rest } = options;
  const adminToken = newAdminToken(ports);
  const orders: GatewayOrders = { ...rest, ...(hosts && { hosts: [...hosts] }), mode: 'foreground', stateDir: stateDirOf(ports), adminToken, idleMs: 0, ...logLevel(ports) };
  const { answer, process } = await startProcess(ports, command, orders, false);
  if (answer.state !== 'listening') throw new OperatorError('process', 'The gateway did not start');
  // It may listen on another address than loopback too; this one is the nearest.
  const local = new URL(answer.address);
  if (local.hostname === '0.0.0.0' || local.hostname === '[::]') local.hostname = '127.0.0.1';
  return { client: createGatewayClient(ports.http, { address: local.origin, adminToken }), address: answer.address, process };
}

async function startProcess(ports: StartPorts, command: GatewayCommand, orders: GatewayOrders, detached: boolean): Promise<{ readonly answer: GatewayAnswer; readonly process: StartedProcess }> {
  const process = await ports.processes.start(command.argv, { input: JSON.stringify(orders), env: { ...cleanEnvironment(ports.env.all()), ...command.env }, cwd: ports.env.homeDir, detached, timeoutMs: startTimeoutMs });
  const answer = gatewayAnswerSchema.safeParse(parseJson(process.line)).data;
  if (answer && answer.state !== 'failed') return { answer, process };
  process.end();
  throw new OperatorError('process', answer?.message ?? 'The gateway did not say how it started', { hint: answer?.hint ?? 'Its log may say why: operator gateway logs' });
}

/** Keys in the environment are not the gateway's: it gets the ones that it needs by session, and keeps them in memory. */
function cleanEnvironment(all: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => !/(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)$/i.test(name) && !/^(?:VSCODE|ELECTRON)_|^NODE_OPTIONS$/i.test(name)));
}

function logLevel({ env }: Pick<Ports, 'env'>): Pick<GatewayOrders, 'logLevel'> {
  const level = env.get('OPERATOR_LOG');
  return level === undefined ? {} : { logLevel: level };
}

function newAdminToken({ random }: Pick<Ports, 'random'>): string {
  return `${random.uuid()}${random.uuid()}`.replaceAll('-', '');
}
