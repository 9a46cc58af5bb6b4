import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { protocols } from '../../../../src/core/protocol.ts';
import type { IrReasoning } from '../../../../src/gateway/protocol/ir.ts';
import { isSealed, maxSealedLength, seal, type SealedItem, unseal } from '../../../../src/gateway/protocol/sealed.ts';

const origin = fc.constantFrom(...protocols);
const reasoning = fc.record({ text: fc.string(), summary: fc.boolean(), origin, signature: fc.option(fc.string({ unit: 'binary' })), sealed: fc.option(fc.string()), id: fc.option(fc.string()) }).map(
  (value): IrReasoning => ({
    type: 'reasoning',
    text: value.text,
    summary: value.summary,
    ...(value.id === null ? {} : { id: value.id }),
    ...(value.signature === null ? {} : { signature: { origin: value.origin, value: value.signature } }),
    ...(value.sealed === null ? {} : { sealed: { origin: value.origin, value: value.sealed } }),
  }),
);
const call = fc.record({ callId: fc.string(), origin, value: fc.string() }).map((value): SealedItem => ({ type: 'call', callId: value.callId, signature: { origin: value.origin, value: value.value } }));

const thought: IrReasoning = { type: 'reasoning', text: 'Schritt für Schritt 🧭', summary: false, signature: { origin: 'anthropic-messages', value: 'EqQBCgI=' } };

describe('sealed envelopes', () => {
  it('come back as they went, thoughts included when the wire loses them', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(call, reasoning.map((value): SealedItem => ({ type: 'reasoning', reasoning: value }))), { minLength: 1 }), (items) => {
        assert.deepEqual(unseal(seal(items, { carryText: true }) ?? ''), items);
      }),
    );
  });

  it('take the thoughts from the wire otherwise', () => {
    fc.assert(
      fc.property(reasoning, (value) => {
        assert.deepEqual(unseal(seal([{ type: 'reasoning', reasoning: value }]) ?? '', value.text), [{ type: 'reasoning', reasoning: value }]);
      }),
    );
  });

  it('lose the signature when the client changed the thoughts, because the server would refuse the pair', () => {
    const envelope = seal([{ type: 'reasoning', reasoning: thought }]) ?? '';
    assert.deepEqual(unseal(envelope, thought.text.trim() + '.'), [{ type: 'reasoning', altered: true, reasoning: { type: 'reasoning', text: `${thought.text}.`, summary: false } }]);
  });

  it('survive a client that keeps the field as bytes and writes base64 for URLs', () => {
    const item: SealedItem = { type: 'call', callId: 'c', signature: { origin: 'gemini', value: '>>>???~~~ÿÿÿ' } };
    const envelope = seal([item]) ?? '';
    assert.match(envelope, /[+/]/);
    assert.deepEqual(unseal(Buffer.from(envelope, 'base64').toString('base64url')), [item]);
  });

  it('are told from the values of every vendor, and from versions that we do not know', () => {
    assert.equal(isSealed('gAAAAABo1k=='), false);
    assert.equal(isSealed(btoa('operator.sealed/2:[]')), true);
    for (const foreign of ['', 'skip_thought_signature_validator', 'EqQBCgIYAhIM', btoa('operator.sealed/2:[]'), `${btoa('operator.sealed/1:')}!`, btoa('operator.sealed/1:{"t":"r"}'), btoa('operator.sealed/1:[{"t":"r","o":"morse"}]')]) {
      assert.equal(unseal(foreign), undefined, foreign);
    }
  });

  it('are never larger than a turn can bear', () => {
    const large = 'x'.repeat(maxSealedLength);
    assert.equal(seal([{ type: 'reasoning', reasoning: { ...thought, text: large } }], { carryText: true }), undefined);
    assert.ok((seal([{ type: 'reasoning', reasoning: { ...thought, text: large } }]) ?? '').length < 300);
    assert.equal(seal([{ type: 'call', callId: 'c', signature: { origin: 'gemini', value: large } }]), undefined);
    assert.equal(seal([]), undefined);
  });
});
