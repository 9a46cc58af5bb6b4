/** The agents' interactive screens through the gateway, with what they ask for beside the conversation. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { Protocol } from '../../src/core/protocol.ts';
import { type AgentScreen, canaryKey, openAgent } from '../support/agents.ts';
import { until } from '../support/cli.ts';
import { installAgents } from '../support/clis.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { cliNamed, type InteropCli } from './clis.ts';
import { serverSpeaking } from './servers.ts';
import { createStage, reachesServerOnly, type Stage, type StageLaunch } from './stage.ts';

const answer = 'the scripted answer is forty-two';
const answered = new RegExp(answer.replaceAll(' ', ''));

describe('screens through the gateway', function () {
  this.timeout(120_000);
  let program: (tool: string) => string;
  let gateway: TestGateway;

  before(async function () {
    this.timeout(600_000); // the first test of a machine installs the agents
    program = await installAgents();
    gateway = await startGateway({ maxBodyBytes: 16 * 1024 * 1024 });
  });

  after(() => gateway.close());

  /** A launch whose model writes a file and then answers. */
  async function onScreen(name: InteropCli['name'], protocol: Protocol, launch: Omit<StageLaunch, 'options'>, prepare: (stage: Stage) => void | Promise<void>, act: (screen: AgentScreen, stage: Stage) => Promise<void>): Promise<void> {
    const cli = cliNamed(name);
    const stage: Stage = await createStage({ cli, server: serverSpeaking(protocol), gateway, program: program(name) }, { reply: (results) => (results === 0 ? [{ type: 'call', ...cli.write(stage.place.project, 'made.txt', 'hello') }] : [{ type: 'text', text: answer }]) });
    try {
      await prepare(stage);
      const screen = await openAgent(stage.place, stage.plan({ options: { prompt: 'make a file' }, ...launch }), stage.start);
      try {
        await act(screen, stage);
        await screen.waitFor(answered);
        assert.ok(existsSync(join(stage.place.project, 'made.txt')));
        assert.ok(!screen.text.includes(canaryKey) && !screen.text.includes(stage.token));
      } finally {
        await screen.close();
      }
      reachesServerOnly(stage);
    } finally {
      await stage.dispose();
    }
  }

  const sideRequests = ({ upstream }: Stage): number => upstream.requests.filter(({ offeredTools }) => offeredTools.length === 0).length;

  it('claude asks before it writes a file, does it on a yes, and names its session', async () => {
    // It asks for a title only where it may also talk to others.
    const launchConfig = { permissionMode: 'manual', env: { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '' } };
    const known = ({ place }: Stage): Promise<void> => place.write(join(place.home, '.claude.json'), JSON.stringify({ hasCompletedOnboarding: true, projects: { [place.project]: { hasTrustDialogAccepted: true } } }));
    await onScreen('claude', 'openai-chat', { launchConfig }, known, async (screen, stage) => {
      await screen.waitFor(/Doyouwanttocreatemade\.txt\?/);
      assert.ok(!existsSync(join(stage.place.project, 'made.txt')));
      screen.write('\r');
      await until(() => sideRequests(stage) === 1, () => 'no title was asked for');
    });
  });

  it('codex leaves trust in a repository to the user, and names its session', async () => {
    const repository = ({ place }: Stage): void => void execFileSync('git', ['init', '--quiet', place.project]);
    await onScreen('codex', 'gemini', {}, repository, async (screen, stage) => {
      await screen.waitFor(/Trustthisfolder.*entercontinue/);
      assert.deepEqual(stage.upstream.requests, []);
      // It takes no keys for a moment after it has drawn the question, so that nobody trusts by accident.
      const press = setInterval(() => screen.write('\r'), 300);
      await until(() => stage.upstream.requests.length > 0, () => `nothing was asked:\n${screen.text.slice(-500)}`, 30_000).finally(() => clearInterval(press));
      await until(() => sideRequests(stage) === 1, () => 'no title was asked for', 20_000);
    });
  });

  it('gemini, left to choose a model itself, gets the one of its session for the choice and for the work', async () => {
    const trusted = ({ place }: Stage): Promise<void> => place.write(join(place.home, '.gemini', 'trustedFolders.json'), JSON.stringify({ [realpathSync(place.project)]: 'TRUST_FOLDER' }));
    await onScreen('gemini', 'openai-responses', { model: 'auto' }, trusted, async (_screen, stage) => {
      await until(() => stage.upstream.requests.length > 1, () => 'nothing was asked', 30_000);
      assert.ok(sideRequests(stage) >= 1, 'no choice was asked for');
      assert.ok(stage.upstream.requests.every(({ text }) => text.includes('"model":"gpt-5.5"')));
    });
  });
});
