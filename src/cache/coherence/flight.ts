/**
 * A flight fetches one key for everybody in this process who may share it: from the shared store,
 * else from the source. It runs as an operation of its own, so that no reader's patience ends it.
 *
 *   fetching  asking the shared store; what it finds is checked when it arrives
 *   waiting   another process loads the key; looks into the store now and then
 *   queued    will load from the source, is waiting for a slot
 *   sent      the load is under way; its provenance is fixed
 *
 * then it lands (with an entry) or fails (with an error), and is gone.
 */
import { CoherenceError } from './errors.ts';
import {
  fork,
  load,
  storeClaim,
  storeGet,
  storeRelease,
  storeSet,
  wait,
  type Op,
} from './effects.ts';
import { keepUntil, type Entry, type Provenance } from './entry.ts';
import type { FlightState } from './events.ts';
import { makeEntry, type Freshness } from './freshness.ts';
import type { Note } from './knowledge.ts';
import { Latch } from './latch.ts';
import { storeKey, type MemberState } from './state.ts';

export interface FlightRequest {
  readonly key: string;
  /** Known before the load; a loader may find more. */
  readonly tags: readonly string[];
  readonly freshness: Freshness;
  /** Handed to the driver's load port as it is. */
  readonly load: unknown;
}

export type Landing =
  | { readonly ok: true; readonly entry: Entry; readonly tier: 'l2' | 'source' }
  | { readonly ok: false; readonly error: unknown };

export interface Flight {
  readonly key: string;
  /** Counts this member's flights; tells them apart in events. */
  readonly number: number;
  state: FlightState;
  /** Of the moment the load was sent; before that, of the opening. */
  note: Note | undefined;
  readonly landing: Latch<Landing>;
}

export interface FlightPlan {
  /** Whether the shared store may answer. Never without a lease. */
  readonly useStore: boolean;
  /** It was just asked, and had nothing to answer with. */
  readonly looked: boolean;
  /** Only what was stored after this is worth taking from the store (a refresh). */
  readonly newerThan: number;
}

/** Puts a new flight on the key (taking the place of one that may not be shared) and starts it. */
export function* startFlight(
  state: MemberState,
  request: FlightRequest,
  plan: FlightPlan,
): Op<Flight> {
  state.flightsStarted += 1;
  const flight: Flight = {
    key: request.key,
    number: state.flightsStarted,
    state: plan.useStore ? 'fetching' : 'queued',
    note: state.knowledge.note(),
    landing: new Latch<Landing>(),
  };
  state.flights.set(request.key, flight);
  yield* fork(fly(state, { flight, request, plan, resets: state.knowledge.resets }));
  return flight;
}

interface Course {
  readonly flight: Flight;
  readonly request: FlightRequest;
  readonly plan: FlightPlan;
  /** `Knowledge.resets` at the start. */
  readonly resets: number;
}

function* fly(state: MemberState, course: Course): Op<void> {
  const { flight, request, plan } = course;
  const claim: Claim = { key: undefined };
  try {
    const entry = plan.useStore ? yield* fetchShared(state, course, claim) : undefined;
    if (entry !== undefined) {
      land(state, flight, { ok: true, entry, tier: 'l2' });
    } else {
      const loaded = yield* loadEntry(state, flight, request);
      land(state, flight, { ok: true, entry: loaded.entry, tier: 'source' });
      if (loaded.shareable) {
        // Always, without condition: a reader judges by the provenance, not by who stored last.
        yield* putShared(state, request.freshness, loaded);
      }
    }
  } catch (error) {
    if (error instanceof CoherenceError && error.code === 'OVERLOADED') {
      state.emit({ type: 'shed', key: flight.key });
    }
    land(state, flight, { ok: false, error });
  }
  if (claim.key !== undefined) yield* releaseClaim(state, claim.key);
}

