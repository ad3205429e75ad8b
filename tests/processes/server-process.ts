/**
 * One API process of a run: the real server, composed as `npm start` does it. Beside HTTP it answers
 * reads over the channel to its parent through a caller of the same router. There the session is
 * given and not looked up, so that grace can be seen: sessions have none, and over HTTP an answer
 * without the database ends at the session. Ends with its parent.
 */
import { createCaller } from '../../src/api/app-router.ts';
import type { CacheMark, Session } from '../../src/api/context.ts';
import { readConfig } from '../../src/config/env.ts';
import { startContainer } from '../../src/server/container.ts';
import { createLog } from '../../src/server/log.ts';
import type { FromProcess, ToProcess } from './api-process.ts';
import { codeOf, shownBy } from './reading.ts';

process.once('disconnect', () => process.exit(1));
const config = readConfig();
const container = await startContainer({
  config,
  log: createLog({ level: config.log.level }),
  print: () => undefined,
});
process.once('SIGTERM', () => {
  void container.close().finally(() => process.exit(0));
});
process.on('message', (message: ToProcess) => void answer(message));
send({ type: 'ready', url: container.url });

async function answer({ id, userId, read }: ToProcess): Promise<void> {
  let mark: CacheMark | undefined;
  const caller = createCaller({
    services: container.services,
    session: sessionOf(userId),
    requestId: `channel-${id}`,
    limiter: { take: async () => undefined },
    mark: (_index, given) => (mark = given),
  });
  try {
    const value =
      read.procedure === 'scene.byId'
        ? await caller.scene.byId(read.input)
        : read.procedure === 'scene.list'
          ? await caller.scene.list(read.input)
          : read.procedure === 'project.byId'
            ? await caller.project.byId(read.input)
            : await caller.project.list();
    send({ type: 'answer', id, shown: shownBy(read, value), mark });
  } catch (error) {
    send({ type: 'failure', id, code: codeOf(error) });
  }
}

function sessionOf(userId: string): Session {
  return {
    id: 'given',
    expiresAt: new Date(Date.now() + 60_000),
    user: {
      id: userId,
      email: 'given@example.com',
      username: 'given',
      name: 'given',
      role: 'user',
    },
  };
}

function send(message: FromProcess): void {
  // The channel may be gone while the process ends.
  if (process.connected) process.send!(message, () => undefined);
}
