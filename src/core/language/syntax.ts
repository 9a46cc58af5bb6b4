/** The parts of a TOML text with their places. Offsets count UTF-16 units of the text without its byte order mark. */

export interface Span {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/** One part of a dotted key. Its name is empty where a dot stands last. */
export interface KeyPart extends Span {
  readonly name: string;
}

export type ValueNode = StringNode | ArrayNode | InlineTableNode | BareNode;

export interface StringNode extends Span {
  readonly type: 'string';
  /** What it says, escapes resolved. */
  readonly value: string;
  readonly quote: '"' | "'" | '"""' | "'''";
  /** False while the closing quote is missing. */
  readonly closed: boolean;
}

export interface ArrayNode extends Span {
  readonly type: 'array';
  readonly items: readonly ValueNode[];
  readonly closed: boolean;
}

export interface InlineTableNode extends Span {
  readonly type: 'table';
  readonly rows: readonly RowNode[];
  readonly closed: boolean;
}

/** Numbers, booleans, dates, and text that lacks its quotes. */
export interface BareNode extends Span {
  readonly type: 'bare';
  readonly text: string;
}

/** `key = value`, or as much of it as is there. */
export interface RowNode extends Span {
  readonly keys: readonly KeyPart[];
  /** Offset of `=`. */
  readonly equals?: number;
  readonly value?: ValueNode;
}

/** `[table]` or `[[table]]`. */
export interface HeaderNode extends Span {
  readonly keys: readonly KeyPart[];
  readonly isList: boolean;
  readonly closed: boolean;
}

/** A header with the rows below it; the first one of a text has no header. */
export interface TableNode {
  readonly header?: HeaderNode;
  readonly rows: readonly RowNode[];
}

export interface SyntaxTree {
  /** In the order of the text; there is always the first one. */
  readonly tables: readonly TableNode[];
  /** From `#` to the end of the line. */
  readonly comments: readonly Span[];
}
