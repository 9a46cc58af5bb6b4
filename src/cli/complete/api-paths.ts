/** Methods and paths of `operator api`, with the names of operator.toml in them. */
import { restOperations } from '../../app/rest/operations.ts';

interface Names {
  readonly delegators: readonly string[];
  /** The builtin ones among them, which can be read only. */
  readonly servers: readonly string[];
  readonly declaredServers: readonly string[];
}

/** @param values the words before the one that is being typed */
export async function apiArguments(values: readonly string[], names: () => Promise<Names>): Promise<readonly string[]> {
  const [method = 'GET', ...more] = values;
  if (more.length > 0) return [];
  const operations = restOperations();
  const paths = operations.filter((operation) => operation.method === method.toUpperCase()).map(({ path }) => path);
  const known = await names();
  const filled = paths.flatMap((path) => fill(path, method.toUpperCase() === 'GET' ? known.servers : known.declaredServers, known.delegators));
  return values.length === 0 ? [...new Set(operations.map((operation) => operation.method)), ...filled] : filled;
}

/** Nobody knows the ids of sessions by heart, and asking for them would take a gateway. */
function fill(path: string, servers: readonly string[], delegators: readonly string[]): readonly string[] {
  if (!path.includes('{')) return [path];
  if (!path.includes('{name}')) return [];
  return (path.startsWith('/delegators/') ? delegators : servers).map((name) => path.replace('{name}', encodeURIComponent(name)));
}
