/** Process entry of the gateway: takes its orders as one line on standard input, answers with one line on standard output, and serves. */
import { dirname, extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseJson } from './base/json.ts';
import { type GatewayAnswer, type GatewayOrders, gatewayOrdersSchema } from './core/gateway/control.ts';
import { gatewayFiles } from './core/gateway/model.ts';
import type { RestHost } from './core/gateway/rest.ts';
import { startGatewayProcess } from './gateway/process.ts';
import type { RestApi } from './gateway/rest-door.ts';
import { createTransport } from './gateway/upstream/transport.ts';
import { createSystemClock } from './platform/clock.ts';
import { createPools } from './platform/http-pools.ts';
import { createLogFile } from './platform/log-file.ts';
import type { Log } from './core/ports.ts';
import { createLineLog, isLogLevel, redactLog } from './platform/log.ts';
import { createRedactor, type Redactor } from './platform/redact.ts';

/** What arrives within this time was meant once. */
const sameSignalMs = 500;

async function main(): Promise<void> {
  // Whoever started it reads one line and goes: a warning of Node's that nobody hears must not be its end.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const orders = await readOrders();
  if (!orders) {
    process.stderr.write('This is started by Operator; to run a gateway yourself, use `operator serve`\n');
    process.exitCode = 2;
    return;
  }
  const redactor = createRedactor();
  redactor.add(orders.adminToken);
  const write = createLogFile(join(orders.stateDir, gatewayFiles.log));
  const level = orders.logLevel ?? '';
  const log = redactLog(createLineLog((line) => write(`${new Date().toISOString().slice(0, 10)} ${process.pid} ${line}`), isLogLevel(level) && level !== 'off' ? level : 'info', Date.now), redactor);
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      log.error('the gateway failed', error);
      process.exit(1); // those who use it start it again, with the same sessions
    });
  }

  const gateway = await startGatewayProcess({ orders, clock: createSystemClock(), log, transport: createTransport({ open: createPools() }), onSecret: (secret) => redactor.add(secret), loadRest: (host) => loadRest(host, orders, log, redactor) });
  if (!gateway.ended) {
    say(gateway.answer);
    process.exitCode = gateway.answer.state === 'failed' ? 1 : 0;
    return;
  }
  let toldAt: number | undefined;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // Somebody who asks twice does not want to wait for the last requests. One Ctrl+C comes from the terminal and from the command.
      if (toldAt !== undefined && performance.now() - toldAt > sameSignalMs) process.exit(0);
      toldAt ??= performance.now();
      gateway.end({ restart: false });
    });
  }
  // The command that it belongs to holds the other end.
  if (orders.mode === 'foreground') process.stdin.once('end', () => gateway.end({ restart: false })).resume();
  // Whoever is told that it listens may end it at once.
  say(gateway.answer);
  await gateway.ended;
  process.exit(0);
}

/** REST is for few; nobody else waits for its code. */
async function loadRest(host: RestHost, { version, stateDir, workspace }: GatewayOrders, log: Log, redactor: Redactor): Promise<RestApi> {
  const [{ createRest }, { createNodePorts }, { createLoopbackHttp }] = await Promise.all([import('./app/rest/mount.ts'), import('./platform/ports.ts'), import('./platform/http-loopback.ts')]);
  const own = process.argv[1] ?? '';
  // A Node that lives inside Electron is one only with this variable.
  const env: Record<string, string> = process.versions['electron'] === undefined ? {} : { ELECTRON_RUN_AS_NODE: '1' };
  const program = (name: string) => ({ argv: [process.execPath, join(dirname(own), `${name}${extname(own)}`)], env });
  const ports = createNodePorts({
    log,
    redactor,
    rememberVersions: 'use',
    env: (given) => ({ get: given.get, all: given.all, platform: given.platform, homeDir: given.homeDir, operatorHome: dirname(stateDir) }),
  });
  const gatewayHttp = createLoopbackHttp();
  const rest = createRest({ ports, host, version, operatorCommand: program('cli'), gatewayCommand: program('gateway'), gatewayHttp, workspace });
  return {
    handle: (request, response) => Promise.resolve(rest.handle(request, response)),
    dispose() {
      rest.dispose();
      for (const http of [ports.http, gatewayHttp]) http.dispose();
    },
  };
}

/** Undefined: no orders came, or none that are meant for a gateway. */
async function readOrders(): Promise<GatewayOrders | undefined> {
  if (process.stdin.isTTY) return undefined;
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) {
    // Reading on is left to whoever waits for the end of the input.
    lines.close();
    return gatewayOrdersSchema.safeParse(parseJson(line)).data;
  }
  return undefined;
}

function say(answer: GatewayAnswer): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

await main();
