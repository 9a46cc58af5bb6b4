/**
 * Watches one path, whatever happens to it: created, changed, replaced by rename, deleted and made again, a link that is
 * turned elsewhere, a folder that does not exist yet or goes away. It watches folders, since a watcher on a file ends with the file.
 */
import { type FSWatcher, realpathSync, type Stats, statSync, unwatchFile, watch, watchFile as pollFile } from 'node:fs';
import { dirname } from 'node:path';
import { type Disposable, DisposableStore, toDisposable } from '../base/disposable.ts';

/** Events come in bursts: a save is a truncation, some writes and perhaps a rename. */
const settleMs = 50;

/** Only where the system has no watchers left. */
const pollingMs = 2000;

export function watchFile(path: string, listener: () => void): Disposable {
  const disposables = new DisposableStore();
  const watchers = new Map<string, { readonly identity: string; readonly watcher: FSWatcher }>();
  let polling = false;
  let seen = fingerprint(path);
  let timer: NodeJS.Timeout | undefined;

  function soon(): void {
    if (timer !== undefined || disposables.disposed) return;
    timer = setTimeout(() => {
      timer = undefined;
      look();
    }, settleMs);
    timer.unref();
  }

  function look(): void {
    if (disposables.disposed) return;
    arm();
    const now = fingerprint(path);
    if (now === seen) return;
    seen = now;
    listener();
  }

  /** Watches the nearest existing folders of the path and of what it leads to. */
  function arm(): void {
    const wanted = new Map([path, realPathOf(path)].map((file) => nearestFolder(dirname(file))));
    for (const [folder, { identity, watcher }] of watchers) {
      if (wanted.get(folder) === identity) continue;
      watcher.close();
      watchers.delete(folder);
    }
    for (const [folder, identity] of wanted) if (!watchers.has(folder)) start(folder, identity);
  }

  function start(folder: string, identity: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, soon);
      // Windows reports a deleted folder as an error; the next look finds another folder to watch.
      watcher.on('error', () => {
        watcher.close();
        if (watchers.get(folder)?.watcher === watcher) watchers.delete(folder);
        soon();
      });
      watchers.set(folder, { identity, watcher });
      // The path may have appeared between the look at the folder and the watcher on it.
      soon();
    } catch {
      startPolling(); // no watchers left, or a file system without them
    }
  }

  function startPolling(): void {
    if (polling) return;
    polling = true;
    pollFile(path, { interval: pollingMs, persistent: false }, soon);
    disposables.add(toDisposable(() => unwatchFile(path, soon)));
  }

  arm();
  disposables.add(
    toDisposable(() => {
      clearTimeout(timer);
      for (const { watcher } of watchers.values()) watcher.close();
      watchers.clear();
    }),
  );
  return disposables;
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // nothing there
  }
}

/** The folder itself or the nearest one above it, and which one that is: a folder made anew under the same name is another. */
function nearestFolder(folder: string): [folder: string, identity: string] {
  for (let current = folder; ; current = dirname(current)) {
    const stats = statOf(current);
    if (stats?.isDirectory()) return [current, `${stats.dev}:${stats.ino}`];
    if (dirname(current) === current) return [current, ''];
  }
}

/** Differs whenever the content may. */
function fingerprint(path: string): string {
  const stats = statOf(path);
  return stats ? [stats.dev, stats.ino, stats.size, stats.mtimeMs, stats.ctimeMs, stats.mode].join(':') : 'absent';
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // a folder above may not be entered: as good as absent
  }
}
