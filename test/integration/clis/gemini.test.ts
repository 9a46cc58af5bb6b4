/** The real Gemini CLI, launched by its plans. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canaryKey, openAgent } from '../../support/agents.ts';
import { answer, keysOf, printed, useStage } from './support.ts';

const own = { type: 'header', name: 'x-goog-api-key' } as const;

describe('gemini', () => {
  const use = useStage({ tool: 'gemini', protocol: 'gemini', auth: own });

  beforeEach(() => {
    use.stage.place.inherited['GEMINI_CLI_NO_RELAUNCH'] = 'true'; // starts in half the time
  });

  it('prints the answer of the server and reaches nothing else', async () => {
    printed(await use.stage.run());
    assert.deepEqual(use.stage.place.outside, []);
    assert.deepEqual(use.stage.model.requests.map(({ path }) => path), ['/v1beta/models/scripted-model:streamGenerateContent?alt=sse']);
    assert.deepEqual(keysOf(use.stage.turns[0]), { 'x-goog-api-key': canaryKey });
  });

  it('sends the key in a header of its own beside a placeholder, and other headers', async () => {
    Object.assign(use.stage.place.inherited, { GOOGLE_API_KEY: 'inherited', GEMINI_API_KEY: 'inherited', GEMINI_CLI_CUSTOM_HEADERS: 'X-My-Key: inherited' });
    printed(await use.stage.run({ auth: { type: 'header', name: 'X-My-Key' }, headers: { 'X-Team': 'a, b' } }));
    assert.deepEqual(keysOf(use.stage.turns[0]), { 'x-goog-api-key': 'no-key-needed', 'x-my-key': canaryKey });
    assert.equal(use.stage.turns[0]?.headers['x-team'], 'a, b');
  });

  it('sends a bearer token', async () => {
    printed(await use.stage.run({ auth: { type: 'bearer' } }));
    assert.equal(keysOf(use.stage.turns[0])['authorization'], `Bearer ${canaryKey}`);
  });

  it('is not led astray by a user who is signed in with Google, whose other settings it keeps', async () => {
    const { place } = use.stage;
    const settings = '// mine\n{ "security": { "auth": { "selectedType": "oauth-personal", "enforcedType": "oauth-personal" } }, "model": { "name": "settings-model" }, "tools": { "exclude": ["google_web_search"] } }';
    await place.write(join(place.home, '.gemini', 'settings.json'), settings);
    await place.write(join(place.home, '.gemini', 'oauth_creds.json'), JSON.stringify({ access_token: 'ya29.users-own', refresh_token: '1//x', expiry_date: 9_999_999_999_999 }));
    printed(await use.stage.run());
    assert.deepEqual(keysOf(use.stage.turns[0]), { 'x-goog-api-key': canaryKey });
    assert.ok(!use.stage.turns[0]?.offeredTools.includes('google_web_search'));
    assert.equal(readFileSync(join(place.home, '.gemini', 'settings.json'), 'utf8'), settings);
  });

  it('is not led astray by .env files of the project and the user', async () => {
    const { place, elsewhere } = use.stage;
    await place.write(join(place.project, '.env'), `GOOGLE_GENAI_USE_VERTEXAI=true\nGOOGLE_API_KEY=env\nGEMINI_API_KEY=env\nGOOGLE_GEMINI_BASE_URL=${elsewhere.url}\nGOOGLE_VERTEX_BASE_URL=${elsewhere.url}\nGOOGLE_CLOUD_PROJECT=env\nGEMINI_CLI_CUSTOM_HEADERS=X-My-Key: env\nGEMINI_MODEL=env\n`);
    await place.write(join(place.project, '.gemini', '.env'), 'GOOGLE_GENAI_USE_GCA=true\nGOOGLE_GENAI_API_VERSION=v9\n');
    printed(await use.stage.run());
    assert.deepEqual([use.stage.turns[0]?.path, keysOf(use.stage.turns[0])], ['/v1beta/models/scripted-model:streamGenerateContent?alt=sse', { 'x-goog-api-key': canaryKey }]);
  });

  it('sends no key anywhere when a trusted project insists on another sign-in', async () => {
    const { place } = use.stage;
    await place.write(join(place.project, '.gemini', 'settings.json'), '{ "security": { "auth": { "selectedType": "oauth-personal" } } }');
    const run = await use.stage.run();
    assert.equal(run.code, 41);
    assert.match(run.stderr, /enforced authentication type is 'gemini-api-key'/);
    assert.deepEqual(use.stage.model.requests, []);
  });

  it('writes a file in the mode that allows it, through the whole tool loop', async () => {
    use.script({ toolCall: { name: 'write_file', arguments: { file_path: 'made.txt', content: 'hello' } } });
    printed(await use.stage.run({ launchConfig: { permissionMode: 'auto_edit' } }));
    assert.equal(use.stage.made('made.txt'), 'hello');
    assert.match(use.stage.turns[1]?.toolResults.join() ?? '', /Successfully created/);
  });

  it('writes none in the mode of a delegator that says nothing, and goes on', async () => {
    use.script({ toolCall: { name: 'write_file', arguments: { file_path: 'made.txt', content: 'hello' } } });
    printed(await use.stage.run());
    assert.equal(use.stage.made('made.txt'), undefined);
  });

  it('takes a prompt for a prompt, whatever it begins with', async () => {
    printed(await use.stage.run({ options: { prompt: '--version' } }));
    assert.ok(JSON.stringify(use.stage.turns[0]?.body).includes('--version'));
  });

  describe('in a terminal', () => {
    it('answers the seeded prompt once the user trusts the folder, and remembers it for the user', async () => {
      const screen = await openAgent(use.stage.place, use.stage.plan({ options: { headless: false } }));
      const trusted = join(use.stage.place.home, '.gemini', 'trustedFolders.json');
      try {
        await screen.waitFor(/Doyoutrustthefilesinthisfolder\?/);
        assert.ok(!existsSync(trusted));
        screen.write('\r');
        await screen.waitFor(new RegExp(answer.replaceAll(' ', '')));
        assert.ok(!screen.text.includes(canaryKey));
      } finally {
        await screen.close();
      }
      assert.ok(readFileSync(trusted, 'utf8').includes(use.stage.place.project));
      assert.deepEqual(use.stage.place.outside, []);
    });
  });
});
