/**
 * A simulated PostgreSQL primary, as far as the protocol sees it: transactions that take an xid and
 * become visible later and in another order, snapshots, the outbox, the trim mark and the members.
 * Every method is one instant; latency and lost replies are the link's business (link.ts).
 * Facts stand for rows: each has the token of its last committed write, unique for all time.
 */
import type {
  Beat,
  Grave,
  Observation,
  Since,
  TrimRequest,
} from '../../src/cache/coherence/ports.ts';

export interface OutboxRow {
  readonly id: number;
  readonly xid: number;
  readonly tags: readonly string[];
}

interface Snapshot {
  readonly xmin: number;
  readonly xmax: number;
  readonly active: ReadonlySet<number>;
}

interface MemberRow {
  readonly beat: Beat;
  /** By the database's own clock: nothing in the protocol reads it. */
  readonly at: number;
}

export interface Transaction {
  readonly xid: number;
  readonly epoch: number;
  readonly facts: readonly number[];
  readonly tags: readonly string[];
  readonly rowId: number;
}

export interface Commit {
  readonly xid: number;
  readonly identity: string;
  readonly facts: readonly number[];
  readonly tokens: readonly number[];
}

/** What a replica or a copy holds. */
export interface DatabaseImage {
  readonly nextXid: number;
  readonly facts: readonly number[];
  readonly outbox: readonly OutboxRow[];
  readonly members: ReadonlyMap<string, MemberRow>;
  readonly trimMark: number;
}

export class Database {
  identity = 'db-1';
  /** Counts crashes and fail-overs: what was begun before is gone. */
  epoch = 0;
  /** The database's wall clock against true time; the protocol must not care. */
  clockOffsetMs = 0;
  readonly #nowMs: () => number;
  readonly #onCommit: (commit: Commit) => void;
  #servers = 1;
  #nextXid = 100;
  #nextToken = 1;
  #nextRow = 1;
  #active = new Set<number>();
  #facts: number[];
  #outbox: OutboxRow[] = [];
  #members = new Map<string, MemberRow>();
  #trimMark = 0;

  constructor(
    factCount: number,
    hooks: { readonly nowMs: () => number; readonly onCommit: (commit: Commit) => void },
  ) {
    this.#facts = Array.from({ length: factCount }, () => 0);
    this.#nowMs = hooks.nowMs;
    this.#onCommit = hooks.onCommit;
  }

  get outboxRows(): number {
    return this.#outbox.length;
  }
  get memberIds(): readonly string[] {
    return [...this.#members.keys()];
  }

  // Writing

  begin(facts: readonly number[], tags: readonly string[]): Transaction {
    const xid = this.#takeXid();
    return { xid, epoch: this.epoch, facts, tags, rowId: this.#nextRow++ };
  }

  /** Undefined if the transaction was lost with the server that ran it, or has ended. */
  commit(tx: Transaction): Commit | undefined {
    if (tx.epoch !== this.epoch || !this.#active.has(tx.xid)) return undefined;
    this.#active.delete(tx.xid);
    const tokens = tx.facts.map((fact) => (this.#facts[fact] = this.#nextToken++));
    this.#outbox.push({ id: tx.rowId, xid: tx.xid, tags: tx.tags });
    const commit: Commit = { xid: tx.xid, identity: this.identity, facts: tx.facts, tokens };
    this.#onCommit(commit);
    return commit;
  }

  rollback(tx: Transaction): void {
    if (tx.epoch === this.epoch) this.#active.delete(tx.xid);
  }

  // Reading

  read(facts: readonly number[]): number[] {
    return facts.map((fact) => this.#facts[fact]!);
  }

  // Directory

  beginBeat(): number {
    return this.#takeXid();
  }

  commitBeat(id: string, xid: number): Beat {
    this.#active.delete(xid);
    const beat: Beat = `b${xid}`;
    this.#members.set(id, { beat, at: this.#clock() });
    return beat;
  }

  observe(since: Since | undefined): Observation {
    const seen = since === undefined ? undefined : parseSnapshot(since.snapshot);
    const rows = this.#outbox.filter(
      ({ xid }) =>
        since === undefined ||
        (xid >= since.horizon && !(seen !== undefined && visible(seen, xid))),
    );
    const snapshot = this.#snapshot();
    const beats = new Map<string, Beat>();
    for (const [id, { beat }] of this.#members) beats.set(id, beat);
    return {
      identity: this.identity,
      rows,
      xmin: snapshot.xmin,
      snapshot: formatSnapshot(snapshot),
      trimMark: this.#trimMark,
      beats,
    };
  }

  members(): string[] {
    return [...this.#members.keys()];
  }

  reap({ id, beat, identity }: Grave): void {
    if (identity !== this.identity) return;
    if (this.#members.get(id)?.beat === beat) this.#members.delete(id);
  }

  leave(id: string): void {
    this.#members.delete(id);
  }

  trim(request: TrimRequest): void {
    const byXid = [...this.#outbox].sort((x, y) => x.xid - y.xid);
    const old = byXid
      .slice(0, Math.max(0, byXid.length - request.rowsKept))
      .filter(({ xid }) => xid < request.below)
      .slice(0, request.rowsDeletedMax);
    const last = old.at(-1);
    if (last === undefined) return;
    this.#outbox = this.#outbox.filter(({ xid }) => xid > last.xid);
    this.#trimMark = Math.max(this.#trimMark, last.xid + 1);
  }

  // Disasters

  image(): DatabaseImage {
    return {
      nextXid: this.#nextXid,
      facts: [...this.#facts],
      outbox: [...this.#outbox],
      members: new Map(this.#members),
      trimMark: this.#trimMark,
    };
  }

  /** All connections and open transactions are gone; what is committed stays. */
  crash(): void {
    this.epoch += 1;
    this.#active = new Set();
  }

  /** Another server takes over with what it had; its history is a new timeline. */
  promote(image: DatabaseImage, sameIdentity: boolean): void {
    this.crash();
    if (!sameIdentity) this.identity = `db-${++this.#servers}`;
    this.#nextXid = image.nextXid;
    this.#facts = [...image.facts];
    this.#outbox = [...image.outbox];
    // A member whose row was lost keeps its lease and nobody waits for it: commits that PostgreSQL
    // loses are not promised anything. So that the rest can be tested, no row is lost here.
    this.#members = new Map([...this.#members, ...image.members]);
    this.#trimMark = image.trimMark;
  }

  #takeXid(): number {
    const xid = this.#nextXid++;
    this.#active.add(xid);
    return xid;
  }

  #snapshot(): Snapshot {
    let xmin = this.#nextXid;
    for (const xid of this.#active) if (xid < xmin) xmin = xid;
    return { xmin, xmax: this.#nextXid, active: new Set(this.#active) };
  }

  #clock(): number {
    return this.#nowMs() + this.clockOffsetMs;
  }
}

function formatSnapshot({ xmin, xmax, active }: Snapshot): string {
  return `${xmin}:${xmax}:${[...active].join(',')}`;
}

function parseSnapshot(text: string): Snapshot {
  const [xmin, xmax, active] = text.split(':') as [string, string, string];
  return {
    xmin: Number(xmin),
    xmax: Number(xmax),
    active: new Set(active === '' ? [] : active.split(',').map(Number)),
  };
}

function visible(snapshot: Snapshot, xid: number): boolean {
  return xid < snapshot.xmax && !snapshot.active.has(xid);
}
