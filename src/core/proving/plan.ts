/** What a test would do and may cost, before it does anything. Pure. */
import { plural } from '../../base/text.ts';
import type { ModelServer } from '../config/model.ts';
import type { ModelInfo } from '../servers/health.ts';
import { formatCount } from '../status/format.ts';
import { levelOf, maxTokens } from './levels.ts';
import { type LevelId, levelIds, type TestPlan } from './model.ts';

/** The given levels and what they need, in order; all when none is given. */
export function withNeeds(wanted: readonly LevelId[] | undefined): readonly LevelId[] {
  if (wanted === undefined) return levelIds;
  const all = new Set<LevelId>();
  const add = (id: LevelId): void => {
    if (all.has(id)) return;
    all.add(id);
    levelOf(id).needs.forEach(add);
  };
  wanted.forEach(add);
  return levelIds.filter((id) => all.has(id));
}

export interface PlanFacts {
  readonly server: ModelServer;
  /** Entity id, or the address of a server that is not declared. */
  readonly serverId: string;
  readonly model: string;
  /** From the server's own list, where it was read. */
  readonly info: ModelInfo | undefined;
  readonly levels: readonly LevelId[] | undefined;
}

export function planTest({ server, serverId, model, info, levels: wanted }: PlanFacts): TestPlan {
  const ids = withNeeds(wanted);
  const running = ids.map(levelOf).filter((level) => wanted?.includes(level.id) === true || level.skip?.({ server, model, info }) === undefined);
  const requests = running.reduce((sum, level) => sum + level.requests, 0);
  const input = running.reduce((sum, level) => sum + level.requests * level.inputTokens, 0);
  const output = requests * maxTokens;
  const paid = isPaid(server, model, info);
  const where = info?.capabilities?.includes('cloud') === true || isCloudModel(server, model) ? `${server.name}, which passes it on to its vendor's cloud` : `${server.name} (${server.placement})`;
  return {
    serverId,
    modelServer: server.name,
    model,
    placement: server.placement,
    levels: ids,
    paid,
    requests,
    tokens: { input, output },
    words: `Testing ${model} sends at most ${plural(requests, 'request')} to ${where}: about ${formatCount(input)} tokens in, at most ${formatCount(output)} out${paid ? ', which may be charged' : ''}`,
  };
}

/** Nobody's hardware but somebody else's: it may cost money unless its price is known to be nothing. */
function isPaid(server: ModelServer, model: string, info: ModelInfo | undefined): boolean {
  if (server.placement !== 'third-party' && info?.capabilities?.includes('cloud') !== true && !isCloudModel(server, model)) return false;
  return !(info?.price?.inputMicros === 0 && info.price.outputMicros === 0);
}

/** Models of Ollama's cloud are listed by the Ollama of this machine, with these endings: https://docs.ollama.com/cloud */
function isCloudModel({ kind }: ModelServer, model: string): boolean {
  return kind === 'ollama' && /[:-]cloud$/.test(model);
}
