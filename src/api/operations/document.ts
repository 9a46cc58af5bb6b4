/** `/openapi.json`: the description of all this. */
import * as z from 'zod';
import type { Operation } from '../operation.ts';

export const documentOperations: readonly Operation[] = [
  {
    method: 'get',
    path: '/openapi.json',
    id: 'getOpenApi',
    tag: 'Status',
    summary: 'This document, in OpenAPI 3.1',
    answers: { 200: { description: 'The document', schema: z.looseObject({ openapi: z.string() }), headers: ['ETag'] } },
    // It is made of the list of operations, which this is one of.
    handle: async ({ backend }) => ({ status: 200, body: (await import('../openapi.ts')).openApiDocument(backend.version) }),
  },
];
