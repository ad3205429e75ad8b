/**
 * The named states and transitions of the machine, as its events tell them. A simulation that never
 * reaches one of them has not tested it.
 */
import type { CoherenceEvent } from '../../src/cache/coherence/events.ts';

export function eventName(event: CoherenceEvent): string {
  switch (event.type) {
    case 'renewal-failed':
      return `${event.type}:${event.step}`;
    case 'database-changed':
    case 'join-refused':
    case 'refresh':
    case 'not-kept':
      return `${event.type}:${event.why}`;
    case 'flight':
    case 'flight-joined':
      return `${event.type}:${event.state}`;
    case 'flight-landed':
    case 'grace':
      return `${event.type}:${event.tier}`;
    case 'write-applied':
      return `${event.type}:${event.by}`;
    case 'write-done':
      return `${event.type}:${event.how}`;
    default:
      return event.type;
  }
}

/** Everything that must be seen; answers of reads (`read:outcome:tier`) included. */
export const EXPECTED: readonly string[] = [
  'lease-gained',
  'lease-lost',
  'renewal-failed:beat',
  'renewal-failed:observe',
  'renewal-failed:reap',
  'renewal-failed:trim',
  'renewal-failed:leave',
  'renewal-unlisted',
  'identity-learned',
  'database-changed:identity',
  'database-changed:rewound',
  'behind-trim-mark',
  'member-reaped',
  'trimmed',
  'left',
  'flight:fetching',
  'flight:waiting',
  'flight:queued',
  'flight:sent',
  'flight-landed:l2',
  'flight-landed:source',
  'flight-failed',
  'flight-joined:fetching',
  'flight-joined:waiting',
  'flight-joined:queued',
  'flight-joined:sent',
  'join-refused:unleased',
  'join-refused:outdated',
  'join-repeated',
  'refresh:early',
  'refresh:stale',
  'not-kept:outdated',
  'not-kept:no-horizon',
  'dropped',
  'store-unusable',
  'store-failed',
  'shed',
  'grace:l1',
  'grace:l2',
  'write-applied:self',
  'write-applied:journal',
  'write-foreign',
  'write-resent',
  'write-done:alone',
  'write-done:answered',
  'write-done:lease',
  'write-done:eventual',
  'write-unchanged',
  'read:hit:l1',
  'read:hit:l2',
  'read:miss:flight',
  'read:miss:source',
  'read:stale:l1',
  'read:grace:l1',
  'read:grace:l2',
  'read:bypass:source',
  'read-failed',
];
