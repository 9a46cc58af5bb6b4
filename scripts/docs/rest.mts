/** The operations of the REST API, out of the list that router and OpenAPI document are made of. */
import { operations } from '../../src/api/operations/index.ts';
import { code, table } from './markdown.mts';

export function restParts(): Readonly<Record<string, string>> {
  return { operations: table(['Operation', 'What it does', 'Answers'], operations.map(({ method, path, summary, answers }) => [code(`${method.toUpperCase()} ${path}`), summary, Object.keys(answers).join(', ')])) };
}
