/**
 * One read: from L1, from a flight that may be shared, or by a flight of its own.
 *
 * With a lease this process knows every write that was acknowledged before the read began, so
 * whatever `usable` allows is new enough. Without one it knows nothing for sure, and only a load
 * that is sent after the read began will do.
 */
import { wait, storeGet, type Op } from './effects.ts';
import type { Entry, Resident } from './entry.ts';
import { CoherenceError } from './errors.ts';
import {
  acceptShared,
  loadAround,
  startFlight,
  type Flight,
  type FlightRequest,
  type Landing,
} from './flight.ts';
import { leaseHeld, storeKey, type MemberState } from './state.ts';

export interface ReadRequest extends FlightRequest {
  /** Load only, touch no cache: inside a write transaction, or when caching is switched off. */
  readonly bypass?: boolean;
  /** Whether an error means that the source failed, so that grace applies. Default: every error. */
  readonly isFailure?: (error: unknown) => boolean;
  /** A `look` was had and found nothing. Default: the read has one itself. */
  readonly looked?: Looked;
}

export type Looked = { readonly ok: true } | { readonly ok: false; readonly error: unknown };

export interface Answer {
  readonly entry: Entry;
  /** stale: within the stale window, being refreshed. grace: the last good value, source failed. */
  readonly outcome: 'hit' | 'miss' | 'stale' | 'grace' | 'bypass';
  readonly tier: 'l1' | 'l2' | 'flight' | 'source';
}

/** The resident entry if no known write speaks against it; drops it from L1 for good otherwise. */
function usableResident(state: MemberState, key: string): Resident | undefined {
  const resident = state.l1.get(key);
  if (resident === undefined) return undefined;
  const { knowledge } = state;
  // FENCE resident-checked: a write that has become known since makes it a thing of the past.
  if (knowledge.unchanged(resident.entry.tags, resident.checkedAt)) {
    resident.checkedAt = knowledge.seq;
    return resident;
  }
  state.l1.delete(key);
  state.emit({ type: 'dropped', key });
  return undefined;
}

/** The whole read when it costs nothing: a fresh entry in L1, under a lease. */
export function hit(state: MemberState, key: string): Entry | undefined {
  // FENCE lease: without it a write may have been acknowledged that this process never heard of.
  const now = state.clock.wallMs();
  if (!leaseHeld(state, now)) return undefined;
  const resident = usableResident(state, key);
  if (resident === undefined) return undefined;
  return now < resident.entry.validUntil && now < resident.refreshAt ? resident.entry : undefined;
}

/** One look into the shared store, before a flight is begun for it. */
export interface Look {
  /** The store's name of the entry. */
  readonly storeKey: string;
  /** `Knowledge.resets` at the start. */
  readonly resets: number;
}

/**
 * What most reads that are no hit in L1 need, and all they need: it is so much less than a flight that
 * a driver may have it done by itself, and give `read` what came of it. Undefined: not for this read.
 */
export function look(state: MemberState, key: string): Look | undefined {
  // FENCE look-lease: without it a write may have been acknowledged that nothing speaks of here.
  if (!leaseHeld(state)) return undefined;
  if (state.l1.get(key) !== undefined || state.flights.has(key)) return undefined;
  return { storeKey: storeKey(state, key), resets: state.knowledge.resets };
}

/** The answer, if what the look found will do. */
export function found(
  state: MemberState,
  key: string,
  { resets, entry }: Pick<Look, 'resets'> & { readonly entry: Entry | undefined },
): Entry | undefined {
  // What came meanwhile may be newer, if of a write that nobody was told of yet.
  return hit(state, key) ?? acceptShared(state, { key, entry, resets, newerThan: 0 });
}

export function* read(state: MemberState, request: ReadRequest): Op<Answer> {
  if (request.bypass === true) {
    return { entry: yield* loadAround(state, request), outcome: 'bypass', tier: 'source' };
  }
  const { key } = request;
  const own = request.looked === undefined ? look(state, key) : undefined;
  let { looked } = request;
  if (own !== undefined) {
    try {
      const stored = yield* storeGet(own.storeKey, state.limits.storeTimeoutMs);
      const entry = found(state, key, { resets: own.resets, entry: stored });
      if (entry !== undefined) return { entry, outcome: 'hit', tier: 'l2' };
      looked = { ok: true };
    } catch (error) {
      looked = { ok: false, error };
    }
  }
  if (looked?.ok === false) state.emit({ type: 'store-failed', key, error: looked.error });
  return yield* readOn(state, request, looked);
}

