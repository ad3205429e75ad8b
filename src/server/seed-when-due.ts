/**
 * What a start adds to a database. The demo, where somebody is trying Greenroom out: on the embedded
 * database at its first start, or wherever SEED_DEMO asks for it; never on a real database by itself.
 * What an interrupted seed or an older version did not make is made at the next start. And the bots,
 * wherever there is none: preferences name one, and nobody can talk to no one.
 */
import type { Config } from '../config/env.ts';
import type { ReadDb } from '../db/read.ts';
import { personas } from '../db/schema/index.ts';
import { addPersonas } from '../db/seed/personas.ts';
import type { Write } from '../db/write.ts';

export interface SeedWhenDueOptions {
  config: Config;
  embedded: boolean;
  db: ReadDb;
  write: Write;
  print: (line: string) => void;
}

export async function seedWhenDue(options: SeedWhenDueOptions): Promise<void> {
  const { config, embedded, db, write, print } = options;
  const hasBots = await isAnyBot(db);
  // The bots are what a seed makes last, and nobody deletes them.
  if (config.seedDemo ?? (embedded && !hasBots)) {
    // The scenes' sources are read only where they are wanted.
    const { seed } = await import('../db/seed.ts');
    await seed(write, ({ done, total, what }) => print(`Demo ${done}/${total}: ${what}`));
  } else if (!hasBots) {
    await write(addPersonas);
  }
}

async function isAnyBot(db: ReadDb): Promise<boolean> {
  const rows = await db.select({ id: personas.id }).from(personas).limit(1);
  return rows.length > 0;
}
