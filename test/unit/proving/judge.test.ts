import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Answer } from '../../../src/core/proving/answer.ts';
import { createAnswerReader } from '../../../src/core/proving/answer.ts';
import { type AnswerSchema, judgePicture, judgeSchema, judgeStream, judgeText, judgeToolCall, judgeToolResult } from '../../../src/core/proving/judge.ts';
import { applyCall, judgeTurn, type Notes, turns } from '../../../src/core/proving/notes.ts';

const said = (text: string, more: Partial<Answer> = {}): Answer => ({ text, reasoning: '', toolCalls: [], ...more });
const called = (name: string, written: string): Answer => said('', { toolCalls: [{ id: 'c1', name, arguments: written }] });
const wanted = { city: { type: 'text', value: 'Lisbon' }, days: { type: 'exactly', value: 3 }, unit: { type: 'exactly', value: 'celsius' } } as const;
const call = (written: string): string | undefined => judgeToolCall(called('get_forecast', written), 'get_forecast', wanted)?.reason;
const schema: AnswerSchema = { type: 'object', properties: { name: { type: 'string' }, born: { type: 'integer' }, field: { type: 'string', enum: ['physics', 'music'] } }, required: ['name', 'born', 'field'], additionalProperties: false };

describe('judging a call of a tool', () => {
  it('takes the arguments in any order, a city with its country, and more white space', () => {
    assert.equal(call('{"unit":"celsius","days":3,"city":"Lisbon"}'), undefined);
    assert.equal(call(' {"city": " lisbon, Portugal", "days": 3, "unit": "celsius"} '), undefined);
  });

  const wrong: readonly (readonly [written: string, reason: RegExp])[] = [
    ['{"city":"Lisbon","days":"3","unit":"celsius"}', /days is the text "3", not the number 3/],
    ['{"city":"Lisbon","days":4,"unit":"celsius"}', /days is 4/],
    ['{"city":"Porto","days":3,"unit":"celsius"}', /city is "Porto"/],
    ['{"city":"Lisbon","unit":"celsius"}', /days is missing/],
    ['{"city":"Lisbon","days":3,"unit":"Celsius"}', /unit is "Celsius"/],
    ['{"city":["Lisbon"],"days":3,"unit":"celsius"}', /city is the list \["Lisbon"\], not the text "Lisbon"/],
    ['{"city":null,"days":3,"unit":"celsius"}', /city is null/],
    ['{"city":"Lisbon","days":3,"unit":"celsius","country":"Portugal"}', /country is not an argument/],
    ['{"__proto__":1,"city":"Lisbon","days":3,"unit":"celsius"}', /__proto__ is not an argument/],
    ['{"city":"Lisbon","days":3', /not JSON/],
    ['"Lisbon"', /no object/],
    ['[]', /no object/],
    ['', /city is missing/],
  ];
  for (const [written, reason] of wrong) it(`fails ${written === '' ? 'nothing' : written} with the reason`, () => assert.match(call(written) ?? 'nothing wrong', reason));

  it('tells no call from a call that was written as text', () => {
    assert.match(judgeToolCall(said('It is sunny'), 'get_forecast', wanted)?.reason ?? '', /does not call the tool/);
    const written = judgeToolCall(said('get_forecast({"city": "Lisbon"})'), 'get_forecast', wanted);
    assert.match(written?.reason ?? '', /as text/);
    assert.match(written?.hint ?? '', /chat template/);
    assert.match(judgeToolCall(called('get_time', '{}'), 'get_forecast', wanted)?.reason ?? '', /calls get_time instead/);
  });

  it('says what was expected and what came', () => {
    const failure = judgeToolCall(called('get_forecast', '{}'), 'get_forecast', wanted);
    assert.equal(failure?.expected, 'get_forecast(city: "Lisbon", days: 3, unit: "celsius")');
    assert.equal(failure.came, 'get_forecast({})');
  });
});

