/** The REST API put together for the gateway's process, which loads all this with the first request to it. */
import type { Disposable } from '../../base/disposable.ts';
import { type ApiListener, createApi } from '../../api/app.ts';
import type { RestHost } from '../../core/gateway/rest.ts';
import type { Ports } from '../../core/ports.ts';
import { keysOf } from '../gateway/use.ts';
import type { GatewayCommand } from '../gateway/start.ts';
import { createOperator } from '../operator.ts';
import type { OperatorOptions } from '../options.ts';
import { withHandedKeys } from './ports.ts';
import { createWorkspaces, type Workspace } from './workspaces.ts';

export interface RestOptions {
  readonly ports: Ports;
  readonly host: RestHost;
  readonly version: string;
  readonly operatorCommand: OperatorOptions['operatorCommand'];
  readonly gatewayCommand: GatewayCommand;
  readonly gatewayHttp: NonNullable<OperatorOptions['gatewayHttp']>;
  readonly workspace: Workspace | undefined;
}

export interface Rest extends Disposable {
  readonly handle: ApiListener;
}

export function createRest({ ports: own, host, version, operatorCommand, gatewayCommand, gatewayHttp, workspace }: RestOptions): Rest {
  const ports = withHandedKeys(own, host.keys);
  const ended = new AbortController();
  const workspaces = createWorkspaces({
    files: ports.files,
    clock: ports.clock,
    keys: host.keys,
    standard: workspace,
    create: (of) =>
      createOperator({
        ports,
        roots: of ? [of.root] : [],
        ...(of?.file !== undefined && { explicitFile: of.file }),
        cwd: of?.root ?? ports.env.homeDir,
        trusted: true,
        version,
        operatorCommand,
        gatewayCommand,
        gatewayHttp,
        watch: true,
      }),
  });
  return {
    handle: createApi({ version, clock: ports.clock, random: ports.random, log: ports.log, gateway: host, ended: ended.signal, open: workspaces.open, hold: workspaces.hold, keysOf: (spec) => keysOf(spec, ports) }),
    dispose() {
      ended.abort();
      workspaces.dispose();
    },
  };
}
