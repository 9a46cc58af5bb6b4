/** A fresh place and a scripted model for each test of a real agent, and what every launch of one must keep. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AgentLaunch, type AgentPlace, type AgentRun, canaryKey, createAgentPlace, planAgent, runAgent } from '../../support/agents.ts';
import { installAgents } from '../../support/clis.ts';
import { type ModelScript, type RecordedRequest, type ScriptedModel, startScriptedModel } from '../../support/scripted-model.ts';
import type { LaunchPlan } from '../../../src/core/launch/model.ts';

export const answer = 'the scripted answer is forty-two';

export interface Stage {
  readonly place: AgentPlace;
  readonly model: ScriptedModel;
  /** Where hostile settings point; must never be asked. */
  readonly elsewhere: ScriptedModel;
  plan(launch?: Partial<AgentLaunch>): LaunchPlan;
  run(launch?: Partial<AgentLaunch>): Promise<AgentRun>;
  /** Requests of the agent itself: with tools, to the scripted model. */
  readonly turns: readonly RecordedRequest[];
  /** Content of a file of the project, or undefined. */
  made(name: string): string | undefined;
}

/** Sets the stage before every test and clears it afterwards. */
export function useStage(defaults: Omit<AgentLaunch, 'program' | 'serverUrl'>): { readonly stage: Stage; script(script: Partial<ModelScript>): void } {
  let program: (tool: string) => string;
  let current: Stage | undefined;
  let script: ModelScript = { answer };

  before(async function () {
    this.timeout(600_000); // the first test of a machine installs the agents
    program = await installAgents();
  });

  beforeEach(async () => {
    script = { answer };
    const place = await createAgentPlace();
    const model = await startScriptedModel({
      get answer() {
        return script.answer;
      },
      get toolCall() {
        return script.toolCall;
      },
    });
    const elsewhere = await startScriptedModel({ answer: 'the wrong server answered' });
    const plan = (launch: Partial<AgentLaunch> = {}): LaunchPlan =>
      planAgent(place, { ...defaults, ...launch, program: program(defaults.tool), serverUrl: model.url, options: { prompt: 'say something', headless: true, ...launch.options } });
    current = {
      place,
      model,
      elsewhere,
      plan,
      async run(launch) {
        const planned = plan(launch);
        const run = await runAgent(place, planned);
        keepsItsPromises(run, planned, place, elsewhere);
        return run;
      },
      get turns() {
        return model.requests.filter(({ method, offeredTools }) => method === 'POST' && offeredTools.length > 0);
      },
      made(name) {
        const path = join(place.project, name);
        return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
      },
    };
  });

  afterEach(async () => {
    await current?.model.close();
    await current?.elsewhere.close();
    await current?.place.dispose();
    current = undefined;
  });

  return {
    get stage() {
      assert.ok(current);
      return current;
    },
    script(given) {
      script = { ...script, ...given };
    },
  };
}

/** True of every launch: the key is nowhere that others can read, and nothing went anywhere but to the server. */
function keepsItsPromises(run: AgentRun, plan: LaunchPlan, place: AgentPlace, elsewhere: ScriptedModel): void {
  const public_ = [...run.commandLines, ...run.privateFiles, run.stdout, run.stderr, plan.argv.join(' ')];
  assert.ok(!public_.some((text) => text.includes(canaryKey)), 'the key is in argv, a private file or the output');
  if (process.platform === 'linux') assert.ok(run.commandLines.length > 0, 'no command line was seen');
  assert.deepEqual(elsewhere.requests, [], 'another server was asked');
  assert.deepEqual(place.outside.filter((host) => /127\.0\.0\.1|localhost/.test(host)), [], 'loopback went through the proxy');
}

/** That the agent ended well and said what the model said. */
export function printed(run: AgentRun): void {
  assert.equal(run.code, 0, `exit code ${run.code}\n${run.stdout}\n${run.stderr}`);
  assert.ok(run.stdout.includes(answer), `${run.stdout}\n${run.stderr}`);
}

/** Headers of a request in which keys travel. */
export function keysOf(request: RecordedRequest | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(request?.headers ?? {}).filter(([name]) => ['authorization', 'x-api-key', 'x-goog-api-key', 'x-my-key'].includes(name)));
}

/** A property of a request's body by its path, such as `thinking.type`. */
export function bodyOf(request: RecordedRequest | undefined, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => (typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined), request?.body);
}
