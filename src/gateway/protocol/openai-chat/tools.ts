/** Tools and the choice among them, both ways. */
import { customToolAsFunction } from '../custom-tools.ts';
import { createFlatMap } from '../fold.ts';
import { isJsonObject } from '../json.ts';
import { toObjectSchema, toPlainSchema } from '../json-schema.ts';
import { isStrictSchema } from '../strict-schema.ts';
import type { IrRequest, IrTool, IrToolChoice, Json, JsonObject } from '../ir.ts';
import type { ToolNames } from '../tool-names.ts';
import type { Warn } from '../warnings.ts';
import type { UpstreamTraits } from '../codec.ts';
import type { WireRequest } from './schema.ts';

type WireTool = NonNullable<WireRequest['tools']>[number];

export interface DecodedTools {
  readonly tools: readonly IrTool[];
  readonly toolChoice?: IrToolChoice;
}

export function decodeTools(body: WireRequest, warn: Warn): DecodedTools {
  const declared = [
    ...decodeDeclared(body.tools ?? [], { context: undefined, warn }),
    ...(body.functions ?? []).map(functionTool),
  ];
  const choice = body.tool_choice ?? body.function_call;
  if (choice === null || choice === undefined) return { tools: declared };
  if (typeof choice === 'string') return { tools: declared, ...choiceOf(choice) };
  if (choice.allowed_tools) {
    const names = new Set(choice.allowed_tools.tools.map((tool) => tool.function?.name ?? tool.custom?.name));
    return { tools: declared.filter((tool) => names.has(tool.name)), ...choiceOf(choice.allowed_tools.mode ?? 'auto') };
  }
  // `function_call: {name}` of the first days has no type.
  const name = choice.function?.name ?? choice.custom?.name ?? (typeof choice['name'] === 'string' ? choice['name'] : undefined);
  return name === undefined ? { tools: declared, ...choiceOf(choice.type ?? 'auto') } : { tools: declared, toolChoice: { type: 'tool', name } };
}

const decodeDeclared = createFlatMap<WireTool, IrTool, undefined>((tool, { warn }) => {
  if (tool.custom) return [customTool(tool.custom)];
  if (tool.function) return [functionTool(tool.function)];
  warn('unsupported-tool', `a tool of the type ${(tool.type ?? 'without a name').slice(0, 60)} was left out`);
  return [];
});

function choiceOf(choice: string): { readonly toolChoice?: IrToolChoice } {
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { toolChoice: { type: choice } };
  return choice === 'any' ? { toolChoice: { type: 'required' } } : {};
}

type WireFunction = NonNullable<WireTool['function']>;

function functionTool({ name, description, parameters, strict }: WireFunction): IrTool {
  return {
    type: 'function',
    name,
    ...(typeof description === 'string' ? { description } : {}),
    schema: isJsonObject(parameters) ? parameters : { type: 'object', properties: {} },
    ...(typeof strict === 'boolean' ? { strict } : {}),
  };
}

type WireCustom = NonNullable<WireTool['custom']>;

function customTool({ name, description, format }: WireCustom): IrTool {
  return { type: 'custom', name, ...(typeof description === 'string' ? { description } : {}), ...(format?.grammar ? { grammar: { syntax: format.grammar.syntax, definition: format.grammar.definition } } : {}) };
}

export function encodeTools(request: IrRequest, traits: UpstreamTraits, names: ToolNames, warn: Warn): JsonObject {
  if (request.tools.length === 0) return {};
  const tools = encodeOffered(request.tools, { context: { traits, names }, dependsOn: [traits, names], warn });
  const choice = request.toolChoice;
  const toolChoice: Json | undefined = choice?.type === 'tool' ? { type: 'function', function: { name: names.toWire(choice.name) } } : choice?.type;
  return {
    tools,
    ...(toolChoice === undefined ? {} : { tool_choice: toolChoice }),
    ...(request.parallelToolCalls === undefined ? {} : { parallel_tool_calls: request.parallelToolCalls }),
  };
}

const encodeOffered = createFlatMap<IrTool, JsonObject, { readonly traits: UpstreamTraits; readonly names: ToolNames }>((tool, { context: { traits, names }, warn }) => [encodeTool(tool.type === 'custom' ? customToolAsFunction(tool, warn) : tool, traits, names, warn)]);

function encodeTool(tool: Extract<IrTool, { type: 'function' }>, { plainSchemas }: UpstreamTraits, names: ToolNames, warn: Warn): JsonObject {
  const object = toObjectSchema(tool.schema);
  const { schema, changes } = plainSchemas === true ? toPlainSchema(object.schema) : { schema: object.schema, changes: [] };
  const all = [...new Set([...object.changes, ...changes])];
  if (all.length > 0) warn('schema-changed', `the parameters of the tool ${tool.name} were simplified (${all.join(', ')})`);
  const strict = tool.strict === true && isStrictSchema(schema);
  return {
    type: 'function',
    function: { name: names.toWire(tool.name), ...(tool.description === undefined ? {} : { description: tool.description }), parameters: schema, ...(strict ? { strict } : {}) },
  };
}
