/** What the language features stand on. */
import type { Operator } from '../../core/operator.ts';
import type { Ports } from '../../core/ports.ts';
import type { Host } from '../host.ts';

export interface LanguageParts {
  readonly host: Host;
  readonly operator: Operator;
  readonly ports: Ports;
  /** Looks for the LLM tools, once. */
  detected(): Promise<void>;
}
