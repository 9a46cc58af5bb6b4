/** The words of the command line: commands, options, help. Each command's own code is loaded when it runs. */
import { Command, CommanderError, Option } from 'commander';
import { closest } from '../base/text.ts';
import { OperatorError } from '../core/errors.ts';
import { exitCodes } from './exit-codes.ts';
import type { ChatCommandOptions } from './commands/chat.ts';
import type { LogOptions } from './commands/gateway-logs.ts';
import type { LaunchCommandOptions } from './commands/launch.ts';
import type { ModelsOptions } from './commands/models.ts';
import type { ServeOptions } from './commands/serve.ts';
import { addApiCommands } from './program-api.ts';
import { addConfigCommands, addEntryCommands, type Registration } from './program-config.ts';
import { addModelCommands } from './program-models.ts';
import { addTestCommand } from './program-test.ts';
import type { Session } from './session.ts';

/** Where `operator serve` listens: always the same, so that programs can be told once. */
const defaultServePort = 4141;

/** Options that every command has, before or after its name. */
interface CommonOptions {
  readonly config?: string;
}
type ListOptions = CommonOptions & { readonly json?: boolean; readonly probe?: boolean };

export interface Program {
  /** @returns the exit code. @throws OperatorError 'usage', and what the command throws */
  run(args: readonly string[]): Promise<number>;
  /** For completion: every command with its options. */
  readonly root: Command;
}

