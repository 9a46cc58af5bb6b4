/** The probe: lists the models, and says what is wrong, since when, and what to do. */
import { plural } from '../../base/text.ts';
import type { ModelServer } from '../config/model.ts';
import type { Clock, Http } from '../ports.ts';
import { askAbilities } from './abilities.ts';
import { type Asker, throwIfCancelled } from './ask.ts';
import { startDeadline } from './deadline.ts';
import { askDetails, type Details } from './details.ts';
import { causesOfNoList, type Health, type ModelInfo } from './health.ts';
import { readListing } from './listing/read.ts';
import { serverKind } from './kinds.ts';
import { keyMissing, type Verdict } from './verdict.ts';
import { vulnerabilityWarnings } from './vulnerabilities.ts';

/** The key of a server as its reference resolved. */
export type ProbeKey =
  /** No key is named. */
  | { readonly state: 'none' }
  | { readonly state: 'set'; readonly value: string }
  /** A key is named and cannot be had; `message` says why. */
  | { readonly state: 'unset'; readonly message: string };

export interface ProbeRequest {
  readonly server: ModelServer;
  readonly key: ProbeKey;
  readonly http: Http;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** For everything together. */
  readonly timeoutMs?: number;
  /** Of the last probe: `since` goes on while nothing changed, and what the same version speaks is not asked again. */
  readonly previous?: Health;
}

const listingLimits = { maxPages: 10, maxBytes: 4 * 1024 * 1024 };

/** One attempt, no retry. @throws OperatorError 'cancelled' when `signal` is aborted, and nothing else */
export async function probeServer(request: ProbeRequest): Promise<Health> {
  const { server, key, http, clock, signal, timeoutMs = 2000, previous } = request;
  throwIfCancelled(signal);
  const kind = serverKind(server.kind);
  const started = clock.now();
  if (key.state === 'unset' && kind.keyRequired) return toHealth(request, keyMissing({ server }, key.message), undefined, started);

  const asker: Asker = { server, key: key.state === 'set' ? key.value : undefined, http, clock, deadline: startDeadline(clock, timeoutMs), signal };
  const listed = await readListing(asker, server, listingLimits);
  if (!listed.ok) {
    const { latencyMs } = listed;
    const declared = declaredInstead(server, listed.verdict);
    return toHealth(request, declared ?? listed.verdict, declared ? { models: declaredModels(server), warnings: [] } : undefined, started, latencyMs);
  }
  const details = await askDetails(asker, server, listed.models, listed.answer);
  const isKept = details.verdict !== undefined || (details.isAsleep && previous?.version === details.version);
  const speaks = isKept ? previous?.speaks : details.isAsleep ? undefined : await askAbilities(asker, server, details.version, previous);
  const version = details.version ?? (isKept ? previous?.version : undefined);
  throwIfCancelled(signal);
  const models = withDeclared(details.models, server);
  const verdict = details.verdict ?? (key.state === 'unset' ? keyMissing({ server }, key.message) : judgeModels(models, server));
  const warnings = [...listed.warnings, ...warningsFor(server, key, details)];
  return toHealth(request, { httpStatus: listed.answer.status, ...verdict }, { models, speaks, version, warnings }, started, listed.latencyMs);
}

/** A server that answers without a usable list, and whose models are written down: that is as good. */
function declaredInstead(server: ModelServer, { cause, httpStatus }: Verdict): Verdict | undefined {
  if (server.models.length === 0 || !causesOfNoList.includes(cause)) return undefined;
  return { state: 'healthy', cause: 'listed', httpStatus, message: `Answers; ${plural(server.models.length, 'model')} named in operator.toml` };
}

function declaredModels(server: ModelServer): readonly ModelInfo[] {
  return server.models.map((id) => ({ id, type: 'chat' }));
}

function withDeclared(models: readonly ModelInfo[], server: ModelServer): readonly ModelInfo[] {
  const listed = new Set(models.map(({ id }) => id));
  return [...models, ...declaredModels(server).filter(({ id }) => !listed.has(id))];
}

function judgeModels(models: readonly ModelInfo[], server: ModelServer): Verdict {
  const hint = serverKind(server.kind).modelsHint;
  if (models.length === 0) return { state: 'no-models', cause: 'empty-list', message: 'It runs, and has no model', hint };
  if (models.every(({ type }) => type === 'embedding')) return { state: 'no-models', cause: 'empty-list', message: `It runs, and has ${models.length === 1 ? 'an embedding model' : 'embedding models'} only: none that can chat`, hint };
  return { state: 'healthy', cause: 'listed', message: `Lists ${plural(models.length, 'model')}` };
}

function warningsFor(server: ModelServer, key: ProbeKey, { version }: Details): readonly string[] {
  const isOpen = server.kind === 'ollama' && server.placement !== 'local' && key.state === 'none' && Object.keys(server.headers).length === 0;
  const isReadable = key.state === 'set' && server.placement === 'third-party' && server.baseUrl.startsWith('http://');
  return [
    ...vulnerabilityWarnings(server.kind, version, serverKind(server.kind).displayName),
    ...(isOpen ? ['This Ollama takes orders from anybody who can reach it, also to delete models: a proxy that asks for a key protects it'] : []),
    ...(isReadable ? ['The key travels unencrypted: base_url says http, not https'] : []),
  ];
}

interface Findings {
  readonly models: readonly ModelInfo[];
  readonly speaks?: Health['speaks'];
  readonly version?: string;
  readonly warnings: readonly string[];
}

/** Without findings, what the last probe knew of the software stays: a server that is off speaks what it spoke. */
function toHealth({ clock, previous }: ProbeRequest, verdict: Verdict, findings: Findings | undefined, started: number, latencyMs?: number): Health {
  const isUnchanged = previous !== undefined && previous.state === verdict.state && previous.cause === verdict.cause;
  const version = findings ? findings.version : previous?.version;
  const speaks = findings ? findings.speaks : previous?.speaks;
  return {
    ...verdict,
    since: isUnchanged ? previous.since : started,
    checkedAt: clock.now(),
    ...(latencyMs !== undefined && { latencyMs }),
    ...(version !== undefined && { version }),
    ...(speaks && { speaks }),
    models: findings?.models ?? [],
    warnings: findings?.warnings ?? [],
  };
}
