/** Code lenses: what can be done with an entry, above it. */
import * as vscode from 'vscode';
import { lensesOf } from '../../core/language/lenses.ts';
import type { LensAction } from '../../core/language/model.ts';
import { referencesAt } from '../../core/language/navigation.ts';
import type { SourceLocation } from '../../core/source.ts';
import { modelChoice, valueOf } from '../commands/choices.ts';
import { showError } from '../errors.ts';
import { commandIds, hostCommandIds, internalCommandIds } from '../ids.ts';
import { onDidChangeSettings } from '../settings-watch.ts';
import { toLocation, toPosition, toRange } from './convert.ts';
import type { Knowing } from './knowing.ts';
import type { Sources } from './sources.ts';
import type { LanguageParts } from './parts.ts';

export interface Lenses extends vscode.CodeLensProvider, vscode.Disposable {}

/** Also registers the command behind them. */
export function createLenses(parts: LanguageParts, sources: Sources, knowing: Knowing): Lenses {
  const { host, operator } = parts;
  const changed = new vscode.EventEmitter<void>();
  const registrations = vscode.Disposable.from(
    changed,
    operator.onDidChange((what) => (what.has('servers') || what.has('configuration') || what.has('trust')) && changed.fire()),
    onDidChangeSettings(() => changed.fire()),
    vscode.commands.registerCommand(internalCommandIds.runLens, (action: LensAction, uri: vscode.Uri) => run(parts, sources, action, uri).catch((error: unknown) => showError(host.ui, host.log, action.type, error))),
  );
  return {
    onDidChangeCodeLenses: changed.event,
    provideCodeLenses({ uri }) {
      const file = host.settings.codeLens ? sources.fileOf(uri) : undefined;
      if (!file) return [];
      knowing.wanted();
      return lensesOf(file, sources.files(), sources.facts())
        .filter(({ action }) => vscode.workspace.isTrusted || !runsSomething(action))
        .map(({ range, title, action }) => new vscode.CodeLens(toRange(range), { title, command: internalCommandIds.runLens, arguments: [action, uri] }));
    },
    dispose: () => registrations.dispose(),
  };
}

function runsSomething({ type }: LensAction): boolean {
  return type === 'launch' || type === 'probe';
}

async function run(parts: LanguageParts, sources: Sources, action: LensAction, uri: vscode.Uri): Promise<void> {
  switch (action.type) {
    case 'launch':
      if (await saved(parts, uri)) await vscode.commands.executeCommand(commandIds.launchDelegator, action.delegatorId);
      return;
    case 'show-plan':
      if (await saved(parts, uri)) await vscode.commands.executeCommand(commandIds.showLaunchPlan, action.delegatorId);
      return;
    case 'probe':
      if (await saved(parts, uri)) await vscode.commands.executeCommand(commandIds.probeModelServer, action.serverId);
      return;
    case 'show-models':
      return showModels(parts, action.serverId);
    case 'show-references': {
      const file = sources.fileOf(uri);
      const places: readonly SourceLocation[] = file ? referencesAt(file, action.position, sources.files(), { withDeclaration: false }) : [];
      await vscode.commands.executeCommand(hostCommandIds.showReferences, uri, toPosition(action.position), places.map(toLocation));
    }
  }
}

/** What is launched is what was saved, so unsaved changes are saved first, if the person agrees. */
async function saved({ host, operator }: LanguageParts, uri: vscode.Uri): Promise<boolean> {
  const document = vscode.workspace.textDocuments.find((candidate) => candidate.uri.toString() === uri.toString());
  if (!document?.isDirty) return true;
  const save = vscode.l10n.t('Save');
  const chosen = await host.ui.notify('information', vscode.l10n.t('{0} has unsaved changes, and only what is saved is used', vscode.workspace.asRelativePath(uri)), [save]);
  if (chosen !== save || !(await document.save())) return false;
  await operator.reload();
  return true;
}

async function showModels({ host, operator }: LanguageParts, serverId: string): Promise<void> {
  const status = operator.findServer(serverId);
  if (!status) return;
  const model = valueOf(
    await host.ui.pick<string>({ title: vscode.l10n.t('Models of {0}', status.server.displayName) }, { placeholder: vscode.l10n.t('Choose one to copy its name'), rows: status.health.models.map(modelChoice) }),
  );
  if (model !== undefined) await vscode.env.clipboard.writeText(model);
}
