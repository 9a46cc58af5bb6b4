/** The router: request → parameters → body → operation → answer. Who may ask was decided before. */
import { getRequestListener } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import type { Clock } from '../core/ports.ts';
import type { ApiBackend, Scope } from './backend.ts';
import { checkBody } from './entries/body.ts';
import { entityTag, noneMatches } from './etag.ts';
import type { Call, Operation, Reply } from './operation.ts';
import { operations } from './operations/index.ts';
import { ApiProblem, problemOf } from './problem.ts';

/** An entry is a few hundred bytes; nobody needs this many. */
const maxBodyBytes = 1024 * 1024;
/** Of a body that is too large, as long as it comes. */
const maxDiscardBytes = 64 * 1024 * 1024;
const discardIdleMs = 500;

/** Takes Node's requests and responses. */
export type ApiListener = ReturnType<typeof getRequestListener>;

export function createApi(backend: ApiBackend): ApiListener {
  const app = new Hono().basePath('/api/v1');
  // Path by path, so that a method that `/model-servers/kinds` does not know is not taken for one of `/model-servers/{name}`.
  for (const [route, own] of Map.groupBy(operations, routeOf)) {
    for (const operation of own) app.on(operation.method.toUpperCase(), route, (context) => run(operation, context, backend));
    const allow = own.flatMap(({ method }) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()])).join(', ');
    app.all(route, ({ req }) => {
      throw new ApiProblem(405, 'method-not-allowed', `${req.method} is not allowed here`, { hint: `Use ${allow}`, headers: { allow } });
    });
  }
  app.notFound(({ req }) => problemResponse(new ApiProblem(404, 'not-found', `There is no ${shorten(req.path)} here`, { hint: 'GET /api/v1/openapi.json lists what there is' })));
  const fail = (error: unknown): Response => {
    const known = problemOf(error);
    if (!known || known.body.status === 500) backend.log.error('a request to the REST API failed', error);
    return problemResponse(known ?? new ApiProblem(500, 'internal', 'The REST API failed on this request; the gateway’s log says why', { hint: 'See it with: operator gateway logs' }));
  };
  app.onError(fail);
  return getRequestListener(app.fetch, {
    overrideGlobalObjects: false,
    // Its own errors are about addresses and the like that are none.
    errorHandler: () => problemResponse(new ApiProblem(400, 'bad-request', 'The request is not understood')),
  });
}

function routeOf({ path }: Operation): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

async function run(operation: Operation, context: Context, backend: ApiBackend): Promise<Response> {
  const { req } = context;
  const query = checkQuery(operation, req.query());
  const call: Call = {
    backend,
    scope: scopeOf(query.workspace ?? req.header('operator-workspace')),
    path: req.param() as Readonly<Record<string, string>>,
    query,
    body: operation.body ? checkBody(operation.body.schema, await readJson(req.raw, backend.clock)) : undefined,
    ifMatch: req.header('if-match'),
    signal: req.raw.signal,
  };
  // A stream that nobody reads would have no end.
  if (req.method === 'HEAD' && operation.answers[200]?.contentType !== undefined) return new Response(null, { headers: { ...plain, 'content-type': operation.answers[200].contentType } });
  return answer(operation, await operation.handle(call), req.header('if-none-match'));
}

function checkQuery({ parameters = [] }: Operation, given: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const known: Record<string, string> = {};
  for (const { name, in: place, schema } of parameters) {
    const value = given[name];
    if (place !== 'query' || value === undefined) continue;
    const parsed = schema.safeParse(value);
    if (!parsed.success) throw new ApiProblem(400, 'bad-parameter', `The parameter ${name} is not what it may be`, { hint: 'GET /api/v1/openapi.json says what it may be' });
    known[name] = value;
  }
  return known;
}

function scopeOf(workspace: string | undefined): Scope {
  return workspace === undefined ? {} : { workspace };
}

/** @throws ApiProblem 400, 413 */
async function readJson(request: Request, clock: Clock): Promise<unknown> {
  const { chunks, size } = await readBody(request, clock);
  if (size > maxBodyBytes) throw new ApiProblem(413, 'too-large', `The body is larger than ${maxBodyBytes / 1024 / 1024} MB`);
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    return JSON.parse(chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('') + decoder.decode());
  } catch {
    throw new ApiProblem(400, 'not-json', size === 0 ? 'There is no body' : 'The body is not JSON', { hint: 'Send JSON in UTF-8' });
  }
}

/** What is too much is read all the same, and thrown away: most clients read no answer before they have sent everything. */
async function readBody({ body, headers }: Request, clock: Clock): Promise<{ readonly chunks: readonly Uint8Array[]; readonly size: number }> {
  const announced = Number(headers.get('content-length') ?? 0);
  const reader = body?.getReader();
  let chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const isTooMuch = Math.max(size, announced) > maxBodyBytes;
    // One that only says how much it has waits for the answer.
    const patience = isTooMuch ? clock.after(discardIdleMs, () => void reader?.cancel().catch(() => {})) : undefined; // the answer says why
    const next = await reader?.read().finally(() => patience?.dispose());
    if (!next || next.done) return { chunks, size: isTooMuch ? Math.max(size, announced) : size };
    size += next.value.length;
    if (isTooMuch || size > maxBodyBytes) chunks = [];
    else chunks.push(next.value);
    if (size > maxDiscardBytes) {
      await reader?.cancel();
      return { chunks, size };
    }
  }
}

async function answer(operation: Operation, { status, body, etag, headers = {}, stream }: Reply, ifNoneMatch: string | undefined): Promise<Response> {
  const spec = operation.answers[status];
  if (stream) return new Response(stream, { status, headers: { ...plain, 'content-type': spec?.contentType ?? 'application/octet-stream' } });
  if (body === undefined) return new Response(null, { status, headers: { ...plain, ...headers } });
  const tag = spec?.headers?.includes('ETag') ? (etag ?? (await entityTag(body))) : undefined;
  const tagged: Readonly<Record<string, string>> = tag === undefined ? {} : { etag: tag };
  if (operation.method === 'get' && tag !== undefined && ifNoneMatch !== undefined && !noneMatches(ifNoneMatch, tag)) return new Response(null, { status: 304, headers: { ...plain, ...tagged } });
  return new Response(JSON.stringify(body), { status, headers: { ...plain, ...headers, ...tagged, 'content-type': 'application/json' } });
}

const plain = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } as const;

function problemResponse({ body, headers }: ApiProblem): Response {
  return new Response(JSON.stringify(body), { status: body.status, headers: { ...plain, ...headers, 'content-type': 'application/problem+json' } });
}

function shorten(path: string): string {
  return path.length > 100 ? `${path.slice(0, 100)}…` : path;
}
