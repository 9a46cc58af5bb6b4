/** From operator.toml to rows, with a thousand servers and a thousand delegators. */
import { buildTree } from '../../src/core/status/build.ts';
import { delegator, ready, server, serverStatus, snapshot } from '../../test/unit/status/facts.ts';
import { type Measurement, median, timing } from './measurement.mts';

const runs = 30;

export async function measureTree(): Promise<readonly Measurement[]> {
  const servers = Array.from({ length: 1_000 }, (_, index) => serverStatus({ name: `server-${index}`, baseUrl: `http://10.0.${index >> 8}.${index & 255}:8000` }));
  const delegators = Array.from({ length: 1_000 }, (_, index) => ready(delegator({ name: `delegator-${index}`, modelServer: `server-${index}` }), servers[index] ?? serverStatus(server())));
  const facts = snapshot({ servers, delegators });
  const times: number[] = [];
  for (let round = 0; round <= runs; round++) {
    const started = performance.now();
    const tree = buildTree(facts, Date.now());
    const took = performance.now() - started;
    const built = tree.sections.reduce((sum, section) => sum + section.children.length, 0);
    if (built < 2_000) throw new Error(`only ${built} rows were built`);
    if (round > 0) times.push(took);
  }
  return [timing(`Tree of 1,000 servers and 1,000 delegators (median of ${runs})`, median(times), 50)];
}
