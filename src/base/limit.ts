/** At most so many tasks at once; what somebody waits for goes before what happens in the background. */

export interface Limiter {
  /** Runs `task` when there is room for it. What it throws is thrown. */
  run<T>(task: () => Promise<T>, priority?: 'waited-for' | 'background'): Promise<T>;
}

export function createLimiter(max: number): Limiter {
  const waiting: Record<'waited-for' | 'background', (() => void)[]> = { 'waited-for': [], background: [] };
  let running = 0;
  return {
    async run(task, priority = 'waited-for') {
      if (running >= max) {
        const { promise, resolve } = Promise.withResolvers<void>();
        waiting[priority].push(resolve);
        await promise; // the room of the task that ended is handed on
      } else running++;
      try {
        return await task();
      } finally {
        const next = waiting['waited-for'].shift() ?? waiting.background.shift();
        if (next) next();
        else running--;
      }
    },
  };
}
