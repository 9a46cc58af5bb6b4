import assert from 'node:assert/strict';
import { printError, printMessage } from '../../../src/cli/output/messages.ts';
import { shellQuote } from '../../../src/cli/output/plan.ts';
import { harmless, wantsColour } from '../../../src/cli/output/terminal.ts';
import { OperatorError } from '../../../src/core/errors.ts';
import { FileError } from '../../../src/core/ports.ts';
import { memoryOutput } from './support.ts';

describe('colour', () => {
  it('is for terminals, and bows to NO_COLOR, TERM=dumb and FORCE_COLOR', () => {
    assert.equal(wantsColour(true, {}), true);
    assert.equal(wantsColour(false, {}), false);
    assert.equal(wantsColour(true, { NO_COLOR: '1' }), false);
    assert.equal(wantsColour(true, { NO_COLOR: '' }), true);
    assert.equal(wantsColour(true, { TERM: 'dumb' }), false);
    assert.equal(wantsColour(false, { FORCE_COLOR: '1' }), true);
    assert.equal(wantsColour(true, { FORCE_COLOR: '0' }), false);
    assert.equal(wantsColour(false, { FORCE_COLOR: '1', NO_COLOR: '1' }), false);
  });
});

describe('text of others', () => {
  it('cannot command the terminal', () => {
    assert.equal(harmless('a\u001b]0;title\u0007b\u009b31mc\nd\u202ee'), 'a\ufffd]0;title\ufffdb\ufffd31mc d\ufffde');
  });
});

describe('an error message', () => {
  it('says what, where and what to do', () => {
    const output = memoryOutput();
    printMessage(output, { severity: 'error', message: 'no such kind', hint: 'Use ollama', where: { file: '/a/operator.toml', range: { start: { line: 2, column: 7 }, end: { line: 2, column: 9 } } } });
    assert.equal(output.text, 'error: no such kind\n  at /a/operator.toml:3:8\n  → Use ollama\n');
  });

  it('means an exit code', () => {
    const code = (error: unknown): number => printError(memoryOutput(), error);
    assert.equal(code(new OperatorError('usage', 'x')), 2);
    assert.equal(code(new OperatorError('config', 'x')), 3);
    assert.equal(code(new OperatorError('not-found', 'x')), 4);
    assert.equal(code(new OperatorError('cancelled', 'x')), 130);
    assert.equal(code(new FileError('denied', '/x', 'x')), 4);
    assert.equal(code(new TypeError('x')), 1);
  });

  it('never shows a key', () => {
    const output = memoryOutput();
    printError(output, new TypeError('boom sk-secret-1'), (text) => text.replaceAll('sk-secret-1', '***'));
    assert.ok(!output.text.includes('sk-secret-1') && output.text.includes('boom ***'));
  });
});

describe('a shown command', () => {
  it('can be copied into a shell', () => {
    assert.equal(shellQuote('--model=qwen2.5:7b'), '--model=qwen2.5:7b');
    assert.equal(shellQuote("it's $HOME"), `'it'\\''s $HOME'`);
    assert.equal(shellQuote(''), "''");
    assert.equal(shellQuote("a\n\t'b\\\u0001"), `$'a\\n\\t\\'b\\\\\\x01'`);
  });
});
