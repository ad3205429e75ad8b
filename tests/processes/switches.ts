/**
 * Facts that are switched on and off: a scene that is made and deleted, a member who is added and
 * removed, a session that begins and ends. After each acknowledged switch every process is asked at
 * once, and none may still say the opposite: neither a kept "no such scene", nor a kept membership.
 */
import type { Scene } from '../../src/db/queries/scenes.ts';
import type { Random } from '../simulation/random.ts';
import { UnansweredError, type ApiProcess, type Life } from './api-process.ts';
import type { History } from './history.ts';
import { createHttpCaller, type HttpCaller } from './http-call.ts';
import { pathOf, type Read } from './reading.ts';
import type { OwnPostgres } from './own-postgres.ts';
import type { Visitor } from './own-rows.ts';
import { READ_MS_MAX, SWITCH_EVERY_MS, WRITE_MS_MAX } from './settings.ts';

export interface SwitchOptions {
  readonly processes: readonly ApiProcess[];
  /** As the owner. */
  readonly http: HttpCaller;
  readonly postgres: OwnPostgres;
  readonly visitor: Visitor;
  /** Nobody else reads or writes it. */
  readonly projectId: string;
  readonly history: History;
  readonly random: Random;
  /** Waits; shorter when the run ends. */
  readonly last: (ms: number) => Promise<void>;
  readonly calm: () => boolean;
}

interface Switch {
  readonly name: string;
  /** Throws when it is not acknowledged. */
  turn(to: 'on' | 'off', life: Life): Promise<void>;
  look(life: Life): Promise<number>;
  /** The status that says so. */
  readonly off: number;
  /** Whether it is so in the database. Throws while that is away. */
  isOn(): Promise<boolean>;
  /** Wait after a turn of unknown outcome: until it cannot undo the next one any more. */
  readonly restMs: number;
}

/** Longer than a link holds anything back, a process is stopped, and a statement waits for a lock. */
const UNKNOWN_REST_MS = 20_000;

const ASK_DATABASE_EVERY_MS = 200;
const ASK_DATABASE_MAX = 50;

/** Until `calm`. */
export async function runSwitches(options: SwitchOptions): Promise<void> {
  const { visitor } = options;
  const session: { token?: string } = {};
  const asVisitor = createHttpCaller(() => visitor.token);
  const asSession = createHttpCaller(() => session.token);
  try {
    await Promise.all(
      [
        sceneSwitch(options),
        memberSwitch(options, asVisitor),
        sessionSwitch(options, { http: asSession, session }),
      ].map((each) => run(options, each)),
    );
  } finally {
    asVisitor.close();
    asSession.close();
  }
}

async function run(options: SwitchOptions, fact: Switch): Promise<void> {
  const { processes, random, last, calm, history } = options;
  const lives = (): Life[] => processes.flatMap((process) => process.life() ?? []);
  let state: 'on' | 'off' = 'off';
  while (!calm()) {
    await last(random.around(SWITCH_EVERY_MS));
    const present = lives();
    if (present.length === 0) continue;
    const to: 'on' | 'off' = state === 'off' ? 'on' : 'off';
    const acknowledged = await fact.turn(to, random.pick(present)).then(
      () => true,
      () => false,
    );
    state = to;
    if (!acknowledged) {
      // Nobody knows whether it happened.
      await last(fact.restMs);
      continue;
    }
    const wrong = to === 'on' ? fact.off : 200;
    const told: string[] = [];
    await Promise.all(
      lives().map(async (life) => {
        const status = await fact.look(life).catch(() => undefined);
        if (status === wrong) told.push(`${life.id} then answered ${status}`);
        else if (status !== undefined) history.looked(undefined);
      }),
    );
    if (told.length === 0) continue;
    const isNow = await isOn(fact);
    // What was acknowledged and never done is no cache's fault, and no less broken.
    if (isNow === undefined) told.push('the database could not be asked');
    else if (isNow !== (to === 'on')) told.push('the database never had it');
    history.looked(`${fact.name} was switched ${to}, and ${told.join(', ')}`);
  }
}

/** Nobody else switches it, so it may be asked for later, when the database is back. */
async function isOn(fact: Switch): Promise<boolean | undefined> {
  for (let attempt = 0; attempt < ASK_DATABASE_MAX; attempt += 1) {
    const answer = await fact.isOn().catch(() => undefined);
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, ASK_DATABASE_EVERY_MS));
  }
  return undefined;
}

async function post(http: HttpCaller, url: string, path: string, json: object): Promise<string> {
  const answer = await http.post({ url, path, json, msMax: WRITE_MS_MAX });
  if (answer.status !== 200) throw new UnansweredError(String(answer.status));
  return answer.body;
}

async function statusOf(http: HttpCaller, life: Life, read: Read): Promise<number> {
  return (await http.get(life.url, pathOf(read), READ_MS_MAX)).status;
}

function sceneSwitch({ http, postgres, projectId }: SwitchOptions): Switch {
  let sceneId = '';
  return {
    name: 'a scene',
    off: 404,
    restMs: 0, // the next one is another scene
    isOn: async () => (await postgres.sql()`select from scenes where id = ${sceneId}`).length > 0,
    async turn(to, { url }) {
      if (to === 'off') {
        await post(http, url, '/trpc/scene.delete', { json: { projectId, sceneId } });
        return;
      }
      const scene = {
        projectId,
        name: 'comes and goes',
        type: 'intro',
        tsxCode: 'export default 1',
      };
      const body = await post(http, url, '/trpc/scene.create', { json: scene });
      sceneId = (JSON.parse(body) as { result: { data: { json: Scene } } }).result.data.json.id;
    },
    look: (life) =>
      statusOf(http, life, { procedure: 'scene.byId', input: { projectId, sceneId } }),
  };
}

function memberSwitch(
  { http, postgres, projectId, visitor }: SwitchOptions,
  asVisitor: HttpCaller,
): Switch {
  const { email, userId } = visitor;
  return {
    name: 'a membership',
    off: 404,
    restMs: UNKNOWN_REST_MS,
    isOn: async () =>
      (await postgres.sql()`select from members where user_id = ${userId}`).length > 0,
    async turn(to, { url }) {
      const path = to === 'on' ? 'addMember' : 'removeMember';
      const input = to === 'on' ? { projectId, email, role: 'viewer' } : { projectId, userId };
      await post(http, url, `/trpc/project.${path}`, { json: input });
    },
    look: (life) => statusOf(asVisitor, life, { procedure: 'project.byId', input: { projectId } }),
  };
}

function sessionSwitch(
  { postgres, visitor }: SwitchOptions,
  given: { http: HttpCaller; session: { token?: string } },
): Switch {
  const { http, session } = given;
  return {
    name: 'a session',
    off: 401,
    restMs: 0, // the next one is another session
    isOn: async () =>
      (await postgres.sql()`select from sessions where token = ${session.token ?? ''}`).length > 0,
    async turn(to, { url }) {
      if (to === 'off') {
        await post(http, url, '/api/auth/sign-out', {});
        return;
      }
      delete session.token;
      const { email, password } = visitor;
      const body = await post(http, url, '/api/auth/sign-in/email', { email, password });
      session.token = (JSON.parse(body) as { token: string }).token;
    },
    look: (life) => statusOf(http, life, { procedure: 'project.list', input: undefined }),
  };
}
