/** Gateway, scripted server and agent of one cell of the table, and what holds in every cell. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Delegator, LaunchConfig } from '../../src/core/config/model.ts';
import type { LaunchPlan } from '../../src/core/launch/model.ts';
import type { LaunchOptions } from '../../src/core/operator.ts';
import { type AgentPlace, type AgentRun, type AgentStart, canaryKey, createAgentPlace, planAgent, runAgent } from '../support/agents.ts';
import type { TestGateway } from '../support/gateway.ts';
import { type ScriptedUpstream, startUpstream, type UpstreamScript } from '../support/scripted-upstream.ts';
import type { InteropCli } from './clis.ts';
import { type InteropServer, targetOf } from './servers.ts';

export interface CellOptions {
  readonly cli: InteropCli;
  readonly server: InteropServer;
  readonly gateway: TestGateway;
  readonly program: string;
}

/** Everything that a case needs for one launch. */
export interface Stage extends CellOptions {
  readonly place: AgentPlace;
  readonly upstream: ScriptedUpstream;
  /** Handed to the agent as its key. */
  readonly token: string;
  readonly start: AgentStart;
  plan(launch: StageLaunch): LaunchPlan;
  /** Runs the agent to its end, or until `signal` ends it. */
  run(launch: StageLaunch & { readonly signal?: AbortSignal }): Promise<AgentRun>;
  dispose(): Promise<void>;
}

export interface StageLaunch {
  readonly options: LaunchOptions;
  readonly modelProperties?: Delegator['modelProperties'];
  /** In place of what the agent's other launches have. */
  readonly launchConfig?: Partial<LaunchConfig>;
  /** What the agent takes for its model, in place of the server's name of it. */
  readonly model?: string;
}

let count = 0;

export async function createStage(options: CellOptions, script: UpstreamScript): Promise<Stage> {
  const { cli, server, gateway, program } = options;
  const place = await createAgentPlace();
  Object.assign(place.inherited, cli.environment);
  const upstream = await startUpstream(server.protocol, script);
  const target = targetOf(server, upstream.url);
  const id = `cell-${++count}`;
  const token = gateway.sessions.create({ id, displayName: id, llmTool: cli.name, strictNames: false, targets: [target] }, { [target.server.name]: canaryKey });
  const start: AgentStart = { key: 'a launch through the gateway asks for no key', gateway: { address: gateway.address, token } };
  const plan = ({ options: launchOptions, modelProperties, launchConfig = cli.launchConfig, model = server.model }: StageLaunch): LaunchPlan =>
    planAgent(place, {
      tool: cli.name,
      program,
      serverUrl: upstream.url,
      protocol: server.protocol,
      kind: server.kind,
      auth: server.auth,
      model,
      launchConfig,
      contextWindow: 131_072,
      gateway: true,
      options: launchOptions,
      ...(modelProperties && { modelProperties }),
    });
  return {
    ...options,
    place,
    upstream,
    token,
    start,
    plan,
    async run({ signal, ...launch }) {
      const planned = plan(launch);
      const run = await runAgent(place, planned, { ...start, ...(signal && { signal }) });
      keepsKeysApart(run, planned, { place, token });
      return run;
    },
    async dispose() {
      gateway.sessions.remove(id);
      await upstream.close();
      await place.dispose();
    },
  };
}

/** The server's key never came near the agent; the session's token is in its environment only. */
function keepsKeysApart(run: AgentRun, plan: LaunchPlan, { place, token }: Pick<Stage, 'place' | 'token'>): void {
  const public_ = [...run.commandLines, ...run.privateFiles, run.stdout, run.stderr, plan.argv.join(' ')];
  const written = filesBelow(join(place.home, '..'));
  const environment = Object.values(run.environment);
  assert.ok(!public_.some((text) => text.includes(canaryKey)), 'the key of the server is in argv, a private file or the output');
  assert.ok(!environment.some((text) => text.includes(canaryKey)), 'the key of the server is in the environment of the agent');
  assert.deepEqual(written.filter((path) => readFileSync(path).includes(canaryKey)), [], 'the key of the server is in a file');
  assert.ok(environment.some((text) => text.includes(token)), 'the agent has no token');
  assert.ok(!public_.some((text) => text.includes(token)), 'the token is in argv, a private file or the output');
  assert.deepEqual(written.filter((path) => readFileSync(path).includes(token)), [], 'the token is in a file');
  assert.deepEqual(place.outside, [], 'the agent asked another server');
}

/** The server got its own key in its own place with every request, nothing that it does not know, and never the token. */
export function reachesServerOnly({ upstream, server, token }: Stage): void {
  const [name, before] = server.keyHeader;
  assert.deepEqual(upstream.strays, [], 'the server was asked for what its protocol does not have');
  assert.deepEqual(upstream.refusals, [], 'the server refused a request');
  assert.ok(upstream.requests.length > 0, 'the server was not asked');
  for (const request of upstream.requests) {
    assert.equal(request.headers[name], before + canaryKey);
    assert.ok(!JSON.stringify([request.path, request.headers, request.text]).includes(token), 'the token reached the server');
  }
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
