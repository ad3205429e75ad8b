DROP INDEX "decisions_bad";--> statement-breakpoint
ALTER TABLE "decisions" ADD COLUMN "wish" text;--> statement-breakpoint
-- What was called wrong stays so, at least for the very same prompt.
UPDATE "decisions" SET "wish" = "prompt" WHERE "verdict" = 'bad';--> statement-breakpoint
CREATE INDEX "decisions_bad" ON "decisions" USING hash ("wish") WHERE "decisions"."verdict" = 'bad';