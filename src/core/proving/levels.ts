/** The levels, one record each: another level is another record (its id in `model.ts`, what it asks in `questions.ts`). */
import { findModel } from '../delegators/models.ts';
import type { Health } from '../servers/health.ts';
import type { Finding, Level, LevelContext, ModelFacts } from './level.ts';
import type { LevelFailure, LevelId } from './model.ts';
import type { Limits } from './wire.ts';

/** Of one answer. Thinking models spend most of it before the first word; more would be no short answer. */
export const maxTokens = 2_048;

const minute = 60_000;
/** The model may have to be loaded first, from a slow disk. */
const firstAnswer: Limits = { firstByteMs: 10 * minute, totalMs: 12 * minute };
const usual: Limits = { firstByteMs: 3 * minute, totalMs: 5 * minute };
const long: Limits = { firstByteMs: 3 * minute, totalMs: 20 * minute };
const probing: Limits = { firstByteMs: minute, totalMs: minute };

/** What is asked is only loaded when it is. */
const questions = () => import('./questions.ts');

const levels: readonly Level[] = [
  { id: 'reachable', title: 'reachable', needs: [], requests: 0, inputTokens: 0, limits: probing, run: isReachable },
  { id: 'listed', title: 'lists the model', needs: ['reachable'], requests: 0, inputTokens: 0, limits: probing, run: isListed },
  { id: 'answers', title: 'answers', needs: ['reachable'], requests: 1, inputTokens: 30, limits: firstAnswer, run: async (context) => (await questions()).answer(context) },
  { id: 'streams', title: 'streams', needs: ['answers'], requests: 1, inputTokens: 40, limits: usual, run: async (context) => (await questions()).stream(context) },
  { id: 'tool-call', title: 'calls a tool', needs: ['answers'], requests: 1, inputTokens: 250, limits: usual, run: async (context) => (await questions()).callTool(context) },
  { id: 'tool-result', title: "uses the tool's result", needs: ['tool-call'], requests: 1, inputTokens: 400, limits: usual, run: async (context) => (await questions()).useResult(context) },
  { id: 'conversation', title: 'keeps up a conversation', needs: ['tool-result'], requests: 20, inputTokens: 900, limits: long, run: async (context) => (await questions()).converse(context) },
  // Vendors count a small picture with up to this many.
  { id: 'image', title: 'sees an image', needs: ['answers'], requests: 1, inputTokens: 1_500, limits: usual, skip: noClaimToSee, run: async (context) => (await questions()).seePicture(context) },
  { id: 'schema', title: 'keeps to a JSON schema', needs: ['answers'], requests: 1, inputTokens: 200, limits: usual, run: async (context) => (await questions()).keepToSchema(context) },
];

const byId = new Map(levels.map((level) => [level.id, level]));

export function levelOf(id: LevelId): Level {
  const level = byId.get(id);
  if (!level) throw new Error(`no record for level ${id}`);
  return level;
}

/** Whatever it answers, there is an API that takes the key. */
async function isReachable({ probe }: LevelContext): Promise<Finding> {
  const health = await probe();
  const { state, cause } = health;
  const isAway = state === 'offline' || state === 'unreachable' || state === 'misconfigured' || state === 'unauthorized' || state === 'unknown';
  const isNoApi = cause === 'html' || cause === 'not-http' || cause === 'redirect' || cause === 'server-error';
  return isAway || isNoApi ? { type: 'failed', failure: healthFailure(health) } : { type: 'passed', warnings: health.warnings };
}

async function isListed({ probe, server, model }: LevelContext): Promise<Finding> {
  const health = await probe();
  if (health.cause === 'not-found' && health.models.length === 0) return { type: 'skipped', reason: `${server.name} has no list of models` };
  if (health.models.length === 0) return { type: 'failed', failure: healthFailure(health) };
  const found = findModel(health, model);
  if (!found) {
    const ids = health.models.map(({ id }) => id);
    const came = `${ids.slice(0, 8).join(', ')}${ids.length > 8 ? ' …' : ''}`;
    return { type: 'failed', failure: { reason: `${server.name} does not list ${model}`, expected: model, came, hint: `Correct the name; 'operator probe ${server.name}' shows what there is` } };
  }
  if (found.type === 'embedding') return { type: 'failed', failure: { reason: `${model} is an embedding model and cannot answer`, hint: 'Choose a model for chat' } };
  return { type: 'passed' };
}

function healthFailure({ message, hint, state, cause }: Health): LevelFailure {
  const transient = state === 'rate-limited' || state === 'unreachable' || state === 'starting' || cause === 'server-error' || cause === 'overloaded';
  return { reason: message, ...(hint !== undefined && { hint }), ...(transient && { transient }) };
}

function noClaimToSee({ info, server }: ModelFacts): string | undefined {
  if (!info?.capabilities) return `${server.name} does not say whether the model sees images`;
  return info.capabilities.includes('vision') ? undefined : 'The model does not claim to see images';
}
