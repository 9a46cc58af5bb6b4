/** `/llm-tools`: the coding agents on this machine, and which of them is the default. */
import * as z from 'zod';
import { sameValue } from '../../core/config/edit-intent.ts';
import { isTable } from '../../core/config/entries.ts';
import { documentOfLayer, documentOfText } from '../../core/config/written-entry.ts';
import { maskText } from '../../core/launch/mask.ts';
import { reportTool } from '../../core/status/report.ts';
import { fileForNew, layerOf, openFor } from '../entries/target.ts';
import { writeInTurn } from '../entries/write.ts';
import { entityTag, matches } from '../etag.ts';
import type { Call, Operation, Reply } from '../operation.ts';
import { ifMatchParameter, layerParameter, workspaceParameters } from '../parameters.ts';
import { ApiProblem, problemSchema } from '../problem.ts';
import { named } from '../schemas/named.ts';
import { toolExample, toolSchema } from '../schemas/status.ts';

const toolsSchema = named('LlmToolList', z.strictObject({ llm_tools: z.array(toolSchema) }));
const defaultSchema = named('DefaultTool', z.strictObject({ default_tool: z.string().nullable(), default_model: z.string().nullable() }));
const word = (): z.ZodType<string> => z.string().min(1).max(200).regex(/^[^\u0000-\u001f\u007f\u2028\u2029]*[^\s\u0000-\u001f\u007f\u2028\u2029][^\u0000-\u001f\u007f\u2028\u2029]*$/);
const newDefaultSchema = named('DefaultToolUpdate', z.strictObject({ default_tool: word(), default_model: word().optional() }));
const example = { default_tool: 'claude', default_model: 'opus' };
const parameters = [layerParameter, ...workspaceParameters];

export const toolOperations: readonly Operation[] = [
  {
    method: 'get',
    path: '/llm-tools',
    id: 'listLlmTools',
    tag: 'LLM tools',
    summary: 'The LLM tools that Operator knows, and which of them are on this machine',
    parameters: [...workspaceParameters],
    answers: { 200: { description: 'All of them', schema: toolsSchema, headers: ['ETag'], example: { llm_tools: [toolExample] } } },
    handle: list,
  },
  {
    method: 'get',
    path: '/llm-tools/default',
    id: 'getDefaultTool',
    tag: 'LLM tools',
    summary: 'The LLM tool and the model of a launch that names none',
    parameters: [...parameters],
    answers: { 200: { description: 'Both may be null', schema: defaultSchema, headers: ['ETag'], example } },
    handle: read,
  },
  {
    method: 'put',
    path: '/llm-tools/default',
    id: 'setDefaultTool',
    tag: 'LLM tools',
    summary: 'Sets the LLM tool of a launch that names none',
    description: 'Without default_model the model stays while the tool does, and goes with it.',
    parameters: [...parameters, ifMatchParameter],
    body: { schema: newDefaultSchema, example },
    answers: { 200: { description: 'What it is now', schema: defaultSchema, headers: ['ETag'], example }, 409: { description: 'operator.toml is broken', schema: problemSchema }, 412: { description: 'It is another one than If-Match says', schema: problemSchema } },
    handle: update,
  },
];

async function list({ backend, scope, signal }: Call): Promise<Reply> {
  const operator = await backend.open(scope);
  await operator.detect(signal);
  const { tools, configuration } = operator.snapshot;
  return { status: 200, body: { llm_tools: tools.map((tool) => reportTool(tool, configuration.defaultTool)) } };
}

async function read(call: Call): Promise<Reply> {
  const { defaultTool, defaultModel } = (await openFor(call)).snapshot.configuration;
  return { status: 200, body: { default_tool: masked(defaultTool), default_model: masked(defaultModel) } };
}

function masked(text: string | undefined): string | null {
  return text === undefined ? null : maskText(text);
}

async function update(call: Call): Promise<Reply> {
  const { default_tool: tool, default_model: model } = call.body as z.output<typeof newDefaultSchema>;
  const fileNow = async (): Promise<string> => {
    const { configuration } = (await openFor(call)).snapshot;
    const wanted = layerOf(call);
    const having = wanted === undefined ? configuration.layers.find((layer) => tableOf(documentOfLayer(layer))?.default_tool !== undefined) : undefined;
    return having?.file ?? fileForNew(configuration, wanted);
  };
  const file = await fileNow();
  await writeInTurn(file, async () => {
    const operator = await openFor(call);
    const { body } = await read(call);
    if (call.ifMatch !== undefined && !matches(call.ifMatch, await entityTag(body))) throw new ApiProblem(412, 'stale', 'The default was changed since it was read', { hint: 'Read it again' });
    const layer = operator.snapshot.configuration.layers.find((each) => each.file === file);
    const seen = layer && tableOf(documentOfLayer(layer));
    return {
      operator,
      change: { type: 'set-default', tool, ...(model !== undefined && { model }) },
      file,
      isCurrent: (text) => sameValue(tableOf(documentOfText(text)), seen),
      concerns: ({ code, subject }) => subject.type === 'file' && code === 'unknown-tool',
    };
  });
  return read(call);
}

function tableOf(document: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | undefined {
  return isTable(document.llm_tools) ? document.llm_tools : undefined;
}
