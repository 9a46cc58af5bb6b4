/** `operator gateway start|stop|restart|status`: the one gateway of this user. */
import { plural } from '../../base/text.ts';
import { startGateway as startSharedGateway } from '../../app/gateway/start.ts';
import type { GatewayState } from '../../core/gateway/model.ts';
import { reportGateway } from '../../core/status/report.ts';
import { createSystemClock } from '../../platform/clock.ts';
import { exitCodes } from '../exit-codes.ts';
import { confirm } from '../input/confirm.ts';
import { gatewayLines } from '../output/gateway.ts';
import { harmless } from '../output/terminal.ts';
import type { GlobalOptions, OpenOperator, Session } from '../session.ts';

type GatewayOptions = GlobalOptions & { readonly json?: boolean };

export async function gatewayStatus(session: Session, options: GatewayOptions): Promise<number> {
  const opened = await session.open(options);
  print(session, opened, await opened.operator.findGateway(), options);
  return exitCodes.done;
}

export async function gatewayStart(session: Session, options: GatewayOptions): Promise<number> {
  const opened = await session.open(options);
  const found = await opened.operator.findGateway();
  const status = await opened.operator.startGateway();
  if (options.json) print(session, opened, { type: 'running', status }, options);
  else session.stdout.line(`The gateway ${found.type === 'running' && found.status.pid === status.pid ? 'already runs' : 'runs'} at ${harmless(status.address)}`);
  return exitCodes.done;
}

/** Asks on a terminal when agents would lose their way. */
export async function gatewayStop(session: Session, options: GlobalOptions & { readonly yes?: boolean }): Promise<number> {
  const { operator } = await session.open(options);
  const state = await operator.findGateway();
  if (state.type !== 'running') {
    session.stdout.line('The gateway is not running');
    return exitCodes.done;
  }
  const count = state.status.sessions.length;
  if (count > 0) {
    const words = `${plural(count, 'session')} ${count === 1 ? 'ends' : 'end'} with it: ${count === 1 ? 'its agent' : 'their agents'} cannot reach a model any more`;
    if (options.yes || process.stdin.isTTY !== true || process.stderr.isTTY !== true) session.stderr.line(words);
    else if (!(await confirm(process.stdin, process.stderr, session.stderr, `${words}. Stop the gateway?`))) {
      session.stderr.line('Nothing was stopped');
      return exitCodes.cancelled;
    }
  }
  await operator.stopGateway();
  session.stdout.line('The gateway is stopped');
  return exitCodes.done;
}

/** Starts it where it does not run. */
export async function gatewayRestart(session: Session, options: GatewayOptions): Promise<number> {
  const opened = await session.open(options);
  const found = await opened.operator.findGateway();
  const kept = found.type === 'running' ? found.status.sessions.length : 0;
  const status = await opened.operator.restartGateway();
  if (options.json) print(session, opened, { type: 'running', status }, options);
  else session.stdout.line(`The gateway runs again at ${harmless(status.address)}${kept === 0 ? '' : `, ${plural(kept, 'session')} kept`}`);
  return exitCodes.done;
}

/** Its token for the REST API, for programs other than `operator api`. Starts it where it does not run: the token is that of one run. */
export async function gatewayToken(session: Session, options: GlobalOptions & { readonly header?: boolean }): Promise<number> {
  const { ports, gatewayCommand } = await session.open(options);
  const { adminToken } = await startSharedGateway(ports, gatewayCommand, { version: session.version });
  session.stdout.line(options.header ? `Authorization: Bearer ${adminToken}` : adminToken);
  return exitCodes.done;
}

function print(session: Session, { operator }: OpenOperator, state: GatewayState, { json }: GatewayOptions): void {
  if (json) session.stdout.line(JSON.stringify(reportGateway({ ...operator.snapshot.gateway, state }), null, 2));
  else for (const line of gatewayLines(session.stdout, state, createSystemClock().now())) session.stdout.line(line);
}
