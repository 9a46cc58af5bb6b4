/** `operator chat`: talks to a model with no agent installed. */
import { OperatorError } from '../../core/errors.ts';
import { createNodePorts } from '../../platform/ports.ts';
import { type ChatEndpoint, type ChatTarget, endpointFromFlags, endpointFromOperator } from '../chat/endpoint.ts';
import { isPipeOrFile, readAll } from '../input/piped.ts';
import { type GlobalOptions, refuseBrokenFile, type Session } from '../session.ts';

export interface ChatCommandOptions extends GlobalOptions {
  readonly delegator?: string;
  readonly modelServer?: string;
  readonly model?: string;
  readonly prompt?: string;
  readonly print?: boolean;
  readonly baseUrl?: string;
  readonly openaiPath?: string;
  readonly protocol?: string;
  readonly serverName?: string;
}

/** More would not fit into any model. */
const maxPipedBytes = 32 * 1024 * 1024;

export async function chat(session: Session, options: ChatCommandOptions): Promise<number> {
  const target = targetOf(options);
  const interactive = options.print !== true && process.stdin.isTTY === true && process.stdout.isTTY === true;
  const prompt = interactive ? options.prompt : await readPrompt(options.prompt);
  const { endpoint, ports } = await open(session, options, target);
  if (interactive) {
    const { chatInteractively } = await import('../chat/interactive.ts');
    return chatInteractively(session, endpoint, prompt, ports);
  }
  const { printAnswer } = await import('../chat/print.ts');
  return printAnswer(session, endpoint, prompt ?? '', ports);
}

function usage(message: string, hint: string): OperatorError {
  return new OperatorError('usage', message, { hint });
}

/** Undefined: everything is in the flags. */
function targetOf({ delegator, modelServer, model, baseUrl }: ChatCommandOptions): ChatTarget | undefined {
  if (baseUrl !== undefined) {
    if (delegator !== undefined || modelServer !== undefined) throw usage('--base-url cannot be combined with --delegator or --model-server', 'Name the server in one way');
    return undefined;
  }
  if (delegator !== undefined) {
    if (modelServer !== undefined || model !== undefined) throw usage(`--delegator cannot be combined with ${modelServer === undefined ? '--model' : '--model-server'}`, 'Either name a delegator, or a model server and a model');
    return { type: 'delegator', delegator };
  }
  if (modelServer === undefined && model !== undefined && model.includes('/')) return { type: 'model', model };
  if (modelServer === undefined) throw usage('chat needs --delegator, or --model-server and --model', "'operator delegators' and 'operator servers' show the names; a local model may be named with its server, such as --model ollama/llama3.2");
  return { type: 'server', modelServer, model };
}

async function open(session: Session, options: ChatCommandOptions, target: ChatTarget | undefined): Promise<{ readonly endpoint: ChatEndpoint; readonly ports: ReturnType<typeof createNodePorts> }> {
  if (target === undefined) {
    const ports = createNodePorts();
    const endpoint = endpointFromFlags({ ...options, baseUrl: options.baseUrl ?? '' }, ports.env.get, ports);
    ports.redactor.add(endpoint.key);
    return { endpoint, ports };
  }
  const opened = await session.open(options);
  refuseBrokenFile(opened);
  return { endpoint: await endpointFromOperator(opened.operator, target, opened.ports), ports: opened.ports };
}

/** The prompt and what is piped in, as one message. */
async function readPrompt(prompt: string | undefined): Promise<string> {
  const waits = !process.stdin.isTTY && (prompt === undefined || isPipeOrFile(0));
  const piped = waits ? (await readAll(process.stdin, maxPipedBytes)).trimEnd() : '';
  const message = [prompt, piped].filter((part) => part !== undefined && part.trim() !== '').join('\n\n');
  if (message === '') throw usage('there is nothing to ask', 'Add --prompt TEXT, or pipe the question in');
  return message;
}
