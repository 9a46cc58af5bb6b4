/** How sizes, counts and times are written for people, the same in the tree, the CLI and tooltips. */

/** Decimal gigabytes as `ollama list` writes them: 4700000000 → "4.7 GB". */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value >= 10 || unit === 0 ? Math.round(value) : Math.round(value * 10) / 10} ${units[unit]}`;
}

/** Context sizes: powers of two in binary thousands (131072 → "128k"), others in decimal ones (200000 → "200k"). */
export function formatTokens(tokens: number): string {
  if (tokens < 1000) return String(tokens);
  const [thousand, million] = tokens % 1024 === 0 ? [1024, 1024 * 1024] : [1000, 1_000_000];
  if (tokens >= million) return `${Math.round((tokens / million) * 10) / 10}M`;
  return `${Math.round(tokens / thousand)}k`;
}

/** How many tokens were used: 950 → "950", 34100 → "34.1k", 2_500_000 → "2.5M". */
export function formatCount(count: number): string {
  if (count < 1000) return String(count);
  const [unit, letter] = count < 999_950 ? [1000, 'k'] : [1_000_000, 'M'];
  return `${Math.round((count / unit) * 10) / 10}${letter}`;
}

/** 850 → "850 ms", 2100 → "2.1 s". */
export function formatDuration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 100) / 10} s`;
}

/** Local clock time; with the date when it is not today's. */
export function formatTime(at: number, now: number): string {
  const time = new Date(at);
  const clock = time.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hour12: false });
  return time.toDateString() === new Date(now).toDateString() ? clock : `${time.toISOString().slice(0, 10)} ${clock}`;
}

/** Keeps Markdown of our own tooltips intact whatever a name contains. */
export function escapeMarkdown(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]()#+\-!|<>~]/g, '\\$&').replaceAll('\n', ' ');
}

/** Inline code of any text, backticks included. */
export function code(text: string): string {
  const flat = text.replaceAll('\n', ' ');
  const fence = '`'.repeat(Math.max(0, ...[...flat.matchAll(/`+/g)].map((match) => match[0].length)) + 1);
  const pad = flat.startsWith('`') || flat.endsWith('`') || flat === '' ? ' ' : '';
  return `${fence}${pad}${flat}${pad}${fence}`;
}
