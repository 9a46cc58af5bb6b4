/** The command that proves that models work. */
import type { TestCommandOptions } from './commands/test.ts';
import type { Registration } from './program-config.ts';

export function addTestCommand({ session, command, options, examples, end }: Registration): void {
  const collect = (value: string, values: readonly string[] = []): readonly string[] => [...values, value];
  const test = command('test', 'prove that a model works: that it answers, streams, calls tools, sees, keeps to a schema')
    .usage('(DELEGATOR | SERVER/MODEL)... | --model NAME --model-server NAME [options]')
    .argument('[targets...]', 'delegators, or models as SERVER/MODEL; several are tested side by side')
    .option('--model <name>', 'model to test; may be repeated', collect)
    .option('--model-server <name>', 'model server of --model and --all-models')
    .option('--all-models', 'test every chat model that the server lists')
    .option('--level <name>', 'test only this level and what it needs; may be repeated', collect)
    .option('--allow-paid', 'agree to requests that a third party may charge for')
    .option('-y, --yes', 'the same: do not ask')
    .option('--last', 'show the last results and test nothing')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        ['operator test codex-local', 'operator test --model-server ollama-local --model qwen3:8b --model llama3.2', 'operator test --model-server ollama-local --all-models', 'operator test codex-local --level tool-call --json', 'operator test --last'],
        'Levels: reachable, listed, answers, streams, tool-call, tool-result, conversation, image, schema.\nRequests go through the gateway. Nothing is sent to a third party before somebody has agreed; results are kept in ~/.operator/state.\nEnds with 1 when a level fails.',
      ),
    )
    .action((names: string[]) => end(import('./commands/test.ts').then((module) => module.test(session, names, options<TestCommandOptions>(test)))));
}
