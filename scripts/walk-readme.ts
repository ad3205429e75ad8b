/**
 * For maintainers, by hand: does a fresh clone do what the README says, with no service in reach? For
 * root (in a folder that others may not enter) and for a new normal user: clones what is committed,
 * installs, then runs the README's two commands in namespaces of their own (walk-inside.ts), where
 * there is only a loopback device and no other process. Linux, as root. Exits 1 when a step fails.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { parseArgs } from 'node:util';

const help = `Usage: npm run walk [-- OPTION...]

Walks through the README in a fresh clone, without a network, as root and as a normal user.
Needs Linux, root, git, unshare, ip, useradd and runuser.

  --only start|test   one of the two commands (default: both)
  --user root|normal  one of the two users (default: both)
  --help              this text
`;

/** Longer than the tests' own limit of 25 minutes. */
const STEP_MS_MAX = 30 * 60_000;
const projectRoot = join(import.meta.dirname, '..');

interface Walker {
  name: string;
  home: string;
}

function run(command: string, args: readonly string[], options: { cwd?: string } = {}): void {
  const { status, error } = spawnSync(command, args, {
    ...options,
    stdio: 'inherit',
    timeout: STEP_MS_MAX,
    env: plainEnvironment(),
  });
  if (status !== 0) {
    throw new Error(`${command} ${args.join(' ')} failed`, { cause: error });
  }
}

/** As in a new shell: no setting of the app or of npm, and not this project's own Node. */
function plainEnvironment(): Record<string, string> {
  const path = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'));
  return { PATH: path.join(delimiter), HOME: homedir(), LANG: 'C.UTF-8' };
}

function walkAs({ name, home }: Walker, commands: readonly string[]): void {
  const clone = mkdtempSync(join(home, 'greenroom-walk-'));
  try {
    console.log(`\n== ${name}: a fresh clone in ${clone}`);
    run('git', ['-c', `safe.directory=${projectRoot}`, 'clone', '--quiet', projectRoot, clone]);
    // By whoever walks, whose registry settings apply; the clone then belongs to the walker.
    run('npm', ['ci'], { cwd: clone });
    run('chown', ['-R', `${name}:`, clone]);
    const inside = join(clone, 'scripts/run.js');
    const node = join(clone, 'node_modules/.bin/node');
    const walk = `ip link set lo up && exec runuser -u ${name} -- env HOME=${home} ${node} ${inside} walk-inside ${commands.join(' ')}`;
    const namespaces = ['--net', '--pid', '--fork', '--mount-proc', '--kill-child'];
    run('unshare', [...namespaces, 'sh', '-c', walk], { cwd: clone });
  } finally {
    rmSync(clone, { recursive: true, force: true });
    // Where the data of a folder goes that the database's user may not enter.
    for (const folder of globSync(`/var/lib/greenroom/${basename(clone)}-*`)) {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

function asNewUser(walk: (walker: Walker) => void): void {
  const name = `walk${randomBytes(3).toString('hex')}`;
  run('useradd', ['--create-home', '--home-dir', `/home/${name}`, name]);
  try {
    walk({ name, home: `/home/${name}` });
  } finally {
    run('userdel', ['--remove', name]);
  }
}

function main(): void {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      user: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return;
  }
  if (process.getuid?.() !== 0) throw new Error('namespaces and users need root');
  const commands = values.only === undefined ? ['start', 'test'] : [values.only];
  if (values.user !== 'normal') walkAs({ name: 'root', home: homedir() }, commands);
  if (values.user !== 'root') asNewUser((walker) => walkAs(walker, commands));
  console.log('\nThe README holds.');
}

try {
  main();
} catch (error) {
  console.error(`walk: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
