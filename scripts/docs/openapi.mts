/** docs/openapi.json: what `/api/v1/openapi.json` answers. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openApiDocument } from '../../src/api/openapi.ts';
import { operations } from '../../src/api/operations/index.ts';

const manifest = join(resolve(import.meta.dirname, '..', '..'), 'package.json');

export function renderOpenApi(): string {
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string };
  return `${JSON.stringify(openApiDocument(operations, version), undefined, 2)}\n`;
}
