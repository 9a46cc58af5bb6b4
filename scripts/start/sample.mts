/** The sample workspace, ready to be opened: its files in memory, with the address where the demo model server really listens. */
import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../test/vscode/harness/paths.mts';

const folder = join(root, 'examples', 'sample-workspace');

/** The demo server's address as it stands in the sample's operator.toml. */
export const sampleAddress = 'http://127.0.0.1:41434';
export const samplePort = Number(new URL(sampleAddress).port);

/** Content by relative path. @throws Error when the sample no longer names {@link sampleAddress} */
export function sampleFiles(demoAddress: string): Readonly<Record<string, string>> {
  const files = Object.fromEntries(
    globSync('**/*', { cwd: folder })
      .filter((path) => statSync(join(folder, path)).isFile())
      .map((path) => [path.replaceAll('\\', '/'), readFileSync(join(folder, path), 'utf8')]),
  );
  const toml = files['operator.toml'];
  if (!toml?.includes(sampleAddress)) throw new Error(`examples/sample-workspace/operator.toml does not name ${sampleAddress}`);
  return { ...files, 'operator.toml': toml.replaceAll(sampleAddress, demoAddress) };
}
