/** Invalidates tags by hand: a row in the outbox, and so known everywhere like any other write. */
import { sql } from 'drizzle-orm';
import type { Write } from './write.ts';

export async function invalidateTags(write: Write, tags: readonly string[]): Promise<void> {
  if (tags.length === 0) return;
  await write(async (tx) => {
    await tx.execute(sql`
      INSERT INTO cache_outbox (xid, tags)
      SELECT pg_current_xact_id(), array_agg(tag) FROM json_array_elements_text(${JSON.stringify(tags)}) tag`);
  });
}
