/** `/openapi.json`: the description of all this. */
import * as z from 'zod';
import { openApiDocument } from '../openapi.ts';
import type { Operation } from '../operation.ts';

/** @param all every operation, this one among them */
export function documentOperation(all: () => readonly Operation[]): Operation {
  return {
    method: 'get',
    path: '/openapi.json',
    id: 'getOpenApi',
    tag: 'Status',
    summary: 'This document, in OpenAPI 3.1',
    answers: { 200: { description: 'The document', schema: z.looseObject({ openapi: z.string() }), headers: ['ETag'] } },
    handle: ({ backend }) => Promise.resolve({ status: 200, body: openApiDocument(all(), backend.version) }),
  };
}
