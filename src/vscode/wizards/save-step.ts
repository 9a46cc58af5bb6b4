/** The last question of a wizard: which operator.toml; asked only of people who use several. */
import * as vscode from 'vscode';
import type { ConfigLayer, Origin } from '../../core/config/model.ts';
import { needsChoice, targetLayers } from '../edits.ts';
import type { Host, Scope } from '../host.ts';
import type { Step } from '../ui/flow.ts';

interface Saved {
  readonly file?: string;
}

export function saveStep<S extends Saved>(host: Host, scope: Scope, near: (state: S) => Origin | undefined): Step<S> {
  const layers = (state: S): readonly ConfigLayer[] => targetLayers(scope.operator.snapshot.configuration.layers, near(state));
  return {
    applies: (state) => needsChoice(layers(state)),
    ask: async (state, frame) => {
      const answer = await host.ui.pick<string>(frame, {
        placeholder: vscode.l10n.t('Where to save it'),
        rows: layers(state).map(({ layer, root, file }) => ({
          label: layer === 'user' ? vscode.l10n.t('For me, in every workspace') : vscode.l10n.t('In {0}', folderName(root)),
          description: file,
          icon: layer === 'user' ? 'account' : 'root-folder',
          value: file,
        })),
      });
      return answer.type === 'value' ? { type: 'value', value: { ...state, file: answer.value } } : answer;
    },
  };
}

/** Where an entry goes when nobody was asked. */
export function defaultFile(scope: Scope, near?: Origin): string {
  const [first] = targetLayers(scope.operator.snapshot.configuration.layers, near);
  if (!first) throw new Error('targetLayers returned nothing');
  return first.file;
}

function folderName(root: string | undefined): string {
  const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.fsPath === root);
  return folder?.name ?? root ?? vscode.l10n.t('the workspace');
}
