/** How the builders of entries report what is wrong: by path in the document; the layer knows the file and the place. */
import { truncate } from '../../base/text.ts';
import type { SourceLocation } from '../source.ts';
import type { ConfigProblem, Origin, ProblemCode, ProblemSubject, Severity } from './model.ts';
import type { DocumentPath, Locator, Part } from './ranges.ts';

export interface ProblemReport {
  readonly code: ProblemCode;
  readonly severity: Severity;
  readonly message: string;
  readonly hint?: string;
  /** See {@link ConfigProblem.suggestion}. */
  readonly suggestion?: string;
  readonly path: DocumentPath;
  /** Default: the value. */
  readonly part?: Part;
  readonly subject: ProblemSubject;
  readonly related?: ConfigProblem['related'];
}

/** What building the entries of one file needs to know of it. */
export interface FileContext {
  readonly origin: Exclude<Origin, { layer: 'builtin' }>;
  report(problem: ProblemReport): void;
  where(path: DocumentPath, part?: Part): SourceLocation;
  /** Absolute form of a path written in this file. */
  resolvePath(path: string): string;
  /** Of the environment; undefined when unset. */
  variable(name: string): string | undefined;
}

/**
 * @param locate exact place of a path, or undefined: then the entry that the path belongs to is pointed at, else the file
 * @param quiet for a text that is not the file's own any more: its entries count, its problems are old
 */
export function createFileContext(options: {
  readonly origin: FileContext['origin'];
  readonly locate: Locator;
  readonly quiet: boolean;
  readonly problems: ConfigProblem[];
  resolvePath(path: string): string;
  variable(name: string): string | undefined;
}): FileContext {
  const { origin, locate, quiet, problems } = options;
  const where = (path: DocumentPath, part: Part = 'value'): SourceLocation => {
    const range = locate(path, part) ?? nearest(path, locate);
    return range ? { file: origin.file, range } : { file: origin.file };
  };
  return {
    origin,
    where,
    report({ path, part, ...problem }) {
      if (!quiet) problems.push({ ...problem, where: where(path, part) });
    },
    resolvePath: options.resolvePath,
    variable: options.variable,
  };
}

function nearest(path: DocumentPath, locate: Locator): SourceLocation['range'] {
  for (let length = path.length - 1; length > 0; length--) {
    const range = locate(path.slice(0, length), 'value');
    if (range) return range;
  }
  return undefined;
}

/** A name or key as it may stand in a message: quoted, short, on one line. */
export function quote(text: string): string {
  return JSON.stringify(truncate(text, 60));
}
