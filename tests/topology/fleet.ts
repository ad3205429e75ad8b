/**
 * Several processes' caches in one test process: each a member of its own (member.ts), on one
 * database, sharing what a `Sharing` gives them.
 *   await using fleet = await createFleet({ members: 3, share: shareBy…(…) });
 * `loads` counts how often anybody asked the source.
 */
import { randomUUID } from 'node:crypto';
import { projects, users } from '../../src/db/schema/index.ts';
import { createTestDatabase } from '../fixtures/database.ts';
import { until } from '../contract/when-ready.ts';
import { howOf, openMember, type Member, type MemberOptions } from './member.ts';

export interface Fleet extends AsyncDisposable {
  readonly members: readonly Member[];
  readonly databaseUrl: string;
  /** Loads by all members since the last call. */
  loads(): number;
  /** Loads wait until this is called; then they no longer do. */
  holdLoads(): () => void;
  addProject(name: string): Promise<string>;
  /** Until a write is answered by all: connections are made behind one's back. */
  settled(): Promise<void>;
}

export interface FleetOptions extends Omit<MemberOptions, 'url' | 'loading'> {
  readonly members: number;
  /** Migrated. Default: one of its own. */
  readonly databaseUrl?: string;
}

export async function createFleet(options: FleetOptions): Promise<Fleet> {
  await using parts = new AsyncDisposableStack();
  const url = options.databaseUrl ?? parts.use(await createTestDatabase()).url;
  let loads = 0;
  let held: Promise<void> | undefined;
  const loading = async (): Promise<void> => {
    loads += 1;
    await held;
  };

  const members: Member[] = [];
  for (let index = 0; index < options.members; index += 1) {
    members.push(parts.use(await openMember({ ...options, url, loading })));
  }
  const [first] = members;

  async function addProject(name: string): Promise<string> {
    return first!.write(async (tx) => {
      const key = randomUUID();
      const [owner] = await tx
        .insert(users)
        .values({ name: 'owner', email: `${key}@example.com`, username: key })
        .returning();
      const [project] = await tx.insert(projects).values({ name, ownerId: owner!.id }).returning();
      return project!.id;
    });
  }
  const owned = parts.move();
  return {
    members,
    databaseUrl: url,
    loads() {
      const counted = loads;
      loads = 0;
      return counted;
    },
    holdLoads() {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return () => {
        held = undefined;
        resolve();
      };
    },
    addProject,
    async settled() {
      const project = await addProject('settling');
      for (const member of members) {
        await until(async () => {
          await member.rename(project, randomUUID());
          return howOf(member) === 'answered';
        });
      }
      await until(async () => {
        for (const { name, cache } of members) {
          await name(randomUUID());
          const { shared } = cache.report();
          if (shared && Object.values(shared.breakers).some((state) => state !== 'closed'))
            return false;
        }
        return true;
      });
      loads = 0;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** What makes a process load by itself, of all members: a test of sharing says it when it fails. */
export function troublesOf({ members }: Fleet): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { events } of members) {
    for (const event of events) {
      if (!TROUBLES.has(event.type)) continue;
      const error = 'error' in event ? `: ${String(event.error)}` : '';
      const trouble = `${event.type}${error}`;
      counts[trouble] = (counts[trouble] ?? 0) + 1;
    }
  }
  return counts;
}

const TROUBLES = new Set([
  'lease-lost',
  'renewal-failed',
  'store-failed',
  'store-unusable',
  'not-kept',
]);
