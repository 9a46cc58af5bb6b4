#!/usr/bin/env node
/** Process entry of the command line. Loads nothing before it knows that this Node can run it. */
const needed = [22, 19] as const;
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < needed[0] || (major === needed[0] && minor < needed[1])) {
  process.stderr.write(`operator needs Node ${needed.join('.')} or later; this is ${process.versions.node} (${process.execPath})\n`);
  process.exitCode = 1;
} else {
  const { keepCompiledCode } = await import('./cli/compiled-code.ts');
  keepCompiledCode();
  const { main } = await import('./cli/main.ts');
  await main(process.argv.slice(2));
}
