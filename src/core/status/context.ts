/** The facts of a snapshot, looked up once for all rows. */
import type { ConfigProblem, Entity, ModelServer } from '../config/model.ts';
import type { DelegatorStatus, ServerStatus, SessionStatus, Snapshot } from '../operator.ts';

/** What the section builders share; looked up once instead of per row. */
export interface TreeContext {
  readonly snapshot: Snapshot;
  /** Epoch ms, for "since". */
  readonly now: number;
  /** Errors and warnings of an entry. */
  problemsOf(type: 'model_server' | 'delegator' | 'llm_tool', entity: Entity): readonly ConfigProblem[];
  /** Delegators that use a server, by its id. */
  usersOf(serverId: string): readonly DelegatorStatus[];
  sessionsOf(delegatorId: string): readonly SessionStatus[];
  statusOf(server: ModelServer): ServerStatus | undefined;
  /** Folder name of a workspace root, only when there are several. */
  rootName(root: string): string | undefined;
}

/** The file that declares an entry; '' for builtins. */
export function fileOf(entity: Entity): string {
  return entity.origin.layer === 'builtin' ? '' : entity.origin.file;
}

/** What a problem is about, as a key that `attention` and rows share. */
export function subjectKey(problem: ConfigProblem): string {
  const { subject, where } = problem;
  return subject.type === 'file' ? `file:${where.file}` : `${subject.type}:${subject.name}:${where.file}`;
}

export function createContext(snapshot: Snapshot, now: number): TreeContext {
  const problems = new Map<string, ConfigProblem[]>();
  for (const problem of snapshot.configuration.problems) {
    if (problem.severity !== 'information') push(problems, subjectKey(problem), problem);
  }
  const users = new Map<string, DelegatorStatus[]>();
  const byServer = new Map(snapshot.servers.map((status) => [status.server, status]));
  for (const status of snapshot.delegators) {
    const id = status.resolution.ok ? byServer.get(status.resolution.value.server)?.id : undefined;
    if (id !== undefined) push(users, id, status);
  }
  const sessions = new Map<string, SessionStatus[]>();
  for (const session of snapshot.sessions) if (session.delegatorId !== undefined) push(sessions, session.delegatorId, session);
  const roots = new Set(snapshot.configuration.layers.flatMap(({ root }) => (root === undefined ? [] : [root])));
  return {
    snapshot,
    now,
    problemsOf: (type, entity) => problems.get(`${type}:${entity.name}:${fileOf(entity)}`) ?? [],
    usersOf: (id) => users.get(id) ?? [],
    sessionsOf: (id) => sessions.get(id) ?? [],
    statusOf: (server) => byServer.get(server),
    rootName: (root) => (roots.size > 1 ? root.split(/[\\/]/).filter(Boolean).at(-1) : undefined),
  };
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
