/** `operator launch`: plans, shows or starts an agent in the place of this process. */
import { closest } from '../../base/text.ts';
import { OperatorError } from '../../core/errors.ts';
import type { Refusal } from '../../core/launch/model.ts';
import { reportPlan } from '../../core/launch/render.ts';
import type { LaunchOptions, LaunchTarget, Operator } from '../../core/operator.ts';
import { readPrefix } from '../../core/servers/local-prefix.ts';
import { exitCodeOfRefusals, exitCodes } from '../exit-codes.ts';
import { planLines } from '../output/plan.ts';
import { printMessage, printRefusals } from '../output/messages.ts';
import { type GlobalOptions, type OpenOperator, refuseBrokenFile, type Session } from '../session.ts';

export interface LaunchCommandOptions extends GlobalOptions {
  readonly delegator?: string;
  readonly llmTool?: string;
  readonly model?: string;
  readonly modelServer?: string;
  readonly prompt?: string;
  readonly print?: boolean;
  readonly cwd?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly flags: readonly string[];
}

export async function launch(session: Session, options: LaunchCommandOptions): Promise<number> {
  const parts = partsOf(options);
  if (options.json && !options.dryRun) throw usage('--json shows the plan of --dry-run', 'Add --dry-run, or leave out --json');
  if (options.print && options.prompt === undefined) throw usage('--print needs a prompt', 'Add --prompt TEXT');
  const opened = await session.open(options);
  refuseBrokenFile(opened);
  const { operator, ports } = opened;
  const target = await targetOf(parts, operator);
  const tool = toolOf(operator, target);
  if (tool !== undefined) await operator.locate(tool);
  if (!options.dryRun) await operator.learn(target);
  const planned = operator.plan(target, await launchOptions(session, options, opened));
  if (!planned.ok) return refuse(session, options, withNearName(operator, target, planned.error));
  const plan = planned.value;
  if (options.dryRun) {
    if (options.json) session.stdout.line(JSON.stringify(reportPlan(plan), null, 2));
    else for (const line of planLines(session.stdout, plan)) session.stdout.line(line);
    return exitCodes.done;
  }
  if (!(await ports.files.isDirectory(plan.cwd))) throw new OperatorError('not-found', `The folder ${plan.cwd} does not exist`, { hint: 'Correct --cwd, or cwd in operator.toml' });
  for (const note of plan.notes) printMessage(session.stderr, note);
  const { start } = await import('../launch/start.ts');
  return start(operator, plan);
}

function usage(message: string, hint: string): OperatorError {
  return new OperatorError('usage', message, { hint });
}

type Parts = Extract<LaunchTarget, { type: 'delegator' }> | { readonly type: 'ad-hoc'; readonly llmTool?: string; readonly model?: string; readonly modelServer?: string };

function partsOf({ delegator, llmTool, model, modelServer }: LaunchCommandOptions): Parts {
  const given = Object.entries({ '--llm-tool': llmTool, '--model': model, '--model-server': modelServer }).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (delegator !== undefined) {
    if (given.length > 0) throw usage(`--delegator cannot be combined with ${given.join(', ')}`, 'Either name a delegator, or an LLM tool with its model and server');
    return { type: 'delegator', delegator };
  }
  if (given.length === 0) throw usage('launch needs --delegator, or --llm-tool and --model', "'operator delegators' shows the delegators, 'operator tools' the LLM tools");
  return { type: 'ad-hoc', llmTool, model, modelServer };
}

/** Without --llm-tool it is `default_tool`; a model with a prefix says enough for the first tool that is installed, or a chat. */
async function targetOf(parts: Parts, operator: Operator): Promise<LaunchTarget> {
  if (parts.type === 'delegator') return parts;
  const { llmTool, model, modelServer } = parts;
  const chosen = llmTool ?? operator.snapshot.configuration.defaultTool ?? (modelServer === undefined && model !== undefined && namesServer(model) ? await firstTool(operator) : undefined);
  if (chosen !== undefined) return { ...parts, llmTool: chosen };
  const given = [...(model === undefined ? [] : ['--model']), ...(modelServer === undefined ? [] : ['--model-server'])];
  throw usage(`${given.join(' and ')} ${given.length === 1 ? 'needs' : 'need'} --llm-tool`, "Add --llm-tool NAME, or set default_tool under [llm_tools]; 'operator tools' shows the tools");
}

/** A prefix without a model too: what is wrong with it is said when it is resolved. */
function namesServer(model: string): boolean {
  const read = readPrefix(model);
  return !read.ok || read.value !== undefined;
}

async function firstTool(operator: Operator): Promise<string> {
  const tools = operator.snapshot.tools.filter(({ record, custom }) => !custom && record.protocols.length > 0 && record.ownModelNames === undefined);
  for (const { record } of tools) {
    await operator.locate(record.name);
    if (operator.findTool(record.name)?.detection.state === 'found') return record.name;
  }
  return 'chat';
}

function toolOf(operator: Operator, target: LaunchTarget): string | undefined {
  return target.type === 'ad-hoc' ? target.llmTool : operator.findDelegator(target.delegator)?.delegator.llmTool;
}

async function launchOptions(session: Session, options: LaunchCommandOptions, { ports }: OpenOperator): Promise<LaunchOptions> {
  const cwd = options.cwd === undefined ? undefined : ports.files.resolve(session.cwd, options.cwd);
  return { prompt: options.prompt, flags: options.flags, cwd, headless: options.print === true };
}

function refuse(session: Session, options: LaunchCommandOptions, refusals: readonly Refusal[]): number {
  if (options.json) session.stdout.line(JSON.stringify({ refused: refusals.map(({ code, message, hint }) => ({ code, message, hint: hint ?? null })) }, null, 2));
  else printRefusals(session.stderr, refusals);
  return exitCodeOfRefusals(refusals);
}

/** Somebody who mistypes a name is told the one that was meant. */
export function withNearName(operator: Operator, target: LaunchTarget, refusals: readonly Refusal[]): readonly Refusal[] {
  const { delegators, servers, tools } = operator.snapshot;
  const known = (code: Refusal['code']): { readonly typed?: string; readonly names: readonly string[] } => {
    switch (code) {
      case 'unknown-delegator':
        return { typed: target.type === 'delegator' ? target.delegator : undefined, names: delegators.map(({ delegator }) => delegator.name) };
      case 'unknown-server':
        return { typed: target.type === 'ad-hoc' ? target.modelServer : undefined, names: servers.map(({ server }) => server.name) };
      case 'unknown-tool':
        return { typed: target.type === 'ad-hoc' ? target.llmTool : undefined, names: tools.map(({ record }) => record.name) };
      default:
        return { names: [] };
    }
  };
  return refusals.map((refusal) => {
    const { typed, names } = known(refusal.code);
    const near = typed === undefined ? undefined : closest(typed, names);
    return near === undefined ? refusal : { ...refusal, hint: `Did you mean ${near}?` };
  });
}

