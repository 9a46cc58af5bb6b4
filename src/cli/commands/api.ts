/** `operator api`: one request to the REST API of the shared gateway. */
import { readFile } from 'node:fs/promises';
import { parseJson } from '../../base/json.ts';
import { startGateway } from '../../app/gateway/start.ts';
import { namedKeys } from '../../app/gateway/named-keys.ts';
import { restOperations } from '../../app/rest/operations.ts';
import { OperatorError } from '../../core/errors.ts';
import type { HttpRequest, HttpResponse } from '../../core/ports.ts';
import { createLoopbackHttp } from '../../platform/http-loopback.ts';
import { exitCodes } from '../exit-codes.ts';
import { readAll } from '../input/piped.ts';
import { printMessage } from '../output/messages.ts';
import { renderTable } from '../output/table.ts';
import type { GlobalOptions, Session } from '../session.ts';

export interface ApiCommandOptions extends GlobalOptions {
  readonly data?: string;
  readonly header?: readonly string[];
  readonly include?: boolean;
  readonly json?: boolean;
  readonly raw?: boolean;
  readonly list?: boolean;
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** More than the API takes. */
const maxDataBytes = 8 * 1024 * 1024;
/** Testing a model may have to load it first. */
const timeoutMs = 30 * 60_000;

export async function api(session: Session, words: readonly string[], options: ApiCommandOptions): Promise<number> {
  if (options.json && options.raw) throw usage('--json and --raw contradict each other', 'Leave one of them out');
  if (options.list || words.length === 0) return list(session, options);
  const { method, path } = parseWords(words, options);
  const headers = parseHeaders(options.header ?? []);
  const body = options.data === undefined ? undefined : await readData(options.data);
  const { operator, ports, gatewayCommand } = await session.open(options);
  const http = createLoopbackHttp();
  try {
    const { client, adminToken } = await startGateway({ ...ports, http }, gatewayCommand, { version: session.version });
    ports.redactor.add(adminToken);
    await client.handKeys(await namedKeys(operator.snapshot, ports)).catch((error: unknown) => ports.log.warn(`keys could not be handed over: ${String(error)}`));
    const root = operator.snapshot.configuration.layers.find(({ layer }) => layer === 'workspace')?.root;
    const target = headers['operator-workspace'] === undefined ? withWorkspace(path, root) : path;
    const response = await client.rest(method, target, { headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers }, ...(body !== undefined && { body }), timeoutMs });
    return await print(session, response, options);
  } finally {
    http.dispose();
  }
}

function usage(message: string, hint: string): OperatorError {
  return new OperatorError('usage', message, { hint });
}

function list({ stdout }: Session, { json }: ApiCommandOptions): number {
  const all = restOperations();
  if (json) stdout.line(JSON.stringify(all, null, 2));
  else for (const line of renderTable(stdout, all.map(({ method, path, summary }) => [stdout.paint('bold', method), path, stdout.paint('dim', summary)]))) stdout.line(line);
  return exitCodes.done;
}

function parseWords(words: readonly string[], { data, config }: ApiCommandOptions): { readonly method: HttpRequest['method']; readonly path: string } {
  const [first = '', second, ...more] = words;
  if (more.length > 0) throw usage('There are more words than a method and a path', 'Put quotes around a path with spaces in it');
  const method = second === undefined ? (data === undefined ? 'GET' : 'POST') : methods.find((each) => each === first.toUpperCase());
  const path = second ?? first;
  if (method === undefined) throw usage('This is no method of HTTP', `Use one of ${methods.join(', ')}`);
  // REST looks for operator.toml in the workspace; another name it cannot know.
  if (config !== undefined && !/(?:^|[\\/])operator\.toml$/.test(config)) throw usage('The REST API reads only files that are called operator.toml', 'Leave --config out, or name one that is');
  const rest = `/${path.replace(/^\/+/, '')}`;
  return { method, path: rest === '/api/v1' || rest.startsWith('/api/v1/') ? rest : `/api/v1${rest}` };
}

function parseHeaders(given: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    given.map((text) => {
      const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e]*)$/.exec(text) ?? [];
      if (name === undefined || value === undefined) throw usage('--header takes NAME:VALUE', 'Such as --header \'If-Match: "…"\'');
      return [name.toLowerCase(), value];
    }),
  );
}

async function readData(data: string): Promise<string> {
  if (data === '-') return readAll(process.stdin, maxDataBytes);
  if (!data.startsWith('@')) return data;
  try {
    return await readFile(data.slice(1), 'utf8');
  } catch (error) {
    throw new OperatorError('io', `${data.slice(1)} cannot be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** The folder that this command was called in, unless the path names another one. */
function withWorkspace(path: string, root: string | undefined): string {
  const [before = '', query = ''] = path.split(/\?(.*)/s);
  const parameters = new URLSearchParams(query);
  if (root === undefined || parameters.has('workspace')) return path;
  return `${before}?${query === '' ? '' : `${query}&`}workspace=${encodeURIComponent(root)}`;
}

async function print({ stdout, stderr }: Session, { status, headers, body }: HttpResponse, options: ApiCommandOptions): Promise<number> {
  if (options.include) {
    stdout.line(`HTTP ${status}`);
    for (const [name, value] of Object.entries(headers)) stdout.line(`${name}: ${value}`);
    stdout.line();
  }
  const decoder = new TextDecoder();
  const isJson = /[/+]json/.test(headers['content-type'] ?? '');
  const isIndented = isJson && !options.raw && (options.json || stdout.isTerminal);
  let text = '';
  // Events are printed as they come.
  for await (const chunk of body) {
    const piece = decoder.decode(chunk, { stream: true });
    if (isJson) text += piece;
    else stdout.write(piece);
  }
  if (isIndented) stdout.line(JSON.stringify(JSON.parse(text), null, 2));
  else if (isJson) stdout.line(text);
  if (status >= 400) explain(stderr, status, text);
  return exitCodeOf(status);
}

interface Problem {
  readonly detail?: string;
  readonly hint?: string;
  readonly errors?: readonly { readonly message: string; readonly hint?: string }[];
}

/** For a person; programs read the body. */
function explain(stderr: Session['stderr'], status: number, text: string): void {
  const { detail, hint, errors = [] } = (parseJson(text) ?? {}) as Problem; // the answer to HEAD has no body
  printMessage(stderr, { severity: 'error', message: detail ?? `The answer is ${status}`, ...(typeof hint === 'string' && { hint }) });
  if (errors.length > 1) for (const issue of errors) printMessage(stderr, { severity: 'error', message: issue.message, ...(issue.hint !== undefined && { hint: issue.hint }) });
}

function exitCodeOf(status: number): number {
  if (status < 400) return exitCodes.done;
  if (status >= 500) return exitCodes.internal;
  return [400, 405, 413, 415, 422].includes(status) ? exitCodes.usage : exitCodes.refused;
}
