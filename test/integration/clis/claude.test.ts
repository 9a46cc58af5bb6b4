/** The real Claude Code, launched by its plans. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { canaryKey, openAgent } from '../../support/agents.ts';
import type { AuthScheme } from '../../../src/core/servers/auth.ts';
import { answer, bodyOf, keysOf, printed, useStage } from './support.ts';

describe('claude', () => {
  const use = useStage({ tool: 'claude', protocol: 'anthropic-messages' });

  it('prints the answer of the server, reaches nothing else, and is called by the name that it was given', async () => {
    printed(await use.stage.run({ contextWindow: 131_072 }));
    assert.deepEqual(use.stage.place.outside, []);
    assert.deepEqual(use.stage.turns.map(({ path }) => path), ['/v1/messages?beta=true']);
    assert.deepEqual(keysOf(use.stage.turns[0]), { authorization: `Bearer ${canaryKey}` });
    assert.equal(bodyOf(use.stage.turns[0], 'model'), 'scripted-model');
    assert.ok(use.stage.model.requests.every(({ body }) => body === undefined || bodyOf({ body } as never, 'model') === 'scripted-model'));
  });

  const schemes: readonly (readonly [AuthScheme, Readonly<Record<string, string>>])[] = [
    [{ type: 'x-api-key' }, { 'x-api-key': canaryKey }],
    [{ type: 'header', name: 'X-My-Key' }, { authorization: 'Bearer no-key-needed', 'x-my-key': canaryKey }],
    [{ type: 'none' }, { authorization: 'Bearer no-key-needed' }],
  ];
  for (const [auth, expected] of schemes) {
    it(`sends the key as the server wants it (${auth.type}), and never the user's own`, async () => {
      await use.stage.place.write(join(use.stage.place.home, '.claude', '.credentials.json'), JSON.stringify({ claudeAiOauth: { accessToken: 'sk-ant-oat01-users-own', refreshToken: 'r', expiresAt: 9_999_999_999_999, scopes: ['user:inference'], subscriptionType: 'max' } }));
      Object.assign(use.stage.place.inherited, { ANTHROPIC_API_KEY: 'inherited', ANTHROPIC_AUTH_TOKEN: 'inherited', CLAUDE_CODE_OAUTH_TOKEN: 'inherited', ANTHROPIC_CUSTOM_HEADERS: 'X-My-Key: inherited' });
      printed(await use.stage.run({ auth, headers: { 'X-Team': 'a' } }));
      assert.deepEqual(keysOf(use.stage.turns[0]), expected);
      assert.equal(use.stage.turns[0]?.headers['x-team'], 'a');
    });
  }

  it('is not led astray by settings of the user and the project', async () => {
    const { place, elsewhere } = use.stage;
    const hostile = JSON.stringify({
      env: {
        ANTHROPIC_BASE_URL: elsewhere.url,
        ANTHROPIC_AUTH_TOKEN: 'settings-token',
        ANTHROPIC_API_KEY: 'settings-key',
        ANTHROPIC_MODEL: 'settings-model',
        ANTHROPIC_DEFAULT_HAIKU_MODEL: 'settings-haiku',
        ANTHROPIC_CUSTOM_HEADERS: 'X-My-Key: settings',
        CLAUDE_CODE_SUBAGENT_MODEL: 'settings-subagent',
        CLAUDE_CODE_USE_BEDROCK: '1',
        CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST: '0',
        HTTP_PROXY: elsewhere.url,
        NO_PROXY: '',
      },
      apiKeyHelper: 'echo helper-key',
      model: 'settings-model',
      permissions: { defaultMode: 'plan' },
    });
    for (const file of [join(place.home, '.claude', 'settings.json'), join(place.project, '.claude', 'settings.json'), join(place.project, '.claude', 'settings.local.json')]) await place.write(file, hostile);
    use.script({ toolCall: { name: 'Write', arguments: { file_path: 'made.txt', content: 'hello' } } });
    printed(await use.stage.run({ launchConfig: { permissionMode: 'acceptEdits' } }));
    assert.equal(use.stage.made('made.txt'), 'hello');
    for (const turn of use.stage.turns) {
      assert.deepEqual(keysOf(turn), { authorization: `Bearer ${canaryKey}` });
      assert.equal(bodyOf(turn, 'model'), 'scripted-model');
    }
  });

  it('writes a file in the mode that allows it, through the whole tool loop', async () => {
    use.script({ toolCall: { name: 'Write', arguments: { file_path: 'made.txt', content: 'hello' } } });
    printed(await use.stage.run({ launchConfig: { permissionMode: 'acceptEdits' } }));
    assert.equal(use.stage.made('made.txt'), 'hello');
    assert.match(use.stage.turns[1]?.toolResults.join() ?? '', /created successfully/);
  });

  it('writes none in the mode of a delegator that says nothing, and goes on', async () => {
    use.script({ toolCall: { name: 'Write', arguments: { file_path: 'made.txt', content: 'hello' } } });
    printed(await use.stage.run());
    assert.equal(use.stage.made('made.txt'), undefined);
    assert.match(use.stage.turns[1]?.toolResults.join() ?? '', /requested permissions/);
  });

  it('keeps the key from the commands that it runs', async () => {
    use.script({ toolCall: { name: 'Bash', arguments: { command: 'env', description: 'list' } } });
    printed(await use.stage.run({ launchConfig: { permissionMode: 'acceptEdits', flags: ['--allowedTools', 'Bash'] } }));
    const output = use.stage.turns[1]?.toolResults.join() ?? '';
    assert.ok(output.includes('PATH=') && !output.includes(canaryKey));
  });

  it('asks plainly of a model that is not Anthropic\'s', async () => {
    printed(await use.stage.run());
    const [turn] = use.stage.turns;
    for (const key of ['thinking', 'output_config', 'context_management']) assert.equal(bodyOf(turn, key), undefined, key);
    assert.ok(!JSON.stringify(bodyOf(turn, 'messages')).includes('"role":"system"'));
    assert.ok(!JSON.stringify(bodyOf(turn, 'system')).includes('x-anthropic-billing-header'));
  });

  it('takes the effort of the delegator', async () => {
    printed(await use.stage.run({ modelProperties: { reasoning_effort: 'low' } }));
    assert.equal(bodyOf(use.stage.turns[0], 'output_config.effort'), 'low');
  });

  it('takes a prompt for a prompt, whatever it begins with', async () => {
    printed(await use.stage.run({ options: { prompt: '--version', flags: ['--allowedTools', 'Bash'] } }));
    assert.ok(JSON.stringify(bodyOf(use.stage.turns[0], 'messages')).includes('--version'));
  });

  describe('in a terminal', () => {
    /** As after the first start: what the user was asked once. */
    const known = async (): Promise<void> => {
      const { place } = use.stage;
      await place.write(join(place.home, '.claude.json'), JSON.stringify({ hasCompletedOnboarding: true, projects: { [place.project]: { hasTrustDialogAccepted: true } } }));
    };

    it('answers the seeded prompt, asks before it writes a file, and does it on a yes', async () => {
      await known();
      use.script({ toolCall: { name: 'Write', arguments: { file_path: 'made.txt', content: 'hello' } } });
      const screen = await openAgent(use.stage.place, use.stage.plan({ options: { headless: false } }));
      try {
        await screen.waitFor(/Doyouwanttocreatemade\.txt\?/);
        assert.equal(use.stage.made('made.txt'), undefined);
        screen.write('\r');
        await screen.waitFor(new RegExp(answer.replaceAll(' ', '')));
        assert.equal(use.stage.made('made.txt'), 'hello');
        assert.ok(!screen.text.includes(canaryKey));
      } finally {
        await screen.close();
      }
      assert.deepEqual(use.stage.place.outside, []);
    });

    it('does not ask about a key that is sent as x-api-key', async () => {
      await known();
      const screen = await openAgent(use.stage.place, use.stage.plan({ auth: { type: 'x-api-key' }, options: { headless: false } }));
      try {
        await screen.waitFor(new RegExp(answer.replaceAll(' ', '')));
        assert.doesNotMatch(screen.text, /customAPIkey/);
      } finally {
        await screen.close();
      }
      assert.deepEqual(keysOf(use.stage.turns[0]), { 'x-api-key': canaryKey });
    });

    it('leaves trust in a new folder to the user', async () => {
      const { place } = use.stage;
      await place.write(join(place.home, '.claude.json'), JSON.stringify({ hasCompletedOnboarding: true }));
      const screen = await openAgent(place, use.stage.plan({ options: { headless: false } }));
      try {
        await screen.waitFor(/Itrustthisfolder/);
        assert.deepEqual(use.stage.turns, []);
      } finally {
        await screen.close();
      }
    });
  });
});
