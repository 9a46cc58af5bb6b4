/** The commands that change operator.toml, and those that look at it. */
import type { Command } from 'commander';
import type { ConfigImportOptions } from './commands/config-import.ts';
import type { DelegatorAddOptions } from './commands/delegator.ts';
import type { ServerAddOptions } from './commands/server.ts';
import type { EditOptions } from './edit/apply.ts';
import type { GlobalOptions, Session } from './session.ts';

/** What these commands need of the program that they belong to. */
export interface Registration {
  readonly session: Session;
  command(name: string, description: string, parent?: Command): Command;
  /** The options of a command, `--config` from before its name among them. */
  options<T extends GlobalOptions>(of: Command): T;
  /** A command that only has commands of its own. */
  group(name: string, description: string, hint: string): Command;
  examples(lines: readonly string[], more?: string): string;
  /** Tells the exit code when the command has run. */
  end(code: Promise<number>): Promise<void>;
}

type SetOptions = EditOptions & { readonly unset?: string };
type RemoveOptions = EditOptions & { readonly yes?: boolean };

export function addEntryCommands({ session, command, options, group, examples, end }: Registration): void {
  const edit = (of: Command): Command => of.option('--user', "change the user's operator.toml in ~/.operator").option('--dry-run', 'print the change and write nothing').option('--json', 'print JSON');
  const remove = (of: Command): Command => edit(of.option('-y, --yes', 'do not ask'));
  const set = (of: Command): Command => edit(of.argument('<name>', 'entry to change').argument('[key]', 'key, such as display_name or launch_config.yolo').argument('[values...]', 'value in the form of the key; several make a list').option('--unset <key>', 'take a key out'));

  const server = group('server', 'add, change, rename and remove model servers', "Write 'operator server add', 'set', 'rename' or 'remove'");
  const serverAdd = edit(
    command('add', 'add a model server', server)
      .argument('<name>', 'letters, digits and . _ -')
      .requiredOption('--kind <kind>', 'what it is, such as ollama, vllm or openai-compat')
      .option('--base-url <url>', 'address; that of the kind when left out')
      .option('--api-key <reference>', 'where the key is: env:NAME, secret:NAME or file:PATH; never the key itself')
      .option('--display-name <text>', 'what people see instead of the name'),
  )
    .addHelpText('after', examples(['operator server add lab --kind vllm --base-url http://10.0.0.7:8000', 'operator server add router --kind openrouter --api-key secret:openrouter --user'], 'Comments, order and line endings of the file stay as they are; the last version is kept beside it as operator.toml.bak.'))
    .action((name: string) => end(import('./commands/server.ts').then((module) => module.serverAdd(session, name, options<ServerAddOptions>(serverAdd)))));
  const serverSet = set(command('set', 'set a key of a model server, or take one out', server))
    .addHelpText('after', examples(['operator server set lab base_url http://10.0.0.8:8000', 'operator server set lab models qwen2.5-coder llama3.2', 'operator server set lab headers.X-Team payments', 'operator server set lab --unset proxy']))
    .action((name: string, key: string | undefined, values: string[]) => end(import('./commands/server.ts').then((module) => module.serverSet(session, name, key, values, options<SetOptions>(serverSet)))));
  const serverRename = edit(command('rename', 'rename a model server, and with it what refers to it in both files', server).argument('<old>', 'its name').argument('<new>', 'its new name'))
    .addHelpText('after', examples(['operator server rename lab gpu-box']))
    .action((name: string, to: string) => end(import('./commands/server.ts').then((module) => module.serverRename(session, name, to, options<EditOptions>(serverRename)))));
  const serverRemove = remove(command('remove', 'remove a model server; says which delegators it leaves without one', server).argument('<name>', 'its name'))
    .addHelpText('after', examples(['operator server remove lab', 'operator server remove lab --yes']))
    .action((name: string) => end(import('./commands/server.ts').then((module) => module.serverRemove(session, name, options<RemoveOptions>(serverRemove)))));

  const delegator = group('delegator', 'add, change, rename, duplicate and remove delegators', "Write 'operator delegator add', 'set', 'rename', 'duplicate' or 'remove'");
  const delegatorAdd = edit(
    command('add', 'add a delegator', delegator)
      .argument('<name>', 'letters, digits and . _ -')
      .requiredOption('--llm-tool <name>', 'LLM tool')
      .requiredOption('--model <name>', 'model, as the server lists it')
      .option('--model-server <name>', "model server; the tool's own vendor when left out")
      .option('--display-name <text>', 'what people see instead of the name'),
  )
    .addHelpText('after', examples(['operator delegator add coder --llm-tool codex --model qwen2.5-coder --model-server lab', 'operator delegator add reviewer --llm-tool claude --model opus']))
    .action((name: string) => end(import('./commands/delegator.ts').then((module) => module.delegatorAdd(session, name, options<DelegatorAddOptions>(delegatorAdd)))));
  const delegatorSet = set(command('set', 'set a key of a delegator, or take one out', delegator))
    .addHelpText('after', examples(['operator delegator set coder model qwen3', 'operator delegator set coder launch_config.yolo true', 'operator delegator set coder model_properties.reasoning_effort high', 'operator delegator set coder launch_config.flags -- --search --quiet', 'operator delegator set coder --unset launch_config.cwd'], "Values that begin with '-' go after '--'."))
    .action((name: string, key: string | undefined, values: string[]) => end(import('./commands/delegator.ts').then((module) => module.delegatorSet(session, name, key, values, options<SetOptions>(delegatorSet)))));
  const delegatorRename = edit(command('rename', 'rename a delegator', delegator).argument('<old>', 'its name').argument('<new>', 'its new name'))
    .addHelpText('after', examples(['operator delegator rename coder local-coder']))
    .action((name: string, to: string) => end(import('./commands/delegator.ts').then((module) => module.delegatorRename(session, name, to, options<EditOptions>(delegatorRename)))));
  const delegatorDuplicate = edit(command('duplicate', 'copy a delegator, with its comments', delegator).argument('<name>', 'delegator to copy').argument('<new>', 'name of the copy'))
    .addHelpText('after', examples(['operator delegator duplicate coder careful-coder', 'operator delegator set careful-coder launch_config.permission_mode plan']))
    .action((name: string, as: string) => end(import('./commands/delegator.ts').then((module) => module.delegatorDuplicate(session, name, as, options<EditOptions>(delegatorDuplicate)))));
  const delegatorRemove = remove(command('remove', 'remove a delegator', delegator).argument('<name>', 'its name'))
    .addHelpText('after', examples(['operator delegator remove coder']))
    .action((name: string) => end(import('./commands/delegator.ts').then((module) => module.delegatorRemove(session, name, options<RemoveOptions>(delegatorRemove)))));
}

