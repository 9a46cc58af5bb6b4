import assert from 'node:assert/strict';
import fc from 'fast-check';
import { answered, asking, emptyConversation } from '../../../src/cli/chat/conversation.ts';
import { createKeyReader, type Input } from '../../../src/cli/chat/keys.ts';
import { createPasteBoard } from '../../../src/cli/chat/paste.ts';
import { createAnswerView, printable } from '../../../src/cli/chat/render.ts';
import { chooseModel, completeLine, parseLine } from '../../../src/cli/chat/slash.ts';
import type { ChatEvent } from '../../../src/core/chat/model.ts';
import { FakeClock } from '../fakes.ts';
import { memoryOutput } from './support.ts';

describe('a line of the chat', () => {
  it('is a command only when it looks like one', () => {
    assert.deepEqual(parseLine('  '), { type: 'empty' });
    assert.deepEqual(parseLine('/model qwen 2'), { type: 'command', name: 'model', argument: 'qwen 2' });
    assert.deepEqual(parseLine('/QUIT'), { type: 'command', name: 'exit', argument: '' });
    assert.deepEqual(parseLine('/modl'), { type: 'unknown-command', typed: 'modl', near: 'model' });
    assert.deepEqual(parseLine('/usr/bin/env is what?'), { type: 'message', text: '/usr/bin/env is what?' });
    assert.deepEqual(parseLine('a /model'), { type: 'message', text: 'a /model' });
  });

  it('is completed with commands and models', () => {
    assert.deepEqual(completeLine('/m', []), ['/model ']);
    assert.deepEqual(completeLine('/', []), ['/model ', '/clear', '/help', '/exit']);
    assert.deepEqual(completeLine('/model q', ['qwen', 'llama']), ['/model qwen']);
    assert.deepEqual(completeLine('hello /m', []), []);
  });
});

describe('a typed model name', () => {
  const models = ['qwen2.5-coder:7b', 'qwen2.5:latest', 'llama3.2:latest'];
  it('means the model that it fits', () => {
    assert.deepEqual(chooseModel('qwen2.5', models), { type: 'found', model: 'qwen2.5:latest' });
    assert.deepEqual(chooseModel('coder', models), { type: 'found', model: 'qwen2.5-coder:7b' });
    assert.deepEqual(chooseModel('QWEN', models), { type: 'several', models: ['qwen2.5-coder:7b', 'qwen2.5:latest'] });
    assert.deepEqual(chooseModel('lama3.2:latest', models), { type: 'found', model: 'llama3.2:latest' });
    assert.deepEqual(chooseModel('llema3.2:latest', models), { type: 'none', near: 'llama3.2:latest' });
    assert.deepEqual(chooseModel('gpt', models), { type: 'none' });
  });
});

describe('the conversation', () => {
  it('grows with every answer and is sent whole', () => {
    const one = answered(emptyConversation, 'a', 'A');
    assert.deepEqual(asking(one, 'b'), [{ role: 'user', content: 'a' }, { role: 'assistant', content: 'A' }, { role: 'user', content: 'b' }]);
    assert.equal(one.turns, 1);
  });

  it('takes a question back that got no answer', () => {
    assert.deepEqual(answered(emptyConversation, 'a', ' \n'), emptyConversation);
  });
});

describe('the keyboard', () => {
  function read(pieces: readonly string[]): Input[] {
    const reader = createKeyReader();
    return [...pieces.flatMap((piece) => reader.push(piece)), ...reader.flush()];
  }
  /** Keys in one piece, since their cutting depends on what arrives together. */
  function joined(inputs: readonly Input[]): Input[] {
    const result: Input[] = [];
    for (const input of inputs) {
      const last = result.at(-1);
      if (input.type === 'keys' && last?.type === 'keys') result[result.length - 1] = { type: 'keys', text: last.text + input.text };
      else result.push(input);
    }
    return result;
  }

  it('tells keys, pastes, new lines and Ctrl+C apart', () => {
    assert.deepEqual(read(['hi\r\u001b[A\u001b[200~a\rb\u0003\u001b[201~x\u0003\n\u001b\r']), [
      { type: 'keys', text: 'hi\r' },
      { type: 'keys', text: '\u001b[A' },
      { type: 'paste', text: 'a\rb\u0003' },
      { type: 'keys', text: 'x' },
      { type: 'interrupt' },
      { type: 'newline' },
      { type: 'newline' },
    ]);
  });

  it('gives lines that were typed ahead one by one', () => {
    assert.deepEqual(read(['a\rb\r']), [{ type: 'keys', text: 'a\r' }, { type: 'keys', text: 'b\r' }]);
  });

  it('finds pastes wherever the bytes are cut', () => {
    const typed = 'a\u001b[200~x\ry\u001b[20\u001b[201~b\u001b[B\u001b[200~z\u001b[201~\r';
    fc.assert(
      fc.property(fc.array(fc.nat(typed.length)), (places) => {
        const sorted = [0, ...places.sort((a, b) => a - b), typed.length];
        const pieces = sorted.slice(1).map((end, index) => typed.slice(sorted[index], end));
        assert.deepEqual(joined(read(pieces)), joined(read([typed])));
      }),
    );
  });

  it('comes back with Ctrl+C from a paste without an end', () => {
    assert.deepEqual(read(['\u001b[200~lost', '\u0003', 'x']), [{ type: 'interrupt' }, { type: 'keys', text: 'x' }]);
  });

  it('holds the Escape key back only until nothing follows it', () => {
    const reader = createKeyReader();
    assert.deepEqual(reader.push('a\u001b'), [{ type: 'keys', text: 'a' }]);
    assert.equal(reader.isHolding, true);
    assert.deepEqual(reader.flush(), [{ type: 'keys', text: '\u001b' }]);
    assert.equal(reader.isHolding, false);
    assert.deepEqual(reader.push('\u001b'), []);
    assert.deepEqual(reader.push('\r'), [{ type: 'newline' }]);
  });
});

