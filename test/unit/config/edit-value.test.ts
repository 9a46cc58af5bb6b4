import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseKeyPath, parseKeyValue } from '../../../src/core/config/edit-value.ts';

describe('a key on the command line', () => {
  it('is a path, checked against the keys that there are', () => {
    for (const [text, path] of [
      ['base_url', ['base_url']],
      ['headers.X-Team', ['headers', 'X-Team']],
      ['headers."X.Team"', ['headers', 'X.Team']],
      [" extra_env . 'A' ", ['extra_env', 'A']],
    ] as const) {
      assert.deepEqual(parseKeyPath('model_servers', text), { ok: true, value: path });
    }
    assert.deepEqual(parseKeyPath('delegators', 'launch_config.env.A'), { ok: true, value: ['launch_config', 'env', 'A'] });
  });

  it('is refused with the nearest one that there is', () => {
    for (const [text, message, hint] of [
      ['baseurl', /^baseurl is not a key/, /^Did you mean base_url\?$/],
      ['launch_config.yollo', /^launch_config\.yollo is not a key/, /^Did you mean launch_config\.yolo\?$/],
      ['surprise', /^surprise is not a key/, /^There are name, llm_tool, /],
      ['model.x', /^model is not a table$/, /^Set model itself$/],
      ['a b', /^The key is not complete$/, /headers\."X-Team"/],
      ['model = "x"\nname', /^The key is not complete$/, /./],
      ['', /^The key is not complete$/, /./],
    ] as const) {
      const parsed = parseKeyPath(text === 'baseurl' ? 'model_servers' : 'delegators', text);
      assert.ok(!parsed.ok, text);
      assert.match(parsed.error.message, message);
      assert.match(parsed.error.hint ?? '', hint);
    }
  });
});

describe('a value on the command line', () => {
  it('has the type of its key', () => {
    for (const [table, path, texts, value] of [
      ['model_servers', ['base_url'], ['5'], '5'],
      ['model_servers', ['request_timeout'], ['1_000.5'], 1000.5],
      ['model_servers', ['models'], ['a', 'b,c'], ['a', 'b,c']],
      ['model_servers', ['models'], ['["a", \'b\']'], ['a', 'b']],
      ['model_servers', ['models'], [], []],
      ['model_servers', ['protocols'], ['ollama'], ['ollama']],
      ['model_servers', ['headers', 'X'], ['true'], 'true'],
      ['model_servers', ['extra_body', 'top_k'], ['20'], 20],
      ['model_servers', ['extra_body', 'stop'], ['["a", "b"]'], ['a', 'b']],
      ['model_servers', ['extra_body', 'provider', 'order'], ['x'], 'x'],
      ['model_servers', ['extra_body', 'provider'], ['{ order = ["x"] }'], { order: ['x'] }],
      ['model_servers', ['extra_body'], ['{ top_k = 20 }'], { top_k: 20 }],
      ['model_servers', ['headers'], ['{ A = "b" }'], { A: 'b' }],
      ['delegators', ['launch_config', 'yolo'], ['true'], true],
      ['delegators', ['model_properties', 'x'], ['high'], 'high'],
      ['delegators', ['model_properties', 'x'], ['5'], 5],
      ['delegators', ['model_properties', 'x'], ['1.5'], 1.5],
      ['delegators', ['model_properties', 'x'], ['false'], false],
      ['delegators', ['model_properties', 'x'], ['"5"'], '5'],
      ['delegators', ['model_properties', 'x'], ['2024-01-01'], '2024-01-01'],
      ['delegators', ['launch_config', 'flags'], ['--a', '-b'], ['--a', '-b']],
      ['delegators', ['launch_config', 'prompt_prefix'], ['a\nb'], 'a\nb'],
    ] as const) {
      const parsed = parseKeyValue(table, [...path], texts);
      assert.deepEqual(parsed.ok && JSON.parse(JSON.stringify(parsed.value)), value, `${path.join('.')} ${texts.join(' ')}`);
    }
  });

  it('is refused in words that hold nothing of it', () => {
    for (const [table, path, texts, message] of [
      ['model_servers', ['request_timeout'], ['s3cret'], /^request_timeout must be a number$/],
      ['delegators', ['launch_config', 'yolo'], ['s3cret'], /^launch_config\.yolo must be true or false$/],
      ['model_servers', ['base_url'], ['s3cret', 'x'], /^base_url takes one value$/],
      ['model_servers', ['base_url'], [], /^base_url needs a value$/],
      ['model_servers', ['headers'], ['s3cret'], /^headers is a table$/],
      ['model_servers', ['headers'], ['{ A = s3cret'], /^headers must be a table/],
      ['model_servers', ['models'], ['[s3cret'], /^models must be a list/],
      ['model_servers', ['headers'], ['{ A = 2024-01-01 }'], /^headers must be a table/],
      ['model_servers', ['models'], ['["a"]\n[evil]'], /^models must be a list/],
    ] as const) {
      const parsed = parseKeyValue(table, [...path], texts);
      assert.ok(!parsed.ok);
      assert.match(parsed.error.message, message);
      assert.doesNotMatch(JSON.stringify(parsed), /s3cret/);
    }
  });

  it('never breaks anything', () => {
    fc.assert(
      fc.property(fc.constantFrom('model_servers' as const, 'delegators' as const), fc.oneof(fc.string(), fc.constantFrom('headers.x', 'models', 'launch_config', 'model_properties.a')), fc.array(fc.string(), { maxLength: 2 }), (table, key, texts) => {
        const path = parseKeyPath(table, key);
        if (path.ok) parseKeyValue(table, path.value, texts);
      }),
    );
  });
});
