import assert from 'node:assert/strict';
import { budgetForEffort, effortForBudget } from '../../../../src/gateway/protocol/effort.ts';

describe('thinking effort', () => {
  it('keeps its level through a budget and back', () => {
    for (const effort of ['none', 'low', 'medium', 'high'] as const) assert.equal(effortForBudget(budgetForEffort(effort)), effort);
  });

  it('has a level for the budgets that claude sends', () => {
    assert.equal(effortForBudget(31_999), 'high');
    assert.equal(effortForBudget(1024), 'low');
    assert.equal(effortForBudget(10_000), 'medium');
  });
});
