/** Quick fixes of what is wrong. Those that only the host can do go through a command, which never gets to see a key in its arguments. */
import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import { fixesFor } from '../../core/language/fixes.ts';
import type { Diagnostic, Fix } from '../../core/language/model.ts';
import { showError } from '../errors.ts';
import { internalCommandIds } from '../ids.ts';
import { toRangeOrStart, toWorkspaceEdit } from './convert.ts';
import { applyFix, textChanged } from './fix-actions.ts';
import type { Judge } from './judge.ts';
import type { Sources } from './sources.ts';
import type { LanguageParts } from './parts.ts';

export const fixKinds = [vscode.CodeActionKind.QuickFix];

export interface Fixes extends vscode.CodeActionProvider, Disposable {}

/** A fix that was offered for a version of a text. */
interface Offer {
  readonly fix: Fix;
  readonly document: vscode.TextDocument;
  readonly version: number;
}

/** More than are ever offered at one place. */
const maxOffers = 200;

/** Also registers the command behind some of them. */
export function createFixes(parts: LanguageParts, sources: Sources, judge: Judge): Fixes {
  const { host } = parts;
  const offers = new Map<number, Offer>();
  let count = 0;

  function offer(fix: Fix, document: vscode.TextDocument): number {
    offers.set(++count, { fix, document, version: document.version });
    offers.delete(count - maxOffers);
    return count;
  }

  async function run(id: number): Promise<void> {
    const offered = offers.get(id);
    if (!offered) return;
    const { fix, document, version } = offered;
    if (document.isClosed || document.version !== version) throw textChanged();
    await applyFix(parts, document, fix);
  }

  function toAction(fix: Fix, document: vscode.TextDocument, diagnostics: readonly vscode.Diagnostic[]): vscode.CodeAction {
    const action = new vscode.CodeAction(fix.title, vscode.CodeActionKind.QuickFix);
    action.diagnostics = [...diagnostics];
    action.isPreferred = fix.isPreferred;
    if (fix.action) action.command = { title: fix.title, command: internalCommandIds.applyFix, arguments: [offer(fix, document)] };
    else action.edit = toWorkspaceEdit(document.uri, fix.edits);
    return action;
  }

  const command = vscode.commands.registerCommand(internalCommandIds.applyFix, (id: number) => run(id).catch((error: unknown) => showError(host.ui, host.log, internalCommandIds.applyFix, error)));

  return {
    provideCodeActions(document, range, { diagnostics: shown }) {
      const file = sources.fileOf(document.uri);
      if (!file) return [];
      const facts = sources.facts();
      // Judged anew where the text is newer than what is shown.
      return judge()
        .filter((diagnostic) => diagnostic.file === file.file && range.intersection(toRangeOrStart(diagnostic.range)))
        .flatMap((diagnostic) =>
          fixesFor(file, diagnostic, sources.files(), facts)
            .filter(({ action }) => action === undefined || vscode.workspace.isTrusted)
            .map((fix) => toAction(fix, document, shown.filter((candidate) => isSame(candidate, diagnostic)))),
        );
    },
    dispose: () => command.dispose(),
  };
}

function isSame({ code, range }: vscode.Diagnostic, diagnostic: Diagnostic): boolean {
  return typeof code === 'object' && code.value === diagnostic.code && range.isEqual(toRangeOrStart(diagnostic.range));
}
