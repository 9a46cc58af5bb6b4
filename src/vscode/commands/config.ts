/** operator.toml as a file: open, create from what was detected; refresh everything. */
import * as vscode from 'vscode';
import { configFileName } from '../../core/config/find.ts';
import type { ConfigLayer } from '../../core/config/model.ts';
import type { Host } from '../host.ts';
import { edit, openFile } from '../edits.ts';
import { requireTrust } from '../trust.ts';
import { askStart } from '../wizards/create-config.ts';
import { defaultFile } from '../wizards/save-step.ts';
import { valueOf } from './choices.ts';

export async function openConfig(host: Host): Promise<void> {
  const { operator } = await host.scope();
  const { layers } = operator.snapshot.configuration;
  const there = layers.filter(({ state }) => state.type !== 'absent');
  if (there.length === 0) {
    const create = vscode.l10n.t('Create operator.toml');
    if ((await host.ui.notify('information', vscode.l10n.t('There is no operator.toml yet'), [create])) === create) await createConfig(host);
    return;
  }
  const layer = there.length === 1 ? there[0] : valueOf(await host.ui.pick({ title: vscode.l10n.t('Open operator.toml') }, { placeholder: vscode.l10n.t('Which one?'), rows: there.map(layerChoice) }));
  if (!layer) return;
  const at = layer.state.type === 'broken' ? layer.state.problem.where.range?.start : undefined;
  await openFile(layer.file, at?.line, at?.column);
}

function layerChoice(layer: ConfigLayer): { label: string; description: string; icon: string; value: ConfigLayer } {
  const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.fsPath === layer.root);
  return { label: layer.layer === 'user' ? vscode.l10n.t('User') : (folder?.name ?? vscode.l10n.t('Workspace')), description: layer.file, icon: layer.state.type === 'broken' ? 'error' : layer.layer === 'user' ? 'account' : 'root-folder', value: layer };
}

/** Reads the files again and looks at everything again. After a failed start it is the way to try once more. */
export async function refresh(host: Host): Promise<void> {
  const { operator, detectAgain } = await host.scope();
  await operator.reload();
  if (!vscode.workspace.isTrusted) return;
  await host.view.whileBusy(Promise.all([detectAgain(), operator.probe(), ...(host.settings.discovery ? [operator.discover()] : [])]));
}

/** The welcome view's button: looks what is on this machine, asks what of it to use, writes operator.toml and opens it. */
export async function createConfig(host: Host): Promise<string | undefined> {
  requireTrust(vscode.l10n.t('Nothing is created'));
  const scope = await host.scope();
  const { operator, writer } = scope;
  const existing = operator.snapshot.configuration.layers.find(({ file, state }) => file === defaultFile(scope) && state.type === 'loaded');
  if (existing) {
    await openFile(existing.file);
    return existing.file;
  }
  const start = await askStart(host, scope);
  if (!start) return undefined;
  const { file, entries } = start;
  await writer.write({ file, before: '', after: start.heading });
  for (const { table, entry } of entries) await edit(host, scope, { type: 'add', table, entry }, file);
  host.log.info(`created ${configFileName} with ${entries.length} entries`);
  await openFile(file);
  return file;
}
