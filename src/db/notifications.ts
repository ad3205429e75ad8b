/**
 * LISTEN and NOTIFY with postgres.js, for the journal. Listening has one connection of its own, past
 * a pooler; notifying uses a pool that writes, one autocommitted statement for all notices.
 *
 * postgres.js listens again by itself when its connection breaks. `listen` may be called again when
 * nothing is heard all the same: it then takes a new connection and lets go of the old one.
 */
import postgres from 'postgres';
import { SECOND } from '../config/duration.ts';
import type { Sql } from './client.ts';

export interface NotificationsOptions {
  /** Not a pooler's. */
  readonly url: string;
  readonly write: Sql;
  /** Shown by pg_stat_activity. Default: greenroom-listen. */
  readonly applicationName?: string;
  readonly onError?: (error: unknown) => void;
}

export interface Notifications {
  notify(notices: readonly { channel: string; payload: string }[]): Promise<void>;
  listen(channels: readonly string[], deliver: (payload: string) => void): void;
  close(): Promise<void>;
}

const CONNECT_SECONDS_MAX = 2;
const RECONNECT_SECONDS_MAX = 0.5;
const KEEP_ALIVE_SECONDS = (10 * SECOND) / SECOND;

export function createNotifications(options: NotificationsOptions): Notifications {
  const { url, write } = options;
  const onError = options.onError ?? (() => undefined);
  let listener: Sql | undefined;
  let closed = false;

  function open(): Sql {
    return postgres(url, {
      max: 1,
      connect_timeout: CONNECT_SECONDS_MAX,
      keep_alive: KEEP_ALIVE_SECONDS,
      backoff: (attempt) => Math.min(RECONNECT_SECONDS_MAX, 0.02 * 2 ** attempt),
      connection: { application_name: options.applicationName ?? 'greenroom-listen' },
      onnotice: () => undefined,
    });
  }

  return {
    async notify(notices) {
      const channels = notices.map(({ channel }) => channel);
      const payloads = notices.map(({ payload }) => payload);
      await write`
        SELECT pg_notify(channel, payload)
          FROM unnest(${channels}::text[], ${payloads}::text[]) AS notice(channel, payload)`;
    },
    listen(channels, deliver) {
      if (closed) return;
      const before = listener;
      const current = open();
      listener = current;
      before?.end({ timeout: 0 }).catch(onError);
      for (const channel of channels) {
        current
          .listen(channel, (payload) => {
            if (listener === current) deliver(payload);
          })
          .catch(onError);
      }
    },
    async close() {
      closed = true;
      await listener?.end({ timeout: 0 });
    },
  };
}
