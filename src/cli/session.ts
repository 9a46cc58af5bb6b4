/** What every command needs: where to write, and on demand an Operator for the folder that it was called in. */
import { realpathSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { OperatorError } from '../core/errors.ts';
import type { Operator } from '../core/operator.ts';
import type { NodePorts } from '../platform/ports.ts';
import type { Output } from './output/terminal.ts';

export interface Session {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Absolute. */
  readonly cwd: string;
  readonly version: string;
  /** Masks keys in what is printed by mistake; set once the ports exist. */
  redact(text: string): string;
  /** Reads the configuration. Made once, ended by `main`. */
  open(options: GlobalOptions): Promise<OpenOperator>;
  dispose(): void;
}

export interface GlobalOptions {
  /** `--config PATH`: stands in for the workspace's operator.toml. */
  readonly config?: string;
  /** Ask the LLM tools for their versions anew. */
  readonly freshVersions?: boolean;
  /** Read operator.toml again when it changes. */
  readonly watch?: boolean;
}

export interface OpenOperator {
  readonly operator: Operator;
  readonly ports: NodePorts;
  /** How the gateway's program is started. */
  readonly gatewayCommand: { readonly argv: readonly string[]; readonly env: Readonly<Record<string, string>> };
}

export function createSession(base: Pick<Session, 'stdout' | 'stderr' | 'cwd' | 'version'>): Session {
  const disposables: { dispose(): void }[] = [];
  let redact = (text: string): string => text;
  return {
    ...base,
    redact: (text) => redact(text),
    async open({ config, freshVersions, watch = false }) {
      const [{ createNodePorts }, { createLoopbackHttp }, { createOperator }, { findWorkspaceRoot }] = await Promise.all([import('../platform/ports.ts'), import('../platform/http-loopback.ts'), import('../app/operator.ts'), import('../core/config/find.ts')]);
      const ports = createNodePorts({ rememberVersions: freshVersions ? 'refresh' : 'use' });
      redact = ports.redactor.redact;
      const gatewayHttp = createLoopbackHttp();
      disposables.push(ports.http, gatewayHttp);
      const explicitFile = config === undefined ? undefined : ports.files.resolve(base.cwd, config);
      const root = explicitFile === undefined ? await findWorkspaceRoot(base.cwd, ports.files, ports.env) : undefined;
      const gatewayCommand = operatorCommand(gatewayProgram(process.argv[1]));
      const operator = createOperator({
        ports,
        roots: [root ?? base.cwd],
        explicitFile,
        cwd: base.cwd,
        trusted: true,
        version: base.version,
        operatorCommand: operatorCommand(process.argv[1]),
        gatewayCommand,
        gatewayHttp,
        redact: ports.redactor.redact,
        watch,
      });
      disposables.push(operator);
      await operator.reload();
      const layer = operator.snapshot.configuration.layers.find(({ file }) => file === explicitFile);
      if (layer?.state.type === 'absent') throw new OperatorError('config', `${layer.file} does not exist`, { hint: 'Correct --config, or leave it out to use the operator.toml of this folder' });
      return { operator, ports, gatewayCommand };
    },
    dispose() {
      for (const disposable of disposables.splice(0).reverse()) disposable.dispose();
    },
  };
}

/** Of a file that cannot be read nobody knows which delegator it means, so that nothing is started by guess. */
export function refuseBrokenFile({ operator }: OpenOperator): void {
  for (const { state } of operator.snapshot.configuration.layers) {
    if (state.type !== 'broken') continue;
    const { message, hint, where } = state.problem;
    throw new OperatorError('config', message, { hint, where });
  }
}

/** The gateway's program lies beside this one's, wherever a link to this one leads. */
function gatewayProgram(own: string | undefined): string | undefined {
  if (own === undefined) return undefined;
  const real = realpathSync(own);
  return join(dirname(real), `gateway${extname(real)}`);
}

/** How a program of Operator's own is started. */
function operatorCommand(script: string | undefined): { readonly argv: readonly string[]; readonly env: Readonly<Record<string, string>> } {
  return {
    argv: script === undefined ? [process.execPath] : [process.execPath, script],
    // A Node that lives inside Electron is one only with this variable.
    env: process.versions['electron'] === undefined ? {} : { ELECTRON_RUN_AS_NODE: '1' },
  };
}
