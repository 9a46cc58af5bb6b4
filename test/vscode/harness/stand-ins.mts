/** Stand-ins for vendors' command lines, so that windows look the same whatever is installed on the machine. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What each stand-in prints for `--version`, in the form of the real tool. */
export const standInVersions = {
  claude: '2.1.329 (Claude Code)',
  codex: 'codex-cli 0.169.0',
  gemini: '0.61.0',
  opencode: '1.18.33',
  qwen: '0.24.4',
  copilot: 'GitHub Copilot CLI 1.0.102.',
} as const;
export type StandIn = keyof typeof standInVersions;

/**
 * Writes the given stand-ins into `folder`. For anything but `--version` they print their arguments and folder,
 * then wait for a line `exit N`, as an agent waits for its user.
 */
export function writeStandIns(folder: string, names: readonly StandIn[]): void {
  mkdirSync(folder, { recursive: true });
  for (const name of names) {
    const version = standInVersions[name];
    if (process.platform === 'win32') {
      writeFileSync(join(folder, `${name}.cmd`), `@echo off\r\nif "%~1"=="--version" (echo ${version}& exit /b 0)\r\necho ${name} stand-in: %*\r\nset /p line=\r\nexit /b 0\r\n`);
      continue;
    }
    const file = join(folder, name);
    writeFileSync(
      file,
      `#!/bin/sh
if [ "$1" = "--version" ]; then echo '${version}'; exit 0; fi
printf '${name} stand-in in %s\\n' "$PWD"
for argument in "$@"; do printf 'argument: %s\\n' "$argument"; done
while read -r word code; do
  if [ "$word" = exit ]; then exit "\${code:-0}"; fi
  if [ "$word" = env ]; then eval "printf '%s=%s\\n' \\"$code\\" \\"\\\${$code-(unset)}\\""; fi
done
`,
    );
    chmodSync(file, 0o755);
  }
}
