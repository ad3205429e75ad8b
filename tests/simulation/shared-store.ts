/**
 * A simulated Redis used as the shared cache, with all that may happen to one: it restarts empty or
 * from an old snapshot, fails over to a replica that lags and back again, splits so that processes
 * see different servers, evicts anything, and swaps servers under a connection.
 */
import type { Entry } from '../../src/cache/coherence/entry.ts';
import type { Random } from './random.ts';

interface Claim {
  readonly by: string;
  readonly untilMs: number;
}

interface Server {
  entries: Map<string, Entry>;
  readonly claims: Map<string, Claim>;
}

export class SharedStore {
  readonly #random: Random;
  readonly #nowMs: () => number;
  readonly #servers: Server[] = [newServer(), newServer()];
  /** Which server a process is connected to; the primary if it is not listed. */
  #routes = new Map<string, number>();
  #primary = 0;
  readonly #saved: ReadonlyMap<string, Entry>[] = [];

  constructor(random: Random, nowMs: () => number) {
    this.#random = random;
    this.#nowMs = nowMs;
  }

  get(process: string, key: string): Entry | undefined {
    return this.#server(process).entries.get(key);
  }

  set(process: string, key: string, entry: Entry): void {
    this.#server(process).entries.set(key, entry);
  }

  claim(process: string, key: string, claim: { by: string; ttlMs: number }): boolean {
    const { claims } = this.#server(process);
    const held = claims.get(key);
    if (held !== undefined && held.untilMs > this.#nowMs() && held.by !== claim.by) return false;
    claims.set(key, { by: claim.by, untilMs: this.#nowMs() + claim.ttlMs });
    return true;
  }

  release(process: string, key: string, by: string): void {
    const { claims } = this.#server(process);
    if (claims.get(key)?.by === by) claims.delete(key);
  }

  // Disasters

  save(): void {
    this.#saved.push(new Map(this.#servers[this.#primary]!.entries));
  }
  restartEmpty(): void {
    this.#servers[this.#primary] = newServer();
  }
  restartFromSaved(which: 'any' | 'latest' = 'any'): void {
    const saved = which === 'latest' ? this.#saved.at(-1) : this.#random.pick(this.#saved);
    if (saved === undefined) return;
    const entries = new Map(saved);
    this.#servers[this.#primary] = { entries, claims: new Map() };
  }
  /** Asynchronous replication catches up; between two calls the replica lags. */
  replicate(): void {
    this.#servers[1 - this.#primary]!.entries = new Map(this.#servers[this.#primary]!.entries);
  }
  failOver(): void {
    this.#primary = 1 - this.#primary;
    this.#routes.clear();
  }
  /** Some processes go on with the other server. */
  split(processes: readonly string[]): void {
    for (const process of processes) this.#routes.set(process, this.#random.below(2));
  }
  heal(): void {
    this.#routes.clear();
  }
  evictSome(): void {
    const { entries } = this.#servers[this.#primary]!;
    for (const key of entries.keys()) if (this.#random.chance(0.5)) entries.delete(key);
  }

  #server(process: string): Server {
    return this.#servers[this.#routes.get(process) ?? this.#primary]!;
  }
}

function newServer(): Server {
  return { entries: new Map(), claims: new Map() };
}
