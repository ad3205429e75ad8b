/**
 * Everything that changes a user's personality, and the run of the analyzer. Each change is one
 * transaction under the user's lock, so that any number of them at once are done one after another.
 *
 * However many ask for an analysis, here or in other processes, one run answers them all: those
 * here share a promise, and a claim in the database keeps other processes waiting for what comes
 * of it. A claim ends by itself, so that a process that dies holds nobody up for long.
 * Throws PersonalityError.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { ByteStore } from '../../cache/index.ts';
import { SECOND } from '../../config/duration.ts';
import { findWrittenTexts } from '../../db/queries/material.ts';
import {
  deletePersonality,
  findPersonality,
  putPersonality,
  updatePersonality,
} from '../../db/queries/personality.ts';
import { lockUser } from '../../db/queries/users.ts';
import type { ReadDb } from '../../db/read.ts';
import type { Analysis, Traits } from '../../db/schema/index.ts';
import type { Write, WriteTx } from '../../db/write.ts';
import type { Analyzer } from '../analyzer/index.ts';
import {
  EMPTY_ANALYSIS,
  mergeAnalysis,
  readAnalysis,
  type PartialAnalysis,
  type StoredPersonality,
} from './analysis.ts';
import { PersonalityError } from './errors.ts';
import { isFreshAt, personalityAt, type Personality } from './personality.ts';
import { isSignificantChange } from './significant-change.ts';

/** Set by hand, of one user. */
const TUNED_TRAITS_MAX = 200;
const CLAIM_CHECKED_EVERY_MS = 100;
/** After the analyzer's own time: reading, storing, and a pause of the process. */
const CLAIM_SPARE_MS = 5 * SECOND;

export interface Changed {
  changed: boolean;
  version: number;
}

export interface PersonalityOptions {
  readonly analyzer: Analyzer;
  /** Where processes see each other's claims. */
  readonly claims: Pick<ByteStore, 'claim' | 'release'>;
  readonly db: ReadDb;
  readonly write: Write;
  /** Epoch milliseconds, by the clock by which answers are kept. */
  readonly now: () => number;
}

export interface PersonalityService {
  /** Runs the analyzer unless what is stored is fresh; `force`: also then. */
  analyze(userId: string, options: { force: boolean }): Promise<Personality>;
  save(
    userId: string,
    given: { analysis: PartialAnalysis; expectedVersion?: number | undefined },
  ): Promise<Changed>;
  /** Sets traits by hand; they outlast every later analysis, until the personality is deleted. */
  tune(userId: string, traits: Traits): Promise<Changed>;
  /** The next `analyze` runs. */
  invalidate(userId: string): Promise<void>;
  delete(userId: string): Promise<void>;
}

