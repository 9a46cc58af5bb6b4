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

/** Asks the model as claude or gemini would, by the environment that they got. */
const asker = `const [, , text] = process.argv;
const { ANTHROPIC_BASE_URL, ANTHROPIC_AUTH_TOKEN, GOOGLE_GEMINI_BASE_URL, GEMINI_API_KEY } = process.env;
const [url, key, body] = ANTHROPIC_BASE_URL
  ? [ANTHROPIC_BASE_URL + '/v1/messages', ANTHROPIC_AUTH_TOKEN, { model: 'mine', max_tokens: 1000, tools: [{ type: 'web_search_20250305', name: 'web_search' }], messages: [{ role: 'user', content: text }] }]
  : [GOOGLE_GEMINI_BASE_URL + '/v1beta/models/mine:generateContent', GEMINI_API_KEY, { contents: [{ role: 'user', parts: [{ text }] }] }];
try {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', authorization: 'Bearer ' + key }, body: JSON.stringify(body) });
  const answer = await response.json();
  console.log(answer.candidates?.[0].content.parts[0].text ?? answer.content?.[0].text ?? JSON.stringify(answer));
} catch (error) {
  console.log('no answer: ' + (error.cause ?? error));
}
`;

/**
 * Writes the given stand-ins into `folder`. For anything but `--version` they print their arguments and folder,
 * then wait for a line as an agent waits for its user: `exit N`, `env NAME`, or `ask TEXT`, which asks their model.
 */
export function writeStandIns(folder: string, names: readonly StandIn[]): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'ask.mjs'), asker);
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
  if [ "$word" = ask ]; then node "$(dirname "$0")/ask.mjs" "$code"; fi
  if [ "$word" = exit ]; then exit "\${code:-0}"; fi
  if [ "$word" = env ]; then eval "printf '%s=%s\\n' \\"$code\\" \\"\\\${$code-(unset)}\\""; fi
done
`,
    );
    chmodSync(file, 0o755);
  }
}
