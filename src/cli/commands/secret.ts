/** `operator secret set|remove|list`: keys in the operating system's keyring. A key is never an argument. */
import { OperatorError } from '../../core/errors.ts';
import { createKeyring } from '../../platform/secrets.ts';
import { exitCodes } from '../exit-codes.ts';
import { readHidden } from '../input/hidden.ts';
import { readAll } from '../input/piped.ts';
import { harmless } from '../output/terminal.ts';
import type { Session } from '../session.ts';

/** Far more than any key; a mistaken file is refused. */
const maxKeyLength = 16 * 1024;

export async function secretSet(session: Session, name: string): Promise<number> {
  checkName(name);
  const keyring = createKeyring();
  // Asked first: nobody wants to type a key that cannot be kept.
  await keyring.get(name);
  const value = process.stdin.isTTY ? await readHidden(process.stdin, session.stderr, `Key for ${name}: `) : (await readAll(process.stdin, maxKeyLength)).replace(/\r?\n$/, '');
  if (value === '') throw new OperatorError('usage', 'The key is empty, nothing was kept', { hint: `Type it when asked, or pipe it: printf %s "$KEY" | operator secret set ${name}` });
  if (/[\r\n]/.test(value)) throw new OperatorError('usage', 'The key has several lines, nothing was kept', { hint: 'A key is one line' });
  await keyring.set(name, value);
  session.stderr.line(`Kept in ${keyring.description}. Use it with api_key = "secret:${name}"`);
  return exitCodes.done;
}

export async function secretRemove(session: Session, name: string): Promise<number> {
  checkName(name);
  const keyring = createKeyring();
  if ((await keyring.get(name)) === undefined) throw new OperatorError('not-found', `There is no key named ${JSON.stringify(name)} in ${keyring.description}`, { hint: "See the names with 'operator secret list'" });
  await keyring.delete(name);
  session.stderr.line(`Removed from ${keyring.description}`);
  return exitCodes.done;
}

export async function secretList(session: Session, options: { readonly json?: boolean }): Promise<number> {
  const names = await createKeyring().list();
  if (options.json) session.stdout.line(JSON.stringify(names, null, 2));
  else for (const name of names) session.stdout.line(harmless(name));
  return exitCodes.done;
}

/** The same letters as the names in operator.toml. */
function checkName(name: string): void {
  if (!/^[\w.-]{1,128}$/.test(name)) throw new OperatorError('usage', `${JSON.stringify(name)} cannot be the name of a key`, { hint: 'Use letters, digits, - _ . only' });
}
