/**
 * Whether an answer means that the server has no such endpoint at all, and not that it has no such model: then another
 * protocol of the same server can be asked. In doubt the answer is the client's to read. Pure.
 */
import { errorBody } from './protocol/error-answers.ts';
import { isJsonObject, parseJson } from './protocol/json.ts';

type Headers = Readonly<Record<string, string | string[]>>;

/** LM Studio answers 200 with a short text to whatever it does not know. */
const longestUnexpected = 300;

/** By status and headers alone: whether the body is worth a look before anything is sent on. */
export function mayBeAbsent(status: number, headers: Headers): boolean {
  if (status === 404 || status === 405 || status === 501) return true;
  return status === 200 && /^application\/json\b/i.test(String(headers['content-type'] ?? '')) && Number(headers['content-length'] ?? Infinity) <= longestUnexpected;
}

/**
 * What servers say of an unknown path: OpenAI, Groq, llama.cpp, FastAPI (vLLM, LiteLLM, SGLang), Express, Kong, Go (Ollama).
 * Everything else in JSON is about the request.
 */
const wordings = /^\s*(?:not[ _]found|file not found|method not allowed|not implemented|page not found|resource not found|404 page not found)\s*\.?\s*$|invalid url|unknown (?:request )?url|unknown (?:path|route|endpoint)|no route|unexpected endpoint|cannot post|(?:endpoint|route|path|url|uri|resource)\b.{0,40}\b(?:not found|does not exist|not supported|not exist)|not found\W*(?:endpoint|route|path|url)/i;

export function saysRouteAbsent(status: number, headers: Headers, body: string, model: string): boolean {
  if (!mayBeAbsent(status, headers)) return false;
  const json = parseJson(body);
  if (status === 200) return isJsonObject(json) && typeof json['error'] === 'string' && /unexpected endpoint or method/i.test(json['error']);
  // Paths may hold a model's name, or the word itself.
  const words = (json === undefined ? body : (errorBody(json).message ?? '')).replaceAll(/\/[^\s"'<>]+/g, ' ');
  if (/\bmodels?\b/i.test(words) || (model !== '' && words.includes(model))) return false;
  if (status !== 404 || json === undefined) return true;
  return words.trim() === '' || wordings.test(words);
}
