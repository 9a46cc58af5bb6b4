/** What a server tells besides its list: its version, what is loaded, whether the key is any good. Asked after the list, and only where the kind has it. */
import * as z from 'zod';
import { parseJson } from '../../base/json.ts';
import type { ModelServer } from '../config/model.ts';
import { apiUrl, openaiBaseUrl } from './address.ts';
import { type Answer, ask, type Asker, type Reply } from './ask.ts';
import type { ModelInfo } from './health.ts';
import { filled } from './listing/page.ts';
import { parseLlamacppProps, withProps } from './listing/llamacpp.ts';
import { withRunning } from './listing/ollama.ts';
import { keyMissing, keyRefused, loadingModel, type Verdict } from './verdict.ts';

export interface Details {
  readonly models: readonly ModelInfo[];
  readonly version?: string;
  /** Beats "listed": the server lists models and cannot be used all the same. */
  readonly verdict?: Verdict;
  /** Nothing may be asked that would wake it. */
  readonly isAsleep?: boolean;
}

const maxBytes = 1024 * 1024;

/** What cannot be found out is left out: the list counts. */
export async function askDetails(asker: Asker, server: ModelServer, models: readonly ModelInfo[], listed: Answer): Promise<Details> {
  switch (server.kind) {
    case 'ollama': {
      const [running, version] = await Promise.all([askJson(asker, apiUrl(server, 'ollama', '/ps')), askVersion(asker, apiUrl(server, 'ollama', '/version'))]);
      return { models: withRunning(models, running), ...version };
    }
    case 'llamacpp':
      return askLlamacpp(asker, server, models);
    case 'vllm':
    case 'localai':
      return { models, ...(await askVersion(asker, `${server.baseUrl}/version`)) };
    case 'litellm':
      return { models, ...(await askLitellmVersion(asker, server, listed)) };
    case 'openrouter':
      return { models, ...(await checkOpenrouterKey(asker, server)) };
    default:
      return { models };
  }
}

/** The list is open to everybody there, and in some versions answers while the model is still being loaded; /props does neither. */
async function askLlamacpp(asker: Asker, server: ModelServer, models: readonly ModelInfo[]): Promise<Details> {
  const reply = await ask(asker, { url: `${server.baseUrl}/props`, maxBytes });
  if (reply.type === 'answer' && reply.status === 503) return { models, verdict: loadingModel() };
  if (isRefusal(reply)) return { models, verdict: asker.key === undefined ? keyMissing({ server }) : keyRefused({ server }) };
  const props = parseLlamacppProps(jsonOf(reply));
  return props ? { models: withProps(models, props), ...(props.version !== undefined && { version: props.version }), isAsleep: props.isSleeping } : { models };
}

/** OpenRouter lists its models to everybody; `/key` tells whether the key is good, and costs nothing. */
async function checkOpenrouterKey(asker: Asker, server: ModelServer): Promise<{ readonly verdict?: Verdict }> {
  if (asker.key === undefined) return { verdict: keyMissing({ server }) };
  return isRefusal(await ask(asker, { url: `${openaiBaseUrl(server)}/key`, maxBytes })) ? { verdict: keyRefused({ server }) } : {};
}

/** In a header of every answer of newer versions, else in the readiness report, which needs no key. */
async function askLitellmVersion(asker: Asker, server: ModelServer, listed: Answer): Promise<{ readonly version?: string }> {
  const header = filled(listed.headers['x-litellm-version']);
  if (header !== undefined) return { version: header };
  const report = await askJson(asker, `${server.baseUrl}/health/readiness`);
  const version = filled(z.looseObject({ litellm_version: z.string() }).safeParse(report).data?.litellm_version);
  return version === undefined ? {} : { version };
}

async function askVersion(asker: Asker, url: string): Promise<{ readonly version?: string }> {
  const version = filled(z.looseObject({ version: z.string() }).safeParse(await askJson(asker, url)).data?.version);
  return version === undefined ? {} : { version: version.replace(/^v(?=\d)/, '') };
}

async function askJson(asker: Asker, url: string): Promise<unknown> {
  return jsonOf(await ask(asker, { url, maxBytes }));
}

/** Undefined: no answer that counts, or none in JSON. */
function jsonOf(reply: Reply): unknown {
  return reply.type === 'answer' && reply.status === 200 ? parseJson(reply.text) : undefined;
}

function isRefusal(reply: Reply): boolean {
  return reply.type === 'answer' && (reply.status === 401 || reply.status === 403);
}
