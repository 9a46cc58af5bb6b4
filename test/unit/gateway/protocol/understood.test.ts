/** What is understood once is the same object from then on, and what is wrong is said each time, with its place. */
import assert from 'node:assert/strict';
import * as z from 'zod';
import { ProtocolError } from '../../../../src/gateway/protocol/codec.ts';
import { toObjectSchema, toOpenApiSchema, toPlainSchema } from '../../../../src/gateway/protocol/json-schema.ts';
import { parseWire, parseWireOnce } from '../../../../src/gateway/protocol/parse.ts';
import { understoodOnce } from '../../../../src/gateway/protocol/understood.ts';

const turn = z.looseObject({ role: z.string(), content: z.array(z.looseObject({ text: z.string() })) });
const error = (path: string) => (thrown: unknown): boolean => thrown instanceof ProtocolError && thrown.path === path;

describe('what is understood once', () => {
  it('is the same for the same member of a list, and another for one that only says the same', () => {
    const list = z.array(understoodOnce(turn));
    const [one, same] = [{ role: 'user', content: [{ text: 'a' }] }, { role: 'user', content: [{ text: 'a' }] }];
    const [first, second] = [list.parse([one, same]), list.parse([one, same])];
    assert.equal(first[0], second[0]);
    assert.notEqual(first[0], first[1]);
    assert.deepEqual(first[0], first[1]);
  });

  it('says where a member is wrong, every time', () => {
    const body = z.looseObject({ messages: z.array(understoodOnce(turn)) });
    const wrong = { messages: [{ role: 'user', content: [] }, { role: 'user', content: [{ text: 'a' }, { text: 1 }] }] };
    for (let time = 0; time < 2; time++) assert.throws(() => parseWire(body, wrong), error('messages.1.content.1.text'));
    for (const value of [undefined, null, 'text', 7]) assert.throws(() => parseWire(body, { messages: [value] }), error('messages.0'));
  });

  it('is the same for the same object and schema, and knows the place of what is wrong', () => {
    const value = { role: 'user', content: [] };
    assert.equal(parseWireOnce(turn, value, 'input.0'), parseWireOnce(turn, value, 'input.3'));
    assert.deepEqual(parseWireOnce(z.object({ role: z.string() }), value, 'input.0'), { role: 'user' }, 'another schema');
    for (const path of ['input.0', 'input.3']) assert.throws(() => parseWireOnce(turn, { role: 1 }, path), error(`${path}.role`));
  });

  it('is the same schema of the same parameters', () => {
    const parameters = { type: 'object', properties: { a: { type: ['string', 'null'] } } } as const;
    for (const rewrite of [toObjectSchema, toPlainSchema, toOpenApiSchema]) {
      assert.equal(rewrite(parameters), rewrite(parameters));
      assert.deepEqual(rewrite(parameters), rewrite(structuredClone(parameters)));
      assert.notEqual(rewrite(parameters), rewrite(structuredClone(parameters)));
    }
  });
});
