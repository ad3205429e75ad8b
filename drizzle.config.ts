/**
 * For drizzle-kit, which `scripts/db-generate.ts` and `scripts/db-studio.ts` start. The
 * address comes from them: the embedded server has a new port at each start.
 */
import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: 'postgresql',
  schema: './src/db/schema/index.ts',
  out: './drizzle',
  dbCredentials: { url: process.env['DATABASE_URL'] ?? 'postgres://set-by-the-script' },
});
