/**
 * Is the process that wrote this file still the one that runs under its number?
 *
 * A pid alone lies twice: numbers are reused, and a killed process whose parent has
 * not waited for it (a container without an init) still answers signal 0. On Linux the
 * start time and state in /proc settle both; elsewhere signal 0 has to do.
 */
import { readFileSync, readlinkSync, realpathSync } from 'node:fs';

/** Start time in clock ticks since boot, or '0' where the system doesn't tell. */
export type ProcessStart = string;

interface ProcessStat {
  state: string;
  start: ProcessStart;
}

/** False elsewhere than on Linux, and in a container that sees the /proc of another pid namespace. */
function hasOwnProc(): boolean {
  try {
    return readlinkSync('/proc/self') === String(process.pid);
  } catch {
    return false;
  }
}

/** Fields after the command's closing parenthesis: state is the 3rd of stat(5), start time the 22nd. */
function readStat(pid: number): ProcessStat | 'gone' | 'unknown' {
  if (!hasOwnProc()) return 'unknown';
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', start: fields[19] ?? '0' };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return code === 'ENOENT' || code === 'ESRCH' ? 'gone' : 'unknown';
  }
}

export function processStart(pid: number): ProcessStart {
  const stat = readStat(pid);
  return typeof stat === 'string' ? '0' : stat.start;
}

/** @param start omitted or '0': any process with that number will do */
export function isAlive(pid: number, start: ProcessStart = '0'): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  const stat = readStat(pid);
  if (stat === 'gone') return false;
  if (stat !== 'unknown') {
    if (stat.state === 'Z' || stat.state === 'X') return false;
    return start === '0' || stat.start === start;
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether the process was started with this argument; true where the system doesn't tell. */
export function hasArgument(pid: number, argument: string): boolean {
  if (!hasOwnProc()) return true;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(argument);
  } catch {
    return false;
  }
}

/**
 * Whether this is the server of the folder: a PostgreSQL works inside its data, so the system
 * knows it by its working folder, by whatever path it was started. Without /proc: assumed.
 */
export function worksIn(pid: number, folder: string): boolean {
  if (!hasOwnProc()) return true;
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(folder);
  } catch {
    return false;
  }
}
