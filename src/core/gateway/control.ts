/**
 * The gateway's control API as both sides see it: paths below its address, and the shapes of what is sent. Only the holder of the
 * admin token in the lock file may call it: the extension and the command line of the same user.
 */
import * as z from 'zod';
import type { ModelServer } from '../config/model.ts';
import { placements, protocols } from '../protocol.ts';
import { serverKindIds } from '../servers/kinds.ts';
import type { GatewayLock, GatewayStatus, SessionSpec } from './model.ts';

export const controlPaths = {
  /** GET with `?nonce=`, and without a token: `{ proof }` of `proof.ts`. */
  proof: '/api/v1/gateway/proof',
  /** GET: {@link GatewayStatus}. */
  status: '/api/v1/gateway',
  /** GET: server-sent events, each a {@link GatewayStatus}; the first at once. */
  events: '/api/v1/gateway/events',
  /** GET: server-sent events, each a {@link RequestRecord} of a request that has ended. */
  requests: '/api/v1/gateway/requests',
  /** POST {@link SessionRequest}: `{ token }`. */
  sessions: '/api/v1/gateway/sessions',
  /** POST {@link HandedKeysRequest}: keys for what REST is asked to do. */
  keys: '/api/v1/gateway/keys',
  /** POST {@link stopSchema}: ends once requests under way have ended. */
  stop: '/api/v1/gateway/stop',
} as const;

/** POST {@link SessionRequest}: the same session with its keys again. DELETE: ends it. */
export function sessionPath(id: string): string {
  return `${controlPaths.sessions}/${encodeURIComponent(id)}`;
}

/** POST `{ pid }`. */
export function sessionProcessPath(id: string): string {
  return `${sessionPath(id)}/process`;
}

const auth = z.discriminatedUnion('type', [
  z.object({ type: z.literal('bearer') }),
  z.object({ type: z.literal('x-api-key') }),
  z.object({ type: z.literal('header'), name: z.string() }),
  z.object({ type: z.literal('query'), name: z.string() }),
  z.object({ type: z.literal('none') }),
]);
const milliseconds = z.number().positive();

/** What the gateway needs of a server; more may be there. */
const server = z.looseObject({
  name: z.string().min(1),
  displayName: z.string(),
  kind: z.enum(serverKindIds),
  baseUrl: z.url({ protocol: /^https?$/ }),
  openaiPath: z.string(),
  protocols: z.array(z.enum(protocols)),
  placement: z.enum(placements),
  auth,
  credential: z.looseObject({ store: z.enum(['env', 'secret', 'file']), name: z.string() }).optional(),
  headers: z.record(z.string(), z.string()),
  extraBody: z.record(z.string(), z.unknown()).optional(),
  proxy: z.string().optional(),
  requestTimeoutMs: milliseconds,
  timeouts: z.object({ connectMs: milliseconds.optional(), firstByteMs: milliseconds.optional(), idleMs: milliseconds.optional() }).optional(),
});

const spec = z.object({
  id: z.string().min(1).max(200),
  delegator: z.string().optional(),
  displayName: z.string(),
  llmTool: z.string(),
  targets: z
    .array(
      z.object({
        server: server as unknown as z.ZodType<ModelServer>,
        model: z.string().min(1),
        names: z.array(z.string()),
        speaks: z.array(z.enum(protocols)),
        contextWindow: z.number().positive().optional(),
        capabilities: z.array(z.string()).optional(),
      }),
    )
    .min(1),
  strictNames: z.boolean(),
});

export const sessionRequestSchema = z.object({
  spec: spec as z.ZodType<SessionSpec>,
  keys: z.record(z.string(), z.string()),
  /** The token that agents shall use; without it the gateway makes one. */
  token: z.string().min(8).max(512).optional(),
});
export type SessionRequest = z.output<typeof sessionRequestSchema>;