/** By what is resident, or by a flight. */
function* readOn(state: MemberState, request: ReadRequest, looked: Looked | undefined): Op<Answer> {
  for (let attempt = 0; ; attempt += 1) {
    const resident = usableResident(state, request.key);
    const leased = leaseHeld(state);
    if (leased && resident !== undefined) {
      const answer = yield* fromResident(state, request, resident);
      if (answer !== undefined) return answer;
    }
    const { seq } = state.knowledge;
    const shared = joinable(state, { request, leased, surely: attempt > 0 });
    const mayAsk = looked?.ok !== false || (request.freshness.storePatienceMs ?? 0) > 0;
    const useStore = leased && attempt === 0 && mayAsk;
    const plan = { useStore, looked: looked?.ok === true, newerThan: 0 };
    const flight = shared ?? (yield* startFlight(state, request, plan));
    const fallback = inGrace(state, resident);
    const landing = yield* land(state, {
      flight,
      request,
      fallback: leased ? fallback : undefined,
    });
    if (landing === undefined) {
      return graceful(state, { key: request.key, entry: fallback!.entry, tier: 'l1' });
    }
    if (!landing.ok) return yield* lastGood(state, { request, landing, fallback, leased });
    const { entry, tier } = landing;
    if (shared === undefined) return { entry, outcome: tier === 'l2' ? 'hit' : 'miss', tier };
    if (tier === 'l2' || joinHolds(state, flight, { tags: entry.tags, seq })) {
      return { entry, outcome: 'miss', tier: 'flight' };
    }
    state.emit({ type: 'join-repeated', key: request.key });
  }
}

/** Fresh, or stale but within its window: answers at once, and starts a refresh behind if due. */
function* fromResident(
  state: MemberState,
  request: ReadRequest,
  resident: Resident,
): Op<Answer | undefined> {
  const { entry } = resident;
  const now = state.clock.wallMs();
  const fresh = now < entry.validUntil;
  if (!fresh && now >= entry.staleUntil) return undefined;
  if ((!fresh || now >= resident.refreshAt) && !state.flights.has(request.key)) {
    resident.refreshAt = Infinity;
    state.emit({ type: 'refresh', key: request.key, why: fresh ? 'early' : 'stale' });
    const plan = { useStore: true, looked: false, newerThan: entry.storedAt };
    yield* startFlight(state, request, plan);
  }
  return { entry, outcome: fresh ? 'hit' : 'stale', tier: 'l1' };
}

interface Joining {
  readonly request: ReadRequest;
  readonly leased: boolean;
  /** Only what will hold whatever tags the load finds: a read joins in vain once at most. */
  readonly surely: boolean;
}

/** The key's flight, if this reader may share its result. */
function joinable(state: MemberState, joining: Joining): Flight | undefined {
  const { request, leased, surely } = joining;
  const flight = state.flights.get(request.key);
  if (flight === undefined) return undefined;
  if (flight.state !== 'queued') {
    // FENCE join-lease: what is already under way may have begun before a write that was
    // acknowledged without this process.
    if (!leased) {
      state.emit({ type: 'join-refused', key: request.key, why: 'unleased' });
      return undefined;
    }
    // Only saves time: what was sent before a write became known would be refused on landing.
    if (flight.state === 'sent' && !sentUsable(state, flight, surely ? undefined : request.tags)) {
      state.emit({ type: 'join-refused', key: request.key, why: 'outdated' });
      return undefined;
    }
  }
  state.emit({ type: 'flight-joined', key: request.key, state: flight.state });
  return flight;
}

/** Whether nothing was learnt of the tags, or of any without `tags`, since the flight was sent. */
function sentUsable(
  state: MemberState,
  { note }: Flight,
  tags: readonly string[] | undefined,
): boolean {
  if (note === undefined) return false;
  const { knowledge } = state;
  return tags === undefined ? note.seq === knowledge.seq : knowledge.unchanged(tags, note.seq);
}

