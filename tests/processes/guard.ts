/**
 * Ends every process of a run when the harness is gone, however it went: a shell that reads the
 * pids to end from a pipe, and acts when the pipe closes. SIGKILL, because some are stopped.
 */
import { spawn } from 'node:child_process';

export interface Guard {
  watch(pid: number | undefined): void;
  /** It has ended: its number may belong to another program by now. */
  forget(pid: number | undefined): void;
  /** Ends what is still watched. */
  close(): void;
}

const SCRIPT = `
pids=" "
while read -r what pid; do
  case $what in
    watch) pids="$pids$pid " ;;
    forget) pids=$(printf '%s' "$pids" | sed "s/ $pid / /") ;;
  esac
done
[ "$pids" = " " ] || kill -9 $pids 2>/dev/null
`;

export function startGuard(): Guard {
  const shell = spawn('/bin/sh', ['-c', SCRIPT], {
    cwd: '/',
    // Ctrl-C goes to the whole group of a terminal; this one has to outlive it.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  shell.unref();
  shell.stdin.on('error', () => undefined);
  const tell = (what: string, pid: number | undefined): void => {
    if (pid !== undefined && shell.stdin.writable) shell.stdin.write(`${what} ${pid}\n`);
  };
  return {
    watch: (pid) => tell('watch', pid),
    forget: (pid) => tell('forget', pid),
    close: () => void shell.stdin.end(),
  };
}
