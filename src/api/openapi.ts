/** The OpenAPI 3.1 document, made of the operations and their schemas. Its schemas are JSON schema 2020-12, as Zod writes it. */
import * as z from 'zod';
import type { AnswerSpec, HeaderName, Method, Operation, Parameter } from './operation.ts';
import { problemSchema } from './problem.ts';
import { components } from './schemas/named.ts';

type Json = Readonly<Record<string, unknown>>;

export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: Json;
  readonly servers: readonly Json[];
  readonly security: readonly Json[];
  readonly tags: readonly Json[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  readonly components: Json;
}

const jsonType = 'application/json';
const problemType = 'application/problem+json';

/** What may happen to any request, by status. */
const common: Readonly<Record<number, string>> = {
  400: 'The request is not understood: a parameter is not what it may be, a body is not JSON, the workspace is no folder, or there are two Host headers',
  401: 'The token is missing or wrong',
  403: 'The request came from a web page or from another machine',
  421: 'The Host header is no loopback name',
  431: 'Path and headers are larger than 16 kB together; Node’s parser answers this, without a body',
  500: 'A fault of Operator’s own, or of the disk',
  503: 'The gateway ends; the next one takes requests',
};

/** What may happen to a body. */
const withBody: Readonly<Record<number, string>> = {
  413: 'The body is too large',
  415: 'The body is not JSON, or compressed',
  422: 'The body is JSON, and not what may be written; `errors` says what is wrong',
};

export function openApiDocument(operations: readonly Operation[], version: string): OpenApiDocument {
  const paths: Record<string, Record<string, Json>> = {};
  for (const operation of operations) (paths[`/api/v1${operation.path}`] ??= {})[operation.method] = describe(operation);
  return {
    openapi: '3.1.1',
    info: {
      title: 'Operator',
      version,
      description: 'Reads and changes what Operator knows, on the machine that it runs on. Every write goes into operator.toml, with its comments kept. No answer ever has a key in it: keys are named by where they are.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: 'http://127.0.0.1:{port}', variables: { port: { default: '4141', description: '`operator serve` listens at 4141; the port of the shared gateway is told by `operator gateway status`' } } }],
    security: [{ token: [] }],
    tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: { schemas: schemaComponents(), headers: headerComponents, responses: responseComponents(), securitySchemes: { token: { type: 'http', scheme: 'bearer', description: "'operator gateway token' prints it; for `operator serve` it is the one of that" } } },
  };
}

function describe({ method, id, tag, summary, description, parameters = [], body, answers }: Operation): Json {
  const shared = [...Object.keys(common), ...(body ? Object.keys(withBody) : [])].filter((status) => !Object.hasOwn(answers, status));
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    ...(parameters.length > 0 && { parameters: parameters.map(describeParameter) }),
    ...(body && { requestBody: { required: true, content: { [jsonType]: { schema: schemaOf(body.schema), example: body.example } } } }),
    responses: Object.fromEntries([
      ...Object.entries(answers).flatMap(([status, answer]) => describeAnswer(method, status, answer)),
      ...shared.map((status) => [status, { $ref: `#/components/responses/${status}` }]),
    ]),
  };
}

function describeParameter({ name, in: place, description, schema, example }: Parameter): Json {
  return { name, in: place, required: place === 'path', description, schema: schemaOf(schema), ...(example !== undefined && { example }) };
}

/** Whoever has the newest already is told so. */
function describeAnswer(method: Method, status: string, { description, schema, contentType, headers = [], example }: AnswerSpec): readonly (readonly [string, Json])[] {
  const type = contentType ?? (Number(status) >= 400 ? problemType : jsonType);
  const answer = {
    description,
    ...(headers.length > 0 && { headers: describeHeaders(headers) }),
    ...(schema && { content: { [type]: { schema: schemaOf(schema), ...(example !== undefined && { example }) } } }),
  };
  return method === 'get' && status === '200' && headers.includes('ETag') ? [[status, answer], ['304', { description: 'The same as If-None-Match says', headers: describeHeaders(['ETag']) }]] : [[status, answer]];
}

function describeHeaders(names: readonly HeaderName[]): Json {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

const headerComponents: Readonly<Record<HeaderName, Json>> = {
  ETag: { description: 'Of this version; for If-Match and If-None-Match', schema: { type: 'string' } },
  Location: { description: 'Path of what was made', schema: { type: 'string' } },
};

function responseComponents(): Json {
  return Object.fromEntries(Object.entries({ ...common, ...withBody }).map(([status, description]) => [status, status === '431' ? { description } : { description, content: { [problemType]: { schema: schemaOf(problemSchema) } } }]));
}

function schemaComponents(): Json {
  const { schemas } = z.toJSONSchema(components, { target: 'draft-2020-12', io: 'input', uri: referenceTo, unrepresentable: 'any' });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, tidy(schema)]));
}

function schemaOf(schema: z.ZodType): Json {
  const id = components.get(schema)?.id;
  return id === undefined ? tidy(z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input', unrepresentable: 'any' })) : { $ref: referenceTo(id) };
}

function referenceTo(id: string): string {
  return `#/components/schemas/${id}`;
}

/** Without what is for editors of TOML, and without names of its own for parts of this document. */
function tidy(value: unknown): Json {
  return JSON.parse(JSON.stringify(value, (key, inner: unknown) => (key === '$schema' || key === '$id' || key === 'id' && typeof inner === 'string' || key === 'x-taplo' ? undefined : inner))) as Json;
}
