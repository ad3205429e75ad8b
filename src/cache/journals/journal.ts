/**
 * The contract of a journal: a broadcast of (xid, tags) to the members with an answer from each. It
 * makes a write's wait short; it may lose, delay, repeat or reorder anything, because a writer who
 * is not answered waits for a lease, and members learn of writes from the outbox anyway.
 *
 * `createJournal` (post.ts) is the part that all have in common; a transport moves texts.
 */
import type { JournalPort, Message } from '../coherence/index.ts';

/** What a member does with a message; returns its answer, if any. */
export type Receive = (message: Message) => Message | undefined;

export interface Journal extends JournalPort {
  /** Begins delivery; answers are sent back by themselves. Once. */
  subscribe(receive: Receive): void;
  status(): JournalStatus;
  close(): Promise<void>;
}

export interface JournalStatus {
  readonly kind: 'local' | 'redis' | 'postgres';
  /** Whether the last probe came back; undefined before the first. */
  readonly hearing: boolean | undefined;
  readonly published: number;
  readonly delivered: number;
  /** Texts sent, for however many messages. */
  readonly texts: number;
  /** Sendings that failed. */
  readonly failures: number;
  /** What arrived and was no message, was not signed as ours, or could not be completed. */
  readonly malformed: number;
  /** Times that a listening connection was given up because it heard nothing. */
  readonly revived: number;
}

/** A text for one member, or (undefined) for all. */
export interface Parcel {
  readonly to: string | undefined;
  readonly text: string;
}

export interface Transport {
  readonly kind: JournalStatus['kind'];
  /** Longest text that it carries, in bytes of UTF-8. */
  readonly textBytesMax: number;
  /** Resolves when they are handed over. A parcel for all reaches the sender too, or does not. */
  send(parcels: readonly Parcel[]): Promise<void>;
  /** Delivers what is for all or for this member, from now on, over as many connections as it takes. */
  listen(deliver: (text: string) => void): void;
  /** Listens over a new connection: the one it has is dead, though it may not look so. */
  revive(): void;
  close(): Promise<void>;
}
