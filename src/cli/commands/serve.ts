/** `operator serve`: a gateway in the foreground, for every program that has its token. */
import { isDeepStrictEqual } from 'node:util';
import { startForeground } from '../../app/gateway/start.ts';
import { namedKeys } from '../../app/gateway/named-keys.ts';
import { keysOf } from '../../app/gateway/use.ts';
import type { GatewayClient } from '../../app/gateway/client.ts';
import { isOfUser } from '../../core/config/model.ts';
import { describeError, OperatorError } from '../../core/errors.ts';
import type { SessionKeys, SessionSpec } from '../../core/gateway/model.ts';
import type { Operator } from '../../core/operator.ts';
import { HttpFailure } from '../../core/ports.ts';
import { localPrefixes, prefixText } from '../../core/servers/local-prefix.ts';
import { exitCodes } from '../exit-codes.ts';
import { printMessage, printProblem } from '../output/messages.ts';
import { probeWithProgress } from '../output/progress.ts';
import { countWords, requestLine, servedLines } from '../output/serve.ts';
import type { Output } from '../output/terminal.ts';
import { allowedHosts, isLoopback, reachableAt } from '../serve/hosts.ts';
import { createServed } from '../serve/models.ts';
import { type GlobalOptions, type OpenOperator, refuseBrokenFile, type Session } from '../session.ts';

export interface ServeOptions extends GlobalOptions {
  readonly port: string;
  readonly host: string;
  readonly token?: string;
  readonly verbose?: boolean;
}

export const tokenVariable = 'OPERATOR_SERVE_TOKEN';

/** Servers come and go; asking for a list of models costs nothing. */
const probeEveryMs = 60_000;

interface Served {
  readonly spec: SessionSpec;
  readonly keys: SessionKeys;
}

export async function serve(session: Session, options: ServeOptions): Promise<number> {
  const port = parsePort(options.port);
  const token = tokenOf(options);
  if (token === undefined && !isLoopback(options.host)) {
    throw new OperatorError('refused', `${options.host} can be reached from other machines, and whoever reaches it uses your models at your expense`, { hint: `Choose a token that only you know: set ${tokenVariable}, or add --token` });
  }
  const screen = token === undefined ? screenFor(session) : undefined;
  const opened = await session.open({ config: options.config, watch: true });
  const { operator, ports, gatewayCommand } = opened;
  ports.redactor.add(token);
  refuseBrokenFile(opened);
  await nameLocalServers(opened);
  await probeWithProgress(session, operator);
  const build = createServed();
  const read = async (): Promise<Served | undefined> => {
    const spec = build(operator.snapshot);
    return spec && { spec, keys: await keysOf(spec, ports) };
  };
  const first = await read();
  if (!first) throw nothingToServe(operator);

  const workspace = operator.snapshot.configuration.layers.find(({ layer }) => layer === 'workspace');
  const gateway = await startForeground(ports, gatewayCommand, { version: session.version, host: options.host, port, hosts: allowedHosts(options.host), ...(workspace?.root !== undefined && { workspace: { root: workspace.root, file: workspace.file } }) });
  try {
    await gateway.client.handKeys(await namedKeys(operator.snapshot, ports));
    const created = await gateway.client.createSession({ ...first, ...(token !== undefined && { token }) });
    ports.redactor.add(created);
    for (const line of servedLines(session.stdout, first.spec, reachableAt(gateway.address))) session.stdout.line(line);
    for (const { name, message, hint } of silent(operator)) printMessage(session.stderr, { severity: 'warning', message: `${name}: ${message}`, ...(hint !== undefined && { hint }) });
    session.stdout.line();
    if (screen) screen.line(`${screen.paint('bold', 'TOKEN')} is ${created}\n  made for this run; ${tokenVariable} sets one that stays`);
    else session.stdout.line('TOKEN is the one that you chose');
    if (options.verbose) void printRequests(session.stdout, gateway.client);
    keepCurrent(session, opened, gateway.client, { first, read });
    return await untilEnded(session, gateway.process);
  } finally {
    gateway.process.end();
  }
}

/** A variable of its own says that the server is there, so that its models are served although nothing else names it. */
async function nameLocalServers({ operator, ports }: OpenOperator): Promise<void> {
  for (const prefix of localPrefixes()) {
    if (ports.env.get(prefix.baseUrlVariable)?.trim()) await operator.learn({ type: 'ad-hoc', llmTool: 'chat', model: `${prefixText(prefix)}any` });
  }
}

function usage(message: string, hint: string): OperatorError {
  return new OperatorError('usage', message, { hint });
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw usage('--port takes a number up to 65535', 'Such as --port 8080; 0 takes any free one');
  return port;
}

