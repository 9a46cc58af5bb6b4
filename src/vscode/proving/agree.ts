/** Before a model test: what it would send, and whether somebody agrees where it may cost money. */
import * as vscode from 'vscode';
import type { TestPlan, TestTarget } from '../../core/proving/model.ts';
import { showRefusals } from '../errors.ts';
import type { Host } from '../host.ts';

export interface PlannedTest {
  readonly target: TestTarget;
  readonly plan: TestPlan;
}

/** Those that can be tested; of the others it is said why not. */
export async function planTests(host: Host, targets: readonly TestTarget[]): Promise<readonly PlannedTest[]> {
  const { operator } = await host.scope();
  // What a model costs is in the list of its server, and reading that costs nothing.
  const unknown = targets.flatMap((target) => {
    const plan = operator.tests.plan(target);
    return plan.ok && plan.value.paid && operator.findServer(plan.value.serverId)?.health.checkedAt === undefined ? [plan.value.serverId] : [];
  });
  if (unknown.length > 0) await host.view.whileBusy(operator.probe([...new Set(unknown)]));
  const planned: PlannedTest[] = [];
  for (const target of targets) {
    const plan = operator.tests.plan(target);
    if (plan.ok) planned.push({ target, plan: plan.value });
    else await showRefusals(host.ui, vscode.l10n.t('{0} cannot be tested', target.type === 'delegator' ? target.delegator : target.model), plan.error, contextOf(target));
  }
  return planned;
}

function contextOf(target: TestTarget): { readonly serverId?: string } {
  return target.type === 'model' && target.modelServer !== undefined ? { serverId: target.modelServer } : {};
}

/** Nothing is sent to anybody who may charge for it before that was said and agreed to. */
export async function agreeToTest(host: Host, tests: readonly PlannedTest[]): Promise<boolean> {
  const paid = tests.filter(({ plan }) => plan.paid);
  const [first] = paid;
  if (!first) return true;
  const message = paid.length === 1 ? vscode.l10n.t('Test {0} on {1}?', first.plan.model, first.plan.modelServer) : vscode.l10n.t('Test {0} models of third parties?', paid.length);
  return host.ui.confirm(message, paid.map(({ plan }) => `${plan.words}.`).join('\n'), vscode.l10n.t('Test'));
}