function land(state: MemberState, flight: Flight, landing: Landing): void {
  if (state.flights.get(flight.key) === flight) state.flights.delete(flight.key);
  const { key, number } = flight;
  if (landing.ok) state.emit({ type: 'flight-landed', key, flight: number, tier: landing.tier });
  else state.emit({ type: 'flight-failed', key, flight: number, error: landing.error });
  flight.landing.settle(landing);
}

/** Of an entry that is answered and not kept. */
const NOTHING_KNOWN: Provenance = { horizon: 0, known: [] };

interface LoadedEntry {
  readonly entry: Entry;
  readonly shareable: boolean;
  readonly storeKey: string;
}

function* loadEntry(state: MemberState, flight: Flight, request: FlightRequest): Op<LoadedEntry> {
  move(state, flight, 'queued');
  yield* state.slots.acquire();
  try {
    move(state, flight, 'sent');
    // FENCE note-before-load: what arrives from here on may be missing from what the load reads.
    const note = state.knowledge.note();
    flight.note = note;
    const storedAt = state.clock.wallMs();
    const key = storeKey(state, flight.key);
    const { loadTimeoutMs } = request.freshness;
    const loaded = yield* load(request.load, loadTimeoutMs);
    const tags = mergeTags(request.tags, loaded.tags);
    const provenance = note === undefined ? NOTHING_KNOWN : state.knowledge.provenance(note, tags);
    const { freshness } = request;
    const entry = makeEntry({
      loaded,
      tags,
      provenance,
      storedAt,
      freshness,
      random: state.random,
    });
    const shareable = loaded.cacheable !== false && note !== undefined;
    if (note === undefined) state.emit({ type: 'not-kept', key: flight.key, why: 'no-horizon' });
    else if (shareable) keep(state, { key: flight.key, entry, seq: note.seq });
    return { entry, shareable, storeKey: key };
  } finally {
    state.slots.release();
  }
}

/** A load that shares nothing and is kept nowhere. It still takes a slot. */
export function* loadAround(state: MemberState, request: FlightRequest): Op<Entry> {
  yield* state.slots.acquire();
  try {
    const storedAt = state.clock.wallMs();
    const { freshness } = request;
    const loaded = yield* load(request.load, freshness.loadTimeoutMs);
    const tags = mergeTags(request.tags, loaded.tags);
    const provenance = NOTHING_KNOWN;
    return makeEntry({ loaded, tags, provenance, storedAt, freshness, random: state.random });
  } finally {
    state.slots.release();
  }
}

interface Keeping {
  readonly key: string;
  readonly entry: Entry;
  /** The moment of knowledge that the entry is good for. */
  readonly seq: number;
}

/** Puts an entry into L1. */
function keep(state: MemberState, keeping: Keeping): void {
  const { key, entry } = keeping;
  const { knowledge } = state;
  // FENCE fill: a write may have become known since the note. Filling unchecked writes the old
  // value back behind the invalidation, the commonest bug of caches.
  if (!knowledge.unchanged(entry.tags, keeping.seq)) {
    state.emit({ type: 'not-kept', key, why: 'outdated' });
    return;
  }
  state.l1.set(key, { entry, checkedAt: knowledge.seq, refreshAt: entry.refreshAt });
}

interface Claim {
  /** The store's name of what this flight is to load for all processes, if it is the one. */
  key: string | undefined;
}

/** Looks into the shared store; waits, within bounds, for another process that loads the key. */
function* fetchShared(state: MemberState, course: Course, claim: Claim): Op<Entry | undefined> {
  const { flight } = course;
  const { limits, clock } = state;
  const key = storeKey(state, flight.key);
  const { freshness } = course.request;
  const { claimWaitMs = limits.claimWaitMs } = freshness;
  const giveUpAt = clock.monoMs() + claimWaitMs;
  let pauseMs = limits.claimPollMs;
  let { looked } = course.plan;
  move(state, flight, 'fetching');
  try {
    for (;;) {
      const entry = looked
        ? undefined
        : yield* patiently(state, freshness, () => getShared(state, course, key));
      looked = false;
      const leftMs = giveUpAt - clock.monoMs();
      // With the claim this was the second look: between the first and the claim another process
      // may have stored the entry and ended its own claim.
      if (entry !== undefined || claim.key !== undefined || leftMs <= 0) return entry;
      const bounds = { ttlMs: freshness.loadTimeoutMs, timeoutMs: limits.storeTimeoutMs };
      if (yield* patiently(state, freshness, () => storeClaim(key, state.id, bounds))) {
        claim.key = key;
        continue;
      }
      if (flight.state !== 'waiting') move(state, flight, 'waiting');
      yield* wait(undefined, Math.min(pauseMs, leftMs));
      pauseMs = Math.min(2 * pauseMs, limits.claimPollMsMax);
    }
  } catch (error) {
    state.emit({ type: 'store-failed', key: flight.key, error });
    return undefined;
  }
}

