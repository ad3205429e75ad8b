/**
 * What the machine tells about itself: a closed union, without values. Events feed logs, metrics
 * and the simulator's coverage; the machine behaves the same whether anybody listens or not.
 * A hit in L1 emits nothing: it must cost nothing.
 */
import type { Xid } from './entry.ts';

export type FlightState = 'fetching' | 'waiting' | 'queued' | 'sent';

export type CoherenceEvent =
  | { readonly type: 'lease-gained' }
  | { readonly type: 'lease-lost' }
  | { readonly type: 'renewal-failed'; readonly step: RenewStep; readonly error: unknown }
  | { readonly type: 'renewal-unlisted' }
  | { readonly type: 'identity-learned'; readonly identity: string }
  | { readonly type: 'database-changed'; readonly why: 'identity' | 'rewound' }
  | { readonly type: 'behind-trim-mark'; readonly mark: Xid }
  | { readonly type: 'member-reaped'; readonly id: string }
  | { readonly type: 'trimmed' }
  | { readonly type: 'left' }
  | {
      readonly type: 'flight';
      readonly key: string;
      readonly flight: number;
      readonly state: FlightState;
    }
  | {
      readonly type: 'flight-landed';
      readonly key: string;
      readonly flight: number;
      readonly tier: 'l2' | 'source';
    }
  | {
      readonly type: 'flight-failed';
      readonly key: string;
      readonly flight: number;
      readonly error: unknown;
    }
  | { readonly type: 'flight-joined'; readonly key: string; readonly state: FlightState }
  | { readonly type: 'join-refused'; readonly key: string; readonly why: 'unleased' | 'outdated' }
  | { readonly type: 'join-repeated'; readonly key: string }
  | { readonly type: 'refresh'; readonly key: string; readonly why: 'early' | 'stale' }
  | { readonly type: 'not-kept'; readonly key: string; readonly why: 'outdated' | 'no-horizon' }
  | { readonly type: 'dropped'; readonly key: string }
  | { readonly type: 'store-unusable'; readonly key: string }
  | { readonly type: 'store-failed'; readonly key: string; readonly error: unknown }
  | { readonly type: 'shed'; readonly key: string }
  | { readonly type: 'grace'; readonly key: string; readonly tier: 'l1' | 'l2' }
  | { readonly type: 'write-applied'; readonly xid: Xid; readonly by: 'self' | 'journal' }
  | { readonly type: 'write-foreign'; readonly xid: Xid }
  | { readonly type: 'write-resent'; readonly xid: Xid; readonly to: number }
  | { readonly type: 'write-done'; readonly xid: Xid; readonly how: WriteHow; readonly ms: number };

export type RenewStep = 'beat' | 'observe' | 'reap' | 'trim' | 'leave';

/**
 * How a write's wait ended: nothing was changed, no one else is there, all answered, one lease has
 * passed, or it did not wait (eventual).
 */
export type WriteHow = 'unchanged' | 'alone' | 'answered' | 'lease' | 'eventual';

export type Emit = (event: CoherenceEvent) => void;
