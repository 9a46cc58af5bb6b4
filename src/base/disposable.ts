/** Owners of timers, listeners, sockets and child processes: everything that must end is a `Disposable`. */

export interface Disposable {
  dispose(): void;
}

/** Wraps a function so that it runs at most once, on `dispose`. */
export function toDisposable(dispose: () => void): Disposable {
  let done = false;
  return {
    dispose() {
      if (done) return;
      done = true;
      dispose();
    },
  };
}

/**
 * Owns disposables and ends them together, last added first. What is added after the store
 * was disposed is ended at once, so that a late callback cannot leak.
 */
export class DisposableStore implements Disposable {
  #items = new Set<Disposable>();
  #disposed = false;

  get disposed(): boolean {
    return this.#disposed;
  }

  add<T extends Disposable>(item: T): T {
    if (this.#disposed) item.dispose();
    else this.#items.add(item);
    return item;
  }

  /** Forgets an item without ending it. */
  remove(item: Disposable): void {
    this.#items.delete(item);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    const items = [...this.#items].reverse();
    this.#items.clear();
    const errors: unknown[] = [];
    for (const item of items) {
      try {
        item.dispose();
      } catch (error) {
        errors.push(error); // one bad item must not keep the others alive
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'disposing failed');
  }
}
