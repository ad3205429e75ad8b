/**
 * Installs the peers into this folder with npm, from its lockfile, when they are not there or are
 * not what the lockfile says. Answers why they are missing if that cannot be done.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = import.meta.dirname;
/** A minute on a slow line; a registry that cannot be reached is given up sooner by npm itself. */
const INSTALL_MS_MAX = 120_000;

interface Manifest {
  readonly dependencies: Record<string, string>;
}

export function installPeers(say: (line: string) => void): string | undefined {
  if (installed()) return undefined;
  say('installing the peers (tests/bench/peers)');
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--fetch-retries=1'];
  const run = spawnSync('npm', ['ci', ...options], {
    cwd: FOLDER,
    timeout: INSTALL_MS_MAX,
    encoding: 'utf8',
  });
  if (run.status === 0 && installed()) return undefined;
  const told = `${run.stderr}\n${run.stdout}`.split('\n');
  const why = told.find((line) => /\bE[A-Z]{3,}|error/.test(line)) ?? run.error?.message;
  return `the peers cannot be installed: ${why?.trim() ?? 'npm ci failed'}`;
}

function installed(): boolean {
  const { dependencies } = readJson(join(FOLDER, 'package.json')) as Manifest;
  return Object.entries(dependencies).every(([name, version]) => {
    try {
      return versionOf(name) === version;
    } catch {
      return false;
    }
  });
}

function versionOf(name: string): string {
  const manifest = readJson(join(FOLDER, 'node_modules', name, 'package.json'));
  return (manifest as { version: string }).version;
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8')) as unknown;
}
