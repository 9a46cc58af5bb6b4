/** Everything that is offered in an open operator.toml. Loaded when one is opened. */
import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import { configFileName } from '../../core/config/find.ts';
import type { Diagnostics } from '../diagnostics.ts';
import { completionTriggers, createCompletion } from './completion.ts';
import { createFixes, fixKinds } from './fixes.ts';
import { createHover } from './hover.ts';
import { createJudge } from './judge.ts';
import { createKnowing } from './knowing.ts';
import { createLenses } from './lenses.ts';
import { createDefinitions, createReferences, createRenames } from './navigation.ts';
import { createFolding, createLinks, createSymbols } from './outline.ts';
import { watchSecretNames } from './secret-names.ts';
import { createSources } from './sources.ts';
import type { LanguageParts } from './parts.ts';
import { describeToml } from './toml-language.ts';
import { createTokens, tokensLegend } from './tokens.ts';
import { watchTyping } from './typing.ts';

/** By name, in any language: VS Code without an extension for TOML may call it anything. Which files count, the sources know. */
const selector: vscode.DocumentSelector = { scheme: 'file', pattern: `**/${configFileName}` };

export function createFeatures(parts: LanguageParts, diagnostics: Diagnostics): Disposable {
  const { host, operator, ports } = parts;
  const store = new DisposableStore();
  const secrets = store.add(watchSecretNames(host.context.secrets));
  const sources = createSources(operator, ports, () => secrets.names);
  const judge = createJudge(operator, ports, sources);
  const knowing = store.add(createKnowing(parts));
  const lenses = store.add(createLenses(parts, sources, knowing));
  const fixes = store.add(createFixes(parts, sources, judge));
  const tokens = store.add(createTokens(sources));

  store.add(watchTyping({ operator, sources, judge, diagnostics, clock: ports.clock, log: host.log }));
  store.add(describeToml());
  const { languages } = vscode;
  store.add(languages.registerCompletionItemProvider(selector, createCompletion(sources, knowing), ...completionTriggers));
  store.add(languages.registerHoverProvider(selector, createHover(sources, knowing)));
  store.add(languages.registerCodeLensProvider(selector, lenses));
  store.add(languages.registerCodeActionsProvider(selector, fixes, { providedCodeActionKinds: fixKinds }));
  store.add(languages.registerDefinitionProvider(selector, createDefinitions(sources)));
  store.add(languages.registerReferenceProvider(selector, createReferences(sources)));
  store.add(languages.registerRenameProvider(selector, createRenames(sources)));
  store.add(languages.registerDocumentSymbolProvider(selector, createSymbols(sources), { label: 'Operator' }));
  store.add(languages.registerFoldingRangeProvider(selector, createFolding(sources)));
  store.add(languages.registerDocumentLinkProvider(selector, createLinks(sources, ports.files)));
  store.add(languages.registerDocumentSemanticTokensProvider(selector, tokens, tokensLegend));
  return store;
}
