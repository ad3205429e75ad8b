-- Drizzle cannot declare a deferrable constraint. Deferred to the commit, so that a reorder may
-- pass through states in which two scenes share a position; it is also the index of the list.
ALTER TABLE "scenes" ADD CONSTRAINT "scenes_order" UNIQUE ("project_id", "position") DEFERRABLE INITIALLY DEFERRED;
--> statement-breakpoint
INSERT INTO "cache_trim" ("only", "mark") VALUES (true, '0');