/** Values by the name that an `env:NAME` or `secret:NAME` of operator.toml has. Kept in memory. */
export const handedKeysSchema = z.object({ env: z.record(z.string(), z.string()), secret: z.record(z.string(), z.string()) });
export type HandedKeysRequest = z.output<typeof handedKeysSchema>;

export const proofSchema = z.object({ proof: z.string() });
export const sessionTokenSchema = z.object({ token: z.string() });
export const sessionProcessSchema = z.object({ pid: z.int().positive() });

/** `restart` leaves its sessions and its port to the next one. */
export const stopSchema = z.object({ restart: z.boolean() });

const session = z.looseObject({
  id: z.string(),
  delegator: z.string().optional(),
  displayName: z.string(),
  llmTool: z.string(),
  model: z.string(),
  modelServer: z.string(),
  since: z.number(),
  usage: z.looseObject({
    requests: z.number(),
    failures: z.number(),
    inputTokens: z.number().optional(),
    outputTokens: z.number().optional(),
    lastError: z.object({ message: z.string(), at: z.number() }).optional(),
    lastRequestAt: z.number().optional(),
  }),
  warnings: z.array(z.string()),
  waiting: z.boolean(),
});

export const gatewayStatusSchema: z.ZodType<GatewayStatus> = z.looseObject({
  version: z.string(),
  pid: z.number(),
  address: z.string(),
  since: z.number(),
  sessions: z.array(session),
  ending: z.enum(['stop', 'restart']).optional(),
});

/** One request of an agent or program, without anything that was said in it. */
export const requestRecordSchema = z.looseObject({
  /** Epoch ms of its end. */
  at: z.number(),
  method: z.string(),
  /** Without query and token. */
  path: z.string(),
  status: z.number(),
  /** False: the client went before the end. */
  complete: z.boolean(),
  ms: z.number(),
  /** What it was understood as, where it came that far. */
  model: z.string().optional(),
  modelServer: z.string().optional(),
  from: z.enum(protocols).optional(),
  to: z.enum(protocols).optional(),
  inputTokens: z.number().optional(),
  outputTokens: z.number().optional(),
  error: z.string().optional(),
});
export type RequestRecord = z.output<typeof requestRecordSchema>;

export const gatewayLockSchema: z.ZodType<GatewayLock> = z.object({
  pid: z.int().positive(),
  port: z.int().min(1).max(65_535),
  adminToken: z.string().min(20),
  version: z.string(),
  startedAt: z.number(),
});

/** How a gateway process is told what to be: one line of JSON on its standard input. Holds the admin token, which is in no argv. */
export const gatewayOrdersSchema = z.object({
  /** `shared`: the one of this user, found through its lock file. `foreground`: of one command, ends with it. */
  mode: z.enum(['shared', 'foreground']),
  /** Absolute folder of lock, sessions and log. */
  stateDir: z.string(),
  version: z.string(),
  host: z.string().optional(),
  port: z.int().min(0).max(65_535).optional(),
  /** Names under which it may be called besides loopback ones. */
  hosts: z.array(z.string()).optional(),
  adminToken: z.string().min(20),
  /** How long it stays without sessions. */
  idleMs: z.number().nonnegative(),
  /** `debug` logs every request. */
  logLevel: z.string().optional(),
  /** The workspace of a REST request that names none: its folder, and the file that stands for its operator.toml. */
  workspace: z.object({ root: z.string(), file: z.string() }).optional(),
});
export type GatewayOrders = z.output<typeof gatewayOrdersSchema>;

/** The one line that a gateway process prints. */
export const gatewayAnswerSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('listening'), address: z.string(), pid: z.number() }),
  /** Another one is there already, or won the race. */
  z.object({ state: z.literal('already-running') }),
  z.object({ state: z.literal('failed'), message: z.string(), hint: z.string().optional() }),
]);
export type GatewayAnswer = z.output<typeof gatewayAnswerSchema>;
