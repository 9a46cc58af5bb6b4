/** Another gateway process of the same user, as the lock file tells of it: whether it is there, and what it says of itself. */
import { request as httpRequest } from 'node:http';
import { controlPaths, gatewayStatusSchema, proofSchema } from '../core/gateway/control.ts';
import type { GatewayLock, GatewayStatus } from '../core/gateway/model.ts';
import { newNonce, proofOf } from '../core/gateway/proof.ts';
import { parseJson } from './protocol/json.ts';
import { hashToken, sameToken } from './tokens.ts';

/** A busy machine is slow, but not this slow. */
const answerTimeoutMs = 3_000;

/** What the gateway that a lock tells of says; undefined where nobody answers as one. */
export async function askStatus({ port, adminToken }: GatewayLock): Promise<GatewayStatus | undefined> {
  const nonce = newNonce();
  const proof = proofSchema.safeParse(await getJson(port, `${controlPaths.proof}?nonce=${nonce}`)).data?.proof;
  // Somebody else's server may have that port now.
  if (proof === undefined || !sameToken(proof, hashToken(await proofOf(adminToken, nonce, port)))) return undefined;
  return gatewayStatusSchema.safeParse(await getJson(port, controlPaths.status, { authorization: `Bearer ${adminToken}` })).data;
}

/** Undefined: no answer, or none that is JSON. */
function getJson(port: number, path: string, headers: Readonly<Record<string, string>> = {}): Promise<unknown> {
  return new Promise((resolve) => {
    const request = httpRequest({ host: '127.0.0.1', port, path, headers, agent: false, signal: AbortSignal.timeout(answerTimeoutMs) }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.once('end', () => resolve(response.statusCode === 200 ? parseJson(text) : undefined));
      response.once('error', () => resolve(undefined));
    });
    request.once('error', () => resolve(undefined));
    request.end();
  });
}

/** Whether a process with this id is there. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not ours to signal, but there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
