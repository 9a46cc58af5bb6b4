import assert from 'node:assert/strict';
import { createPlace, type Place } from '../../support/cli.ts';
import { startDemoServer } from '../../support/demo-server.ts';
import { livingLmStudio, livingOllama } from '../../support/living-servers.ts';
import { type ScriptedServer, startServer, waitUntil } from '../../support/scripted-server.ts';
import { openTerminal } from '../../support/terminal.ts';

const library = { 'qwen3:8b': [4_000_000_000, 800_000_000] };

const entry = (name: string, kind: string, url: string): string => `[[model_servers]]\nname = "${name}"\nkind = "${kind}"\nbase_url = "${url}"\n\n`;

describe('operator model', function () {
  this.timeout(60_000);
  let place: Place;
  const servers: ScriptedServer[] = [];
  beforeEach(() => {
    place = createPlace();
  });
  afterEach(async () => {
    place[Symbol.dispose]();
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  async function start(script: Parameters<typeof startServer>[0]): Promise<ScriptedServer> {
    const server = await startServer(script);
    servers.push(server);
    return server;
  }

  /** One Ollama, named box. */
  async function box(options: Parameters<typeof livingOllama>[0] = {}): Promise<ReturnType<typeof livingOllama>> {
    const living = livingOllama({ library, ...options });
    place.write('operator.toml', entry('box', 'ollama', (await start(living.script)).url));
    return living;
  }

  async function run(code: number, ...args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
    const result = await place.run(['model', ...args]);
    assert.equal(result.code, code, `${result.stdout}${result.stderr}`);
    return result;
  }

  it('pull: a line for each tenth where nobody looks, and the model is there', async () => {
    const living = await box();
    const { stdout, stderr } = await run(0, 'pull', 'qwen3:8b');
    assert.equal(stdout, 'Pulled qwen3:8b on box\n');
    const lines = stderr.trimEnd().split('\n');
    assert.ok(lines.length >= 8 && lines.length <= 20, stderr);
    assert.equal(lines[0], 'qwen3:8b  pulling manifest');
    assert.match(stderr, /^qwen3:8b {2}downloading {2}\d+ % {2}[\d.]+ (?:GB|MB) of 4 GB$/m);
    assert.deepEqual(lines.slice(-2), ['qwen3:8b  verifying sha256 digest', 'qwen3:8b  writing manifest']);
    assert.deepEqual(living.models.map(({ name }) => name), ['qwen3:8b']);
    assert.match((await place.run(['probe', 'box'])).stdout, /qwen3:8b/);
    assert.equal((await run(0, 'pull', 'qwen3:8b')).stdout, 'qwen3:8b is there already on box\n');
  });

  it('pull --json: a line of JSON for each step', async () => {
    await box();
    const { stdout, stderr } = await run(0, 'pull', 'qwen3:8b', '--json');
    assert.equal(stderr, '');
    const lines = stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(lines[0], { model: 'qwen3:8b', model_server: 'box', status: 'pulling manifest', done_bytes: 0, total_bytes: null, bytes_per_second: null, remaining_ms: null });
    assert.ok(lines.length > 10);
    assert.deepEqual([lines.at(-1)?.['status'], lines.at(-1)?.['done_bytes'], lines.at(-1)?.['already_there']], ['success', 4_800_000_000, false]);
  });

  it('pull: a bar on a terminal; Ctrl+C stops it with 130, and it goes on from there', async () => {
    const living = await box();
    living.hold(2_000_000_000);
    {
      using terminal = await openTerminal(place, ['model', 'pull', 'qwen3:8b']);
      await terminal.waitFor(/qwen3:8b {2}█+░+ +\d+ % {2}[\d.]+ GB of 4 GB/);
      await waitUntil(() => living.onDisk('qwen3:8b') === 2_000_000_000, 'the download to stand');
      terminal.write('\u0003');
      assert.deepEqual(await terminal.ended, { code: 130, signal: 0 });
      assert.match(terminal.text, /Stopped\. What came is kept: pull it again to go on from there/);
      // One line that is drawn again: no line breaks until the end.
      assert.equal(terminal.text.slice(0, terminal.text.indexOf('Stopped')).includes('\n'), false, JSON.stringify(terminal.text));
      for (const line of terminal.raw.split('\r\u001b[K')) assert.ok(line.length < 160, line);
    }
    await waitUntil(() => living.followers === 0, 'the connection to be closed');
    living.hold(3_000_000_000);
    using terminal = await openTerminal(place, ['model', 'pull', 'qwen3:8b']);
    await terminal.waitFor(/█+░+ +\d+ %/);
    const first = /(\d+) %/.exec(terminal.text)?.[1];
    assert.ok(Number(first) >= 50, terminal.text);
    living.open();
    assert.deepEqual(await terminal.ended, { code: 0, signal: 0 });
    assert.match(terminal.text, /Pulled qwen3:8b on box\n$/);
  });

  it('pull: the bar fits a narrow screen', async () => {
    const living = await box();
    living.hold(2_000_000_000);
    using terminal = await openTerminal(place, ['model', 'pull', 'qwen3:8b']);
    terminal.resize(30, 10);
    await waitUntil(() => living.onDisk('qwen3:8b') === 2_000_000_000, 'the download to stand');
    const from = terminal.raw.length;
    living.open();
    await terminal.ended;
    for (const frame of terminal.raw.slice(from).split('\r\u001b[K')) if (frame.includes('█')) assert.ok(frame.replaceAll(/\u001b\[[\d;]*m/g, '').trimEnd().length < 30, JSON.stringify(frame));
  });

  it('pull: says what went wrong, and that it goes on', async () => {
    const living = await box();
    living.cutNext(1_000_000_000, 'close');
    const { stderr } = await run(4, 'pull', 'qwen3:8b');
    assert.match(stderr, /error: qwen3:8b could not be pulled on box: .*closed the connection/);
    assert.match(stderr, /Pull it again: it goes on where it stopped/);
    assert.match((await run(4, 'pull', 'qwen3:8')).stderr, /There is no model "qwen3:8" to pull\n {2}→ Did you mean qwen3:8b\?/);
  });

  it('load, unload, cp, show, rm', async () => {
    const living = await box({ models: ['llama3.2:latest'] });
    assert.equal((await run(0, 'load', 'llama3.2', '--context', '16k', '--keep-alive', '1h')).stdout, 'llama3.2:latest is loaded on box, with 16k context\n');
    assert.match((await place.run(['probe', 'box'])).stdout, /loaded/);
    assert.equal((await run(0, 'load', 'llama3.2', '--context', '16384')).stdout, 'llama3.2:latest is loaded already on box, with 16k context\n');
    assert.equal((await run(0, 'unload', 'llama3.2')).stdout, 'llama3.2:latest is unloaded on box\n');
    assert.equal((await run(0, 'unload', 'llama3.2')).stdout, 'llama3.2:latest was not loaded on box\n');
    assert.equal((await run(0, 'cp', 'llama3.2', 'mine')).stdout, 'Copied llama3.2:latest to mine on box\n');
    const shown = (await run(0, 'show', 'mine')).stdout;
    assert.match(shown, /^mine:latest {2}on box\n/);
    assert.match(shown, /^ {2}licence +Apache License 2\.0$/m);
    assert.match(shown, /^ {2}context +128k tokens at most$/m);
    const report = JSON.parse((await run(0, 'show', 'mine', '--json')).stdout) as Record<string, unknown>;
    assert.deepEqual([report['model'], report['model_server'], report['context_window'], report['has_template']], ['mine:latest', 'box', 131_072, true]);
    assert.match((await run(2, 'rm', 'mine')).stderr, /Nobody can be asked whether mine shall be deleted\n {2}→ Add --yes/);
    assert.equal((await run(0, 'rm', 'mine', '--yes')).stdout, 'Deleted mine:latest from box\n');
    assert.deepEqual(living.models.map(({ name }) => name), ['llama3.2:latest']);
    assert.match((await run(4, 'rm', 'lama3.2', '--yes')).stderr, /box has no model "lama3\.2"\n {2}→ Did you mean llama3\.2:latest\?/);
    assert.match((await run(2, 'load', 'llama3.2', '--context', 'much')).stderr, /"much" is no number of tokens/);
  });

  it('rm: asks on a terminal', async () => {
    const living = await box({ models: ['llama3.2:latest'] });
    {
      using terminal = await openTerminal(place, ['model', 'rm', 'llama3.2']);
      await terminal.waitFor(/Delete llama3\.2 from box\?.*\[y\/N\]/);
      terminal.write('n\r');
      assert.equal((await terminal.ended).code, 130);
      assert.match(terminal.text, /Nothing was deleted/);
      assert.equal(living.models.length, 1);
    }
    using terminal = await openTerminal(place, ['model', 'rm', 'llama3.2']);
    await terminal.waitFor(/\[y\/N\]/);
    terminal.write('y\r');
    assert.equal((await terminal.ended).code, 0);
    assert.equal(living.models.length, 0);
  });

  it('takes the server from the option or before the model, and asks for it where there are several', async () => {
    const one = livingOllama({ models: ['a:latest'] });
    const two = livingLmStudio({ models: ['qwen/qwen3-8b'] });
    place.write('operator.toml', entry('one', 'ollama', (await start(one.script)).url) + entry('two', 'lmstudio', (await start(two.script)).url));
    assert.match((await run(2, 'load', 'a')).stderr, /More than one model server can load models\n {2}→ Name one: --server one or --server two/);
    assert.equal((await run(0, 'load', 'two/qwen/qwen3-8b')).stdout, 'qwen/qwen3-8b is loaded on two, with 4k context\n');
    assert.equal((await run(0, 'unload', 'qwen/qwen3-8b', '--server', 'two')).stdout, 'qwen/qwen3-8b is unloaded on two\n');
    // Only one of them can copy.
    assert.equal((await run(0, 'cp', 'a', 'b')).stdout, 'Copied a:latest to b on one\n');
    assert.match((await run(4, 'rm', 'two/qwen/qwen3-8b', '--yes')).stderr, /two cannot delete models: LM Studio has no way to be asked for it\n {2}→ Delete it in LM Studio under My Models/);
    assert.match((await run(4, 'load', 'a', '--server', 'openai-api')).stderr, /openai-api cannot load models/);
    assert.match((await run(4, 'load', 'a', '--server', 'tow')).stderr, /Did you mean two\?/);
    place.write('operator.toml', '');
    assert.match((await run(4, 'pull', 'a')).stderr, /There is no model server that can pull models\n {2}→ Write ollama\/a /);
    // A local server needs no entry.
    const result = await place.run(['model', 'load', 'ollama/a'], { env: { OLLAMA_BASE_URL: servers[0]?.url } });
    assert.equal(result.stdout, 'a:latest is loaded on ollama, with 4k context\n', result.stderr);
  });

  it('works with the demo server, which keeps what is done to it', async () => {
    await using demo = await startDemoServer({ models: [], pullMs: 0 });
    place.write('operator.toml', entry('demo', 'ollama', demo.url));
    assert.match((await run(0, 'pull', 'demo-novelist')).stdout, /^Pulled demo-novelist on demo$/m);
    assert.equal((await run(0, 'load', 'demo-novelist', '--context', '8k')).stdout, 'demo-novelist:latest is loaded on demo, with 8k context\n');
    assert.equal((await run(0, 'unload', 'demo-novelist')).stdout, 'demo-novelist:latest is unloaded on demo\n');
    assert.equal((await run(0, 'cp', 'demo-novelist', 'mine')).stdout, 'Copied demo-novelist:latest to mine on demo\n');
    assert.match((await run(0, 'show', 'mine')).stdout, /licence +MIT License/);
    assert.match((await run(0, 'rm', 'mine', '--yes')).stdout, /^Deleted mine:latest/);
    assert.match((await run(4, 'show', 'mine')).stderr, /demo has no model "mine"/);
  });
});