/**
 * A store that says nothing is asked again, as long as the load is worth it: it, or this process, has
 * a pause. One that is away says so at once, and so does the breaker of one that says nothing again
 * and again. Whatever is asked here may be asked twice.
 */
function* patiently<R>(state: MemberState, freshness: Freshness, ask: () => Op<R>): Op<R> {
  const { clock, limits } = state;
  const giveUpAt = clock.monoMs() + (freshness.storePatienceMs ?? 0);
  for (;;) {
    const askedAt = clock.monoMs();
    try {
      return yield* ask();
    } catch (error) {
      const now = clock.monoMs();
      const refused = now - askedAt < limits.storeTimeoutMs / 2;
      if (refused || now >= giveUpAt) throw error;
    }
  }
}

function* getShared(state: MemberState, course: Course, key: string): Op<Entry | undefined> {
  const entry = yield* storeGet(key, state.limits.storeTimeoutMs);
  const { resets, plan } = course;
  return acceptShared(state, { key: course.flight.key, entry, resets, newerThan: plan.newerThan });
}

interface Shared {
  readonly key: string;
  /** As the shared store had it. */
  readonly entry: Entry | undefined;
  /** `Knowledge.resets` when it was asked. */
  readonly resets: number;
  readonly newerThan: number;
}

/** The entry, if it may be answered; it is in L1 then. */
export function acceptShared(state: MemberState, shared: Shared): Entry | undefined {
  const { key, entry } = shared;
  if (entry === undefined) return undefined;
  const fresh = entry.validUntil > state.clock.wallMs() && entry.storedAt > shared.newerThan;
  if (!fresh) return undefined;
  // FENCE store-checked: the store may hold anything that was ever stored. And what is known of one
  // database says nothing about entries of another: none of it may have been forgotten since.
  const { knowledge } = state;
  const usable =
    shared.resets === knowledge.resets && knowledge.usable(entry.tags, entry.provenance);
  if (!usable) {
    state.emit({ type: 'store-unusable', key });
    return undefined;
  }
  keep(state, { key, entry, seq: knowledge.seq });
  return entry;
}

function* putShared(
  state: MemberState,
  freshness: Freshness,
  { storeKey: key, entry }: LoadedEntry,
): Op<void> {
  const ttlMs = keepUntil(entry) - state.clock.wallMs();
  if (ttlMs <= 0) return;
  try {
    const bounds = { ttlMs, timeoutMs: state.limits.storeTimeoutMs };
    yield* patiently(state, freshness, () => storeSet(key, entry, bounds));
  } catch (error) {
    state.emit({ type: 'store-failed', key, error });
  }
}

function* releaseClaim(state: MemberState, key: string): Op<void> {
  try {
    yield* storeRelease(key, state.id, state.limits.storeTimeoutMs);
  } catch (error) {
    // It ends by itself; others wait no longer than claimWaitMs.
    state.emit({ type: 'store-failed', key, error });
  }
}

function move(state: MemberState, flight: Flight, to: FlightState): void {
  flight.state = to;
  state.emit({ type: 'flight', key: flight.key, flight: flight.number, state: to });
}

function mergeTags(declared: readonly string[], found: readonly string[] = []): readonly string[] {
  return found.length === 0 ? declared : [...new Set([...declared, ...found])];
}
