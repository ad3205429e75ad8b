/**
 * A journal between members of one process: what one publishes, the others get in a later turn of
 * the event loop, as they would from a server.
 */
import type { Journal, Transport } from './journal.ts';
import { createJournal, type JournalOptions } from './post.ts';

export interface LocalHub {
  join(id: string, options?: Pick<JournalOptions, 'readTags' | 'probeEveryMs' | 'secret'>): Journal;
  /** The bare way between members, for what is no member's journal. */
  transport(id: string): Transport;
}

export function createLocalHub(options: { readonly textBytesMax?: number } = {}): LocalHub {
  const listeners = new Map<string, (text: string) => void>();

  const transport = (id: string): Transport => ({
    kind: 'local',
    textBytesMax: options.textBytesMax ?? Infinity,
    async send(parcels) {
      setImmediate(() => {
        for (const { to, text } of parcels) {
          if (to === undefined) for (const deliver of listeners.values()) deliver(text);
          else listeners.get(to)?.(text);
        }
      });
    },
    listen: (deliver) => void listeners.set(id, deliver),
    revive: () => undefined,
    close: async () => void listeners.delete(id),
  });

  return {
    join: (id, given) => createJournal({ id, transport: transport(id), ...given }),
    transport,
  };
}