type ListOptions = GlobalOptions & { readonly json?: boolean };

export function addConfigCommands({ session, command, options, group, examples, end }: Registration): void {
  const config = group('config', 'check operator.toml, show what it comes to, import another configuration', "Write 'operator config check', 'path', 'show' or 'import'");
  const check = command('check', 'check operator.toml and print every problem with its line', config)
    .argument('[path]', 'file to check; the files in force when left out')
    .option('--json', 'print JSON')
    .addHelpText('after', examples(['operator config check', 'operator config check other.toml --json'], 'Ends with 3 when there is an error.'))
    .action((path: string | undefined) => end(import('./commands/config-check.ts').then((module) => module.configCheck(session, path, options<ListOptions>(check)))));
  const path = command('path', 'print the operator.toml files that count, the strongest first', config)
    .option('--json', 'print JSON')
    .addHelpText('after', examples(['operator config path', '$EDITOR "$(operator config path | head -1)"']))
    .action(() => end(import('./commands/config-path.ts').then((module) => module.configPath(session, options<ListOptions>(path)))));
  const show = command('show', 'print the configuration that the files come to, and where each value is from', config)
    .option('--json', 'print JSON')
    .addHelpText('after', examples(['operator config show', "operator config show --json | jq '.model_servers[].name'"], 'Keys are shown by where they are, never themselves.'))
    .action(() => end(import('./commands/config-show.ts').then((module) => module.configShow(session, options<ListOptions>(show)))));
  const imported = command('import', 'add the model servers and models of a configuration in JSON', config)
    .argument('<file>', 'a configuration with model_list, providers, or agents.backends')
    .option('--user', "add them to the user's operator.toml in ~/.operator")
    .option('--dry-run', 'print what would be added and write nothing')
    .option('-y, --yes', 'do not ask')
    .option('--json', 'print JSON')
    .addHelpText('after', examples(['operator config import ~/.picoclaw/config.json --dry-run', 'operator config import config.json --user'], 'Shows what it will write and asks on a terminal. Keys are not copied: it says which to store, and under which names.\nWhat is there already stays as it is; importing twice changes nothing.'))
    .action((file: string) => end(import('./commands/config-import.ts').then((module) => module.configImport(session, file, options<ConfigImportOptions>(imported)))));

  command('schema', 'print the JSON schema of operator.toml, for editors')
    .addHelpText('after', examples(['operator schema > operator.schema.json']))
    .action(() => end(import('./commands/schema.ts').then((module) => module.schema(session))));
}
