/** Fences of reads, flights and fills. */
import { machine, type Mutant } from './mutant.ts';

export const READING: readonly Mutant[] = [
  {
    name: 'fill-without-fence',
    why: 'a slow load writes the old value into L1 behind the invalidation',
    published: 'FusionCache #625, logto #9428, layered-loader #414',
    edits: [
      machine('flight.ts', 'if (!knowledge.unchanged(entry.tags, keeping.seq)) {', 'if (false) {'),
    ],
  },
  {
    name: 'join-outdated-flight',
    why: 'a read joins a load that was sent before a write it must show',
    published: 'FusionCache #625',
    edits: [
      machine(
        'read.ts',
        "if (flight.state === 'sent' && !sentUsable(",
        'if (false && !sentUsable(',
      ),
      machine(
        'read.ts',
        'return state.knowledge.unchanged(joined.tags, note.seq, joined.seq);',
        'return true;',
      ),
    ],
  },
  {
    name: 'join-not-completed',
    why: 'tags found during the load are not asked about',
    edits: [
      machine(
        'read.ts',
        'return state.knowledge.unchanged(joined.tags, note.seq, joined.seq);',
        'return true;',
      ),
    ],
  },
  {
    name: 'join-without-lease',
    why: 'a load under way may have begun before a write acknowledged without this process',
    edits: [machine('read.ts', '    if (!leased) {', '    if (false) {')],
  },
  {
    name: 'hit-without-lease',
    why: 'L1 is used while writers no longer wait for this process',
    edits: [machine('read.ts', 'if (!leaseHeld(state, now)) return undefined;', '')],
  },
  {
    name: 'stale-without-lease',
    why: 'the slow path uses L1 without a lease',
    edits: [
      machine(
        'read.ts',
        'if (leased && resident !== undefined) {',
        'if (resident !== undefined) {',
      ),
    ],
  },
  {
    name: 'store-without-lease',
    why: 'L2 is judged by knowledge that is no longer complete',
    edits: [
      machine(
        'read.ts',
        'const useStore = leased && attempt === 0 &&',
        'const useStore = state.knowledge.horizon !== undefined &&',
      ),
    ],
  },
  {
    name: 'look-without-lease',
    why: 'the look before a flight believes knowledge that is no longer complete',
    edits: [machine('read.ts', 'if (!leaseHeld(state)) return undefined;', '')],
  },
  {
    name: 'note-after-load',
    why: 'a write that arrived during the load counts as known to it',
    published: 'FusionCache #613',
    edits: [
      machine(
        'flight.ts',
        'const note = state.knowledge.note();\n    flight.note',
        'let note = state.knowledge.note();\n    flight.note',
      ),
      machine(
        'flight.ts',
        'const loaded = yield* load(request.load, loadTimeoutMs);',
        'const loaded = yield* load(request.load, loadTimeoutMs); note = state.knowledge.note(); flight.note = note;',
      ),
    ],
  },
  {
    name: 'refresh-noted-after-load',
    why: 'only refreshes behind are stamped when they finish',
    published: 'FusionCache #628',
    edits: [
      machine(
        'flight.ts',
        'loadEntry(state, flight, request);',
        'loadEntry(state, flight, request, plan.newerThan > 0);',
      ),
      machine(
        'flight.ts',
        'loadEntry(state: MemberState, flight: Flight, request: FlightRequest)',
        'loadEntry(state: MemberState, flight: Flight, request: FlightRequest, behind: boolean)',
      ),
      machine(
        'flight.ts',
        'const note = state.knowledge.note();\n    flight.note',
        'let note = state.knowledge.note();\n    flight.note',
      ),
      machine(
        'flight.ts',
        'const loaded = yield* load(request.load, loadTimeoutMs);',
        'const loaded = yield* load(request.load, loadTimeoutMs); if (behind) note = state.knowledge.note();',
      ),
    ],
  },
  {
    name: 'stored-as-of-the-end',
    why: 'L1 is fenced, but the shared store gets the old value with what is known now',
    published: 'logto #9428',
    edits: [
      machine(
        'flight.ts',
        'note === undefined ? NOTHING_KNOWN : state.knowledge.provenance(note, tags);',
        'note === undefined ? NOTHING_KNOWN : state.knowledge.provenance(state.knowledge.note()!, tags);',
      ),
    ],
  },
  {
    name: 'store-unchecked',
    why: 'whatever the shared store has is believed',
    edits: [machine('flight.ts', 'if (!usable) {', 'if (false) {')],
  },
  {
    name: 'store-judged-by-reader',
    why: "an entry is judged by the reader's own moment instead of its loader's",
    published: 'HybridCache (dotnet/extensions) #7771',
    edits: [
      machine(
        'flight.ts',
        'knowledge.usable(entry.tags, entry.provenance);',
        'knowledge.usable(entry.tags, knowledge.provenance(knowledge.note()!, entry.tags));',
      ),
    ],
  },
  {
    name: 'store-of-other-database',
    why: 'an entry asked for under the old name is judged by what is known of the new database',
    edits: [machine('flight.ts', 'shared.resets === knowledge.resets &&', 'true &&')],
  },
  {
    name: 'resident-unchecked',
    why: 'L1 is not asked again after a write has become known',
    edits: [
      machine(
        'read.ts',
        'if (knowledge.unchanged(resident.entry.tags, resident.checkedAt)) {',
        'if (true) {',
      ),
    ],
  },
  {
    name: 'grace-known-outdated',
    why: 'a failing source excuses a value that is known to be replaced',
    edits: [
      machine(
        'read.ts',
        'return state.knowledge.unchanged(fallback.entry.tags, fallback.seq);',
        'return true;',
      ),
      machine(
        'read.ts',
        'resets === knowledge.resets && knowledge.usable(entry.tags, entry.provenance);',
        'true;',
      ),
    ],
  },
  {
    name: 'old-flight-evicts-new',
    why: 'a landing flight takes a newer flight of its key off the map, and everybody loads again',
    published: 'layered-loader #414',
    edits: [
      machine(
        'flight.ts',
        'if (state.flights.get(flight.key) === flight) state.flights.delete(flight.key);',
        'state.flights.delete(flight.key);',
      ),
    ],
  },
  {
    name: 'refresh-not-shared',
    why: 'every stale hit starts a refresh of its own',
    published: 'async-cache-dedupe #164',
    edits: [machine('read.ts', '&& !state.flights.has(request.key)) {', ') {')],
  },
  {
    name: 'failed-flight-stays',
    why: 'a load that failed is joined for ever',
    edits: [
      machine(
        'flight.ts',
        'if (state.flights.get(flight.key) === flight) state.flights.delete(flight.key);',
        'if (landing.ok && state.flights.get(flight.key) === flight) state.flights.delete(flight.key);',
      ),
    ],
  },
  {
    name: 'slot-leaks',
    why: 'a load that fails never gives its slot back',
    edits: [
      machine(
        'flight.ts',
        '    return { entry, shareable, storeKey: key };\n  } finally {\n    state.slots.release();',
        '    state.slots.release();\n    return { entry, shareable, storeKey: key };\n  } finally {',
      ),
    ],
  },
  {
    name: 'loads-uncapped',
    why: 'an overrun source gets more and more work, until renewals fail',
    edits: [machine('slots.ts', 'if (this.#taken < this.#bounds.loadsMax) {', 'if (true) {')],
  },
  {
    name: 'renewal-queues-behind-loads',
    why: 'reads that pile up cost the lease',
    edits: [
      machine(
        'renew.ts',
        '    const before = readClock(state.clock);',
        '    const before = readClock(state.clock);\n    yield* state.slots.acquire();',
      ),
      machine(
        'renew.ts',
        '    state.renewing = false;',
        '    state.renewing = false;\n    state.slots.release();',
      ),
    ],
  },
];
