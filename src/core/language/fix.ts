/** What the fixes of all kinds share. */
import type { DocumentPath } from '../config/ranges.ts';
import type { Entry } from './entries.ts';
import type { Diagnostic, Fix, TextEdit } from './model.ts';
import type { Scope } from './scope.ts';
import type { ValueNode } from './syntax.ts';
import type { TreeNode } from './tree.ts';

/** Where a problem is, as the fixes look at it. */
export interface Place {
  readonly scope: Scope;
  readonly diagnostic: Diagnostic;
  readonly path: DocumentPath;
  /** What is at the path. */
  readonly node?: TreeNode;
  readonly value?: ValueNode;
  readonly entry?: Entry;
}

export function fix(title: string, edits: readonly TextEdit[], isPreferred: boolean): Fix {
  return { title, edits, isPreferred };
}
