/** The whole of operator.toml as tokens, for windows where nothing else colours TOML. Pure. */
import { readDocument } from '../../core/language/document.ts';
import type { NameToken } from '../../core/language/model.ts';
import type { RowNode, Span, ValueNode } from '../../core/language/syntax.ts';
import { tokensOf } from '../../core/language/tokens.ts';
import type { SourceRange } from '../../core/source.ts';

/** Standard token types, which every theme colours. */
export const tokenTypes = ['comment', 'string', 'number', 'keyword', 'property', 'namespace', 'class', 'function', 'type'] as const;
export type TokenType = (typeof tokenTypes)[number];
export const tokenModifiers = ['declaration'] as const;

export interface Token {
  /** Within one line. */
  readonly range: SourceRange;
  readonly type: TokenType;
  readonly isDeclaration: boolean;
}

const nameTypes: Readonly<Record<NameToken['kind'], TokenType>> = { model_server: 'class', delegator: 'function', llm_tool: 'type' };

/** Names of entries, where they are declared and meant. In the order of the text. */
export function nameTokens(text: string): readonly Token[] {
  return tokensOf(text).map(({ range, kind, isDeclaration }) => ({ range, type: nameTypes[kind], isDeclaration }));
}

/** Everything; names stand out within their quotes. In the order of the text, without overlaps. */
export function allTokens(text: string): readonly Token[] {
  const { syntax, lines } = readDocument(text);
  const names = new Map(nameTokens(text).map((token) => [`${token.range.start.line}:${token.range.start.column}`, token]));
  const tokens: Token[] = [];

  const add = ({ start, end }: Span, type: TokenType): void => {
    for (let line = lines.positionAt(start).line; line <= lines.positionAt(end).line; line++) {
      const whole = lines.spanOfLine(line);
      const range = lines.rangeOf({ start: Math.max(start, whole.start), end: Math.min(end, whole.end) });
      if (range.start.column < range.end.column) tokens.push({ range, type, isDeclaration: false });
    }
  };
  const addString = (span: Span): void => {
    const inner = lines.positionAt(span.start + 1);
    const name = names.get(`${inner.line}:${inner.column}`);
    if (!name) return add(span, 'string');
    add({ start: span.start, end: span.start + 1 }, 'string');
    tokens.push(name);
    add({ start: lines.offsetAt(name.range.end), end: span.end }, 'string');
  };
  const addValue = (value: ValueNode): void => {
    switch (value.type) {
      case 'string':
        return addString(value);
      case 'bare':
        return add(value, /^(?:true|false)$/.test(value.text) ? 'keyword' : 'number');
      case 'array':
        return value.items.forEach(addValue);
      case 'table':
        return value.rows.forEach(addRow);
    }
  };
  const addRow = ({ keys, value }: RowNode): void => {
    for (const key of keys) add(key, 'property');
    if (value) addValue(value);
  };

  for (const comment of syntax.comments) add(comment, 'comment');
  for (const { header, rows } of syntax.tables) {
    for (const key of header?.keys ?? []) add(key, 'namespace');
    rows.forEach(addRow);
  }
  return tokens.sort((a, b) => a.range.start.line - b.range.start.line || a.range.start.column - b.range.start.column);
}