describe('a paste', () => {
  it('stays in the line and means its lines when it is sent', () => {
    const board = createPasteBoard();
    const shown = board.put('if (a)\r\n\tb\u0007');
    assert.equal(shown, 'if (a)␤␉b');
    assert.equal(board.expand(`see: ${shown}`), 'see: if (a)\n\tb');
  });

  it('is a token when it is long, also out of the history', () => {
    const board = createPasteBoard();
    const long = Array.from({ length: 30 }, (_, line) => `line ${line}`).join('\n');
    const first = board.put(long);
    const second = board.put('x'.repeat(2000));
    assert.equal(first, '[paste 1: 30 lines]');
    assert.equal(second, '[paste 2: 2000 characters]');
    assert.equal(board.expand(`${second} and ${first}`), `${'x'.repeat(2000)} and ${long}`);
    assert.equal(board.expand('[paste 9: 3 lines]'), '[paste 9: 3 lines]');
  });
});

describe('an answer on the screen', () => {
  async function draw(steps: readonly (ChatEvent | number)[]): Promise<string> {
    const output = memoryOutput(80);
    const clock = new FakeClock();
    const view = createAnswerView({ ...output, write: output.write, line: output.line, paint: (style, text) => (text === '' ? '' : `<${String(style)}>${text}</>`) }, clock);
    for (const step of steps) {
      if (typeof step === 'number') await clock.advance(step);
      else view.show(step);
    }
    view.end();
    assert.equal(clock.pending, 0, 'a timer is left');
    return output.text;
  }
  const text = (piece: string): ChatEvent => ({ type: 'text-delta', text: piece });
  const thought = (piece: string): ChatEvent => ({ type: 'reasoning-delta', text: piece });

  it('shows reasoning dimmed, the answer plain, tokens and time at the end', async () => {
    assert.equal(await draw([thought('Hm\nso'), text('Ja'), 2000, text('!'), { type: 'usage', inputTokens: 9, outputTokens: 40 }, { type: 'finish', reason: 'stop' }]), '<dim>Hm</>\n<dim>so</>\n\nJa!\n<dim>9 tokens in · 40 out · 2 s · 20 tokens/s</>\n');
  });

  it('shows that it waits, and takes that away again', async () => {
    assert.equal(await draw([2500, text('Ja\n'), { type: 'finish', reason: 'stop' }]), '\r\u001b[K<dim>…</>\r\u001b[K<dim>… 1 s</>\r\u001b[K<dim>… 2 s</>\r\u001b[KJa\n<dim>2.5 s</>\n');
  });

  it('ends with one clear line for an error, a stop and a limit', async () => {
    assert.match(await draw([text('Ja'), { type: 'error', failure: { kind: 'truncated', message: 'The connection ended', hint: 'Ask again' } }]), /^Ja\n<red>✖<\/> The connection ended\n {2}→ Ask again\n$/);
    assert.match(await draw([text('Ja'), 100, { type: 'error', failure: { kind: 'aborted', message: 'Stopped' } }]), /^Ja\n<dim>stopped after 100 ms<\/>\n$/);
    assert.match(await draw([text('Ja'), { type: 'finish', reason: 'length' }]), /▲<\/> The answer is cut off at the limit of its length\n/);
    assert.match(await draw([{ type: 'finish', reason: 'stop' }]), /The model answered with nothing/);
  });

  it('does not let a model command the terminal', () => {
    assert.equal(printable('a\u001b[2Jb\u0007c\r\nd\te\u009bf'), 'a[2Jbc\nd\tef');
  });
});