interface Joined {
  /** As the load found them. */
  readonly tags: readonly string[];
  /** The moment of joining. */
  readonly seq: number;
}

/** Whether what landed was sent with all that the reader knew when it joined. */
function joinHolds(state: MemberState, flight: Flight, joined: Joined): boolean {
  const { note } = flight;
  // Sent after the join: as good as a load of its own. (Without a note only what is still queued
  // can be joined.)
  if (note === undefined || joined.seq <= note.seq) return true;
  // FENCE join-completed: the load may have found tags that were not asked about when joining.
  return state.knowledge.unchanged(joined.tags, note.seq, joined.seq);
}

interface Landed {
  readonly flight: Flight;
  readonly request: ReadRequest;
  /** Coherent, only past its TTL: may be answered when the soft time-out passes. */
  readonly fallback: Fallback | undefined;
}

/** Waits for the flight; undefined when the soft time-out came first and the fallback will do. */
function* land(state: MemberState, landed: Landed): Op<Landing | undefined> {
  const { flight, request, fallback } = landed;
  const { softTimeoutMs } = request.freshness;
  if (fallback !== undefined && softTimeoutMs !== undefined) {
    yield* wait(flight.landing, softTimeoutMs);
    if (!flight.landing.settled && uncontradicted(state, fallback)) return undefined;
  }
  yield* wait(flight.landing, Infinity);
  return flight.landing.value;
}

/** Usable as far as anybody here knows, and within its grace window; the lease may be lost. */
function inGrace(state: MemberState, resident: Resident | undefined): Fallback | undefined {
  if (resident === undefined || state.clock.wallMs() >= resident.entry.graceUntil) return undefined;
  return { entry: resident.entry, seq: state.knowledge.seq };
}

interface Fallback {
  readonly entry: Entry;
  /** The moment at which nothing spoke against it. */
  readonly seq: number;
}

/** FENCE grace-known: not even a failing source excuses a value that is known to be replaced. */
function uncontradicted(state: MemberState, fallback: Fallback): boolean {
  return state.knowledge.unchanged(fallback.entry.tags, fallback.seq);
}

interface Grace {
  readonly key: string;
  readonly entry: Entry;
  readonly tier: 'l1' | 'l2';
}

function graceful(state: MemberState, grace: Grace): Answer {
  const { key, entry, tier } = grace;
  state.emit({ type: 'grace', key, tier });
  return { entry, outcome: 'grace', tier };
}

interface Failure {
  readonly request: ReadRequest;
  readonly landing: { readonly ok: false; readonly error: unknown };
  readonly fallback: Fallback | undefined;
  readonly leased: boolean;
}

/** The source failed: the last good value, from L1 or else from the shared store, marked stale. */
function* lastGood(state: MemberState, failure: Failure): Op<Answer> {
  const { request, landing, fallback, leased } = failure;
  const { error } = landing;
  const { key } = request;
  // Being shed says nothing about PostgreSQL: without a lease it is no excuse for an old value.
  const shed = error instanceof CoherenceError && error.code === 'OVERLOADED';
  const failed = request.isFailure?.(error) ?? true;
  if (request.freshness.graceMs <= 0 || !failed || (shed && !leased)) throw error;
  if (fallback !== undefined && uncontradicted(state, fallback)) {
    return graceful(state, { key, entry: fallback.entry, tier: 'l1' });
  }
  const entry = yield* sharedInGrace(state, key);
  if (entry === undefined) throw error;
  return graceful(state, { key, entry, tier: 'l2' });
}

function* sharedInGrace(state: MemberState, key: string): Op<Entry | undefined> {
  const { knowledge } = state;
  if (knowledge.horizon === undefined) return undefined;
  const { resets } = knowledge;
  try {
    const entry = yield* storeGet(storeKey(state, key), state.limits.storeTimeoutMs);
    if (entry === undefined || state.clock.wallMs() >= entry.graceUntil) return undefined;
    const usable = resets === knowledge.resets && knowledge.usable(entry.tags, entry.provenance);
    return usable ? entry : undefined;
  } catch (error) {
    state.emit({ type: 'store-failed', key, error });
    return undefined;
  }
}
