/** What a host (extension, command line) says about itself when it creates an Operator. */
import type { ConfigWriter } from '../core/operator.ts';
import type { Http, Ports } from '../core/ports.ts';
import type { GatewayCommand } from './gateway/start.ts';

export interface OperatorOptions {
  readonly ports: Ports;
  /** Workspace roots, absolute. */
  readonly roots: readonly string[];
  /** `--config PATH`: replaces the workspace layer. */
  readonly explicitFile?: string;
  /** Where launches start that belong to no workspace root; absolute. */
  readonly cwd: string;
  /** Workspace Trust; the command line is always trusted. */
  readonly trusted: boolean;
  /** Operator's own version, for the `chat` tool. */
  readonly version: string;
  /** How to start Operator's own command line (argv prefix, extra variables), for the `chat` tool. */
  readonly operatorCommand: { readonly argv: readonly string[]; readonly env: Readonly<Record<string, string>> };
  /** How the gateway's program is started; absent: launches go without one. */
  readonly gatewayCommand?: GatewayCommand;
  /** To the gateway on this machine, where there is a quicker way than that of `ports`. */
  readonly gatewayHttp?: Http;
  /** How long a gateway that nobody needs stays; a default otherwise. */
  readonly gatewayIdleMs?: number;
  /** How a changed operator.toml is written; the file system unless the host has a better way. */
  readonly writer?: ConfigWriter;
  /** Masks keys in what is kept and shown of servers' own words; nothing is masked where it is left out. */
  readonly redact?: (text: string) => string;
  /** Reload when an operator.toml changes. */
  readonly watch: boolean;
}
