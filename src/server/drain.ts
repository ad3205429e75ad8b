/**
 * Lets answers under way finish before the server closes. Event streams never finish by
 * themselves, so they are not waited for: closing the connection ends them, and clients resume.
 */
import type { ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';

/** Leaves time for the database within the 4 s of a whole shutdown. */
const DRAIN_MS_MAX = 1_500;

export interface Drain {
  /** True once the server closes: nothing new is to be begun. */
  readonly closing: boolean;
  /** Of an answer that is not fastify's. */
  begin(): void;
  /** It was given to its connection. */
  end(response: ServerResponse): void;
}

export function drainOnClose(app: FastifyInstance, options: { drainMsMax?: number } = {}): Drain {
  const open = new Set<ServerResponse>();
  // Of the others a number will do, and spares garbage at each of them.
  let others = 0;
  let closing = false;
  let changed = (): void => undefined;

  function leaveOther(): void {
    others -= 1;
    if (closing) changed();
  }

  app.addHook('onRequest', async (_request, reply) => {
    open.add(reply.raw);
    reply.raw.once('close', () => {
      open.delete(reply.raw);
      changed();
    });
  });

  app.addHook('preClose', async () => {
    closing = true;
    const drained = () => others === 0 && [...open].every(isEventStream);
    if (drained()) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, options.drainMsMax ?? DRAIN_MS_MAX);
      changed = () => {
        if (!drained()) return;
        clearTimeout(timer);
        resolve();
      };
    });
  });

  return {
    get closing() {
      return closing;
    },
    begin() {
      others += 1;
    },
    end(response) {
      // Usually the system has taken all of it by now, and an event needs no waiting for.
      if (!response.socket || response.socket.writableLength === 0) leaveOther();
      else response.once('close', leaveOther);
    },
  };
}

function isEventStream(response: ServerResponse): boolean {
  return String(response.getHeader('content-type') ?? '').startsWith('text/event-stream');
}
