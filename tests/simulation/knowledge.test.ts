/**
 * Knowledge against an oracle that forgets nothing: whatever order writes commit and arrive in, and
 * however little may be remembered, an entry is never called usable that misses a known write.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Knowledge } from '../../src/cache/coherence/knowledge.ts';

const TAGS = ['a', 'b', 'c', 'd'];
const XIDS = 24;

interface Write {
  readonly xid: number;
  readonly tags: readonly string[];
}

const bounds = fc.record({
  tagsMax: fc.integer({ min: 1, max: 5 }),
  xidsPerTagMax: fc.integer({ min: 1, max: 4 }),
});
const tags = fc.subarray(TAGS, { minLength: 1 });

/** Writes with distinct xids; their order is the order of commits, not of xids. */
const history = fc.uniqueArray(fc.record({ xid: fc.integer({ min: 1, max: XIDS }), tags }), {
  selector: ({ xid }) => xid,
  minLength: 1,
  maxLength: XIDS,
});

/** How many commits a process has heard of by its renewals, and which more by the journal. */
const heard = fc.record({
  renewedAt: fc.nat(XIDS),
  journal: fc.array(fc.nat(XIDS), { maxLength: 8 }),
});

/** Below this all writes that will ever commit have: what a snapshot calls xmin. */
function horizonAt(writes: readonly Write[], commits: number): number {
  const open = writes.slice(commits).map(({ xid }) => xid);
  return Math.min(XIDS + 1, ...open);
}

function learn(
  knowledge: Knowledge,
  writes: readonly Write[],
  told: { readonly renewedAt: number; readonly journal: readonly number[] },
): Set<number> {
  const known = new Set<number>();
  const apply = (write: Write | undefined): void => {
    if (write === undefined) return;
    knowledge.apply(write.xid, write.tags);
    known.add(write.xid);
  };
  for (const write of writes.slice(0, told.renewedAt)) apply(write);
  knowledge.raiseHorizon(horizonAt(writes, told.renewedAt));
  for (const index of told.journal) apply(writes[index]);
  return known;
}

describe('an entry of another process', () => {
  test('is never usable when a known write to its tags was unknown to its loader', () => {
    const property = fc.property(
      history,
      tags,
      heard,
      heard,
      bounds,
      bounds,
      (writes, entryTags, loaderHeard, readerHeard, loaderBounds, readerBounds) => {
        const loader = new Knowledge(loaderBounds);
        const loaderKnew = learn(loader, writes, loaderHeard);
        const provenance = loader.provenance(loader.note()!, entryTags);
        const reader = new Knowledge(readerBounds);
        const readerKnows = learn(reader, writes, readerHeard);
        const missed = writes.some(
          (write) =>
            readerKnows.has(write.xid) &&
            !loaderKnew.has(write.xid) &&
            write.tags.some((tag) => entryTags.includes(tag)),
        );
        if (missed) expect(reader.usable(entryTags, provenance)).toBe(false);
      },
    );
    fc.assert(property, { numRuns: 3000 });
  });

  test('is usable when both know the same and nothing was forgotten', () => {
    const roomy = { tagsMax: 100, xidsPerTagMax: 100 };
    const property = fc.property(history, tags, heard, (writes, entryTags, told) => {
      const loader = new Knowledge(roomy);
      learn(loader, writes, told);
      const reader = new Knowledge(roomy);
      learn(reader, writes, told);
      const provenance = loader.provenance(loader.note()!, entryTags);
      expect(reader.usable(entryTags, provenance)).toBe(true);
    });
    fc.assert(property, { numRuns: 500 });
  });
});

describe('what this process loaded itself', () => {
  test('is never unchanged when a write to its tags was learnt since', () => {
    const property = fc.property(
      history,
      tags,
      fc.nat(XIDS),
      fc.nat(XIDS),
      bounds,
      (writes, asked, fromWrite, toWrite, memory) => {
        const knowledge = new Knowledge(memory);
        const seqs = writes.map((write) => {
          knowledge.apply(write.xid, write.tags);
          return knowledge.seq;
        });
        const from = seqs[fromWrite] ?? 0;
        const to = seqs[toWrite] ?? Infinity;
        const changed = writes.some(
          (write, i) =>
            seqs[i]! > from && seqs[i]! <= to && write.tags.some((tag) => asked.includes(tag)),
        );
        if (changed) expect(knowledge.unchanged(asked, from, to)).toBe(false);
      },
    );
    fc.assert(property, { numRuns: 3000 });
  });

  test('does not care about a transaction that holds the horizon', () => {
    const knowledge = new Knowledge({ tagsMax: 10, xidsPerTagMax: 2 });
    knowledge.raiseHorizon(5);
    for (let xid = 10; xid < 20; xid += 1) knowledge.apply(xid, ['busy']);
    const note = knowledge.note()!;
    expect(knowledge.usable(['busy'], knowledge.provenance(note, ['busy']))).toBe(false);
    expect(knowledge.unchanged(['busy'], note.seq)).toBe(true);
  });
});

describe('knowledge', () => {
  test('counts a write once, however often it is told', () => {
    const knowledge = new Knowledge({ tagsMax: 10, xidsPerTagMax: 4 });
    knowledge.apply(7, ['a']);
    const { seq } = knowledge;
    knowledge.apply(7, ['a']);
    expect(knowledge.seq).toBe(seq);
  });

  test('never lowers its floor', () => {
    const knowledge = new Knowledge({ tagsMax: 1, xidsPerTagMax: 4 });
    knowledge.apply(50, ['a']);
    knowledge.apply(60, ['b']);
    expect(knowledge.floor).toBe(51);
    knowledge.missedBelow(20);
    expect(knowledge.floor).toBe(51);
  });

  test('forgets the tag that was written longest ago', () => {
    const knowledge = new Knowledge({ tagsMax: 2, xidsPerTagMax: 4 });
    knowledge.apply(1, ['a']);
    knowledge.apply(2, ['b']);
    knowledge.apply(3, ['a']);
    knowledge.apply(4, ['c']);
    expect(knowledge.explain('b').xids).toEqual([]);
    expect(knowledge.explain('a').xids).toEqual([1, 3]);
  });

  test('calls nothing unchanged across a reset', () => {
    const knowledge = new Knowledge({ tagsMax: 10, xidsPerTagMax: 4 });
    knowledge.raiseHorizon(9);
    const note = knowledge.note()!;
    knowledge.reset();
    expect(knowledge.unchanged(['a'], note.seq)).toBe(false);
    expect(knowledge.note()).toBeUndefined();
  });
});
