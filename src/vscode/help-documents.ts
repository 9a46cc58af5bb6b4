/**
 * What the problems of operator.toml mean, as read-only documents: `operator-help:/unknown-kind.md`. The code of a problem
 * links there, without network and for the version that is installed. docs/CONFIGURATION.md has the same texts.
 */
import * as vscode from 'vscode';
import type { DiagnosticCode } from '../core/language/model.ts';
import { helpScheme } from './ids.ts';

export function helpUri(code: DiagnosticCode): vscode.Uri {
  return vscode.Uri.from({ scheme: helpScheme, path: `/${code}.md` });
}

/** The texts are loaded when the first one is opened. */
export function createHelpDocuments(): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(helpScheme, {
    async provideTextDocumentContent({ path }) {
      const { problemPages } = await import('../core/language/problem-pages.ts');
      const page = problemPages().find(({ code }) => path === `/${code}.md`);
      return page && `# ${page.code}\n\n${withoutAnchors(page.text)}\n`;
    },
  });
}

/** Links within docs/CONFIGURATION.md lead nowhere from here. */
function withoutAnchors(text: string): string {
  return text.replaceAll(/\[([^\]]+)\]\(#[^)]*\)/g, '$1');
}
