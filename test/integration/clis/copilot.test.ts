/** The real GitHub Copilot CLI with a provider of one's own, launched by its plans. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { canaryKey } from '../../support/agents.ts';
import type { Protocol } from '../../../src/core/protocol.ts';
import { bodyOf, keysOf, printed, useStage } from './support.ts';

describe('copilot', () => {
  const use = useStage({ tool: 'copilot', protocol: 'openai-chat' });

  const protocols: readonly (readonly [Protocol, string])[] = [
    ['openai-chat', '/v1/chat/completions'],
    ['openai-responses', '/v1/responses'],
    ['anthropic-messages', '/v1/messages'],
  ];
  for (const [protocol, path] of protocols) {
    it(`prints the answer of the server over ${protocol} and reaches nothing else`, async () => {
      printed(await use.stage.run({ protocol }));
      assert.deepEqual(use.stage.place.outside, []);
      assert.equal(use.stage.turns[0]?.path, path);
      assert.deepEqual(keysOf(use.stage.turns[0]), { authorization: `Bearer ${canaryKey}` });
    });
  }

  it('sends the key as x-api-key, and other headers', async () => {
    printed(await use.stage.run({ auth: { type: 'x-api-key' }, headers: { 'X-Team': 'a' } }));
    assert.deepEqual([keysOf(use.stage.turns[0]), use.stage.turns[0]?.headers['x-team']], [{ 'x-api-key': canaryKey }, 'a']);
  });

  it('is not led astray by settings and variables of the user', async () => {
    const { place, elsewhere } = use.stage;
    for (const name of ['config.json', 'settings.json']) await place.write(join(place.home, '.copilot', name), JSON.stringify({ model: 'settings-model' }));
    Object.assign(place.inherited, {
      COPILOT_PROVIDER_BASE_URL: elsewhere.url,
      COPILOT_PROVIDER_API_KEY: 'inherited',
      COPILOT_PROVIDER_API_KEY_COMMAND: 'echo inherited',
      COPILOT_PROVIDER_TYPE: 'azure',
      COPILOT_PROVIDER_WIRE_MODEL: 'inherited-model',
      COPILOT_PROVIDER_MODEL_ID: 'inherited-model',
      COPILOT_PROVIDER_HEADERS: 'X-My-Key: inherited',
      GITHUB_TOKEN: 'ghp_classicTokenWithWhichItWouldNotStart12',
    });
    printed(await use.stage.run());
    assert.deepEqual([keysOf(use.stage.turns[0]), bodyOf(use.stage.turns[0], 'model')], [{ authorization: `Bearer ${canaryKey}` }, 'scripted-model']);
  });

  it('writes a file when it may, through the whole tool loop', async () => {
    use.script({ toolCall: { name: 'create', arguments: { path: 'made.txt', file_text: 'hello' } } });
    printed(await use.stage.run({ launchConfig: { yolo: true } }));
    assert.equal(use.stage.made('made.txt'), 'hello');
  });

  it('writes none when nobody said that it may, and goes on', async () => {
    use.script({ toolCall: { name: 'create', arguments: { path: 'made.txt', file_text: 'hello' } } });
    printed(await use.stage.run());
    assert.equal(use.stage.made('made.txt'), undefined);
    assert.match(use.stage.turns[1]?.toolResults.join() ?? '', /Permission denied/);
  });

  it('takes the effort of the delegator', async () => {
    printed(await use.stage.run({ modelProperties: { reasoning_effort: 'low' } }));
    assert.equal(bodyOf(use.stage.turns[0], 'reasoning_effort'), 'low');
  });
});
