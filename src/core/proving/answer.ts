/** One answer of a model in OpenAI's chat format, put together from its stream or read in one piece. Tolerant: servers differ. */
import * as z from 'zod';
import { errorMessageOf, isErrorReply } from '../chat/reply.ts';

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** As the model wrote it: JSON, it is hoped. */
  readonly arguments: string;
}

/** What a model said, whole. */
export interface Answer {
  readonly text: string;
  /** Thoughts that the server showed. */
  readonly reasoning: string;
  readonly toolCalls: readonly ToolCall[];
  /** The server's own word for why it ended; absent where it said nothing. */
  readonly finish?: string;
  readonly usage?: AnswerUsage;
}

export interface AnswerUsage {
  readonly inputTokens?: number;
  /** Thoughts included. */
  readonly outputTokens?: number;
  /** Of them, thoughts. */
  readonly reasoningTokens?: number;
}

export interface AnswerReader {
  /** One chunk of a stream, or a whole answer. @returns what it added, or the server's own words about what went wrong */
  read(value: unknown): Added;
  answer(): Answer;
}

/** `piece`: something of the answer itself. `nothing`: a role, a count, a sign of life. */
export type Added = { readonly type: 'piece' } | { readonly type: 'nothing' } | { readonly type: 'error'; readonly message: string } | { readonly type: 'foreign' };

const content = z.union([z.string(), z.array(z.looseObject({ type: z.string().nullish(), text: z.string().nullish() }))]).nullish();
const callPart = z.looseObject({
  index: z.number().nullish(),
  id: z.string().nullish(),
  /** Ollama's older builds write the arguments as an object here, too. */
  function: z.looseObject({ name: z.string().nullish(), arguments: z.unknown().optional() }).nullish(),
});
const message = z.looseObject({ content, reasoning_content: z.string().nullish(), reasoning: z.string().nullish(), refusal: z.string().nullish(), tool_calls: z.array(callPart).nullish() });
const usage = z.looseObject({
  prompt_tokens: z.number().nullish(),
  completion_tokens: z.number().nullish(),
  completion_tokens_details: z.looseObject({ reasoning_tokens: z.number().nullish() }).nullish(),
});
const chunk = z.looseObject({
  choices: z.array(z.looseObject({ delta: message.nullish(), message: message.nullish(), finish_reason: z.string().nullish() })).nullish(),
  usage: usage.nullish(),
});

/** Nobody asks for more calls at once; a stream that counts further is broken. */
const maxCalls = 64;

export function createAnswerReader(): AnswerReader {
  let text = '';
  let reasoning = '';
  let finish: string | undefined;
  let counted: AnswerUsage | undefined;
  const calls: { id: string; name: string; arguments: string }[] = [];

  function addCall(part: z.infer<typeof callPart>, position: number): boolean {
    const { id, function: called } = part;
    // Servers that leave out the index send each call whole; one without a name goes on with the call before it.
    const begins = typeof called?.name === 'string' && called.name !== '';
    const index = part.index ?? (begins ? calls.length : Math.max(0, calls.length - 1, position));
    if (index < 0 || index >= maxCalls || !Number.isInteger(index)) return false;
    while (calls.length <= index) calls.push({ id: '', name: '', arguments: '' });
    const call = calls[index];
    if (!call) return false;
    if (id) call.id = id;
    if (begins && call.name === '') call.name = called.name ?? '';
    const written = called?.arguments;
    if (typeof written === 'string') call.arguments += written;
    else if (written !== undefined && written !== null) call.arguments += JSON.stringify(written);
    return true;
  }

  return {
    read(value) {
      if (isErrorReply(value)) return { type: 'error', message: errorMessageOf(value) ?? 'an error without words' };
      const parsed = chunk.safeParse(value);
      if (!parsed.success) return { type: 'foreign' };
      if (parsed.data.usage) counted = usageOf(parsed.data.usage);
      const choice = parsed.data.choices?.[0];
      if (!choice) return { type: 'nothing' };
      if (choice.finish_reason) finish = choice.finish_reason;
      const said = choice.delta ?? choice.message;
      const added = textOf(said?.content) + (said?.refusal ?? '');
      const thought = said?.reasoning_content ?? said?.reasoning ?? '';
      text += added;
      reasoning += thought;
      let isPiece = added !== '' || thought !== '';
      said?.tool_calls?.forEach((part, position) => {
        isPiece = addCall(part, position) || isPiece;
      });
      return { type: isPiece ? 'piece' : 'nothing' };
    },
    answer() {
      const { said, thought } = withoutThinkTags(text);
      return {
        text: said,
        reasoning: reasoning + thought,
        toolCalls: calls.filter(({ name }) => name !== '').map((call, index) => ({ ...call, id: call.id === '' ? `call_${index}` : call.id })),
        ...(finish !== undefined && { finish }),
        ...(counted && { usage: counted }),
      };
    },
  };
}

function textOf(said: z.infer<typeof content>): string {
  if (typeof said === 'string') return said;
  return said?.map(({ text }) => text ?? '').join('') ?? '';
}

/** Servers without a parser for thoughts leave them in the text. */
function withoutThinkTags(text: string): { readonly said: string; readonly thought: string } {
  const [whole, thought = ''] = /^\s*<think>([\s\S]*?)(?:<\/think>|$)/.exec(text) ?? [];
  return whole === undefined ? { said: text, thought: '' } : { said: text.slice(whole.length).trimStart(), thought };
}

function usageOf({ prompt_tokens, completion_tokens, completion_tokens_details }: z.infer<typeof usage>): AnswerUsage {
  const reasoningTokens = completion_tokens_details?.reasoning_tokens;
  return {
    ...(typeof prompt_tokens === 'number' && { inputTokens: prompt_tokens }),
    ...(typeof completion_tokens === 'number' && { outputTokens: completion_tokens }),
    ...(typeof reasoningTokens === 'number' && { reasoningTokens }),
  };
}
