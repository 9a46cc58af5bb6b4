/** The tables of operator.toml as completion and hover need them: read from the schema that validates the file. */
import * as z from 'zod';
import type { DocumentPath } from '../config/ranges.ts';
import { operatorTomlSchema } from '../config/schema.ts';

export type ValueType =
  | { readonly type: 'text' }
  | { readonly type: 'number' }
  | { readonly type: 'boolean' }
  /** Text, a number, true or false. */
  | { readonly type: 'scalar' }
  /** Anything that JSON has a form for, tables and lists included. */
  | { readonly type: 'json' }
  | { readonly type: 'choice'; readonly values: readonly string[] }
  | { readonly type: 'list'; readonly item: ValueType }
  /** A table whose keys the user chooses. */
  | { readonly type: 'map'; readonly item: ValueType }
  | { readonly type: 'table'; readonly keys: readonly KeyInfo[] };

export interface KeyInfo {
  readonly name: string;
  readonly isRequired: boolean;
  /** What it means, from the schema. */
  readonly description: string;
  /** What counts where it is left out, in words. */
  readonly defaultText?: string;
  readonly type: ValueType;
}

const file: ValueType & { readonly type: 'table' } = { type: 'table', keys: keysOf(operatorTomlSchema) };

/** What may stand at a path of the document; undefined where the schema knows nothing. List indexes in the path may be left out. */
export function typeAt(path: DocumentPath): ValueType | undefined {
  let type: ValueType | undefined = file;
  for (const part of path) {
    if (typeof part === 'number') {
      if (type?.type === 'list') type = type.item;
    } else type = type && childType(type, part);
  }
  return type;
}

/** The key that a path ends with. */
export function keyAt(path: DocumentPath): KeyInfo | undefined {
  const names = path.filter((part) => typeof part === 'string');
  const parent = tableOf(typeAt(names.slice(0, -1)));
  return parent?.find(({ name }) => name === names.at(-1));
}

/** The keys of the table at a path; for a list of tables those of its entries. Undefined where any key may stand. */
export function keysAt(path: DocumentPath): readonly KeyInfo[] | undefined {
  return tableOf(typeAt(path));
}

function tableOf(type: ValueType | undefined): readonly KeyInfo[] | undefined {
  if (type?.type === 'list') return tableOf(type.item);
  return type?.type === 'table' ? type.keys : undefined;
}

function childType(type: ValueType, name: string): ValueType | undefined {
  if (type.type === 'list') return childType(type.item, name);
  if (type.type === 'map') return type.item;
  if (type.type === 'json') return type;
  return type.type === 'table' ? type.keys.find((key) => key.name === name)?.type : undefined;
}

function keysOf(schema: z.ZodObject): readonly KeyInfo[] {
  return Object.entries(schema.shape).map(([name, field]) => {
    const value = field as z.ZodType;
    const { description = '' } = value;
    const defaultText = /Default: (.*)$/.exec(description)?.[1];
    return { name, isRequired: !(value instanceof z.ZodOptional), description, ...(defaultText !== undefined && { defaultText }), type: typeOf(value) };
  });
}

function typeOf(schema: unknown): ValueType {
  if (schema instanceof z.ZodOptional) return typeOf(schema.unwrap());
  if (schema instanceof z.ZodObject) return { type: 'table', keys: keysOf(schema) };
  if (schema instanceof z.ZodArray) return { type: 'list', item: typeOf(schema.element) };
  if (schema instanceof z.ZodRecord) return { type: 'map', item: typeOf(schema.valueType) };
  if (schema instanceof z.ZodEnum) return { type: 'choice', values: schema.options.map(String) };
  if (schema instanceof z.ZodNumber) return { type: 'number' };
  if (schema instanceof z.ZodBoolean) return { type: 'boolean' };
  if (schema instanceof z.ZodUnion) return { type: 'scalar' };
  if (schema instanceof z.ZodUnknown) return { type: 'json' };
  const values = schema instanceof z.ZodType ? schema.meta()?.enum : undefined;
  return Array.isArray(values) ? { type: 'choice', values: values.map(String) } : { type: 'text' };
}
