/** Finds the one gateway of this user. */
import { parseJson } from '../../base/json.ts';
import { gatewayFiles, type GatewayStatus } from '../../core/gateway/model.ts';
import { FileError, type FileSystem, type Ports } from '../../core/ports.ts';
import type { GatewayClient } from './client.ts';

export interface RunningGateway {
  readonly client: GatewayClient;
  readonly adminToken: string;
  readonly status: GatewayStatus;
}

export function stateDirOf({ files, env }: Pick<Ports, 'files' | 'env'>): string {
  return files.join(env.operatorHome, 'state');
}

/** Undefined: none runs. A lock that was left behind is no gateway. */
export async function findGateway(ports: Pick<Ports, 'files' | 'http' | 'env'>, signal?: AbortSignal): Promise<RunningGateway | undefined> {
  const text = await readLock(ports.files, stateDirOf(ports));
  if (text === undefined) return undefined;
  // Loaded where there is a gateway to speak to: most commands find none.
  const [{ gatewayLockSchema }, { createGatewayClient }] = await Promise.all([import('../../core/gateway/control.ts'), import('./client.ts')]);
  const lock = gatewayLockSchema.safeParse(parseJson(text)).data; // half a file, or somebody else's, is none
  if (!lock) return undefined;
  const client = createGatewayClient(ports.http, { address: `http://127.0.0.1:${lock.port}`, adminToken: lock.adminToken });
  const status = await client.status(signal);
  return status?.pid === lock.pid ? { client, status, adminToken: lock.adminToken } : undefined;
}

/** Undefined: there is none. */
async function readLock(files: FileSystem, stateDir: string): Promise<string | undefined> {
  try {
    return (await files.read(files.join(stateDir, gatewayFiles.lock), { maxBytes: 64 * 1024 })).text;
  } catch (error) {
    if (error instanceof FileError) return undefined; // no lock that can be read: the gateway itself says more when it is started
    throw error;
  }
}