/** Never repeated in a message. */
function tokenOf(options: ServeOptions): string | undefined {
  const [given, where] = options.token !== undefined ? [options.token, '--token'] : [process.env[tokenVariable] || undefined, tokenVariable];
  if (given !== undefined && !/^[\x21-\x7e]{8,512}$/.test(given)) throw usage(`${where} must have 8 to 512 characters, letters, digits and signs without spaces`, 'Such as the output of: openssl rand -hex 24');
  return given;
}

/** Where a token can be shown that nobody has yet. Not in a file or a journal. */
function screenFor({ stdout, stderr }: Session): Output {
  const screen = [stdout, stderr].find(({ isTerminal }) => isTerminal);
  if (!screen) throw new OperatorError('refused', 'There is no terminal to show a token on', { hint: `Set ${tokenVariable} to one of your own` });
  return screen;
}

/** Declared servers of which there is nothing to serve now, and why. */
function silent({ snapshot }: Operator): readonly { readonly name: string; readonly message: string; readonly hint?: string | undefined }[] {
  return snapshot.servers.flatMap(({ server, health, key }) => {
    if (!isOfUser(server) || (health.models.length > 0 && key !== 'unset')) return [];
    return [{ name: server.name, message: health.message, hint: health.hint }];
  });
}

function nothingToServe(operator: Operator): OperatorError {
  const { snapshot } = operator;
  if (!snapshot.servers.some(({ server }) => isOfUser(server))) return new OperatorError('refused', 'There is nothing to serve: operator.toml declares no model server, and no vendor’s key is in the environment', { hint: 'Declare one under [[model_servers]]' });
  const states = silent(operator).map(({ name, message }) => `${name}: ${message}`);
  return new OperatorError('refused', `There is nothing to serve: no model server has a model now (${states.slice(0, 5).join('; ')}${states.length > 5 ? '; …' : ''})`, { hint: "See what helps with 'operator status --probe'" });
}

async function printRequests(output: Output, client: GatewayClient): Promise<void> {
  try {
    for await (const record of client.requests(new AbortController().signal)) output.line(requestLine(output, record));
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error; // the gateway has ended, and its end says why
  }
}

/** Renews what is served whenever the configuration or the state of a server changes. Requests under way keep what they have. */
function keepCurrent(session: Session, { operator, ports }: OpenOperator, client: GatewayClient, { first, read }: { readonly first: Served; readonly read: () => Promise<Served | undefined> }): void {
  let served = first;
  let busy: Promise<void> | undefined;
  let again = false;

  async function renew(): Promise<void> {
    try {
      await client.handKeys(await namedKeys(operator.snapshot, ports));
      const next = await read();
      if (!next) return session.stderr.line('Nothing of operator.toml can be served now; what was served before still is');
      if (isDeepStrictEqual(next, served)) return;
      const before = countWords(served.spec);
      if (!(await client.renewSession(next))) throw new OperatorError('http', 'The gateway did not take it');
      served = next;
      if (countWords(next.spec) !== before) session.stderr.line(`Serves ${countWords(next.spec)} now`);
    } catch (error) {
      printMessage(session.stderr, { severity: 'warning', message: session.redact(`What is served stays as it was: ${describeError(error)}`) });
    }
  }

  function renewSoon(): void {
    if (busy) again = true;
    else {
      busy = renew().finally(() => {
        busy = undefined;
        if (!again) return;
        again = false;
        renewSoon();
      });
    }
  }

  operator.onDidChange((parts) => {
    if (parts.has('configuration')) {
      for (const { state } of operator.snapshot.configuration.layers) if (state.type === 'broken') printProblem(session.stderr, state.problem);
      const unknown = operator.snapshot.servers.filter(({ health }) => health.state === 'unknown').map(({ id }) => id);
      if (unknown.length > 0) void operator.probe(unknown).then(renewSoon);
    }
    if ((parts.has('configuration') || parts.has('servers')) && !operator.snapshot.servers.some(({ probing }) => probing)) renewSoon();
  });
  operator.setPolling({ intervalMs: probeEveryMs, discover: false });
}

/** Ctrl+C lets requests under way end; once more, and nothing is waited for. */
async function untilEnded(session: Session, child: { end(): void; readonly ended: Promise<number | null> }): Promise<number> {
  let told = 0;
  const listener = (): void => {
    told++;
    if (told === 1) session.stderr.line('Ends as soon as requests under way have ended; Ctrl+C again does not wait for them');
    child.end();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, listener);
  try {
    const code = await child.ended;
    if (told > 1) return exitCodes.cancelled;
    if (told > 0) return exitCodes.done;
    throw new OperatorError('process', `The gateway ended unexpectedly${code === null ? '' : ` with exit code ${code}`}`, { hint: "Its log may say why: operator gateway logs" });
  } finally {
    for (const signal of signals) process.off(signal, listener);
  }
}
