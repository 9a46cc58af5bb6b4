/** Every operation of the REST API, in the order of its documentation. */
import type { Operation } from '../operation.ts';
import { delegatorOperations } from './delegators.ts';
import { documentOperation } from './document.ts';
import { eventOperations } from './events.ts';
import { toolOperations } from './llm-tools.ts';
import { modelServerOperations } from './model-servers.ts';
import { modelOperations } from './models.ts';
import { sessionOperations } from './sessions.ts';
import { statusOperations } from './status.ts';

export const operations: readonly Operation[] = [...statusOperations, ...toolOperations, ...modelServerOperations, ...delegatorOperations, ...modelOperations, ...sessionOperations, ...eventOperations, documentOperation(() => operations)];
