/**
 * The loader that all contenders are given: one select, counted, that can be held after it has read,
 * as a slow one would be, or take a while.
 */
import { eq } from 'drizzle-orm';
import { setTimeout as pause } from 'node:timers/promises';
import type { ReadDb } from '../../../src/db/read.ts';
import { projects } from '../../../src/db/schema/index.ts';

export interface Project {
  readonly id: string;
  readonly name: string;
}

export interface Hold {
  /** When a load has read, and waits. */
  readonly reached: Promise<void>;
  open(): void;
}

export interface Loading {
  load(db: ReadDb, key: string): Promise<Project | undefined>;
  /** To be called between reading and answering, by what loads in a way of its own. */
  afterRead(key: string): Promise<void>;
  /** The next load of this key waits after it has read. */
  hold(key: string): Hold;
  /** Of all loads from now on. */
  takeMs(ms: number): void;
  /** Since the last call. */
  count(): number;
}

export function createLoading(): Loading {
  const holds = new Map<string, { reached: () => void; opened: Promise<void> }>();
  let takesMs = 0;
  let loads = 0;

  async function afterRead(key: string): Promise<void> {
    loads += 1;
    if (takesMs > 0) await pause(takesMs);
    const hold = holds.get(key);
    if (hold === undefined) return;
    holds.delete(key);
    hold.reached();
    await hold.opened;
  }
  return {
    afterRead,
    async load(db, key) {
      const { id, name } = projects;
      const rows = await db.select({ id, name }).from(projects).where(eq(id, key));
      await afterRead(key);
      return rows[0];
    },
    hold(key) {
      const reached = Promise.withResolvers<void>();
      const opened = Promise.withResolvers<void>();
      holds.set(key, { reached: reached.resolve, opened: opened.promise });
      return { reached: reached.promise, open: opened.resolve };
    },
    takeMs(ms) {
      takesMs = ms;
    },
    count() {
      const counted = loads;
      loads = 0;
      return counted;
    },
  };
}
