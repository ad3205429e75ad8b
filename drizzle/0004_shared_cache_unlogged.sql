-- The shared cache may be lost at any time, so it is kept out of the log (and empty after a crash).
-- Its values are compressed already where that helps: PostgreSQL is not to try again.
ALTER TABLE "cache_entries" SET UNLOGGED;
--> statement-breakpoint
ALTER TABLE "cache_claims" SET UNLOGGED;
--> statement-breakpoint
ALTER TABLE "cache_entries" ALTER COLUMN "value" SET STORAGE EXTERNAL;