export function createProgram(session: Session): Program {
  let code: number = exitCodes.done;
  let given: readonly string[] = [];
  const program = new Command('operator');

  /** Every command knows `--config`, so that it may stand anywhere. */
  function command(name: string, description: string, parent = program): Command {
    return parent.command(name).description(description).allowExcessArguments(false).addOption(configOption());
  }
  /** Runs an action with the command's options, `--config` from before or after its name among them. */
  function options<T extends CommonOptions>(of: Command): T {
    return { ...program.opts(), ...(of.parent?.opts() ?? {}), ...of.opts<T>() };
  }

  program
    .description('One place to see and run every coding agent you have against every model you can reach')
    .version(session.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addOption(configOption())
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: false, sortSubcommands: false })
    .addHelpText('after', examples(['operator status --probe', 'operator launch --delegator codex-local', 'operator launch --llm-tool claude --model opus', 'operator chat --model-server ollama-local --model qwen2.5-coder'], 'operator.toml is looked for in this folder and those above it, and in ~/.operator.\nOPERATOR_HOME stands for ~/.operator; OPERATOR_LOG=debug logs to standard error; NO_COLOR takes the colours away.\nExit codes: 0 done, 1 a model failed its test, 2 usage, 3 configuration, 4 refused or not found; a launched agent’s own code otherwise.'));

  const status = command('status', 'show LLM tools, model servers, delegators and problems')
    .option('--probe', 'ask every model server for its state and models first')
    .option('--json', 'print JSON')
    .addHelpText('after', examples(['operator status', 'operator status --probe --json']))
    .action(async () => void (code = await (await import('./commands/status.ts')).status(session, options<ListOptions>(status), 'all')));

  const tools = command('tools', 'show the LLM tools on this machine')
    .option('--json', 'print JSON')
    .action(async () => void (code = await (await import('./commands/status.ts')).status(session, options<ListOptions>(tools), 'llm_tools')));

  const servers = command('servers', 'show the model servers')
    .option('--json', 'print JSON')
    .action(async () => void (code = await (await import('./commands/status.ts')).status(session, options<ListOptions>(servers), 'model_servers')));

  const delegators = command('delegators', 'show the delegators and what they resolve to')
    .option('--json', 'print JSON')
    .action(async () => void (code = await (await import('./commands/status.ts')).status(session, options<ListOptions>(delegators), 'delegators')));

  const probe = command('probe', 'ask model servers for their state and models')
    .argument('[names...]', 'model servers; all of them when none is named')
    .option('--json', 'print JSON')
    .addHelpText('after', examples(['operator probe', 'operator probe ollama-local --json']))
    .action(async (names: string[]) => void (code = await (await import('./commands/probe.ts')).probe(session, names, options<ListOptions>(probe))));

  const models = command('models', 'show what each model server has to choose from, best first')
    .option('--server <name>', 'only this model server; ollama, vllm, lm_studio or llamacpp need no entry')
    .option('--all', 'those too that are old, deprecated, dated or not for agents, each with its reason')
    .option('--preview', 'previews, experiments and dated versions too')
    .option('--refresh', 'ask the servers, however fresh the list is')
    .option('--json', 'print JSON; prices are millionths of a dollar per million tokens')
    .addHelpText('after', examples(['operator models', 'operator models --server openrouter --all', 'operator models --refresh --json | jq -r ".model_servers[].models[].name"'], 'A list is kept for 6 hours; one of up to 7 days is shown at once and refreshed for the next time.\nServers on this machine are always asked. With --server, exit code 4 when there is no list.'))
    .action(async () => void (code = await (await import('./commands/models.ts')).models(session, options<ModelsOptions>(models))));

  const launch = command('launch', 'launch a delegator, or an LLM tool with a model')
    .usage('(--delegator NAME | [--llm-tool NAME] --model NAME [--model-server NAME]) [options] [-- FLAGS...]')
    .argument('[flags...]', 'after `--`: flags for the LLM tool itself')
    .option('--delegator <name>', 'delegator of operator.toml')
    .option('--llm-tool <name>', 'LLM tool; default_tool of operator.toml when left out')
    .option('--model <name>', 'model; ollama/, vllm/, lm_studio/ or llamacpp/ before it name a local server')
    .option('--model-server <name>', "model server; the tool's builtin one when left out")
    .option('--prompt <text>', 'first prompt')
    .option('--print', 'print one answer and end, instead of the interactive screen')
    .option('--cwd <dir>', 'folder to work in')
    .option('--dry-run', 'print the plan, with keys masked, and start nothing')
    .option('--json', 'print the plan of --dry-run as JSON')
    .addHelpText('after', examples(['operator launch --delegator codex-local', 'operator launch --delegator codex-local --prompt "Explain this project" -- --search', 'operator launch --llm-tool codex --model qwen2.5-coder --model-server ollama-local --dry-run', 'operator launch --model ollama/llama3.2'], 'The agent takes the place of this command: signals and the exit code are its own.'))
    .action(async (flags: string[]) => {
      const module = await import('./commands/launch.ts');
      code = await module.launch(session, { ...options<LaunchCommandOptions>(launch), flags: flagsAfterDashes(given, flags) });
    });

  const chat = command('chat', 'chat with a model in the terminal')
    .usage('(--delegator NAME | [--model-server NAME] --model NAME) [options]')
    .option('--delegator <name>', 'chat with the model of this delegator')
    .option('--model-server <name>', 'model server')
    .option('--model <name>', 'model; ollama/, vllm/, lm_studio/ or llamacpp/ before it name a local server')
    .option('--prompt <text>', 'first message')
    .option('--print', 'print only the answer and end; the prompt may come from standard input')
    .addOption(new Option('--base-url <url>').hideHelp())
    .addOption(new Option('--openai-path <path>').hideHelp())
    .addOption(new Option('--protocol <protocol>').hideHelp())
    .addOption(new Option('--server-name <name>').hideHelp())
    .addHelpText('after', examples(['operator chat --model-server ollama-local --model qwen2.5-coder', 'operator chat --model ollama/llama3.2', 'git diff | operator chat --delegator local --print --prompt "Write a commit message"']))
    .action(async () => void (code = await (await import('./commands/chat.ts')).chat(session, options<ChatCommandOptions>(chat))));

  const registration: Registration = {
    session,
    command,
    options,
    examples,
    group(name, description, hint) {
      const group = command(name, description);
      needsCommand(group, hint);
      return group;
    },
    end: async (result) => void (code = await result),
  };
  addModelCommands(registration);
  addTestCommand(registration);
  addEntryCommands(registration);

  const gateway = command('gateway', 'start, stop and look at the gateway, through which agents reach servers of other protocols');
  needsCommand(gateway, "Write 'operator gateway status', 'start', 'stop', 'restart', 'logs' or 'token'");
  const gatewayStatus = command('status', 'show whether it runs, where, and the sessions of agents', gateway)
    .option('--json', 'print JSON; state is "running" or "stopped"')
    .addHelpText('after', examples(['operator gateway status', 'operator gateway status --json | jq -r .state'], 'Ends with 0 whether it runs or not.'))
    .action(async () => void (code = await (await import('./commands/gateway.ts')).gatewayStatus(session, options<ListOptions>(gatewayStatus))));
  const gatewayStart = command('start', 'start it unless it runs; launches that need it do so by themselves', gateway)
    .option('--json', 'print JSON')
    .addHelpText('after', examples(['operator gateway start'], 'There is one for all windows and terminals. It ends by itself five minutes after its last session.'))
    .action(async () => void (code = await (await import('./commands/gateway.ts')).gatewayStart(session, options<ListOptions>(gatewayStart))));
  const gatewayStop = command('stop', 'end it, and with it the sessions of agents', gateway)
    .option('-y, --yes', 'do not ask when agents would lose their session')
    .addHelpText('after', examples(['operator gateway stop', 'operator gateway stop --yes'], 'Requests under way may end first, for ten seconds at most.'))
    .action(async () => void (code = await (await import('./commands/gateway.ts')).gatewayStop(session, options<CommonOptions & { readonly yes?: boolean }>(gatewayStop))));
  const gatewayRestart = command('restart', 'end it and start it again; agents go on', gateway)
    .option('--json', 'print JSON')
    .addHelpText('after', examples(['operator gateway restart']))
    .action(async () => void (code = await (await import('./commands/gateway.ts')).gatewayRestart(session, options<ListOptions>(gatewayRestart))));
  const gatewayLogs = command('logs', 'print the end of its log', gateway)
    .option('-f, --follow', 'go on printing what is added')
    .option('-n, --lines <count>', 'how many lines', '100')
    .addHelpText('after', examples(['operator gateway logs --lines 20', 'operator gateway logs --follow'], 'OPERATOR_LOG=debug, set where the gateway is started, logs every request; no log holds keys or what was said.'))
    .action(async () => void (code = await (await import('./commands/gateway-logs.ts')).gatewayLogs(session, options<LogOptions>(gatewayLogs))));

  addApiCommands(registration, gateway);

  const serve = command('serve', 'serve every model of operator.toml to any program, in the foreground')
    .option('--port <number>', 'port to listen at; 0 takes any free one', String(defaultServePort))
    .option('--host <name>', 'address to listen at; any other than loopback needs a token of yours', '127.0.0.1')
    .option('--token <token>', 'token that programs must send; other users of this machine can see it, so that OPERATOR_SERVE_TOKEN is the better place')
    .option('--verbose', 'print a line for each request')
    .addHelpText('after', examples(['operator serve', 'OPERATOR_SERVE_TOKEN=… operator serve --host 0.0.0.0 --port 8080', 'OPENAI_BASE_URL=http://127.0.0.1:4141/v1 OPENAI_API_KEY=TOKEN my-program'], 'Speaks OpenAI (Chat Completions and Responses), Anthropic Messages, Gemini and Ollama, whatever the servers speak.\nModels are named as a delegator, SERVER/MODEL, or by their own name. Changes of operator.toml count at once.\nWithout a token of yours one is made and printed. Ctrl+C lets requests under way end; a second one does not.'))
    .action(async () => void (code = await (await import('./commands/serve.ts')).serve(session, options<ServeOptions>(serve))));

  addConfigCommands(registration);

  const secret = command('secret', "keep keys in the operating system's keyring, for api_key = \"secret:NAME\"");
  needsCommand(secret, "Write 'operator secret set NAME', 'operator secret remove NAME' or 'operator secret list'");
  command('set', 'keep a key; it is asked for, or read from standard input, and never an argument', secret)
    .argument('<name>', 'name of the key')
    .addHelpText('after', examples(['operator secret set my-key', 'pass show my-key | operator secret set my-key']))
    .action(async (name: string) => void (code = await (await import('./commands/secret.ts')).secretSet(session, name)));
  command('remove', 'forget a key', secret)
    .argument('<name>', 'name of the key')
    .action(async (name: string) => void (code = await (await import('./commands/secret.ts')).secretRemove(session, name)));
  const list = command('list', 'print the names of the keys', secret)
    .option('--json', 'print JSON')
    .action(async () => void (code = await (await import('./commands/secret.ts')).secretList(session, options<ListOptions>(list))));

  command('completion', 'print a completion script for a shell')
    .argument('<shell>', 'bash, zsh or fish')
    .addHelpText('after', examples(['operator completion bash > ~/.local/share/bash-completion/completions/operator', 'operator completion fish > ~/.config/fish/completions/operator.fish', 'source <(operator completion zsh)']))
    .action(async (shell: string) => void (code = (await import('./commands/completion.ts')).completion(session, shell)));

  // Called by those scripts with the words of the line so far; the last one is being typed.
  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .action(async (words: string[]) => void (code = await (await import('./commands/completion.ts')).complete(session, program, words)));

  catchUsage(program, session);
  return {
    root: program,
    async run(args) {
      given = args;
      try {
        await program.parseAsync(args, { from: 'user' });
      } catch (error) {
        if (!(error instanceof CommanderError)) throw error;
        if (error.exitCode === 0) return exitCodes.done;
        // Help that nobody asked for, because a command was missing.
        if (error.code === 'commander.help') return exitCodes.usage;
        throw usageErrorOf(error);
      }
      return code;
    },
  };
}

