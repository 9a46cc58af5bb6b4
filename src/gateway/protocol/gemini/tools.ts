/** Function declarations and the choice among them, both ways. */
import { customToolAsFunction } from '../custom-tools.ts';
import { createFlatMap } from '../fold.ts';
import { isJsonObject } from '../json.ts';
import { toObjectSchema } from '../json-schema.ts';
import { toCurrentDraft } from '../json-schema-drafts.ts';
import { fromOpenApi, toOpenApi } from './open-api.ts';
import type { UpstreamTraits } from '../codec.ts';
import type { IrRequest, IrTool, IrToolChoice, JsonObject } from '../ir.ts';
import type { ToolNames } from '../tool-names.ts';
import type { Warn } from '../warnings.ts';
import type { WireDeclaration, WireRequest, WireTool } from './schema.ts';

export function decodeTools(lists: readonly WireTool[] | null | undefined, warn: Warn): readonly IrTool[] {
  for (const list of lists ?? []) {
    for (const name of Object.keys(list)) {
      if (name !== 'functionDeclarations' && list[name] !== null) warn('unsupported-tool', `the tool ${name} runs on Google's own servers; the model does not get it`);
    }
  }
  const declared = decodeDeclarations((lists ?? []).flatMap((list) => list.functionDeclarations ?? []), { context: undefined, warn });
  // Of several with one name, the last.
  return [...new Map(declared.map((tool) => [tool.name, tool])).values()];
}

const decodeDeclarations = createFlatMap<WireDeclaration, IrTool, undefined>((declaration) => [decodeDeclaration(declaration)]);

function decodeDeclaration(declaration: WireDeclaration): IrTool {
  const given = [declaration.parametersJsonSchema, declaration.parameters].find(isJsonObject);
  const schema = given === undefined ? { type: 'object', properties: {} } : fromOpenApi(given);
  return { type: 'function', name: declaration.name, ...(typeof declaration.description === 'string' ? { description: declaration.description } : {}), schema };
}

/** The choice, and the tools that it leaves: other wires can demand one tool or any, but not one of some. */
export function decodeToolChoice(config: WireRequest['toolConfig'], tools: readonly IrTool[]): { readonly tools: readonly IrTool[]; readonly choice?: IrToolChoice } {
  const { mode, allowedFunctionNames } = config?.functionCallingConfig ?? {};
  if (tools.length === 0 || typeof mode !== 'string') return { tools };
  const allowed = new Set(allowedFunctionNames ?? []);
  const left = allowed.size > 0 ? tools.filter((tool) => allowed.has(tool.name)) : tools;
  switch (mode) {
    case 'NONE':
      return { tools, choice: { type: 'none' } };
    case 'ANY':
      if (left.length === 1 && allowed.size === 1 && left[0] !== undefined) return { tools, choice: { type: 'tool', name: left[0].name } };
      return left.length > 0 ? { tools: left, choice: { type: 'required' } } : { tools };
    case 'AUTO':
    case 'VALIDATED':
      return left.length > 0 ? { tools: left, choice: { type: 'auto' } } : { tools };
    default:
      return { tools };
  }
}

export function encodeTools(tools: readonly IrTool[], names: ToolNames, traits: UpstreamTraits, warn: Warn): readonly JsonObject[] {
  return tools.length === 0 ? [] : [{ functionDeclarations: encodeDeclarations(tools, { context: { names, traits }, dependsOn: [names, traits], warn }) }];
}

const encodeDeclarations = createFlatMap<IrTool, JsonObject, { readonly names: ToolNames; readonly traits: UpstreamTraits }>((tool, { context: { names, traits: { plainSchemas } }, warn }) => {
  const declared = tool.type === 'custom' ? customToolAsFunction(tool, warn) : tool;
  const root = toObjectSchema(declared.schema);
  const { schema, changes } = plainSchemas === true ? toOpenApi(root.schema) : { schema: toCurrentDraft(root.schema, { booleanSchemas: false }), changes: [] };
  const lost = [...new Set([...root.changes, ...changes])];
  if (lost.length > 0) warn('schema-changed', `the parameters of a tool were simplified (${lost.join(', ')})`);
  // An object without properties is refused as a parameter; no parameters at all mean the same.
  const isEmpty = Object.keys(isJsonObject(schema['properties']) ? schema['properties'] : {}).length === 0 && !isJsonObject(schema['additionalProperties']);
  return [
    {
      name: names.toWire(declared.name),
      ...(declared.description === undefined ? {} : { description: declared.description }),
      ...(isEmpty ? {} : { [plainSchemas === true ? 'parameters' : 'parametersJsonSchema']: schema }),
    },
  ];
});

export function encodeToolChoice({ toolChoice, tools, parallelToolCalls }: IrRequest, names: ToolNames, warn: Warn): JsonObject | undefined {
  if (tools.length === 0) return undefined;
  if (parallelToolCalls === false) warn('unsupported-setting', 'calls one at a time cannot be asked for: Gemini has no such setting');
  switch (toolChoice?.type) {
    case undefined:
    case 'auto':
      return undefined;
    case 'none':
      return { functionCallingConfig: { mode: 'NONE' } };
    case 'required':
      return { functionCallingConfig: { mode: 'ANY' } };
    case 'tool':
      return { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: [names.toWire(toolChoice.name)] } };
  }
}