describe('judging an answer', () => {
  it('tells silence, thoughts without an answer, and an answer that was cut off', () => {
    assert.equal(judgeText(said('yes')), undefined);
    assert.match(judgeText(said(' \n'))?.reason ?? '', /nothing/);
    assert.equal(judgeText(said('', { reasoning: 'hm' }))?.came, 'only thoughts');
    assert.match(judgeText(said('', { finish: 'length', reasoning: 'hm' }))?.reason ?? '', /cut off/);
    assert.match(judgeText(called('x', '{}'))?.reason ?? '', /calls a tool/);
  });

  it('wants a stream to say that it has ended', () => {
    assert.equal(judgeStream({ ...said('one, two'), ended: true }), undefined);
    assert.match(judgeStream({ ...said('one, tw'), ended: false })?.reason ?? '', /ends before/);
  });

  it("finds what only the tool's result said, however it is written", () => {
    for (const text of ['Station LX-417 says 21 degrees', 'lx 417', 'The station is **LX‑417**.', 'LX417']) assert.equal(judgeToolResult(said(text), 'LX-417'), undefined, text);
    assert.match(judgeToolResult(said('It is sunny'), 'LX-417')?.reason ?? '', /does not use/);
    assert.match(judgeToolResult(called('get_forecast', '{}'), 'LX-417')?.reason ?? '', /again/);
  });

  it('finds the number of a picture, and takes no other one for it', () => {
    for (const text of ['742', 'The number is 742.', '7 4 2', '7-4-2', '**742**']) assert.equal(judgePicture(said(text), '742'), undefined, text);
    for (const text of ['1742', '74', 'I cannot see pictures', '7420', '']) assert.ok(judgePicture(said(text), '742'), text);
  });

  it('takes JSON of the schema and nothing around it', () => {
    assert.equal(judgeSchema(said(' {"field":"physics","born":1867,"name":"M"}\n'), schema), undefined);
    const reasons = (text: string): string => judgeSchema(said(text), schema)?.reason ?? 'nothing wrong';
    assert.match(reasons('```json\n{"name":"M","born":1867,"field":"physics"}\n```'), /Markdown/);
    assert.match(reasons('Here it is: {"name":"M"}'), /around its JSON/);
    assert.match(reasons('Marie Curie'), /in words/);
    assert.match(reasons('{"name":"M","born":"1867","field":"physics"}'), /born is the text "1867", not of type integer/);
    assert.match(reasons('{"name":"M","born":1867.5,"field":"physics"}'), /born is the number 1867.5/);
    assert.match(reasons('{"name":"M","born":1867,"field":"poetry"}'), /none of physics, music/);
    assert.match(reasons('{"name":"M","born":1867}'), /field is missing/);
    assert.match(reasons('{"name":"M","born":1867,"field":"music","x":1}'), /x is not part/);
    assert.match(reasons('[{"name":"M"}]'), /no object/);
    assert.match(judgeSchema(said('{"name":"M', { finish: 'length' }), schema)?.reason ?? '', /cut off/);
  });

  it('shortens what came and keeps control characters out', () => {
    const failure = judgeToolResult(said(`\u001b[31m${'long '.repeat(500)}`), 'LX-417');
    assert.ok((failure?.came?.length ?? 0) <= 160);
    assert.ok(!failure?.came?.includes('\u001b'));
  });
});

