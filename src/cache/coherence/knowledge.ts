/**
 * Which committed writes this process knows, per tag, and what follows from it. Pure data; no
 * clock, no I/O. Two questions are asked of it:
 *
 * `unchanged`: has this process learnt of a write to these tags since a moment of its own? Decides
 * about what it loaded or checked itself (L1, flights). Moments are counted by `seq`; it needs no
 * xids, so a transaction that hangs, and holds the horizon, does not matter.
 * `usable`: is a write known that the loader of this entry, perhaps another process, did not know?
 * Decides about the shared store. Writes below `horizon` are all known (it is the xmin of the last
 * applied snapshot); below `floor` they may have been forgotten or never read.
 *
 * Memory: at most `tagsMax` tags with `xidsPerTagMax` writes each.
 */
import type { Provenance, Xid } from './entry.ts';

/** A moment of knowledge, taken in O(1) before a load is sent. */
export interface Note {
  readonly horizon: Xid;
  readonly seq: number;
}

interface TagKnowledge {
  /** Writes below it may have been forgotten for this tag alone. */
  floor: Xid;
  newest: Xid;
  readonly xids: Xid[];
  /** When each of them was learnt. */
  readonly seqs: number[];
  /** When the last of those was learnt that are forgotten again. */
  blurredAt: number;
}

export interface KnowledgeBounds {
  /** Tags remembered. Each costs about 150 bytes; limits how old a usable stored entry may be. */
  readonly tagsMax: number;
  /** Writes remembered per tag: those since the horizon (half a second) matter, older ones rarely. */
  readonly xidsPerTagMax: number;
}

export class Knowledge {
  readonly #bounds: KnowledgeBounds;
  /** In order of the last write learnt: the first is the first to be forgotten. */
  #tags = new Map<string, TagKnowledge>();
  #horizon: Xid | undefined;
  #floor: Xid = 0;
  #seq = 0;
  #resets = 0;
  /** When the last write was learnt, or may have been missed, that no tag tells of any more. */
  #blurredAt = 0;

  constructor(bounds: KnowledgeBounds) {
    this.#bounds = bounds;
  }

  get horizon(): Xid | undefined {
    return this.#horizon;
  }
  get floor(): Xid {
    return this.#floor;
  }
  get seq(): number {
    return this.#seq;
  }
  /** How often everything was forgotten: what was begun before is of another database. */
  get resets(): number {
    return this.#resets;
  }
  get tagCount(): number {
    return this.#tags.size;
  }

  /** Forgets everything: the database is another one than before. */
  reset(): void {
    this.#resets += 1;
    this.#tags = new Map();
    this.#horizon = undefined;
    this.#floor = 0;
    this.#blur();
  }

  /** Learns of one committed write. Learning it again changes nothing. */
  apply(xid: Xid, tags: readonly string[]): void {
    const seq = this.#seq + 1;
    for (const tag of tags) this.#applyTag(xid, tag, seq);
  }

  #applyTag(xid: Xid, tag: string, seq: number): void {
    let known = this.#tags.get(tag);
    if (known === undefined) {
      known = { floor: 0, newest: 0, xids: [], seqs: [], blurredAt: 0 };
    } else {
      // Repeated, as most are: by the journal, and then by the outbox.
      if (known.xids.includes(xid)) return;
      this.#tags.delete(tag);
    }
    this.#tags.set(tag, known);
    this.#seq = seq;
    known.xids.push(xid);
    known.seqs.push(seq);
    if (xid > known.newest) known.newest = xid;
    if (known.xids.length > this.#bounds.xidsPerTagMax) forgetOldest(known);
    if (this.#tags.size > this.#bounds.tagsMax) this.#forgetTag();
  }

  #forgetTag(): void {
    for (const [tag, known] of this.#tags) {
      this.#tags.delete(tag);
      // FENCE memory-bound: what is forgotten must lie below the floor, or a stored entry that
      // misses the forgotten write would look usable.
      this.#raiseFloor(Math.max(known.floor, known.newest + 1));
      // FENCE memory-blur: the same for what was loaded here, by the moment.
      this.#blurredAt = Math.max(this.#blurredAt, known.blurredAt, ...known.seqs);
      return;
    }
  }

