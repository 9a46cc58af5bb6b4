/** What the REST API needs of the process that it runs in. */
import type { Disposable } from '../base/disposable.ts';
import type { SessionKeys, SessionSpec } from '../core/gateway/model.ts';
import type { RestHost } from '../core/gateway/rest.ts';
import type { Operator } from '../core/operator.ts';
import type { Clock, Log, Random } from '../core/ports.ts';

export interface Scope {
  /** Absolute folder; absent: the default one, where there is any. */
  readonly workspace?: string;
  /** Without the workspace's layer. */
  readonly userOnly?: boolean;
}

export interface ApiBackend {
  readonly version: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly gateway: RestHost;
  /** The Operator of a workspace, with what the files say now. @throws OperatorError 'usage' for a folder that is none */
  open(scope: Scope): Promise<Operator>;
  /** Keeps an Operator from being ended while somebody follows it. */
  hold(operator: Operator): Disposable;
  /** The gateway ends. */
  readonly ended: AbortSignal;
  /** @throws OperatorError 'credential' */
  keysOf(spec: SessionSpec): Promise<SessionKeys>;
}
