CREATE TABLE "similar_log" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "similar_log_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"source" text NOT NULL,
	"shelf" text NOT NULL,
	"owner_id" uuid,
	"kind" text NOT NULL,
	"judge" uuid NOT NULL,
	"entry_id" bigint,
	"features" double precision[],
	"score" double precision NOT NULL,
	"weight" double precision NOT NULL,
	"is_right" boolean,
	"decision_id" uuid,
	"prompt" text,
	"facts" text,
	"answer" text,
	"intent" jsonb,
	"votes_only" boolean,
	"tokens" bigint,
	"vector" "bytea",
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "decisions" ADD COLUMN "similar_id" bigint;--> statement-breakpoint
ALTER TABLE "decisions" ADD COLUMN "tokens_saved" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "decisions" ADD COLUMN "verdict" text;--> statement-breakpoint
ALTER TABLE "similar_log" ADD CONSTRAINT "similar_log_owner_id_users_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "similar_log_source" ON "similar_log" USING btree ("source","id");--> statement-breakpoint
CREATE INDEX "similar_log_owner" ON "similar_log" USING btree ("owner_id");--> statement-breakpoint
CREATE INDEX "decisions_age" ON "decisions" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "decisions_bad" ON "decisions" USING hash ("prompt") WHERE "decisions"."verdict" = 'bad';