/** `operator api`, and the token that other programs call the REST API with. */
import type { Command } from 'commander';
import type { ApiCommandOptions } from './commands/api.ts';
import type { Registration } from './program-config.ts';
import type { GlobalOptions } from './session.ts';

/** @param gateway the command `gateway`, which the token belongs to */
export function addApiCommands({ session, command, options, examples, end }: Registration, gateway: Command): void {
  const api = command('api', 'call the REST API, which can do what this command line does')
    .usage('[METHOD] PATH [options]')
    .argument('[words...]', 'method, GET or with --data POST where it is left out, and path; without both the operations are listed')
    .option('-d, --data <json>', 'body: JSON, @FILE, or - for standard input')
    .option('-H, --header <name:value>', 'header to send, such as If-Match; may be given several times', (value: string, before: readonly string[] = []) => [...before, value])
    .option('-i, --include', 'print the status and the headers of the answer too')
    .option('--json', 'print the answer indented, also where it is piped')
    .option('--raw', 'print the answer as it came')
    .option('--list', 'list the operations')
    .addHelpText(
      'after',
      examples(
        ['operator api', 'operator api /status | jq .problems', "operator api POST /model-servers --data '{\"name\": \"lab\", \"kind\": \"vllm\", \"base_url\": \"http://10.0.0.7:8000\"}'", 'operator api PUT /delegators/coder --data @coder.json --header \'If-Match: "…"\'', 'operator api DELETE /delegators/coder?layer=user', 'operator api /events'],
        'The gateway is started where it does not run, and told which workspace this folder belongs to.\nEnds with 0 for an answer, 2 where the request was wrong, 4 where it was refused or nothing was found, 1 where Operator failed.',
      ),
    )
    .action((words: string[]) => end(import('./commands/api.ts').then((module) => module.api(session, words, options<ApiCommandOptions>(api)))));
  const token = command('token', 'print the token of the REST API, for programs other than operator api', gateway)
    .option('--header', 'print it as the header that it goes into')
    .addHelpText('after', examples(['operator gateway token --header | curl -H @- "$(operator gateway status --json | jq -r .address)/api/v1/status"'], 'Whoever has it can do what you can do with Operator. It counts until the gateway ends. As an argument of a program other users\nof this machine can see it: give it to curl as above, on standard input.'))
    .action(() => end(import('./commands/gateway.ts').then((module) => module.gatewayToken(session, options<GlobalOptions & { readonly header?: boolean }>(token)))));
}
