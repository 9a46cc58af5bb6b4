/** Tools of a Responses client and back. Namespaces, which no other wire has, become prefixes of the names. */
import { ProtocolError, type UpstreamTraits } from '../codec.ts';
import { createFlatMap } from '../fold.ts';
import { fingerprint } from '../hash.ts';
import { isJsonObject } from '../json.ts';
import { toObjectSchema, toPlainSchema } from '../json-schema.ts';
import { isStrictSchema } from '../strict-schema.ts';
import { type ToolNames, uniqueName } from '../tool-names.ts';
import type { IrTool, IrToolChoice, JsonObject } from '../ir.ts';
import type { WireTool, WireToolChoice } from './schema.ts';
import type { Warn } from '../warnings.ts';

const maxName = 64;

/** A tool as the client knows it; what a call must be answered with. `tool-search` runs in the client, like a function. */
export interface ClientTool {
  readonly kind: 'function' | 'custom' | 'tool-search';
  readonly name: string;
  readonly namespace?: string;
}

export interface ToolTable {
  readonly tools: readonly IrTool[];
  /** By the name that the model sees. */
  readonly byName: ReadonlyMap<string, ClientTool>;
  /** The name that the model sees; also for a tool of an earlier turn that is declared no more. */
  nameOf(tool: ClientTool): string;
}

/**
 * Later declarations of a tool replace earlier ones, as tools that were found by a search come again with every turn.
 * Names are made like codex's own flat form of a name (`namespace__name`), within OpenAI's 64 characters.
 */
export function decodeTools(lists: readonly (readonly WireTool[])[], warn: Warn): ToolTable {
  const declared = new Map<string, { readonly tool: ClientTool; readonly wire: WireTool; readonly about: string }>();
  const skipped = new Set<string>();
  const declare = (tool: ClientTool, wire: WireTool, about: string): void => {
    declared.set(keyOf(tool), { tool, wire, about });
  };
  for (const wire of lists.flat()) {
    if (wire.type === 'namespace') declareNamespace(wire, declare, skipped);
    else if (!declareTool(wire, undefined, '', declare)) skipped.add(wire.type);
  }
  for (const type of skipped) warn('unsupported-tool', `the tool ${type} runs on OpenAI's own servers; the model does not get it`);

  const byName = new Map<string, ClientTool>();
  const names = new Map<string, string>();
  const tools = [...declared].map(([key, { tool, wire, about }]) => {
    const name = uniqueName(flatName(tool), maxName, (candidate) => byName.has(candidate));
    byName.set(name, tool);
    names.set(key, name);
    return toIrOnce(tool, wire, name, about);
  });
  return { tools, byName, nameOf: (tool) => names.get(keyOf(tool)) ?? flatName(tool) };
}

type Declare = (tool: ClientTool, wire: WireTool, about: string) => void;

function declareNamespace(wire: WireTool, declare: Declare, skipped: Set<string>): void {
  const namespace = wire.name ?? '';
  // What the namespace is for is said once, at its first tool: no other wire has a place for it.
  let about = wire.description ?? '';
  for (const inner of wire.tools ?? []) {
    if (declareTool(inner, namespace, about, declare)) about = '';
    else skipped.add(inner.type);
  }
}

function declareTool(wire: WireTool, namespace: string | undefined, about: string, declare: Declare): boolean {
  const inside = namespace === undefined ? {} : { namespace };
  if (wire.type === 'tool_search') {
    if (wire.execution !== 'client') return false;
    declare({ kind: 'tool-search', name: 'tool_search', ...inside }, wire, about);
    return true;
  }
  if (wire.type !== 'function' && wire.type !== 'custom') return false;
  if (typeof wire.name !== 'string' || wire.name === '') throw new ProtocolError('tools: a tool without a name', 'tools');
  declare({ kind: wire.type, name: wire.name, ...inside }, wire, about);
  return true;
}

const made = new WeakMap<WireTool, { readonly name: string; readonly about: string; readonly tool: IrTool }>();

/** An agent declares the same tools, as the same objects, in every request. */
function toIrOnce(tool: ClientTool, wire: WireTool, name: string, about: string): IrTool {
  const known = made.get(wire);
  if (known?.name === name && known.about === about) return known.tool;
  const ir = toIr(tool, wire, name, about);
  made.set(wire, { name, about, tool: ir });
  return ir;
}

