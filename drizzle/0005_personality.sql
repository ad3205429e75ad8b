CREATE TABLE "conversations" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"user_id" uuid NOT NULL,
	"bot_name" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "messages" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"conversation_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"role" text NOT NULL,
	"content" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "messages_place" UNIQUE("conversation_id","position")
);
--> statement-breakpoint
CREATE TABLE "personality_cache" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"user_id" uuid NOT NULL,
	"analysis_data" jsonb NOT NULL,
	"tuned_traits" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"analyzed_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"is_stale" boolean DEFAULT false NOT NULL,
	CONSTRAINT "personality_cache_user" UNIQUE("user_id"),
	CONSTRAINT "personality_cache_size" CHECK (octet_length("personality_cache"."analysis_data"::text) <= 5242880)
);
--> statement-breakpoint
CREATE TABLE "personas" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"name" text NOT NULL,
	"archetype" text NOT NULL,
	"traits" jsonb NOT NULL,
	"voice" text,
	"system_prompt" text NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "personas_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "preferences" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"settings" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_bot_name_personas_name_fk" FOREIGN KEY ("bot_name") REFERENCES "public"."personas"("name") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_conversation_id_conversations_id_fk" FOREIGN KEY ("conversation_id") REFERENCES "public"."conversations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "personality_cache" ADD CONSTRAINT "personality_cache_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "preferences" ADD CONSTRAINT "preferences_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "conversations_user" ON "conversations" USING btree ("user_id","updated_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "conversations_bot" ON "conversations" USING btree ("bot_name","user_id");--> statement-breakpoint
CREATE INDEX "personality_cache_updated" ON "personality_cache" USING btree ("updated_at" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "personality_cache_version" ON "personality_cache" USING btree ("version");--> statement-breakpoint
CREATE INDEX "personality_cache_stale" ON "personality_cache" USING btree ("is_stale");--> statement-breakpoint
DROP FUNCTION IF EXISTS public."personas_record_tags"() CASCADE;
--> statement-breakpoint
CREATE FUNCTION public."personas_record_tags"() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  touched text[];
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    touched := ARRAY['table:personas'];
  ELSIF TG_OP = 'INSERT' THEN
    SELECT array_agg(t.tag) INTO touched FROM (SELECT DISTINCT s.tag FROM
      (SELECT unnest(ARRAY['persona:' || r."name"::text, 'personas']) AS tag FROM new_rows r) s WHERE s.tag IS NOT NULL LIMIT 501) t;
  ELSIF TG_OP = 'UPDATE' THEN
    SELECT array_agg(t.tag) INTO touched FROM (SELECT DISTINCT s.tag FROM
      (SELECT unnest(ARRAY['persona:' || r."name"::text, 'personas']) AS tag FROM old_rows r UNION ALL SELECT unnest(ARRAY['persona:' || r."name"::text, 'personas']) AS tag FROM new_rows r) s WHERE s.tag IS NOT NULL LIMIT 501) t;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg(t.tag) INTO touched FROM (SELECT DISTINCT s.tag FROM
      (SELECT unnest(ARRAY['persona:' || r."name"::text, 'personas']) AS tag FROM old_rows r) s WHERE s.tag IS NOT NULL LIMIT 501) t;
  END IF;
  IF touched IS NULL THEN RETURN NULL; END IF;
  IF cardinality(touched) > 500 THEN touched := ARRAY['table:personas']; END IF;
  INSERT INTO public.cache_outbox (xid, tags) VALUES (pg_current_xact_id(), touched);
  RETURN NULL;
END;
$$;
--> statement-breakpoint
CREATE TRIGGER "personas_tags_insert" AFTER INSERT ON "public"."personas" REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION public."personas_record_tags"();
--> statement-breakpoint
ALTER TABLE "public"."personas" ENABLE ALWAYS TRIGGER "personas_tags_insert";
--> statement-breakpoint
CREATE TRIGGER "personas_tags_update" AFTER UPDATE ON "public"."personas" REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION public."personas_record_tags"();
--> statement-breakpoint
ALTER TABLE "public"."personas" ENABLE ALWAYS TRIGGER "personas_tags_update";
--> statement-breakpoint
CREATE TRIGGER "personas_tags_delete" AFTER DELETE ON "public"."personas" REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION public."personas_record_tags"();
--> statement-breakpoint
ALTER TABLE "public"."personas" ENABLE ALWAYS TRIGGER "personas_tags_delete";
--> statement-breakpoint
CREATE TRIGGER "personas_tags_truncate" AFTER TRUNCATE ON "public"."personas"
  FOR EACH STATEMENT EXECUTE FUNCTION public."personas_record_tags"();
--> statement-breakpoint
ALTER TABLE "public"."personas" ENABLE ALWAYS TRIGGER "personas_tags_truncate";
--> statement-breakpoint
DROP FUNCTION IF EXISTS public."conversations_record_tags"() CASCADE;
--> statement-breakpoint
CREATE FUNCTION public."conversations_record_tags"() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  touched text[];
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    touched := ARRAY['table:conversations'];
  ELSIF TG_OP = 'INSERT' THEN
    SELECT array_agg(t.tag) INTO touched FROM (SELECT DISTINCT s.tag FROM
      (SELECT unnest(ARRAY['conversation:' || r."id"::text, 'user:' || r."user_id"::text || ':conversations']) AS tag FROM new_rows r) s WHERE s.tag IS NOT NULL LIMIT 501) t;
  ELSIF TG_OP = 'UPDATE' THEN
    SELECT array_agg(t.tag) INTO touched FROM (SELECT DISTINCT s.tag FROM
      (SELECT unnest(ARRAY['conversation:' || r."id"::text, 'user:' || r."user_id"::text || ':conversations']) AS tag FROM old_rows r UNION ALL SELECT unnest(ARRAY['conversation:' || r."id"::text, 'user:' || r."user_id"::text || ':conversations']) AS tag FROM new_rows r) s WHERE s.tag IS NOT NULL LIMIT 501) t;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg(t.tag) INTO touched FROM (SELECT DISTINCT s.tag FROM
      (SELECT unnest(ARRAY['conversation:' || r."id"::text, 'user:' || r."user_id"::text || ':conversations']) AS tag FROM old_rows r) s WHERE s.tag IS NOT NULL LIMIT 501) t;
  END IF;
  IF touched IS NULL THEN RETURN NULL; END IF;
  IF cardinality(touched) > 500 THEN touched := ARRAY['table:conversations']; END IF;
  INSERT INTO public.cache_outbox (xid, tags) VALUES (pg_current_xact_id(), touched);
  RETURN NULL;
END;
$$;
--> statement-breakpoint
CREATE TRIGGER "conversations_tags_insert" AFTER INSERT ON "public"."conversations" REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION public."conversations_record_tags"();
--> statement-breakpoint
ALTER TABLE "public"."conversations" ENABLE ALWAYS TRIGGER "conversations_tags_insert";
--> statement-breakpoint
CREATE TRIGGER "conversations_tags_update" AFTER UPDATE ON "public"."conversations" REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION public."conversations_record_tags"();
--> statement-breakpoint
ALTER TABLE "public"."conversations" ENABLE ALWAYS TRIGGER "conversations_tags_update";
--> statement-breakpoint
CREATE TRIGGER "conversations_tags_delete" AFTER DELETE ON "public"."conversations" REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION public."conversations_record_tags"();
--> statement-breakpoint
ALTER TABLE "public"."conversations" ENABLE ALWAYS TRIGGER "conversations_tags_delete";
--> statement-breakpoint
CREATE TRIGGER "conversations_tags_truncate" AFTER TRUNCATE ON "public"."conversations"
  FOR EACH STATEMENT EXECUTE FUNCTION public."conversations_record_tags"();
--> statement-breakpoint
ALTER TABLE "public"."conversations" ENABLE ALWAYS TRIGGER "conversations_tags_truncate";
--> statement-breakpoint
DROP FUNCTION IF EXISTS public."messages_record_tags"() CASCADE;
--> statement-breakpoint
CREATE FUNCTION public."messages_record_tags"() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  touched text[];
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    touched := ARRAY['table:messages'];
  ELSIF TG_OP = 'INSERT' THEN
    SELECT array_agg(t.tag) INTO touched FROM (SELECT DISTINCT s.tag FROM
      (SELECT unnest(ARRAY['conversation:' || r."conversation_id"::text || ':messages']) AS tag FROM new_rows r) s WHERE s.tag IS NOT NULL LIMIT 501) t;
  ELSIF TG_OP = 'UPDATE' THEN
    SELECT array_agg(t.tag) INTO touched FROM (SELECT DISTINCT s.tag FROM
      (SELECT unnest(ARRAY['conversation:' || r."conversation_id"::text || ':messages']) AS tag FROM old_rows r UNION ALL SELECT unnest(ARRAY['conversation:' || r."conversation_id"::text || ':messages']) AS tag FROM new_rows r) s WHERE s.tag IS NOT NULL LIMIT 501) t;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg(t.tag) INTO touched FROM (SELECT DISTINCT s.tag FROM
      (SELECT unnest(ARRAY['conversation:' || r."conversation_id"::text || ':messages']) AS tag FROM old_rows r) s WHERE s.tag IS NOT NULL LIMIT 501) t;
  END IF;
  IF touched IS NULL THEN RETURN NULL; END IF;
  IF cardinality(touched) > 500 THEN touched := ARRAY['table:messages']; END IF;
  INSERT INTO public.cache_outbox (xid, tags) VALUES (pg_current_xact_id(), touched);
  RETURN NULL;
END;
$$;
--> statement-breakpoint
CREATE TRIGGER "messages_tags_insert" AFTER INSERT ON "public"."messages" REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION public."messages_record_tags"();
--> statement-breakpoint
ALTER TABLE "public"."messages" ENABLE ALWAYS TRIGGER "messages_tags_insert";
--> statement-breakpoint
CREATE TRIGGER "messages_tags_update" AFTER UPDATE ON "public"."messages" REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION public."messages_record_tags"();
--> statement-breakpoint
ALTER TABLE "public"."messages" ENABLE ALWAYS TRIGGER "messages_tags_update";
--> statement-breakpoint
CREATE TRIGGER "messages_tags_delete" AFTER DELETE ON "public"."messages" REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION public."messages_record_tags"();
--> statement-breakpoint
ALTER TABLE "public"."messages" ENABLE ALWAYS TRIGGER "messages_tags_delete";
--> statement-breakpoint
CREATE TRIGGER "messages_tags_truncate" AFTER TRUNCATE ON "public"."messages"
  FOR EACH STATEMENT EXECUTE FUNCTION public."messages_record_tags"();
--> statement-breakpoint
ALTER TABLE "public"."messages" ENABLE ALWAYS TRIGGER "messages_tags_truncate";
--> statement-breakpoint
DROP FUNCTION IF EXISTS public."personality_cache_record_tags"() CASCADE;
--> statement-breakpoint
CREATE FUNCTION public."personality_cache_record_tags"() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  touched text[];
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    touched := ARRAY['table:personality_cache'];
  ELSIF TG_OP = 'INSERT' THEN
    SELECT array_agg(t.tag) INTO touched FROM (SELECT DISTINCT s.tag FROM
      (SELECT unnest(ARRAY['user:' || r."user_id"::text || ':personality']) AS tag FROM new_rows r) s WHERE s.tag IS NOT NULL LIMIT 501) t;
  ELSIF TG_OP = 'UPDATE' THEN
    SELECT array_agg(t.tag) INTO touched FROM (SELECT DISTINCT s.tag FROM
      (SELECT unnest(ARRAY['user:' || r."user_id"::text || ':personality']) AS tag FROM old_rows r UNION ALL SELECT unnest(ARRAY['user:' || r."user_id"::text || ':personality']) AS tag FROM new_rows r) s WHERE s.tag IS NOT NULL LIMIT 501) t;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg(t.tag) INTO touched FROM (SELECT DISTINCT s.tag FROM
      (SELECT unnest(ARRAY['user:' || r."user_id"::text || ':personality']) AS tag FROM old_rows r) s WHERE s.tag IS NOT NULL LIMIT 501) t;
  END IF;
  IF touched IS NULL THEN RETURN NULL; END IF;
  IF cardinality(touched) > 500 THEN touched := ARRAY['table:personality_cache']; END IF;
  INSERT INTO public.cache_outbox (xid, tags) VALUES (pg_current_xact_id(), touched);
  RETURN NULL;
END;
$$;
--> statement-breakpoint
CREATE TRIGGER "personality_cache_tags_insert" AFTER INSERT ON "public"."personality_cache" REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION public."personality_cache_record_tags"();
--> statement-breakpoint
ALTER TABLE "public"."personality_cache" ENABLE ALWAYS TRIGGER "personality_cache_tags_insert";
--> statement-breakpoint
CREATE TRIGGER "personality_cache_tags_update" AFTER UPDATE ON "public"."personality_cache" REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION public."personality_cache_record_tags"();
--> statement-breakpoint
ALTER TABLE "public"."personality_cache" ENABLE ALWAYS TRIGGER "personality_cache_tags_update";
--> statement-breakpoint
CREATE TRIGGER "personality_cache_tags_delete" AFTER DELETE ON "public"."personality_cache" REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION public."personality_cache_record_tags"();
--> statement-breakpoint
ALTER TABLE "public"."personality_cache" ENABLE ALWAYS TRIGGER "personality_cache_tags_delete";
--> statement-breakpoint
CREATE TRIGGER "personality_cache_tags_truncate" AFTER TRUNCATE ON "public"."personality_cache"
  FOR EACH STATEMENT EXECUTE FUNCTION public."personality_cache_record_tags"();
--> statement-breakpoint
ALTER TABLE "public"."personality_cache" ENABLE ALWAYS TRIGGER "personality_cache_tags_truncate";
--> statement-breakpoint
DROP FUNCTION IF EXISTS public."preferences_record_tags"() CASCADE;
--> statement-breakpoint
CREATE FUNCTION public."preferences_record_tags"() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  touched text[];
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    touched := ARRAY['table:preferences'];
  ELSIF TG_OP = 'INSERT' THEN
    SELECT array_agg(t.tag) INTO touched FROM (SELECT DISTINCT s.tag FROM
      (SELECT unnest(ARRAY['user:' || r."user_id"::text || ':preferences']) AS tag FROM new_rows r) s WHERE s.tag IS NOT NULL LIMIT 501) t;
  ELSIF TG_OP = 'UPDATE' THEN
    SELECT array_agg(t.tag) INTO touched FROM (SELECT DISTINCT s.tag FROM
      (SELECT unnest(ARRAY['user:' || r."user_id"::text || ':preferences']) AS tag FROM old_rows r UNION ALL SELECT unnest(ARRAY['user:' || r."user_id"::text || ':preferences']) AS tag FROM new_rows r) s WHERE s.tag IS NOT NULL LIMIT 501) t;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg(t.tag) INTO touched FROM (SELECT DISTINCT s.tag FROM
      (SELECT unnest(ARRAY['user:' || r."user_id"::text || ':preferences']) AS tag FROM old_rows r) s WHERE s.tag IS NOT NULL LIMIT 501) t;
  END IF;
  IF touched IS NULL THEN RETURN NULL; END IF;
  IF cardinality(touched) > 500 THEN touched := ARRAY['table:preferences']; END IF;
  INSERT INTO public.cache_outbox (xid, tags) VALUES (pg_current_xact_id(), touched);
  RETURN NULL;
END;
$$;
--> statement-breakpoint
CREATE TRIGGER "preferences_tags_insert" AFTER INSERT ON "public"."preferences" REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION public."preferences_record_tags"();
--> statement-breakpoint
ALTER TABLE "public"."preferences" ENABLE ALWAYS TRIGGER "preferences_tags_insert";
--> statement-breakpoint
CREATE TRIGGER "preferences_tags_update" AFTER UPDATE ON "public"."preferences" REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION public."preferences_record_tags"();
--> statement-breakpoint
ALTER TABLE "public"."preferences" ENABLE ALWAYS TRIGGER "preferences_tags_update";
--> statement-breakpoint
CREATE TRIGGER "preferences_tags_delete" AFTER DELETE ON "public"."preferences" REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION public."preferences_record_tags"();
--> statement-breakpoint
ALTER TABLE "public"."preferences" ENABLE ALWAYS TRIGGER "preferences_tags_delete";
--> statement-breakpoint
CREATE TRIGGER "preferences_tags_truncate" AFTER TRUNCATE ON "public"."preferences"
  FOR EACH STATEMENT EXECUTE FUNCTION public."preferences_record_tags"();
--> statement-breakpoint
ALTER TABLE "public"."preferences" ENABLE ALWAYS TRIGGER "preferences_tags_truncate";
