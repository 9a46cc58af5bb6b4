import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { renderSchema, schemaFile } from '../../../scripts/schema.mts';
import { customToolSchema, delegatorSchema, launchConfigSchema, modelServerSchema, operatorTomlSchema } from '../../../src/core/config/schema.ts';
import { serverKindIds } from '../../../src/core/servers/kinds.ts';

type Schema = { readonly description?: string; readonly type?: string; readonly enum?: readonly string[]; readonly required?: readonly string[]; readonly additionalProperties?: unknown; readonly properties?: Readonly<Record<string, Schema>>; readonly items?: Schema };

const schema = JSON.parse(renderSchema()) as Schema & { readonly $schema: string };

describe('the JSON schema of operator.toml', () => {
  it('is the one in media/; run `node scripts/schema.mts` when it is not', () => {
    assert.ok(existsSync(schemaFile), `${schemaFile} is missing`);
    assert.equal(readFileSync(schemaFile, 'utf8').replaceAll('\r\n', '\n'), renderSchema());
  });

  it('is draft 4, which is all that Taplo understands', () => {
    assert.equal(schema.$schema, 'http://json-schema.org/draft-04/schema#');
    assert.doesNotMatch(renderSchema(), /"(const|\$defs|propertyNames|if|examples|prefixItems)":/);
  });

  it('describes every key in a sentence', () => {
    const bare: string[] = [];
    const visit = (node: Schema, path: string): void => {
      for (const [key, property] of Object.entries(node.properties ?? {})) {
        if (!property.description || property.description.endsWith('.')) bare.push(`${path}.${key}`);
        visit(property, `${path}.${key}`);
      }
      if (node.items) visit(node.items, path);
    };
    visit(schema, '');
    assert.deepEqual(bare, []);
  });

  it('asks for what an entry cannot do without, and forbids nothing that is unknown', () => {
    const { model_servers: servers, delegators } = schema.properties ?? {};
    assert.deepEqual(servers?.items?.required, ['name', 'kind']);
    assert.deepEqual(delegators?.items?.required, ['name', 'llm_tool', 'model']);
    assert.equal(servers?.items?.additionalProperties, undefined);
    assert.deepEqual(servers?.items?.properties?.kind?.enum, serverKindIds);
  });
});

describe('the schema', () => {
  const good = parse(readFileSync(join(import.meta.dirname, '../../fixtures/toml/good.toml'), 'utf8'));

  it('takes the file that has everything in it, and that file has every key', () => {
    assert.ok(operatorTomlSchema.safeParse(good).success);
    const keysOf = (list: unknown): Set<string> => new Set((list as Record<string, unknown>[]).flatMap(Object.keys));
    const missing = (keys: Set<string>, shape: object): string[] => Object.keys(shape).filter((key) => !keys.has(key));
    const delegators = good.delegators as Record<string, unknown>[];
    assert.deepEqual(missing(keysOf(good.model_servers), modelServerSchema.shape), []);
    assert.deepEqual(missing(keysOf(delegators), delegatorSchema.shape), []);
    assert.deepEqual(missing(keysOf(delegators.flatMap(({ launch_config: config }) => config ?? [])), launchConfigSchema.shape), []);
    assert.deepEqual(missing(keysOf((good.llm_tools as { custom: unknown }).custom), customToolSchema.shape), []);
  });

  it('speaks its own words: the key, then what must be, and nothing of the value', () => {
    const wrong = { name: 's3cret x', kind: 1, base_url: ['s3cret'], headers: { 'a b': 'x' }, extra_env: { A: 1 }, request_timeout: 's3cret', placement: 's3cret', protocols: ['s3cret'], models: 's3cret', display_name: '', proxy: 'a\nb' };
    const issues = modelServerSchema.safeParse(wrong).error?.issues ?? [];
    assert.equal(new Set(issues.map(({ path }) => path[0])).size, Object.keys(wrong).length);
    for (const { message } of issues) {
      assert.match(message, /^(must|may) /);
      assert.doesNotMatch(message, /s3cret|\.$|Invalid|expected/);
    }
  });
});
