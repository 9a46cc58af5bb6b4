/** Probes with a line of progress on a terminal, and in silence elsewhere. */
import type { Operator } from '../../core/operator.ts';
import { healthWords } from '../../core/status/words.ts';
import type { Session } from '../session.ts';
import { cut } from './table.ts';
import { harmless } from './terminal.ts';

const eraseLine = '\r\u001b[K';

/** `ids` as in {@link Operator.probe}: all servers when left out. */
export async function probeWithProgress(session: Session, operator: Operator, ids?: readonly string[]): Promise<void> {
  const { stderr } = session;
  if (!stderr.canMove) return operator.probe(ids);
  const wanted = new Set(ids ?? operator.snapshot.servers.map(({ id }) => id));
  const draw = (): void => {
    const servers = operator.snapshot.servers.filter(({ id }) => wanted.has(id));
    const waiting = servers.filter(({ probing }) => probing);
    const last = servers.filter(({ health, probing }) => !probing && health.state !== 'unknown').at(-1);
    const done = servers.length - waiting.length;
    const text = `Probing ${done}/${servers.length}${last ? ` · ${last.server.name} ${healthWords(last.health.state).words}` : ''}${waiting[0] ? ` · waiting for ${waiting[0].server.name}` : ''}`;
    stderr.write(`${eraseLine}${stderr.paint('dim', cut(harmless(text), (stderr.columns ?? 80) - 1))}`);
  };
  const listening = operator.onDidChange(draw);
  try {
    await operator.probe(ids);
  } finally {
    listening.dispose();
    stderr.write(eraseLine);
  }
}
