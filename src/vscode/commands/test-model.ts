/** Proves that models work: from a row, by name, or several of them side by side. */
import * as vscode from 'vscode';
import { OperatorError } from '../../core/errors.ts';
import type { TestReport, TestTarget } from '../../core/proving/model.ts';
import { findReport } from '../../core/proving/report-key.ts';
import { reportWords } from '../../core/proving/words.ts';
import { modelDetails } from '../../core/status/servers.ts';
import type { Host, Scope } from '../host.ts';
import { agreeToTest, planTests } from '../proving/agree.ts';
import { openTestPanel } from '../proving/panel.ts';
import { requireTrust } from '../trust.ts';
import type { Choice } from '../ui/ui.ts';
import { valueOf } from './choices.ts';
import { subjectOf } from './target.ts';

/** @returns what was found; undefined when it was left or refused */
export async function testModel(host: Host, target: unknown): Promise<readonly TestReport[] | undefined> {
  requireTrust(vscode.l10n.t('Nothing is tested'));
  const scope = await host.scope();
  const targets = targetsOf(host, scope, target) ?? (await pickTargets(host, scope, subjectOf(host, target, 'model_server')?.id));
  if (!targets || targets.length === 0) return undefined;
  const tests = await planTests(host, targets);
  if (tests.length === 0 || !(await agreeToTest(host, tests))) return undefined;
  return openTestPanel(host).run(tests);
}

/** A row, a delegator by name, or `{ modelServer, model }`, as other commands pass it. Undefined: to be asked for. */
function targetsOf(host: Host, { operator }: Scope, target: unknown): readonly TestTarget[] | undefined {
  const model = subjectOf(host, target, 'model');
  if (model) return [{ type: 'model', modelServer: model.serverId, model: model.model }];
  const delegator = subjectOf(host, target, 'delegator');
  if (delegator) return [{ type: 'delegator', delegator: delegator.id }];
  if (typeof target === 'string' && target !== '') {
    if (!operator.findDelegator(target)) throw new OperatorError('not-found', vscode.l10n.t('There is no delegator {0} any more', target), { hint: vscode.l10n.t('Refresh the view') });
    return [{ type: 'delegator', delegator: target }];
  }
  if (typeof target !== 'object' || target === null || !('model' in target) || typeof target.model !== 'string') return undefined;
  return [{ type: 'model', model: target.model, ...('modelServer' in target && typeof target.modelServer === 'string' && { modelServer: target.modelServer }) }];
}

/** Several may be chosen: they are tested side by side. */
async function pickTargets(host: Host, { operator }: Scope, serverId: string | undefined): Promise<readonly TestTarget[] | undefined> {
  const title = vscode.l10n.t('Test Model');
  const wanted = operator.snapshot.servers.filter(({ id }) => serverId === undefined || id === serverId);
  const unknown = wanted.filter(({ health }) => health.checkedAt === undefined).map(({ id }) => id);
  if (unknown.length > 0) await host.view.whileBusy(operator.probe(unknown));
  const now = Date.now();
  const { tests, servers, delegators } = operator.snapshot;
  const models = servers
    .filter(({ id }) => serverId === undefined || id === serverId)
    .flatMap(({ id, server, health }): readonly Choice<TestTarget>[] =>
      health.models
        .filter(({ type }) => type === undefined || type === 'chat')
        .map((model) => {
          const report = findReport(tests, id, model.id);
          return { label: model.id, description: [server.displayName, ...modelDetails(model), ...(report ? [reportWords(report, now)] : [])].join(' · '), icon: 'circuit-board', value: { type: 'model', modelServer: id, model: model.id } };
        }),
    );
  const byName = serverId === undefined ? delegators.map(({ id, delegator }): Choice<TestTarget> => ({ label: delegator.displayName, description: `${vscode.l10n.t('delegator')} · ${delegator.model}`, icon: 'rocket', value: { type: 'delegator', delegator: id } })) : [];
  const rows = [...models, ...byName];
  if (rows.length === 0) {
    await host.ui.notify('information', vscode.l10n.t('No model server lists a model to test'));
    return undefined;
  }
  return valueOf(await host.ui.pickMany({ title }, { placeholder: vscode.l10n.t('Choose the models to test, side by side'), rows }));
}
