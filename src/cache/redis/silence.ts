/**
 * Ends a connection that owes replies and stays silent: it is dead, whatever TCP says; the client then
 * takes a new one. ioredis has `socketTimeout` for it, which sets a timer and a listener at each
 * command: a tenth of what a command costs this process. This looks now and then instead.
 */
import type { Redis } from 'ioredis';

/** Of the time that it may be silent: it is noticed that much later at most. */
const LOOKS = 4;

/** @param silenceMsMax  counted while the event loop turns: a process that was held up has not waited */
export function endWhenSilent(redis: Redis, silenceMsMax: number): void {
  let bytesBefore = -1;
  let silentFor = 0;
  const timer = setInterval(() => {
    if (redis.status === 'end') {
      clearInterval(timer);
      return;
    }
    // Undefined until it connects first.
    const stream = redis.stream as Redis['stream'] | undefined;
    const bytes = stream?.bytesRead ?? -1;
    silentFor = redis.commandQueue.length > 0 && bytes === bytesBefore ? silentFor + 1 : 0;
    bytesBefore = bytes;
    if (silentFor < LOOKS) return;
    silentFor = 0;
    stream?.destroy(new Error(`Redis owes replies and was silent for ${silenceMsMax} ms`));
  }, silenceMsMax / LOOKS);
  timer.unref();
}
