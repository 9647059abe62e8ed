import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/**
 * Waits on its standard input. A line means that the server was released; the end of the file means
 * that our process is gone, however it went, since the kernel closes the pipe. The server is then
 * asked to stop, killed after three seconds, and its folder is removed.
 */
const SCRIPT = `
trap '' INT TERM HUP QUIT
IFS= read -r released && exit 0
folder=$1
pid=$(cat "$folder/server.pid" 2>/dev/null)
ours() {
  kill -0 "$pid" 2>/dev/null || return 1
  if [ -d "/proc/$pid" ]; then place=$(readlink "/proc/$pid/cwd")
  else place=$(ps -o command= -p "$pid"); fi
  case $place in *"$folder"*) return 0 ;; esac
  return 1
}
children() { cat "/proc/$pid/task/$pid/children" 2>/dev/null || pgrep -P "$pid"; }
if [ -n "$pid" ] && ours; then
  kill -CONT $(children) "$pid"
  kill -"$2" "$pid"
  tries=0
  while ours && [ "$tries" -lt 30 ]; do sleep 0.1; tries=$((tries + 1)); done
  if ours; then kill -STOP "$pid"; kill -KILL $(children) "$pid"; fi
fi 2>/dev/null
rm -rf -- "$folder"
`;

/** Guards one run folder until it is released. */
export interface Watchdog {
  readonly pid: number | undefined;
  /** Ends the watchdog; the folder is then the caller's to remove. Resolves when it has ended. */
  release(): Promise<void>;
}

/**
 * Starts a shell that outlives us and cleans up after us: the only thing that works for every end,
 * `SIGKILL` included. It costs about a megabyte and is not reached by the terminal's Ctrl-C.
 * @param stopSignal the signal, without `SIG`, on which the server ends at once by itself
 */
export function startWatchdog(folder: string, stopSignal: 'QUIT' | 'TERM'): Watchdog {
  const shell = spawn('/bin/sh', ['-c', SCRIPT, 'perf-watchdog', folder, stopSignal], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
  });
  // A watchdog that cannot be started leaves the reaper of the next start.
  const ended = new Promise<void>((resolve) => {
    shell.once('error', () => {
      resolve();
    });
    shell.once('exit', () => {
      resolve();
    });
  });
  shell.stdin.on('error', () => undefined);
  shell.unref();
  (shell.stdin as Socket).unref();
  return {
    pid: shell.pid,
    release() {
      shell.ref();
      shell.stdin.end('released\n');
      return ended;
    },
  };
}
