import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPlace } from '../../support/cli.ts';
import { openTerminal } from '../../support/terminal.ts';

const toml = `[[model_servers]]
name = "lab"
kind = "vllm"
base_url = "http://127.0.0.1:9"

[[llm_tools.custom]]
name = "mytool"
command = "mytool"
protocol = "openai-chat"

[[delegators]]
name = "replaced"
llm_tool = "mytool"
model = "m"
model_server = "lab"

[[delegators]]
name = "child"
llm_tool = "claude"
model = "m"
model_server = "lab"
`;

if (process.platform !== 'win32') {
  describe('an agent that was launched in a terminal', function () {
    this.timeout(120_000);

    for (const delegator of ['replaced', 'child']) {
      it(`gets the terminal and each Ctrl+C once (${delegator})`, async () => {
        using place = createPlace({ 'operator.toml': toml });
        place.installAgent('mytool');
        place.installAgent('claude');
        const signals = join(place.home, 'signals');
        const goOn = join(place.home, 'go-on');
        using terminal = await openTerminal(place, ['launch', '--delegator', delegator], { env: { FAKE_AGENT: JSON.stringify({ record: join(place.home, 'record'), stdout: 'ready', waits: true, handles: ['SIGINT', 'SIGWINCH'], signals, goOn, exit: 9 }) } });
        await terminal.waitFor(/ready/);
        const counted = (signal: string): number => (existsSync(signals) ? readFileSync(signals, 'utf8').split('\n').filter((line) => line === signal).length : 0);
        terminal.write('\u0003');
        await terminal.waitFor(/\^C/);
        // A resize after it proves that a second SIGINT would have arrived by now: signals keep their order of arrival.
        terminal.resize(70, 20);
        const end = performance.now() + 10_000;
        while (counted('SIGWINCH') === 0 && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
        assert.equal(counted('SIGWINCH'), 1);
        assert.equal(counted('SIGINT'), 1);
        place.write(goOn, '');
        assert.deepEqual(await terminal.ended, { code: 9, signal: 0 });
        const sessions = join(place.operatorHome, 'state', 'sessions');
        assert.deepEqual(existsSync(sessions) ? readdirSync(sessions) : [], []);
      });
    }

    it('ends by Ctrl+C as it would by itself, its private files with it', async () => {
      using place = createPlace({ 'operator.toml': toml });
      place.installAgent('claude');
      using terminal = await openTerminal(place, ['launch', '--delegator', 'child'], { env: { FAKE_AGENT: JSON.stringify({ record: join(place.home, 'record'), stdout: 'ready', waits: true }) } });
      await terminal.waitFor(/ready/);
      terminal.write('\u0003');
      assert.equal((await terminal.ended).signal, 2);
      assert.deepEqual(readdirSync(join(place.operatorHome, 'state', 'sessions')), []);
    });
  });
}
