/** The OpenAPI document as a judge: which answers it allows, and what it says of bodies. */
import assert from 'node:assert/strict';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

export type JsonSchema = Readonly<Record<string, unknown>>;

interface Content {
  readonly schema: JsonSchema;
  readonly example?: unknown;
}

interface Answer {
  readonly $ref?: string;
  readonly description: string;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, Content>>;
}

export interface DocumentedParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: JsonSchema;
}

export interface DocumentedOperation {
  readonly method: string;
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly DocumentedParameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<Record<string, Answer>>;
}

export interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Omit<DocumentedOperation, 'method' | 'path'>>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>>; readonly responses: Readonly<Record<string, Answer>> };
}

export interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface Judge {
  readonly operations: readonly DocumentedOperation[];
  /** Whether a value is what a schema of the document says. */
  allows(schema: JsonSchema, value: unknown): boolean;
  /** Fails when the document does not say that such an answer may come. */
  judge(operation: DocumentedOperation, received: Received): void;
  resolve(schema: JsonSchema): JsonSchema;
}

export function createJudge(document: OpenApi): Judge {
  const ajv = new Ajv2020({ strict: false, formats: { 'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/, uri: (text) => URL.canParse(text) } });
  ajv.addSchema({ $id: 'http://document.invalid/', components: document.components });
  const validators = new Map<string, ValidateFunction>();
  const validatorOf = (schema: JsonSchema): ValidateFunction => {
    const key = JSON.stringify(schema);
    const known = validators.get(key) ?? ajv.compile(JSON.parse(key.replaceAll('"#/components/', '"http://document.invalid/#/components/')) as object);
    validators.set(key, known);
    return known;
  };
  const answerOf = (answer: Answer): Answer => (answer.$ref === undefined ? answer : (document.components.responses[answer.$ref.split('/').at(-1) ?? ''] ?? assert.fail(answer.$ref)));
  return {
    operations: Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path }))),
    allows: (schema, value) => validatorOf(schema)(value),
    judge({ responses, operationId }, { status, headers, text }) {
      const what = `${operationId} answered ${status}: ${text.slice(0, 500)}`;
      assert.ok(status < 500, what);
      const found = responses[String(status)] ?? assert.fail(`undocumented: ${what}`);
      const answer = answerOf(found);
      for (const name of Object.keys(answer.headers ?? {})) assert.ok(headers.get(name), `${what} without ${name}`);
      if (!answer.content) return void assert.equal(text, '', what);
      const type = headers.get('content-type')?.split(';')[0] ?? '';
      const content = answer.content[type] ?? assert.fail(`${what} as ${type}`);
      if (type === 'text/event-stream') return;
      const validate = validatorOf(content.schema);
      assert.ok(validate(JSON.parse(text)), `${what}: ${JSON.stringify(validate.errors)}`);
      if (type === 'application/problem+json') assert.equal((JSON.parse(text) as { status: number }).status, status, what);
    },
    resolve: (schema) => (typeof schema.$ref === 'string' ? (document.components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? assert.fail(schema.$ref)) : schema),
  };
}
