/** The levels of a model test as a table. The type makes this file fail to compile when a level is missing. */
import { levelOf } from '../../src/core/proving/levels.ts';
import { type LevelId, levelIds } from '../../src/core/proving/model.ts';
import { code, table } from './markdown.mts';

const passes: Readonly<Record<LevelId, string>> = {
  reachable: 'The server answers, with an API, and takes the key',
  listed: 'It is on the list, and no embedding model. Skipped where a server has no list',
  answers: 'There is an answer with words in it, in one piece',
  streams: 'An answer comes as a stream that says when it has ended',
  'tool-call': 'It calls the right one of two tools, with exactly the arguments that the question names, each of the right type',
  'tool-result': 'Its answer holds what only the result of the tool said, and it does not call the tool again',
  conversation: 'Five messages with tools and without, and the notes that they are about are right after each',
  image: 'It reads a number of three digits in a small picture',
  schema: 'Its answer is JSON of the schema, and nothing around it',
};

export function testingModelsParts(): Readonly<Record<string, string>> {
  return {
    levels: table(
      ['Level', 'It passes when', 'Needs', 'Requests', 'Waits for'],
      levelIds.map((id) => {
        const { title, needs, requests, limits } = levelOf(id);
        return [`${code(id)} ${title}`, passes[id], needs.map(code).join(' '), requests <= 1 ? String(requests) : `up to ${requests}`, requests === 0 ? 'two seconds' : `${limits.firstByteMs / 60_000} min for the first word, ${limits.totalMs / 60_000} min in all`];
      }),
    ),
  };
}
