/** Launch plans as read-only documents: `operator-plan:/NAME.md`. */
import * as vscode from 'vscode';
import { planScheme } from './ids.ts';

export interface PlanDocuments extends vscode.Disposable {
  /** Shows `text` in an editor; showing the same name again updates it. */
  show(name: string, text: string): Promise<void>;
}

export function createPlanDocuments(): PlanDocuments {
  /** By URI, as long as an editor shows them. */
  const texts = new Map<string, string>();
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const registrations = vscode.Disposable.from(
    changed,
    vscode.workspace.registerTextDocumentContentProvider(planScheme, { onDidChange: changed.event, provideTextDocumentContent: (uri) => texts.get(uri.toString()) ?? '' }),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => uri.scheme === planScheme && texts.delete(uri.toString())),
  );
  return {
    async show(name, text) {
      const uri = vscode.Uri.from({ scheme: planScheme, path: `/${name.replaceAll(/[/\\]/g, '-')}.md` });
      texts.set(uri.toString(), text);
      changed.fire(uri);
      const document = await vscode.workspace.openTextDocument(uri);
      await vscode.window.showTextDocument(document, { preview: true });
    },
    dispose: () => registrations.dispose(),
  };
}
