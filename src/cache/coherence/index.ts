/**
 * The coherence protocol as a pure machine: what the cache engine is written against.
 * A cached read is never older than a write acknowledged before it began.
 */
export type { Entry, Provenance, Resident, Xid } from './entry.ts';
export { CoherenceError, type CoherenceErrorCode } from './errors.ts';
export type { CoherenceEvent, Emit, FlightState, WriteHow } from './events.ts';
export { JITTER, type Freshness } from './freshness.ts';
export { startHeart, systemClock, type Heart } from './heart.ts';
export type { Clock } from './lease.ts';
export type { Limits } from './limits.ts';
export {
  createMember,
  type Explanation,
  type Member,
  type MemberOptions,
  type MemberStatus,
} from './member.ts';
export type {
  Beat,
  DirectoryPort,
  Grave,
  JournalPort,
  Loaded,
  LoadPort,
  MemoryPort,
  Message,
  Observation,
  OutboxRow,
  Ports,
  Since,
  StorePort,
  TrimRequest,
} from './ports.ts';
export type { Answer, Looked, ReadRequest } from './read.ts';
export type { RenewOutcome } from './renew.ts';
export { run } from './run.ts';
export { within } from './within.ts';
export type { WriteOutcome, Written } from './write.ts';
