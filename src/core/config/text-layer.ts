/** The text of one operator.toml, from the disk or out of an editor → what building the configuration needs of it. */
import { readDocument } from '../language/document.ts';
import { createLocator } from '../language/tree.ts';
import type { SourceRange } from '../source.ts';
import type { SourceLayer } from './build.ts';
import type { ConfigLayer, ConfigProblem } from './model.ts';
import { parseToml } from './parse.ts';
import type { Locator } from './ranges.ts';

type Layer = Omit<ConfigLayer, 'state'>;

/** @param lastGoodText what stays in force where the text is not TOML */
export function layerOfText(layer: Layer, content: { readonly text: string; readonly hash: string }, lastGoodText: string | undefined): SourceLayer {
  const parsed = parseToml(content.text);
  if (parsed.ok) return { layer: { ...layer, state: { type: 'loaded', ...content } }, document: parsed.value, locate: locatorOf(content.text) };
  const { message, range } = parsed.error;
  return brokenLayer(layer, syntaxProblem(layer.file, message, range, lastGoodText !== undefined), lastGoodText, content);
}

/** A layer that cannot be used as it is now; what was good of it before stays. */
export function brokenLayer(layer: Layer, problem: ConfigProblem, lastGoodText: string | undefined, content?: { readonly text: string; readonly hash: string }): SourceLayer {
  const broken: ConfigLayer = { ...layer, state: { type: 'broken', problem, lastGood: lastGoodText !== undefined, ...(lastGoodText !== undefined && { lastGoodText }), ...content } };
  const parsed = lastGoodText === undefined ? undefined : parseToml(lastGoodText);
  if (lastGoodText === undefined || !parsed?.ok) return { layer: broken, locate: () => undefined };
  return { layer: broken, document: parsed.value, locate: locatorOf(lastGoodText) };
}

function locatorOf(text: string): Locator {
  const { tree, lines } = readDocument(text);
  return createLocator(tree.root, lines);
}

function syntaxProblem(file: string, message: string, range: SourceRange, lastGood: boolean): ConfigProblem {
  return {
    code: 'syntax',
    severity: 'error',
    message: `Not valid TOML: ${message}`,
    hint: lastGood ? 'Mend this line; until then the last good configuration stays in force' : 'Mend this line; until then nothing of this file is in force',
    where: { file, range },
    subject: { type: 'file' },
  };
}
