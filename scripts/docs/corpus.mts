/** The tables of docs/CORPUS.md, from the list of cases that the tests check. */
import { corpus, type CorpusEntry } from '../../test/unit/gateway/protocol/corpus.ts';

export function corpusParts(): Readonly<Record<string, string>> {
  const isNumbered = ({ id }: CorpusEntry): boolean => typeof id === 'number';
  return { cases: table(corpus.filter((entry) => !isNumbered(entry)), 'Case'), requests: table(corpus.filter(isNumbered), 'What they met') };
}

function table(entries: readonly CorpusEntry[], head: string): string {
  const hasSource = entries.some(({ source }) => source !== undefined);
  const columns = hasSource ? ['', head, 'Reported as', 'What the gateway does', 'Proven by'] : ['', head, 'What the gateway does', 'Proven by'];
  const rows = entries.map((entry) => [String(entry.id), entry.case, ...(hasSource ? [entry.source ?? ''] : []), entry.does ?? '', proofs(entry)]);
  return [columns, columns.map(() => '---'), ...rows].map((cells) => `| ${cells.map(escape).join(' | ')} |`).join('\n');
}

function proofs({ streams = [], requests = [], tests = [], elsewhere }: CorpusEntry): string {
  return [list('answers', streams), list('requests', requests), ...[...new Set(tests.map(({ file }) => file))].map((file) => `\`${file.split('/').slice(-1).join('')}\``), ...(elsewhere === undefined ? [] : [`*${elsewhere}*`])].filter((text) => text !== '').join('; ');
}

/** Grouped by protocol, so that a row stays readable. */
function list(kind: string, names: readonly string[]): string {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const [protocol = '', file = ''] = name.split('/');
    groups.set(protocol, [...(groups.get(protocol) ?? []), file]);
  }
  return groups.size === 0 ? '' : `${kind}: ${[...groups].map(([protocol, files]) => `${protocol} ${files.map((file) => `\`${file}\``).join(' ')}`).join(', ')}`;
}

function escape(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
