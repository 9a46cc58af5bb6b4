/**
 * Which of the protocols that depend on a server's version it really speaks: an empty request to each route, which no server
 * can act on. A route that is there complains about what is missing; one that is not there is not found.
 */
import { assertNever } from '../../base/assert.ts';
import { parseJson } from '../../base/json.ts';
import type { ModelServer } from '../config/model.ts';
import type { Protocol } from '../protocol.ts';
import { apiUrl } from './address.ts';
import { ask, type Asker, type Reply } from './ask.ts';
import type { Health } from './health.ts';
import { isUnknownEndpoint } from './listing/lmstudio.ts';
import { serverKind } from './kinds.ts';

/** Errors are short. A server that answers more than this is not refusing. */
const maxBytes = 64 * 1024;

/**
 * All protocols that the server speaks, ordered as the entry has them; undefined when there is nothing to ask: hosted
 * vendors are documented, and their servers are not to be probed.
 *
 * @param version as the server just told it
 * @param previous of the last probe: the same version of the same server is not asked again
 */
export async function askAbilities(asker: Asker, server: ModelServer, version: string | undefined, previous: Health | undefined): Promise<readonly Protocol[] | undefined> {
  const candidates = serverKind(server.kind).versionDependent;
  if (candidates.length === 0 || server.placement === 'third-party') return undefined;
  if (previous?.speaks && isSameServer(previous, version)) return previous.speaks;
  const found = new Map(await Promise.all(candidates.map(async (protocol) => [protocol, await speaks(asker, server, protocol)] as const)));
  // Not told, so that the next probe asks again: half an answer would be taken for all that this version has to say.
  if ([...found.values()].includes('no-answer')) return undefined;
  return [...server.protocols, ...candidates.filter((protocol) => !server.protocols.includes(protocol))].filter((protocol) => {
    const answer = found.get(protocol);
    return answer === undefined || answer === 'unclear' ? server.protocols.includes(protocol) : answer === 'yes';
  });
}

/** Servers that tell no version count as the same as long as they did not go away in between. */
function isSameServer(previous: Health, version: string | undefined): boolean {
  if (version !== undefined || previous.version !== undefined) return version === previous.version;
  return previous.state !== 'offline' && previous.state !== 'unreachable' && previous.state !== 'starting';
}

type Spoken =
  | 'yes'
  | 'no'
  /** The server answers every path alike, so its kind's documentation counts. */
  | 'unclear'
  /** Busy, cut off, too slow: another time. */
  | 'no-answer';

async function speaks(asker: Asker, server: ModelServer, protocol: Protocol): Promise<Spoken> {
  const body = emptyBody(server);
  const answer = judgeRoute(await ask(asker, { url: routeOf(server, protocol), method: 'POST', body, maxBytes }));
  if (answer !== 'yes' || isKnownWell(server)) return answer;
  // Some servers complain about every request before they look at its path. A path that nobody has tells.
  const control = judgeRoute(await ask(asker, { url: apiUrl(server, 'openai-chat', '/operator-asks-for-nothing'), method: 'POST', body, maxBytes }));
  return control === 'no' ? 'yes' : control === 'yes' ? 'unclear' : control;
}

function judgeRoute(reply: Reply): Spoken {
  if (reply.type === 'redirect') return 'no';
  if (reply.type !== 'answer') return 'no-answer';
  const { status, headers, text } = reply;
  if (status === 404 || status === 405 || status === 410 || status === 501) return 'no';
  if (status === 408 || status === 429 || (status >= 502 && status <= 504)) return 'no-answer';
  const isElsewhere = /\btext\/html\b/i.test(headers['content-type'] ?? '') || isUnknownEndpoint(parseJson(text));
  return isElsewhere || (status >= 300 && status <= 399) ? 'no' : 'yes';
}

function routeOf(server: ModelServer, protocol: Protocol): string {
  switch (protocol) {
    case 'anthropic-messages':
      return apiUrl(server, protocol, '/messages');
    case 'openai-responses':
      return apiUrl(server, protocol, '/responses');
    case 'openai-chat':
      return apiUrl(server, protocol, '/chat/completions');
    case 'ollama':
      return apiUrl(server, protocol, '/chat');
    case 'gemini':
      return apiUrl(server, protocol, '/models');
    default:
      return assertNever(protocol);
  }
}

/** Servers whose answers to `{}` are known: they check the request before they do anything. */
function isKnownWell(server: ModelServer): boolean {
  return server.kind === 'ollama' || server.kind === 'lmstudio' || server.kind === 'llamacpp' || server.kind === 'vllm';
}

/**
 * Elsewhere a request without a model could be given to a default one (LocalAI does that), which would load it; what is
 * no JSON at all can be given to nobody.
 */
function emptyBody(server: ModelServer): string {
  return isKnownWell(server) ? '{}' : '{';
}
