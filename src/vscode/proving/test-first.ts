/** "Test first" in a wizard: a short test of the model that an entry is about to name. */
import * as vscode from 'vscode';
import { describeError } from '../../core/errors.ts';
import type { LevelId, TestReport, TestTarget } from '../../core/proving/model.ts';
import { levelOf } from '../../core/proving/levels.ts';
import { switchVerdict } from '../../core/proving/switch.ts';
import { failureLines, speedWords } from '../../core/proving/words.ts';
import type { Host, Scope } from '../host.ts';
import type { InputButton, Verdict } from '../ui/ui.ts';
import { agreeToTest } from './agree.ts';

/** What an agent cannot do without; the rest is left to the whole test. */
const levels: readonly LevelId[] = ['listed', 'answers', 'streams', 'tool-call'];

/** Undefined: it cannot be tested from here, being used with the tool's own login for instance. */
export function testFirst(host: Host, { operator }: Scope, target: TestTarget): InputButton | undefined {
  const plan = operator.tests.plan(target, { levels });
  if (!plan.ok) return undefined;
  return {
    label: vscode.l10n.t('Test First'),
    icon: 'beaker',
    async run(report, signal): Promise<Verdict | undefined> {
      if (!(await agreeToTest(host, [{ target, plan: plan.value }]))) return undefined;
      try {
        const tested = await operator.tests.run(target, { levels, allowPaid: true, signal, onLevel: (progress) => progress.type === 'running' && report(vscode.l10n.t('Testing {0}: {1}…', plan.value.model, levelOf(progress.level).title)) });
        return tested.outcome === 'cancelled' ? undefined : verdictOf(tested);
      } catch (error) {
        return { type: 'warning', message: describeError(error) };
      }
    },
  };
}

export function verdictOf(report: TestReport): Verdict {
  const verdict = switchVerdict({ type: 'tested', report }, report.placement);
  const failures = failureLines(report).join('; ');
  switch (verdict.type) {
    case 'switch':
      return { type: 'ok', message: [vscode.l10n.t('{0} answers, streams and calls tools', report.model), ...speedWords(report.speed)].join(', ') };
    case 'warn':
      return { type: 'ok', message: vscode.l10n.t('{0} fails now and may be used all the same: {1}', report.model, failures) };
    case 'refuse':
      return { type: 'warning', message: vscode.l10n.t('{0} fails: {1}', report.model, failures) };
  }
}