function configOption(): Option {
  return new Option('--config <path>', "operator.toml to use in place of this folder's");
}

/** Commander's own errors become ours, in every command. */
function catchUsage(command: Command, session: Session): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => session.stdout.write(text),
    writeErr: (text) => session.stderr.write(text),
    outputError: () => {}, // printed once, by main
  });
  for (const sub of command.commands) catchUsage(sub, session);
}

function usageErrorOf(error: CommanderError): OperatorError {
  const [text = '', ...more] = error.message.replace(/^error: /, '').split('\n');
  // What was typed too much may be a key, as in `operator secret set NAME KEY`.
  const message = text.replace(/(but got \d+): .*$/, '$1').replace(/(unknown option '[^'=]*)=.*$/, "$1'");
  const suggestion = more.join(' ').trim().replace(/^\((.*)\)$/, '$1');
  return usage(message.replace(/\.$/, ''), suggestion === '' ? "See 'operator --help'" : suggestion);
}

/** A command that only has commands of its own. */
function needsCommand(group: Command, hint: string): void {
  group.allowExcessArguments().action(() => {
    const [typed] = group.args;
    const near = typed === undefined ? undefined : closest(typed, group.commands.map((sub) => sub.name()));
    if (near !== undefined) throw usage(`unknown command '${typed}'`, `Did you mean ${near}?`);
    // Not repeated: it may be a key.
    throw usage(typed === undefined ? `${group.name()} needs one of its commands` : `${group.name()} has no such command`, hint);
  });
}

function usage(message: string, hint: string): OperatorError {
  return new OperatorError('usage', message, { hint });
}

/** Words before `--` are not meant for the tool: somebody forgot the name of an option. */
function flagsAfterDashes(args: readonly string[], flags: readonly string[]): readonly string[] {
  const dashes = args.indexOf('--');
  const allowed = dashes < 0 ? 0 : args.length - dashes - 1;
  if (flags.length > allowed) throw usage(`unexpected argument '${flags[0]}'`, "Name a delegator with --delegator; flags for the LLM tool go after '--'");
  return flags;
}

function examples(lines: readonly string[], more?: string): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}\n${more === undefined ? '' : `\n${more}\n`}`;
}
