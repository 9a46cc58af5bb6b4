/** What may stand where the cursor is. Reads the commands and options from the program itself, so that it cannot forget one. */
import type { Command, Option } from 'commander';
import { levelIds } from '../../core/proving/model.ts';
import { serverKindIds } from '../../core/servers/kinds.ts';
import { keysOfEntries, valuesOfKey } from './entry-keys.ts';

/** Names out of operator.toml. */
export interface CompletionNames {
  readonly delegators: readonly string[];
  /** The builtin ones among them. */
  readonly servers: readonly string[];
  readonly declaredServers: readonly string[];
  /** Those that the prefixes of model names stand for and operator.toml does not name. */
  readonly impliedServers: readonly string[];
  /** Those whose models can be pulled, loaded and the like. */
  readonly managedServers: readonly string[];
  readonly tools: readonly string[];
  /** Models of a server, or of all, as far as lists of them are kept; no server is asked. */
  models(server: string | undefined): Promise<readonly string[]>;
}

/** The shell completes file names instead. */
export const completeFiles = '@files';
export const completeFolders = '@folders';

/** `words` are those behind `operator`; the last one is being typed and may be empty. */
export async function candidatesFor(program: Command, words: readonly string[], names: () => Promise<CompletionNames>): Promise<readonly string[]> {
  const typed = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  if (before.includes('--')) return [];
  const { command, previous, given, values, servers } = walk(program, before);
  const candidates = previous ? await valuesOf(previous, command, names, servers) : typed.startsWith('-') ? optionsOf(command, program, given) : await argumentsOf(command, values, servers, names);
  return candidates.filter((candidate) => candidate.startsWith('@') || candidate.startsWith(typed));
}

interface Place {
  readonly command: Command;
  /** An option whose value is being typed. */
  readonly previous: Option | undefined;
  readonly given: ReadonlySet<string>;
  /** Arguments of the command so far. */
  readonly values: readonly string[];
  /** Model servers that options named so far. */
  readonly servers: readonly string[];
}

function walk(program: Command, words: readonly string[]): Place {
  let command = program;
  let previous: Option | undefined;
  const given = new Set<string>();
  const values: string[] = [];
  const servers: string[] = [];
  for (const word of words) {
    if (previous) {
      if (isServerOption(previous.long)) servers.push(word);
      previous = undefined;
      continue;
    }
    if (word.startsWith('-')) {
      const [name = word, value] = word.split(/=(.*)/s, 2);
      given.add(name);
      if (isServerOption(name) && value) servers.push(value);
      previous = word.includes('=') ? undefined : findOption(command, program, word);
      continue;
    }
    const sub = values.length === 0 ? command.commands.find((each) => each.name() === word) : undefined;
    if (sub) command = sub;
    else values.push(word);
  }
  return { command, previous, given, values, servers };
}

function isServerOption(name: string | undefined): boolean {
  return name === '--model-server' || name === '--server';
}

function findOption(command: Command, program: Command, word: string): Option | undefined {
  const option = [...command.options, ...program.options].find(({ long, short }) => long === word || short === word);
  return option && (option.required || option.optional) ? option : undefined;
}

function optionsOf(command: Command, program: Command, given: ReadonlySet<string>): readonly string[] {
  const all = [...command.options, ...(command === program ? [] : program.options.filter(({ long }) => long === '--config'))];
  const names = all.filter(({ hidden }) => !hidden).flatMap(({ long }) => (long && !given.has(long) ? [long] : []));
  return [...new Set([...names, '--help'])];
}

async function valuesOf({ long }: Option, command: Command, names: () => Promise<CompletionNames>, servers: readonly string[]): Promise<readonly string[]> {
  switch (long) {
    case '--config':
      return [completeFiles];
    case '--cwd':
      return [completeFolders];
    case '--delegator':
      return (await names()).delegators;
    case '--model-server':
      return (await names()).servers;
    case '--server':
      return serversToAsk(command, await names());
    case '--model':
      return (await names()).models(servers.at(-1));
    case '--llm-tool':
      return (await names()).tools;
    case '--kind':
      return serverKindIds;
    case '--level':
      return levelIds;
    case '--unset':
      return keysOfEntries(command.parent?.name() === 'delegator' ? 'delegators' : 'model_servers');
    default:
      return [];
  }
}

async function argumentsOf(command: Command, values: readonly string[], servers: readonly string[], names: () => Promise<CompletionNames>): Promise<readonly string[]> {
  // Commander does not tell which commands are hidden; ours begin with underscores.
  if (command.commands.length > 0) return command.commands.map((sub) => sub.name()).filter((name) => !name.startsWith('_'));
  const group = command.parent?.name();
  if (group === 'server' || group === 'delegator') return entryArguments(command.name(), group, values, names);
  if (group === 'model') return values.length === 0 && command.name() !== 'pull' ? managedModels(servers, await names()) : [];
  switch (command.name()) {
    case 'probe':
      return (await names()).servers;
    case 'test':
      return (await names()).delegators;
    case 'check':
    case 'import':
      return values.length === 0 ? [completeFiles] : [];
    case 'api':
      return (await import('./api-paths.ts')).apiArguments(values, names);
    case 'completion':
      return ['bash', 'zsh', 'fish'];
    default:
      return [];
  }
}

/** What is asked for its models need have no entry. */
function serversToAsk(command: Command, { servers, impliedServers, managedServers }: CompletionNames): readonly string[] {
  return command.parent?.name() === 'model' ? managedServers : [...servers, ...impliedServers];
}

/** What the named server has, or each that can be asked to load and delete. */
async function managedModels(servers: readonly string[], names: CompletionNames): Promise<readonly string[]> {
  const named = servers.at(-1);
  const lists = await Promise.all((named === undefined ? names.managedServers : [named]).map((server) => names.models(server)));
  return [...new Set(lists.flat())];
}

/** The name of an entry that is there, then a key, then what it may be set to. */
async function entryArguments(command: string, group: 'server' | 'delegator', values: readonly string[], names: () => Promise<CompletionNames>): Promise<readonly string[]> {
  if (command === 'add') return [];
  if (values.length === 0) return group === 'delegator' ? (await names()).delegators : (await names()).declaredServers;
  if (command !== 'set') return [];
  const table = group === 'delegator' ? 'delegators' : 'model_servers';
  const [, key] = values;
  if (key === undefined) return keysOfEntries(table);
  if (key === 'model_server') return (await names()).servers;
  if (key === 'llm_tool') return (await names()).tools;
  return valuesOfKey(table, key);
}
