/** Parameters that several operations have. */
import * as z from 'zod';
import type { Parameter } from './operation.ts';

/** Of every operation that reads or writes operator.toml. The header says the same, for paths in plain ASCII. */
export const workspaceParameters: readonly Parameter[] = [
  { name: 'workspace', in: 'query', description: 'Absolute folder whose operator.toml counts besides the user’s', schema: z.string(), example: '/home/me/project' },
  { name: 'Operator-Workspace', in: 'header', description: 'The same as `workspace`', schema: z.string() },
];

export const layers = ['workspace', 'user'] as const;
export type Layer = (typeof layers)[number];

export const layerParameter: Parameter = {
  name: 'layer',
  in: 'query',
  description: 'Which file is meant: that of the workspace or the user’s. Without it the entry that counts; a new one goes into the workspace’s file where a workspace is named',
  schema: z.enum(layers),
};

export const ifMatchParameter: Parameter = { name: 'If-Match', in: 'header', description: 'ETag of what was read: nothing is written where it is another one now (412)', schema: z.string() };

/** @param what such as "model server" */
export function nameParameter(what: string, example: string): Parameter {
  return { name: 'name', in: 'path', description: `Name of the ${what}`, schema: z.string(), example };
}