  /** Writes below `mark` may have happened unseen: neither stored nor own entries may miss them. */
  missedBelow(mark: Xid): void {
    this.#raiseFloor(mark);
    this.#blur();
  }

  /** FENCE floor-never-falls: a lower floor would claim to remember what was forgotten. */
  #raiseFloor(to: Xid): void {
    this.#floor = Math.max(this.#floor, to);
  }

  #blur(): void {
    this.#seq += 1;
    this.#blurredAt = this.#seq;
  }

  /** Everything below `to` is applied. */
  raiseHorizon(to: Xid): void {
    this.#horizon = to;
  }

  /** This moment, or undefined before the first renewal: without a horizon nothing can be cached. */
  note(): Note | undefined {
    if (this.#horizon === undefined) return undefined;
    return { horizon: this.#horizon, seq: this.#seq };
  }

  /** What was known of `tags` at the moment of `note`. */
  provenance(note: Note, tags: readonly string[]): Provenance {
    const found: Xid[] = [];
    for (const tag of tags) {
      const known = this.#tags.get(tag);
      if (known === undefined || known.newest < note.horizon) continue;
      for (let i = 0; i < known.xids.length; i += 1) {
        const xid = known.xids[i]!;
        // FENCE as-of-note: a write that arrived during the load may be missing from what it read.
        if (xid >= note.horizon && known.seqs[i]! <= note.seq && !found.includes(xid)) {
          found.push(xid);
        }
      }
    }
    return { horizon: note.horizon, known: found };
  }

  /** Whether nothing was learnt of `tags` after the moment `from`, up to the moment `to`. */
  unchanged(tags: readonly string[], from: number, to = Infinity): boolean {
    if (from === this.#seq) return true;
    // FENCE blur: what no tag tells of any more may have been a write to any of them.
    if (this.#blurredAt > from) return false;
    for (const tag of tags) {
      const known = this.#tags.get(tag);
      if (known === undefined) continue;
      // FENCE tag-blur: the same for the writes that one busy tag has forgotten.
      if (known.blurredAt > from) return false;
      for (let i = known.seqs.length - 1; i >= 0; i -= 1) {
        if (known.seqs[i]! > from && known.seqs[i]! <= to) return false;
      }
    }
    return true;
  }

  /** Whether nothing is known to have written to `tags` that the loader did not know. */
  usable(tags: readonly string[], provenance: Provenance): boolean {
    const { horizon } = provenance;
    // FENCE floor: below it a write may have been forgotten that the loader did not know.
    if (horizon < this.#floor) return false;
    for (const tag of tags) {
      const known = this.#tags.get(tag);
      if (known === undefined) continue;
      // FENCE tag-floor: the same for the writes that one busy tag has forgotten.
      if (horizon < known.floor) return false;
      if (known.newest < horizon) continue;
      for (const xid of known.xids) {
        // FENCE set-of-xids: not a maximum, because transactions commit out of the order of xids.
        if (xid >= horizon && !provenance.known.includes(xid)) return false;
      }
    }
    return true;
  }

  /** The writes remembered for a tag, for explaining a decision to a human. */
  explain(tag: string): { readonly floor: Xid; readonly xids: readonly Xid[] } {
    const known = this.#tags.get(tag);
    return { floor: Math.max(this.#floor, known?.floor ?? 0), xids: [...(known?.xids ?? [])] };
  }
}

function forgetOldest(known: TagKnowledge): void {
  let at = 0;
  for (let i = 1; i < known.xids.length; i += 1) if (known.xids[i]! < known.xids[at]!) at = i;
  // FENCE tag-bound: as for the memory bound, but only this tag pays.
  known.floor = Math.max(known.floor, known.xids[at]! + 1);
  known.blurredAt = Math.max(known.blurredAt, known.seqs[at]!);
  known.xids.splice(at, 1);
  known.seqs.splice(at, 1);
}
