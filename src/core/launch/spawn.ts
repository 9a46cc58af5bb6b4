/** Makes a plan ready to spawn: keys are resolved here and nowhere else, and the session's private files are written. */
import { OperatorError } from '../errors.ts';
import { gatewayPlaceholder } from '../gateway/model.ts';
import type { Env, FileSystem } from '../ports.ts';
import { type CredentialRef, formatCredentialRef } from '../servers/auth.ts';
import { mergeSettings } from './merge-settings.ts';
import type { LaunchPlan, SpawnRequest } from './model.ts';

export interface SpawnPorts {
  readonly env: Pick<Env, 'all' | 'platform'>;
  readonly files: Pick<FileSystem, 'read' | 'writePrivate' | 'remove'>;
  /** The key behind a reference, or undefined. */
  resolveCredential(ref: CredentialRef): Promise<string | undefined>;
  /** Of a launch through the gateway: where it listens, and the token of the session that was made for it. */
  readonly gateway?: { readonly address: string; readonly token: string };
}

/** @throws OperatorError 'credential' before anything is written, 'io' when a private file cannot be written */
export async function prepareSpawn(plan: LaunchPlan, { env, files, resolveCredential, gateway }: SpawnPorts): Promise<SpawnRequest> {
  const withAddress = (text: string): string => (gateway ? text.replaceAll(gatewayPlaceholder, gateway.address) : text);
  const isWindows = env.platform === 'win32';
  const sameName = (name: string): string => (isWindows ? name.toLowerCase() : name);
  const dropped = new Set([...plan.unset.map(({ name }) => name), ...Object.keys(plan.env)].map(sameName));
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(env.all())) if (!dropped.has(sameName(name))) variables[name] = value;
  const keys = new Map<string, string>();
  for (const [name, value] of Object.entries(plan.env)) {
    if (value.type === 'literal') {
      variables[name] = withAddress(value.value);
      continue;
    }
    if (value.type === 'session-token') {
      if (!gateway) throw new OperatorError('internal', 'A launch through the gateway was prepared without its session');
      variables[name] = (value.before ?? '') + gateway.token + (value.after ?? '');
      continue;
    }
    const id = formatCredentialRef(value.ref);
    const key = keys.get(id) ?? (await readKey(value.ref, plan, resolveCredential));
    keys.set(id, key);
    variables[name] = (value.before ?? '') + key + (value.after ?? '');
  }
  try {
    for (const { path, content: planned, base } of plan.files) {
      const content = withAddress(planned);
      await files.writePrivate(path, base === undefined ? content : mergeSettings(await readBase(base, files), content));
    }
  } catch (error) {
    await files.remove(plan.sessionDir).catch(() => undefined); // the first failure is the one to tell
    throw new OperatorError('io', `The private files of the session could not be written to ${plan.sessionDir}`, { hint: 'Check that the folder can be written to', cause: error });
  }
  return { argv: plan.argv.map(withAddress), env: variables, cwd: plan.cwd };
}

async function readKey(ref: CredentialRef, plan: LaunchPlan, resolveCredential: SpawnPorts['resolveCredential']): Promise<string> {
  const key = (await resolveCredential(ref))?.trim();
  if (key === undefined || key === '') {
    const hint = ref.store === 'env' ? `Set the environment variable ${ref.name}` : ref.store === 'secret' ? 'Store it with Set API Key' : `Write it into ${ref.name}`;
    throw new OperatorError('credential', `The key of ${plan.modelServer} is not set (${formatCredentialRef(ref)})`, { hint });
  }
  // It would end a header early, or be refused by the operating system with the key in the message.
  if (/[\u0000-\u001f\u007f]/.test(key)) throw new OperatorError('credential', `The key of ${plan.modelServer} holds a line break or another control character (${formatCredentialRef(ref)})`, { hint: 'Store the key alone, on one line' });
  return key;
}

const maxBaseBytes = 1024 * 1024;

async function readBase(path: string, files: SpawnPorts['files']): Promise<string | undefined> {
  try {
    return (await files.read(path, { maxBytes: maxBaseBytes })).text;
  } catch {
    return undefined; // no settings of the user's own, or none that can be read: the launch needs only ours
  }
}
