import { DECISIONS_BEHIND_THE_BACK } from './decision-world.ts';
import { TALK_BEHIND_THE_BACK } from './personality-world.ts';

/** Statements as somebody with psql would send them, each changing what people are answered. */
export const BEHIND_THE_BACK: readonly string[] = [
  ...TALK_BEHIND_THE_BACK,
  ...DECISIONS_BEHIND_THE_BACK,
  `UPDATE scenes SET name = 'by hand ' || gen_random_uuid()`,
  `UPDATE scenes SET position = -1 - position`,
  `DELETE FROM scenes WHERE id = (SELECT id FROM scenes ORDER BY position DESC LIMIT 1)`,
  `UPDATE projects SET name = 'by hand ' || gen_random_uuid()`,
  `UPDATE projects SET owner_id =
     (SELECT id FROM users WHERE name IN ('owner', 'outsider') AND id <> owner_id LIMIT 1)
    WHERE id = (SELECT id FROM projects ORDER BY created_at DESC LIMIT 1)`,
  `UPDATE members SET role = CASE role WHEN 'editor' THEN 'viewer' ELSE 'editor' END`,
  `DELETE FROM members WHERE (project_id, user_id) = (SELECT project_id, user_id FROM members LIMIT 1)`,
  `UPDATE users SET email = gen_random_uuid() || '@example.com' WHERE name = 'viewer'`,
  `INSERT INTO scenes (project_id, name, type, position, tsx_code, duration_ms)
     SELECT id, 'by hand', 'intro', 1000 + (random() * 1000000)::int, 'export default () => null', 1
       FROM projects ORDER BY created_at LIMIT 1`,
  `INSERT INTO members (project_id, user_id, role)
     SELECT p.id, u.id, 'viewer' FROM projects p, users u WHERE u.name = 'outsider' AND p.owner_id <> u.id
     ON CONFLICT DO NOTHING`,
  `TRUNCATE members`,
  `UPDATE builds SET code = code || '// by hand'`,
  `DELETE FROM projects WHERE id = (SELECT id FROM projects ORDER BY created_at LIMIT 1)`,
];