function toIr(tool: ClientTool, wire: WireTool, name: string, about: string): IrTool {
  const description = [about, wire.description ?? ''].filter((text) => text !== '').join('\n\n');
  const described = description === '' ? {} : { description };
  if (tool.kind === 'custom') {
    const { syntax, definition } = wire.format ?? {};
    return { type: 'custom', name, ...described, ...(typeof syntax === 'string' && typeof definition === 'string' ? { grammar: { syntax, definition } } : {}) };
  }
  const schema: JsonObject = isJsonObject(wire.parameters) ? wire.parameters : { type: 'object', properties: {} };
  return { type: 'function', name, ...described, schema, ...(typeof wire.strict === 'boolean' ? { strict: wire.strict } : {}) };
}

function keyOf(tool: ClientTool): string {
  return JSON.stringify([tool.namespace ?? null, tool.name, tool.kind === 'tool-search']);
}

function flatName(tool: ClientTool): string {
  const name = tool.namespace === undefined ? tool.name : `${tool.namespace.replace(/_+$/, '')}__${tool.name.replace(/^_+/, '')}`;
  if (name.length <= maxName) return name;
  const mark = `_${fingerprint(name)}`;
  return name.slice(0, maxName - mark.length) + mark;
}

/** The choice, and the tools that it leaves: other wires can demand one tool or any, but not one of some. */
export function decodeToolChoice(choice: WireToolChoice | null | undefined, table: ToolTable, warn: Warn): { readonly tools: readonly IrTool[]; readonly choice?: IrToolChoice } {
  const { tools } = table;
  if (choice === null || choice === undefined || tools.length === 0) return { tools };
  const named = (tool: { readonly type?: string | null | undefined; readonly name?: string | null | undefined; readonly namespace?: string | null | undefined }): string =>
    table.nameOf({ kind: tool.type === 'custom' ? 'custom' : 'function', name: tool.name ?? '', ...(typeof tool.namespace === 'string' ? { namespace: tool.namespace } : {}) });
  const type = typeof choice === 'string' ? choice : choice.type;
  switch (type) {
    case 'auto':
    case 'none':
    case 'required':
      return { tools, choice: { type } };
    case 'function':
    case 'custom': {
      const name = typeof choice === 'string' ? '' : named(choice);
      if (tools.some((tool) => tool.name === name)) return { tools, choice: { type: 'tool', name } };
      throw new ProtocolError('tool_choice names a tool that is not in tools', 'tool_choice.name');
    }
    case 'allowed_tools': {
      const allowed = new Set(typeof choice === 'string' ? [] : (choice.tools ?? []).map(named));
      const left = tools.filter((tool) => allowed.has(tool.name));
      return { tools: left, ...(left.length > 0 ? { choice: { type: typeof choice !== 'string' && choice.mode === 'required' ? 'required' : 'auto' } } : {}) };
    }
    default:
      warn('unsupported-setting', `tool_choice ${type} asks for a tool of OpenAI's own; the model chooses by itself`);
      return { tools };
  }
}

export interface EncodeToolsOptions {
  readonly names: ToolNames;
  readonly traits: UpstreamTraits;
  readonly warn: Warn;
}

/** For a server. `strict` is always said, because the wire's default is a guess, and only where it can be: the server refuses the rest. */
export function encodeTools(tools: readonly IrTool[], { names, traits, warn }: EncodeToolsOptions): readonly JsonObject[] {
  return encodeOffered(tools, { context: { names, traits }, dependsOn: [names, traits], warn });
}

const encodeOffered = createFlatMap<IrTool, JsonObject, Omit<EncodeToolsOptions, 'warn'>>((tool, { context: { names, traits }, warn }) => {
  const head = { name: names.toWire(tool.name), ...(tool.description === undefined ? {} : { description: tool.description }) };
  if (tool.type === 'custom') {
    return [{ type: 'custom', ...head, ...(tool.grammar === undefined ? {} : { format: { type: 'grammar', syntax: tool.grammar.syntax, definition: tool.grammar.definition } }) }];
  }
  const root = toObjectSchema(tool.schema);
  const { schema, changes } = traits.plainSchemas ? toPlainSchema(root.schema) : { schema: root.schema, changes: [] };
  const lost = [...new Set([...root.changes, ...changes])];
  if (lost.length > 0) warn('schema-changed', `the parameters of a tool were simplified (${lost.join(', ')})`);
  return [{ type: 'function', ...head, parameters: schema, strict: tool.strict === true && isStrictSchema(schema) }];
});
