/** The commands that change which models a server has and holds in memory. */
import type { Command } from 'commander';
import type { ModelLoadOptions, ModelOptions, ModelRemoveOptions } from './commands/model.ts';
import type { Registration } from './program-config.ts';

export function addModelCommands({ session, command, options, group, examples, end }: Registration): void {
  const model = group('model', 'download, load, unload, delete, copy and describe models of Ollama and LM Studio', "Write 'operator model pull', 'load', 'unload', 'rm', 'cp' or 'show'");
  const on = (of: Command): Command => of.option('--server <name>', 'model server; the only one that can do it when left out');
  const json = (of: Command, what = 'print JSON'): Command => of.option('--json', what);
  const named = (of: Command, what: string): Command => of.argument('<model>', what);

  const pull = json(on(named(command('pull', 'download a model', model), 'as the library of the server names it, or SERVER/MODEL')), 'print a line of JSON for each step')
    .addHelpText('after', examples(['operator model pull qwen3:8b', 'operator model pull lmstudio-local/qwen/qwen3-4b-2507', 'operator model pull llama3.2 --server gpu-box --json'], 'Ctrl+C stops it with exit code 130; what came is kept, and the same command goes on from there.\nLM Studio downloads by itself: it goes on when nobody looks any more.'))
    .action((name: string) => end(import('./commands/model.ts').then((module) => module.modelPull(session, name, options<ModelOptions>(pull)))));
  const load = json(on(named(command('load', 'load a model into memory', model), 'model, or SERVER/MODEL')))
    .option('--context <tokens>', 'how much it takes, such as 16384 or 16k; the choice of the server when left out')
    .option('--keep-alive <time>', 'how long it stays unused, such as 30m, or -1 for ever (Ollama)')
    .addHelpText('after', examples(['operator model load qwen3:8b --context 32k', 'operator model load qwen3:8b --keep-alive -1'], 'A model is never loaded twice: with another context it is loaded anew.'))
    .action((name: string) => end(import('./commands/model.ts').then((module) => module.modelLoad(session, name, options<ModelLoadOptions>(load)))));
  const unload = json(on(named(command('unload', 'take a model out of memory, every instance of it', model), 'model, or SERVER/MODEL')))
    .addHelpText('after', examples(['operator model unload qwen3:8b']))
    .action((name: string) => end(import('./commands/model.ts').then((module) => module.modelUnload(session, name, options<ModelOptions>(unload)))));
  const remove = json(on(named(command('rm', 'delete the files of a model', model), 'model, or SERVER/MODEL')))
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', examples(['operator model rm qwen3:8b', 'operator model rm qwen3:8b --server gpu-box --yes'], 'LM Studio deletes models in its own window only, under My Models.'))
    .action((name: string) => end(import('./commands/model.ts').then((module) => module.modelRemove(session, name, options<ModelRemoveOptions>(remove)))));
  const copy = json(on(named(command('cp', 'copy a model under another name', model), 'model, or SERVER/MODEL').argument('<name>', 'new name')))
    .addHelpText('after', examples(['operator model cp qwen3:8b my-qwen'], 'A copy shares the files of the first one, and takes no room.'))
    .action((name: string, to: string) => end(import('./commands/model.ts').then((module) => module.modelCopy(session, name, to, options<ModelOptions>(copy)))));
  const show = json(on(named(command('show', 'print what a server tells about a model', model), 'model, or SERVER/MODEL')))
    .addHelpText('after', examples(['operator model show qwen3:8b', 'operator model show qwen3:8b --json | jq .context_window']))
    .action((name: string) => end(import('./commands/model.ts').then((module) => module.modelShow(session, name, options<ModelOptions>(show)))));
}
