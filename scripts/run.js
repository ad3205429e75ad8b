/**
 * What every npm script of the project goes through: `node scripts/run.js <script> [options]`.
 *
 * Plain JavaScript, since it has to run on any Node in order to say that this one is too
 * old: `npm ci` brings a Node 24 along, but with --ignore-scripts (or where its platform is
 * missing) npm falls back silently to the machine's own, which may refuse `.ts` with a
 * message that helps nobody.
 */
const MAJOR_MIN = 24;

const [major] = process.versions.node.split('.');
const [script] = process.argv.splice(2, 1);

if (Number(major) < MAJOR_MIN) {
  console.error(
    `Greenroom needs Node ${MAJOR_MIN} or newer; this is ${process.versions.node}. ` +
      'Its own copy is installed by `npm ci` (without --ignore-scripts or --omit=dev).',
  );
  process.exit(1);
}
endWithNpm();
await import(new URL(`./${script}.ts`, import.meta.url).href);

/**
 * A signal to npm ends npm and the shell that it runs scripts in, but never reaches the script:
 * whoever stops `npm start` by its process id would leave the server running. So the death of the
 * parent is taken as the signal. (`exec` in package.json would do it too, except on Windows.)
 */
function endWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 200);
  watch.unref();
}
