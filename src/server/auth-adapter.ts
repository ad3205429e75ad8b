/**
 * better-auth's way to the database, led through ours: it reads with the handle that can only
 * read, and every writing method is one `write(tx => …)`. So a sign-out, a ban or a change of role
 * invalidates by the rows it wrote, and is seen by every process when its answer is given.
 *
 * The work itself is done by better-auth's own Drizzle adapter, made anew on each transaction.
 */
import { drizzleAdapter } from 'better-auth/adapters/drizzle';
import type { BetterAuthOptions } from 'better-auth';
import type { DBAdapter, DBTransactionAdapter } from 'better-auth/types';
import { accounts, sessions, users, verifications } from '../db/schema/auth.ts';
import type { ReadDb } from '../db/read.ts';
import type { Write, WriteTx } from '../db/write.ts';
import { freeUsername } from './username.ts';

const SETTINGS = {
  provider: 'pg' as const,
  schema: { user: users, session: sessions, account: accounts, verification: verifications },
};

export function coherentAdapter(options: { read: ReadDb; write: Write }) {
  const { read, write } = options;
  return (authOptions: BetterAuthOptions): DBAdapter => {
    const on = (db: object): DBAdapter => drizzleAdapter(db, SETTINGS)(authOptions);
    const within = (tx: WriteTx): DBTransactionAdapter => {
      const { transaction: _nested, ...inner } = on(tx);
      return { ...inner, create: (args) => createWithUsername(tx, inner, args) };
    };
    return {
      ...on(read),
      create: (args) => write((tx) => within(tx).create(args)) as never,
      update: (args) => write((tx) => within(tx).update(args)) as never,
      updateMany: (args) => write((tx) => within(tx).updateMany(args)),
      delete: (args) => write((tx) => within(tx).delete(args)),
      deleteMany: (args) => write((tx) => within(tx).deleteMany(args)),
      consumeOne: (args) => write((tx) => within(tx).consumeOne(args)) as never,
      incrementOne: (args) => write((tx) => within(tx).incrementOne(args)) as never,
      transaction: (work) => write((tx) => work(within(tx))),
    };
  };
}

type Create = DBTransactionAdapter['create'];

/** Chosen in the inserting transaction, under a lock: two sign-ups cannot choose the same name. */
async function createWithUsername(
  tx: WriteTx,
  inner: { create: Create },
  args: Parameters<Create>[0],
): Promise<never> {
  const email: unknown = args.data['email'];
  if (args.model !== 'user' || typeof email !== 'string') return inner.create(args) as never;
  const username = await freeUsername(tx, email);
  return inner.create({ ...args, data: { ...args.data, username } }) as never;
}