describe('the conversation about notes', () => {
  const create = { id: 'a', name: 'create_note', arguments: '{"title":"groceries","items":["Milk","the bread"]}' };
  const done = { id: 'b', name: 'mark_done', arguments: '{"title":"Groceries","item":"milk"}' };
  const addEggs = { id: 'c', name: 'add_item', arguments: '{"title":"Groceries","item":"Eggs","done":true}' };
  const [greeting, making, marking, adding, praise] = turns;

  it('passes whoever does it right, whatever the words', () => {
    assert.ok(greeting && making && marking && adding && praise);
    let notes: Notes = [];
    assert.equal(judgeTurn(greeting, 1, [], notes, 'Hi!'), undefined);
    ({ notes } = applyCall(notes, create));
    assert.equal(judgeTurn(making, 2, [create], notes, ''), undefined);
    ({ notes } = applyCall(notes, done));
    assert.equal(judgeTurn(marking, 3, [done], notes, 'ok'), undefined);
    ({ notes } = applyCall(notes, addEggs));
    assert.equal(judgeTurn(adding, 4, [addEggs], notes, 'ok'), undefined);
    assert.equal(judgeTurn(praise, 5, [], notes, 'You are welcome'), undefined);
  });

  it('fails a tool where none is wanted, one that is missing, and notes that are wrong', () => {
    assert.ok(greeting && making && marking && praise);
    assert.match(judgeTurn(greeting, 1, [create], applyCall([], create).notes, 'Hi')?.reason ?? '', /none is wanted/);
    assert.match(judgeTurn(making, 2, [], [], 'Done!')?.reason ?? '', /does not call create_note/);
    const { notes } = applyCall([], create);
    assert.match(judgeTurn(marking, 3, [done], notes, 'ok')?.reason ?? '', /not as they should be/);
    assert.match(judgeTurn(praise, 5, [], notes, '')?.reason ?? '', /./);
  });

  it('tells the model what was wrong with a call, and changes nothing', () => {
    const { notes } = applyCall([], create);
    for (const [name, written] of [
      ['create_note', '{"title":"Groceries","items":["x"]}'],
      ['create_note', '{"title":"New","items":"milk"}'],
      ['mark_done', '{"title":"Groceries","item":"cheese"}'],
      ['mark_done', '{"title":"Other","item":"milk"}'],
      ['add_item', '{"title":"Groceries","item":"eggs","done":"true"}'],
      ['add_item', '{"title":"Groceries","item":"milk","done":true}'],
      ['delete_note', '{"title":"Groceries"}'],
      ['add_item', 'nonsense'],
    ] as const) {
      const applied = applyCall(notes, { id: 'x', name, arguments: written });
      assert.equal(applied.notes, notes, `${name} ${written}`);
      assert.match(applied.result, /"error"/);
    }
  });
});

describe('any reply at all', () => {
  const json = fc.jsonValue();
  const answer: fc.Arbitrary<Answer> = fc.record({
    text: fc.oneof(fc.string({ unit: 'binary' }), json.map((value) => JSON.stringify(value))),
    reasoning: fc.string(),
    toolCalls: fc.array(fc.record({ id: fc.string(), name: fc.oneof(fc.constantFrom('get_forecast', 'create_note', 'mark_done', 'add_item', '__proto__', 'constructor'), fc.string()), arguments: fc.oneof(fc.string(), json.map((value) => JSON.stringify(value)), fc.record({ title: json, items: json, item: json, done: json }).map((value) => JSON.stringify(value))) }), { maxLength: 4 }),
  });

  it('is judged without an exception, with a reason that a person can read', () => {
    fc.assert(
      fc.property(answer, (any) => {
        let notes: Notes = [];
        for (const each of any.toolCalls) ({ notes } = applyCall(notes, each));
        const failures = [judgeText(any), judgeStream({ ...any, ended: false }), judgeToolCall(any, 'get_forecast', wanted), judgeToolResult(any, 'LX-417'), judgePicture(any, '742'), judgeSchema(any, schema), ...turns.map((turn, index) => judgeTurn(turn, index + 1, any.toolCalls, notes, any.text))];
        for (const failure of failures) {
          if (!failure) continue;
          assert.ok(failure.reason.length > 5 && failure.reason.length < 2_000, failure.reason);
          assert.ok(!/[\u0000-\u001f]/.test(failure.reason + (failure.came ?? '')));
        }
      }),
    );
  });

  it('is read without an exception, whatever JSON its chunks are', () => {
    const chunk = fc.oneof(json, fc.record({ choices: fc.array(fc.record({ delta: fc.oneof(json, fc.record({ content: json, tool_calls: fc.array(fc.oneof(json, fc.record({ index: fc.oneof(fc.integer(), fc.double()), id: json, function: fc.oneof(json, fc.record({ name: json, arguments: json })) }))) })), finish_reason: json })), usage: json }));
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 8 }), (chunks) => {
        const reader = createAnswerReader();
        for (const each of chunks) reader.read(each);
        const read = reader.answer();
        assert.ok(read.toolCalls.length <= 64);
        judgeToolCall(read, 'get_forecast', wanted);
      }),
    );
  });
});
