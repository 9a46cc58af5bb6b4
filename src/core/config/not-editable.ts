/** Why an entry that no file has cannot be changed. */
import { OperatorError } from '../errors.ts';
import type { Entity, Origin } from './model.ts';

export function notEditable({ name }: Entity, { impliedBy }: Extract<Origin, { readonly layer: 'builtin' }>): OperatorError {
  if (impliedBy === undefined) return new OperatorError('refused', `${name} is builtin and cannot be changed`, { hint: 'Declare a server of your own with another name' });
  return new OperatorError('refused', `${name} is implied by ${impliedBy} and has no entry that could be changed`, { hint: `Declare it: what is called ${name} in [[model_servers]] is what ${impliedBy} means` });
}
