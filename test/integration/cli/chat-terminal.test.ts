import assert from 'node:assert/strict';
import { createPlace, type Place, until } from '../../support/cli.ts';
import { type DemoServer, startDemoServer } from '../../support/demo-server.ts';
import { type Answer, type ScriptedServer, type Script, json, startServer } from '../../support/scripted-server.ts';
import { openTerminal, type Terminal } from '../../support/terminal.ts';

const chunk = (content: string, finish_reason: string | null = null): string => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason }] })}\n\n`;
const pasted = (text: string): string => `\u001b[200~${text}\u001b[201~`;
const ctrlC = '\u0003';
const ctrlD = '\u0004';
const up = '\u001b[A';
const prompt = /\n› $/;

/** Answers with the number of messages that it was sent and the last one. */
const echo: Answer = ({ request, response }) => {
  const { messages, model } = request.json as { messages: { content: string }[]; model: string };
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end(`${chunk(`${model} heard ${messages.length}: ${JSON.stringify(messages.at(-1)?.content)}`)}${chunk('', 'stop')}data: [DONE]\n\n`);
};
const models = json({ object: 'list', data: ['m', 'other-model', 'third'].map((id) => ({ id, object: 'model' })) });

// Signals and pseudo-terminals are other things on Windows.
if (process.platform !== 'win32') {
  describe('operator chat in a terminal', function () {
    this.timeout(120_000);
    let place: Place;
    let server: ScriptedServer;
    let terminal: Terminal;

    async function open(script: Script = { 'POST /v1/chat/completions': echo, 'GET /v1/models': models }, more: readonly string[] = []): Promise<void> {
      server = await startServer(script);
      place.write('operator.toml', `[[model_servers]]\nname = "lab"\nkind = "openai-compat"\nbase_url = "${server.url}"\n`);
      terminal = await openTerminal(place, ['chat', '--model-server', 'lab', '--model', 'm', ...more]);
      await terminal.waitFor(more.length > 0 ? /›/ : prompt);
    }
    /** Types a line and waits for the next prompt. */
    async function say(line: string, expected: RegExp): Promise<void> {
      const from = terminal.text.length;
      terminal.write(`${line}\r`);
      await terminal.waitFor(expected, from);
      await terminal.waitFor(prompt, from);
    }

    beforeEach(() => {
      place = createPlace();
    });
    afterEach(async () => {
      terminal[Symbol.dispose]();
      await server.close();
      place[Symbol.dispose]();
    });

    it('streams the answer, remembers the conversation, and leaves with /exit', async () => {
      await open();
      assert.match(terminal.text, /^m on lab · \/help for commands/);
      await say('hello', /m heard 1: "hello"\n.*\d (ms|s)\b/);
      await say('again', /m heard 3: "again"/);
      await say('/clear', /forgotten/);
      await say('fresh', /m heard 1: "fresh"/);
      terminal.write('/exit\r');
      assert.deepEqual(await terminal.ended, { code: 0, signal: 0 });
      assert.ok(terminal.raw.includes('\u001b[?2004h') && terminal.raw.trimEnd().endsWith('\u001b[?2004l'), 'paste marks are switched off again');
    });

    it('shows a piece when it arrives, and stops with Ctrl+C, which closes the connection', async () => {
      let closed = false;
      await open({
        'POST /v1/chat/completions': ({ request, response }) => {
          if (request.body.includes('second')) return echo({ request, response, socket: response.socket as never });
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.write(chunk('the beginning'));
          response.once('close', () => (closed = true));
        },
      });
      terminal.write('first\r');
      await terminal.waitFor(/the beginning$/);
      terminal.write(ctrlC);
      await terminal.waitFor(/the beginning\nstopped after .*\n\n› $/);
      await until(() => closed, () => 'the connection is still open');
      // The half answer was seen, so that it belongs to the conversation.
      await say('second', /m heard 3: "second"/);
      const messages = (server.to('/v1/chat/completions')[1]?.json as { messages: { role: string; content: string }[] }).messages;
      assert.deepEqual(messages[1], { role: 'assistant', content: 'the beginning' });
    });

    it('leaves with a second Ctrl+C at an empty prompt', async () => {
      await open({ 'POST /v1/chat/completions': ({ response }) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).write(chunk('x')) });
      terminal.write('go\r');
      await terminal.waitFor(/\nx$/);
      terminal.write(ctrlC);
      await terminal.waitFor(/stopped[\s\S]*› $/);
      terminal.write(ctrlC);
      assert.deepEqual(await terminal.ended, { code: 0, signal: 0 });
    });

    it('clears the line with Ctrl+C, warns at an empty one, and leaves with Ctrl+D', async () => {
      await open();
      terminal.write('not meant');
      await terminal.waitFor(/not meant$/);
      terminal.write(ctrlC);
      terminal.write(ctrlC);
      await terminal.waitFor(/Press Ctrl\+C again, or Ctrl\+D, to leave\n› $/);
      await say('meant', /m heard 1: "meant"/);
      terminal.write(ctrlC);
      await terminal.waitFor(/to leave\n› $/, terminal.text.length - 20);
      terminal.write(ctrlD);
      assert.deepEqual(await terminal.ended, { code: 0, signal: 0 });
    });

    it('takes a paste of several lines as one message, and a new line by Ctrl+J and Alt+Enter', async () => {
      await open();
      terminal.write(pasted('first\r\n\tsecond\rthird'));
      await terminal.waitFor(/first␤␉second␤third$/);
      terminal.write('\n');
      terminal.write('\u001b\r');
      await say('end', /m heard 1: "first\\n\\tsecond\\nthird\\n\\nend"/);
      const long = Array.from({ length: 500 }, (_, line) => `line ${line}`).join('\r');
      terminal.write(pasted(long));
      await terminal.waitFor(/\[paste 1: 500 lines\]$/);
      terminal.write('\r');
      await until(() => server.to('/v1/chat/completions').length === 2, () => terminal.text);
      const messages = (server.to('/v1/chat/completions')[1]?.json as { messages: { content: string }[] }).messages;
      assert.equal(messages.at(-1)?.content, long.replaceAll('\r', '\n'));
    });

    it('has the earlier messages on the arrow keys', async () => {
      await open();
      await say('one', /heard 1/);
      await say('two', /heard 3/);
      const from = terminal.text.length;
      terminal.write(up + up);
      await terminal.waitFor(/one$/, from);
      await say('!', /heard 5: "one!"/);
    });

    it('waits with what is typed during an answer', async () => {
      const answers: (() => void)[] = [];
      await open({
        'POST /v1/chat/completions': (exchange) => {
          answers.push(() => void echo(exchange));
        },
      });
      terminal.write('one\r');
      await until(() => answers.length === 1, () => terminal.text);
      terminal.write('two\rthr');
      terminal.resize(60, 20);
      answers[0]?.();
      await until(() => answers.length === 2, () => terminal.text);
      // The prompt is drawn again when the news of the other size arrives.
      assert.match(terminal.text, /› one\n[\s\S]*m heard 1: "one"\n.*\n\n(› )+two\n/);
      answers[1]?.();
      await terminal.waitFor(/heard 3: "two"\n.*\n\n(› )+thr$/);
      terminal.write('ee\r');
      await until(() => answers.length === 3, () => terminal.text);
    });

    it('lists models, switches between them, and keeps the conversation', async () => {
      await open();
      await say('hi', /heard 1/);
      await say('/model', /\n › {2}m\n {4}other-model\n {4}third\nSwitch with \/model NAME/);
      await say('/model other', /Now with other-model; it sees the conversation so far/);
      await say('you', /other-model heard 3: "you"/);
      await say('/model o', /Now with|Several models match/);
      await say('/model nope', /lab has no model nope/);
      await say('/modle', /There is no command \/modle; did you mean \/model\?/);
      await say('/help', /\/model \[NAME\] .*\n[\s\S]*Ctrl\+J, Alt\+Enter/);
      const from = terminal.text.length;
      terminal.write('/model th\t');
      await terminal.waitFor(/\/model third$/, from);
      await say('', /Now with third/);
    });

    it('keeps the model when the other one, on this machine, does not answer', async () => {
      await open({
        'POST /v1/chat/completions': (exchange) => ((exchange.request.json as { model: string }).model === 'third' ? json({ error: { message: 'out of memory' } }, { status: 500 })(exchange) : echo(exchange)),
        'GET /v1/models': models,
      });
      await say('/model third', /✖ Still with m: third does not answer\. lab failed \(500\): out of memory/);
      await say('hello', /m heard 1: "hello"/);
      await say('/model other', /Now with other-model/);
    });

    it('goes over to a hosted model that has a passing trouble, with a warning, and not to one that it may not use', async () => {
      let status = 429;
      server = await startServer({
        'POST /v1/chat/completions': (exchange) => ((exchange.request.json as { model: string }).model === 'third' ? json({ error: { message: 'not now' } }, { status })(exchange) : echo(exchange)),
        'GET /v1/models': models,
      });
      place.write('operator.toml', `[[model_servers]]\nname = "lab"\nkind = "openai-compat"\nbase_url = "${server.url}"\nplacement = "third-party"\n`);
      terminal = await openTerminal(place, ['chat', '--model-server', 'lab', '--model', 'm']);
      await terminal.waitFor(prompt);
      status = 401;
      await say('/model third', /✖ Still with m: third does not answer\. lab refuses the key \(401\)/);
      status = 429;
      await say('/model third', /▲ third does not answer right now: lab has had too many requests \(429\): not now.*\nNow with third/);
    });

    it('tells an error in one clear line and goes on', async () => {
      await open({ 'POST /v1/chat/completions': json({ error: { message: 'out of memory' } }, { status: 500 }) });
      await say('one', /\n✖ lab failed \(500\): out of memory\n {2}→ Ask again in a moment\n/);
      server.play({ 'POST /v1/chat/completions': ({ response }) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(chunk('half')) });
      await say('two', /half\n✖ The connection ended in the middle of the answer\n/);
      server.play({ 'POST /v1/chat/completions': echo });
      // The question without an answer was taken back; the one with half an answer stays.
      await say('three', /heard 3: "three"/);
      server.play({});
      await say('/model', /✖ .+\n/);
      await server.close();
      await say('four', /✖ lab refuses connections\n/);
    });

    it('does not let a model move the cursor or ring the bell', async () => {
      await open({ 'POST /v1/chat/completions': ({ response }) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`${chunk('a\u001b[2J\u001b]0;title\u0007b\u009b1Ac\r\nd', 'stop')}data: [DONE]\n\n`) });
      const from = terminal.raw.length;
      await say('x', /\]0;titleb1Ac\nd\n/);
      const drawn = terminal.raw.slice(from);
      for (const sequence of ['\u001b[2J', '\u001b]0', '\u0007', '\u009b']) assert.ok(!drawn.includes(sequence));
    });

    it('sends the prompt that it was started with', async () => {
      await open(undefined, ['--prompt', 'from the start']);
      await terminal.waitFor(/› from the start\n[\s\S]*m heard 1: "from the start"\n[\s\S]*› $/);
    });

    it('sends no escape sequences of its own to a dumb terminal', async () => {
      server = await startServer({ 'POST /v1/chat/completions': echo });
      place.write('operator.toml', `[[model_servers]]\nname = "lab"\nkind = "openai-compat"\nbase_url = "${server.url}"\n`);
      terminal = await openTerminal(place, ['chat', '--model-server', 'lab', '--model', 'm'], { env: { TERM: 'dumb' } });
      await terminal.waitFor(prompt);
      await say('hello', /m heard 1: "hello"/);
      assert.ok(!terminal.raw.includes('\u001b'), JSON.stringify(terminal.raw));
    });

    it('gives the terminal back when it is ended from outside', async () => {
      await open();
      terminal.kill('SIGTERM');
      assert.deepEqual(await terminal.ended, { code: 143, signal: 0 });
      assert.ok(terminal.raw.endsWith('\u001b[?2004l'));
    });
  });

  describe('a delegator of the chat tool in a terminal', function () {
    this.timeout(120_000);
    let demo: DemoServer;
    before(async () => {
      demo = await startDemoServer({ wordDelayMs: 5 });
    });
    after(() => demo.stop());

    it('shows reasoning dimmed, the answer, tokens and time', async () => {
      using place = createPlace({ 'operator.toml': `[[model_servers]]\nname = "demo"\nkind = "ollama"\nbase_url = "${demo.url}"\n\n[[delegators]]\nname = "thinker"\nllm_tool = "chat"\nmodel = "demo-thinker"\nmodel_server = "demo"\n` });
      using terminal = await openTerminal(place, ['launch', '--delegator', 'thinker']);
      await terminal.waitFor(/demo-thinker on demo[\s\S]*› $/);
      terminal.write('why?\r');
      await terminal.waitFor(/reasoning looks\.\n\n\[demo\] I have thought about “why\?”[^\n]*\n\d+ tokens in · \d+ out · .*\n\n› $/);
      assert.ok(terminal.raw.includes('\u001b[2mThe \u001b[22m'), 'reasoning is dimmed');
      terminal.write('/model\r');
      await terminal.waitFor(/\n › {2}demo-thinker:latest +14\.8B · 9\.3 GB · 128k context · loaded\n/);
      terminal.write('\u0004');
      assert.deepEqual(await terminal.ended, { code: 0, signal: 0 });
    });

    it('shows progress while it probes', async () => {
      using place = createPlace({ 'operator.toml': `[[model_servers]]\nname = "demo"\nkind = "ollama"\nbase_url = "${demo.url}"\n` });
      using terminal = await openTerminal(place, ['probe', 'demo'], { env: { NO_COLOR: '' } });
      assert.equal((await terminal.ended).code, 0);
      assert.match(terminal.raw, /Probing \d\/1/);
      assert.match(terminal.text, /✔ {2}demo {2}healthy/);
      assert.ok(terminal.raw.includes('\u001b[32m'), 'colour on a terminal');
    });
  });
}