export function createPersonality(options: PersonalityOptions): PersonalityService {
  const { analyzer, claims, db, now } = options;
  const running = new Map<string, Promise<Personality>>();
  const me = randomUUID();

  /** Under the user's lock. */
  const write = <T>(userId: string, work: (tx: WriteTx) => Promise<T>): Promise<T> =>
    options.write(async (tx) => {
      if (await lockUser(tx, userId)) return work(tx);
      throw new PersonalityError('deleted', 'The user was deleted meanwhile');
    });

  /** It spares a second run, and nothing depends on it: without its table everybody may run. */
  const claim = (key: string, ms: number) => claims.claim(key, me, ms).catch(() => true);

  async function runOnce(userId: string): Promise<Personality> {
    const began = now();
    const key = `analysis:${userId}`;
    const claimMs = analyzer.timeoutMs + CLAIM_SPARE_MS;
    const giveUpAt = performance.now() + 2 * claimMs;
    while (!(await claim(key, claimMs))) {
      if (performance.now() > giveUpAt) {
        throw new PersonalityError('busy', 'Another analysis is under way: try again');
      }
      await setTimeout(CLAIM_CHECKED_EVERY_MS);
    }
    try {
      const before = await findPersonality(db, userId);
      // Whoever held the claim has just made one.
      if (before && before.analyzedAt.getTime() >= began && isFreshAt(now(), before)) {
        return personalityAt(now(), before);
      }
      return await runAnalyzer(userId, before);
    } finally {
      await claims.release(key, me).catch(() => undefined);
    }
  }

  async function runAnalyzer(
    userId: string,
    before: StoredPersonality | undefined,
  ): Promise<Personality> {
    const texts = await findWrittenTexts(db, userId);
    const analysis = await analyzer.analyze(texts, AbortSignal.timeout(analyzer.timeoutMs));
    return write(userId, async (tx) => {
      const row = await findPersonality(tx, userId);
      // Saved by somebody while the analyzer ran: theirs is newer than what it read.
      const overtaken = row && row.version !== before?.version && isFreshAt(now(), row);
      if (!overtaken) await keep(tx, { userId, row, analysis });
      return personalityAt(now(), await findPersonality(tx, userId));
    });
  }

  /** As a new version, or as a confirmation of the stored one. */
  async function keep(tx: WriteTx, { userId, row, analysis }: Keeping): Promise<Changed> {
    const at = new Date(now());
    const stored = row && readAnalysis(row.analysisData);
    const confirmed = { analyzedAt: at, updatedAt: at, isStale: false };
    if (row && stored && !isSignificantChange(stored, analysis)) {
      await updatePersonality(tx, userId, { ...confirmed, bump: false });
      return { changed: false, version: row.version };
    }
    const version = (row?.version ?? 0) + 1;
    await putPersonality(tx, userId, { ...confirmed, analysisData: analysis, version });
    return { changed: true, version };
  }

  return {
    async analyze(userId, { force }) {
      if (!force) {
        const stored = personalityAt(now(), await findPersonality(db, userId));
        if (stored.status === 'fresh') return stored;
      }
      const run = running.get(userId) ?? runOnce(userId).finally(() => running.delete(userId));
      running.set(userId, run);
      return run;
    },

    save: (userId, { analysis: given, expectedVersion }) =>
      write(userId, async (tx) => {
        const row = await findPersonality(tx, userId);
        const stored = row && readAnalysis(row.analysisData);
        const seen = row && stored ? row.version : 0;
        if (expectedVersion !== undefined && expectedVersion !== seen) {
          const message = `The analysis has version ${seen}, not ${expectedVersion}: load it again`;
          throw new PersonalityError('conflict', message);
        }
        const analysis = mergeAnalysis(stored, given);
        if (row && stored && isFreshAt(now(), row) && !isSignificantChange(stored, analysis)) {
          return { changed: false, version: row.version };
        }
        return keep(tx, { userId, row, analysis });
      }),

    tune: (userId, traits) =>
      write(userId, async (tx) => {
        const row = await findPersonality(tx, userId);
        const before = row?.tunedTraits ?? {};
        const tunedTraits = { ...before, ...traits };
        if (Object.keys(tunedTraits).length > TUNED_TRAITS_MAX) {
          const message = `traits: at most ${TUNED_TRAITS_MAX} can be set by hand`;
          throw new PersonalityError('too_many', message);
        }
        const changed = Object.keys(traits).some((name) => before[name] !== tunedTraits[name]);
        if (row && !changed) return { changed, version: row.version };
        const updatedAt = new Date(now());
        if (row) await updatePersonality(tx, userId, { tunedTraits, updatedAt, bump: true });
        else {
          // Nothing is known yet but what the user wants: the next analysis fills it in.
          const analysisData = EMPTY_ANALYSIS;
          const first = { analysisData, tunedTraits, updatedAt, isStale: true, version: 1 };
          await putPersonality(tx, userId, first);
        }
        return { changed: true, version: (row?.version ?? 0) + 1 };
      }),

    invalidate: (userId) =>
      write(userId, async (tx) => {
        const updatedAt = new Date(now());
        await updatePersonality(tx, userId, { isStale: true, updatedAt, bump: false });
      }),

    delete: (userId) => write(userId, (tx) => deletePersonality(tx, userId)),
  };
}

interface Keeping {
  readonly userId: string;
  readonly row: StoredPersonality | undefined;
  readonly analysis: Analysis;
}
