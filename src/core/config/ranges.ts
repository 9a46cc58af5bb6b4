/** How a place in the text of operator.toml is asked for. */
import type { SourceRange } from '../source.ts';

/** Keys and list indexes from the top of the document, such as `['model_servers', 0, 'base_url']`. */
export type DocumentPath = readonly (string | number)[];

/** `value` of a whole entry is its name. */
export type Part = 'key' | 'value';

/** The range of a part, or undefined when the document has no such part. */
export type Locator = (path: DocumentPath, part: Part) => SourceRange | undefined;
