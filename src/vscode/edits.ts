/** Changes of operator.toml made by commands, and what is said about them afterwards. */
import * as vscode from 'vscode';
import { listOf } from '../base/text.ts';
import type { EditChange } from '../core/config/edit.ts';
import type { ConfigLayer, Entity, Origin } from '../core/config/model.ts';
import { OperatorError } from '../core/errors.ts';
import type { Host, Scope } from './host.ts';
import type { NodeSubject } from '../core/status/node.ts';
import { requireTrust } from './trust.ts';

/**
 * Applies a change. Editors with unsaved changes get it too and stay unsaved; then the person is told, since the rows follow
 * the files. @returns false in that case.
 */
export async function edit(host: Host, scope: Scope, change: EditChange, file: string): Promise<boolean> {
  requireTrust(vscode.l10n.t('Nothing is written'));
  const outcome = await scope.operator.edit(change, file);
  host.log.info(`${change.type} in ${outcome.file}`);
  const unsaved = [outcome, ...(outcome.others ?? [])].filter(({ before, after }) => after !== before).flatMap(({ file: changed }) => unsavedDocument(changed) ?? []);
  if (unsaved.length === 0) return true;
  const names = listOf(unsaved.map(({ uri }) => vscode.workspace.asRelativePath(uri)));
  const [message, save] =
    unsaved.length === 1
      ? [vscode.l10n.t('The change is in the editor of {0}, which has unsaved changes: save it to use it', names), vscode.l10n.t('Save')]
      : [vscode.l10n.t('The change is in the editors of {0}, which have unsaved changes: save them to use it', names), vscode.l10n.t('Save All')];
  if ((await host.ui.notify('information', message, [save])) !== save) return false;
  // Half of a change that belongs together is no use: what could not be saved is said by VS Code, the rest is there.
  const saved = await Promise.all(unsaved.map((document) => document.save()));
  if (saved.includes(false)) return false;
  await scope.operator.reload();
  return true;
}

function unsavedDocument(file: string): vscode.TextDocument | undefined {
  const { fsPath } = vscode.Uri.file(file);
  return vscode.workspace.textDocuments.find(({ uri, isDirty }) => isDirty && uri.scheme === 'file' && uri.fsPath === fsPath);
}

/** The file of an entry. @throws OperatorError 'refused' for builtins */
export function fileOf(entity: Entity): string {
  if (entity.origin.layer !== 'builtin') return entity.origin.file;
  throw new OperatorError('refused', vscode.l10n.t('{0} is builtin and cannot be changed', entity.displayName), { hint: vscode.l10n.t('Add a model server of your own instead') });
}

/** Where a new entry may go: files that can be edited, workspace first. `near` keeps it where it can refer to an entry of that origin. */
export function targetLayers(layers: readonly ConfigLayer[], near?: Origin): readonly ConfigLayer[] {
  const fitting = near?.layer === 'workspace' ? layers.filter(({ file }) => file === near.file) : layers;
  const whole = fitting.filter(({ state }) => state.type !== 'broken');
  // The user's own file is no substitute for a workspace's broken one: nobody would look for the entry there.
  const ofWorkspace = fitting.filter(({ layer }) => layer === 'workspace');
  if (whole.length > 0 && (ofWorkspace.length === 0 || ofWorkspace.some(({ state }) => state.type !== 'broken'))) return whole;
  const broken = fitting.flatMap(({ state }) => (state.type === 'broken' ? [state.problem] : []))[0];
  throw new OperatorError('config', broken ? vscode.l10n.t('operator.toml cannot be changed while it is broken: {0}', broken.message) : vscode.l10n.t('There is no operator.toml to write to'), { where: broken?.where });
}

/** Only people who use several files are asked which; the others get the workspace's, or their own where no folder is open. */
export function needsChoice(layers: readonly ConfigLayer[]): boolean {
  return layers.filter(({ layer }) => layer === 'workspace').length > 1 || layers.filter(({ state }) => state.type === 'loaded').length > 1;
}

export function openEntry(entity: Entity): Thenable<unknown> {
  return openFile(fileOf(entity), entity.where?.range?.start.line ?? 0, entity.where?.range?.start.column ?? 0);
}

export function openFile(file: string, line = 0, column = 0): Thenable<unknown> {
  const position = new vscode.Position(line, column);
  return vscode.window.showTextDocument(vscode.Uri.file(file), { selection: new vscode.Range(position, position) });
}

/** Scrolls to the row of a new entry. */
export async function revealSubject(host: Host, matches: (subject: NodeSubject) => boolean): Promise<void> {
  if (!host.view.visible) return;
  const row = await host.view.provider.rowOf(matches);
  if (row) await host.view.reveal(row.id);
}
