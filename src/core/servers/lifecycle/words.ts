/** How a download is put into words, the same in the terminal, in notifications and on rows. */
import { formatBytes } from '../../status/format.ts';
import type { PullProgress } from './model.ts';

/** "2.1 GB of 4.8 GB"; '' as long as no size is known. */
export function amountWords({ doneBytes, totalBytes }: PullProgress): string {
  return totalBytes === 0 ? '' : `${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`;
}

/** "35 MB/s"; '' until it can be told. */
export function speedWords({ bytesPerSecond }: PullProgress): string {
  return bytesPerSecond === undefined ? '' : `${formatBytes(bytesPerSecond)}/s`;
}

/** "1 min 20 s left"; '' where nothing moves. */
export function remainingWords({ remainingMs }: PullProgress): string {
  if (remainingMs === undefined) return '';
  const seconds = Math.ceil(remainingMs / 1000);
  if (seconds >= 100 * 60 * 60) return '';
  if (seconds < 60) return `${seconds} s left`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s left` : `${Math.floor(minutes / 60)} h ${minutes % 60} min left`;
}
