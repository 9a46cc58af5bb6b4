/** What the REST API can be asked, for help and completion; loads nothing of what answers. */
import { operations } from '../../api/operations/index.ts';

export interface RestOperation {
  readonly method: string;
  /** From `/api/v1` on, without that. */
  readonly path: string;
  readonly summary: string;
}

export function restOperations(): readonly RestOperation[] {
  return operations.map(({ method, path, summary }) => ({ method: method.toUpperCase(), path, summary }));
}
