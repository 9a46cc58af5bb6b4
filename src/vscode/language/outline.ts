/** The outline, what can be folded, and what can be opened. */
import * as vscode from 'vscode';
import { foldingOf } from '../../core/language/folding.ts';
import { linksOf } from '../../core/language/links.ts';
import type { DocumentLink, DocumentSymbol, LanguageFile } from '../../core/language/model.ts';
import { symbolsOf } from '../../core/language/symbols.ts';
import type { FileSystem } from '../../core/ports.ts';
import { hostCommandIds } from '../ids.ts';
import { toRange } from './convert.ts';
import type { Sources } from './sources.ts';

export function createSymbols(sources: Sources): vscode.DocumentSymbolProvider {
  return {
    provideDocumentSymbols({ uri }) {
      const file = sources.fileOf(uri);
      return file && symbolsOf(file.text).map(toSymbol);
    },
  };
}

function toSymbol({ name, detail, kind, range, selection, children }: DocumentSymbol): vscode.DocumentSymbol {
  const symbol = new vscode.DocumentSymbol(name, detail, symbolKinds[kind], toRange(range), toRange(selection));
  symbol.children = children.map(toSymbol);
  return symbol;
}

const symbolKinds: Readonly<Record<DocumentSymbol['kind'], vscode.SymbolKind>> = {
  model_server: vscode.SymbolKind.Class,
  delegator: vscode.SymbolKind.Function,
  llm_tool: vscode.SymbolKind.Interface,
  table: vscode.SymbolKind.Module,
  key: vscode.SymbolKind.Property,
};

export function createFolding(sources: Sources): vscode.FoldingRangeProvider {
  return {
    provideFoldingRanges({ uri }) {
      const file = sources.fileOf(uri);
      return file && foldingOf(file.text).map(({ startLine, endLine, kind }) => new vscode.FoldingRange(startLine, endLine, kind === 'comment' ? vscode.FoldingRangeKind.Comment : vscode.FoldingRangeKind.Region));
    },
  };
}

export function createLinks(sources: Sources, files: FileSystem): vscode.DocumentLinkProvider {
  return {
    provideDocumentLinks({ uri }) {
      const file = sources.fileOf(uri);
      return file && linksOf(file.text).flatMap(({ range, target }) => {
        const found = targetOf(target, file, files);
        return found ? [new vscode.DocumentLink(toRange(range), found)] : [];
      });
    },
  };
}

function targetOf(target: DocumentLink['target'], file: LanguageFile, files: FileSystem): vscode.Uri | undefined {
  if (target.type === 'url') return vscode.Uri.parse(target.url);
  const base = target.from === 'root' ? (file.root ?? files.dirname(file.file)) : files.dirname(file.file);
  const uri = vscode.Uri.file(files.resolve(base, target.path));
  if (!target.isFolder) return uri;
  // A folder has no editor: the explorer shows it, where it is in the workspace.
  if (!vscode.workspace.getWorkspaceFolder(uri)) return undefined;
  return vscode.Uri.from({ scheme: 'command', path: hostCommandIds.revealInExplorer, query: encodeURIComponent(JSON.stringify([uri])) });
}
